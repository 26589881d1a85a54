"""Whether what a kernel shows beside its text is what was recorded: kind by kind and in order. Pure.

The words of tables, formulas and texts count as printed output does. A picture counts by its kind and its size, within
a twentieth: its pixels change with every version of a font, and a check that cries wolf is switched off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import unified_diff
from html import unescape
from itertools import chain, zip_longest

from quarterdeck.recordings.masks import Difference
from quarterdeck.recordings.outputs import PICTURES, KernelOutput, storable

TOLERANCE = 0.05
"""Of width and height."""
_UNSEEN = re.compile(r"(?is)<(style|script|head)\b.*?</\1\s*>|<!--.*?-->")
_ROW = re.compile(r"(?i)<(?:/?(?:tr|p|div|li|h[1-6]|table)|br)\b[^>]*>")
_CELL = re.compile(r"(?i)</t[hd]\s*>")
_TAG = re.compile(r"<[^>]*>")


def unlike(
    recorded: Sequence[KernelOutput], fresh: Sequence[KernelOutput], *, normal: Callable[[str], str]
) -> Difference | None:
    """How fresh outputs contradict the recorded ones; `normal` hides in a text what changes from run to run."""
    fresh = storable(fresh)
    before, now = _lines(recorded, normal), _lines(fresh, normal)
    for at, (old, new) in enumerate(zip_longest(recorded, fresh)):
        if old and new and _same_size(old, new):
            now[at] = before[at]
    if before == now:
        return None
    diff = unified_diff([*chain(*before)], [*chain(*now)], "recorded", "now", lineterm="")
    summary = (
        f"{len(recorded)} pictures and tables are recorded, now there are {len(fresh)}"
        if len(recorded) != len(fresh)
        else "a picture or a table differs"
    )
    return Difference(kind="output", commands=(), summary=summary, diff="\n".join(diff))


def _lines(outputs: Sequence[KernelOutput], normal: Callable[[str], str]) -> list[list[str]]:
    """Each output as lines that can be compared and read."""
    return [[f"[{output.mime}{_size(output)}]", *_words(output, normal)] for output in outputs]


def _size(output: KernelOutput) -> str:
    return f" {output.width}x{output.height}" if output.mime in PICTURES and output.width and output.height else ""


def _words(output: KernelOutput, normal: Callable[[str], str]) -> list[str]:
    if not isinstance(output.data, str):
        return []
    text = output.data
    if output.mime == "text/html":
        text = unescape(_TAG.sub("", _CELL.sub(" | ", _ROW.sub("\n", _UNSEEN.sub("", text)))))
    lines = (" ".join(line.split()).strip(" |") for line in text.split("\n"))
    return normal("\n".join(line for line in lines if line)).split("\n")


def _same_size(old: KernelOutput, new: KernelOutput) -> bool:
    if old.mime not in PICTURES or old.mime != new.mime:
        return False
    sides = ((old.width, new.width), (old.height, new.height))
    return all(a == b or (a and b and abs(a - b) <= TOLERANCE * max(a, b)) for a, b in sides)
