"""How two runs of a snippet differ in commands, status and output, or a run from what its slide says. Pure.

Output is compared after masks. Of what a kernel shows beside its text, the words of tables, formulas and texts count as
printed output does. A picture counts by its kind and its size, within a twentieth: its pixels change with every version
of a font, and a check that cries wolf is switched off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import unified_diff
from html import unescape
from itertools import chain, zip_longest
from typing import Literal

from msgspec import Struct

from quarterdeck.model import Recording
from quarterdeck.recordings.masks import masked
from quarterdeck.recordings.outputs import PICTURES, KernelOutput, storable
from quarterdeck.recordings.still import lines, outputs, still
from quarterdeck.regex import regex
from quarterdeck.snippets.holes import hider

ANYTHING = "<...>"
"""Of an author, for any output."""
TOLERANCE = 0.05
"""Of width and height of a picture."""
_UNSEEN = regex(r"(?is)<(style|script|head)\b.*?</\1\s*>|<!--.*?-->")
_ROW = regex(r"(?i)<(?:/?(?:tr|p|div|li|h[1-6]|table)|br)\b[^>]*>")
_CELL = regex(r"(?i)</t[hd]\s*>")
_TAG = regex(r"<[^>]*>")


class Difference(Struct, frozen=True, kw_only=True):
    kind: Literal["commands", "status", "output"]
    commands: tuple[int, ...]
    """0-based numbers of the commands that differ."""
    summary: str
    """One line."""
    diff: str = ""
    """A unified diff of what is left after masks; plain text."""
    written: bool = False
    """It is from what the author wrote below a command, and not from what was recorded."""


def shown_lines(output: str, *, cols: int = 100, rows: int = 24) -> tuple[str, ...]:
    """The lines of output that a person would have seen, without empty ones at the end."""
    seen = list(lines(still(output, cols=cols, rows=rows)))
    while seen and not seen[-1]:
        seen.pop()
    return tuple(seen)


def compare(
    recorded: Recording, fresh: Recording, *, masks: Sequence[re.Pattern[str]] = (), output: bool = True
) -> Difference | None:
    """How two runs of the same snippet differ, the most telling difference only; `output`: whether that counts."""
    before, after = recorded.commands, fresh.commands
    if [command.text for command in before] != [command.text for command in after]:
        diff = _diff([command.text for command in before], [command.text for command in after])
        return Difference(
            kind="commands", commands=(), summary="the commands are not those that were recorded", diff=diff
        )
    texts = list(zip(_texts(recorded, masks), _texts(fresh, masks), strict=False))
    wrong = tuple(n for n, (one, two) in enumerate(zip(before, after, strict=True)) if one.status != two.status)
    if wrong:
        first = wrong[0]
        named, now, then = _first_line(before[first].text), after[first].status, before[first].status
        summary = f"'{named}' ended with status {now}, recorded was {then}"
        diff = "".join(_diff(*texts[number]) for number in wrong if number < len(texts))
        return Difference(kind="status", commands=wrong, summary=summary, diff=diff)
    wrong = tuple(number for number, (one, two) in enumerate(texts) if one != two)
    if not output or not wrong:
        return None
    named = f"'{_first_line(before[wrong[0]].text)}'" if before else "the snippet"
    summary = f"{named} printed something else than was recorded"
    return Difference(
        kind="output", commands=wrong, summary=summary, diff="".join(_diff(*texts[number]) for number in wrong)
    )


def _first_line(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"{first} …" if rest else first


def _texts(recording: Recording, masks: Sequence[re.Pattern[str]]) -> list[list[str]]:
    size = {"cols": recording.cols, "rows": recording.rows}
    named = hider((*recording.captured, *recording.filled))
    return [[masked(named(line), masks) for line in shown_lines(text, **size)] for text in outputs(recording.events)]


def _diff(before: Iterable[str], after: Iterable[str]) -> str:
    drawn = unified_diff(list(before), list(after), "recorded", "now", lineterm="", n=3)
    return "".join(f"{line}\n" for line in drawn)


def differs_from_expected(
    expected: Sequence[str], output: str, *, masks: Sequence[re.Pattern[str]] = (), cols: int = 100, rows: int = 24
) -> Difference | None:
    """How output differs from the lines that an author wrote below a command.

    `<...>` stands for anything within a line; alone on a line, for any number of lines. Values that masks hide need not
    be the ones that the author saw.
    """
    wanted = [line.rstrip() for line in expected]
    while wanted and not wanted[-1]:
        wanted.pop()
    got = list(shown_lines(output, cols=cols, rows=rows))
    matchers = [None if line.strip() == ANYTHING else _line_matcher(line, masks) for line in wanted]
    if _matches(matchers, [(line, masked(line, masks)) for line in got]):
        return None
    diff = _diff([masked(line, masks) for line in wanted], [masked(line, masks) for line in got])
    summary = "the output is not what the slide says"
    diff = diff.replace("--- recorded", "--- expected", 1)
    return Difference(kind="output", commands=(), summary=summary, diff=diff, written=True)


def unprinted(
    expected: Sequence[str], output: str, *, masks: Sequence[re.Pattern[str]] = (), cols: int = 100, rows: int = 24
) -> tuple[int, ...]:
    """The 0-based numbers of lines that an author wrote below a command and that it did not print, in this order."""
    missing = []
    got = [(line, masked(line, masks)) for line in shown_lines(output, cols=cols, rows=rows)]
    at = 0
    for number, line in enumerate(expected):
        if line.strip() in ("", ANYTHING):
            continue
        matcher = _line_matcher(line.rstrip(), masks)
        found = next((place for place in range(at, len(got)) if matcher(got[place])), None)
        if found is None:
            missing.append(number)
        else:
            at = found + 1
    return tuple(missing)


_Matcher = Callable[[tuple[str, str]], bool]


def _line_matcher(wanted: str, masks: Sequence[re.Pattern[str]]) -> _Matcher:
    pieces = wanted.split(ANYTHING)
    plain = [
        re.compile(_anything(pieces), re.DOTALL),
        re.compile(_anything([masked(piece, masks) for piece in pieces])),
    ]
    hidden = masked(wanted, masks)
    if len(pieces) == 1:
        return lambda got: got[0] == wanted or got[1] == hidden
    return lambda got: any(pattern.fullmatch(text) for pattern in plain for text in got)


def _anything(pieces: Iterable[str]) -> str:
    return ".*".join(r"\s+".join(map(re.escape, re.split(r"\s+", piece))) for piece in pieces)


def _matches(wanted: Sequence[_Matcher | None], got: Sequence[tuple[str, str]]) -> bool:
    """Whether the lines fit one after the other; `None` fits any number of them."""
    reached = {0}
    for matcher in wanted:
        if matcher is None:
            reached = set(range(min(reached), len(got) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(got) and matcher(got[at])}
    return len(got) in reached


def compare_kernel_outputs(
    recorded: Sequence[KernelOutput], fresh: Sequence[KernelOutput], *, normal: Callable[[str], str]
) -> Difference | None:
    """How fresh outputs contradict the recorded ones; `normal` hides in a text what changes from run to run."""
    fresh = storable(fresh)
    before, now = _comparable_lines(recorded, normal), _comparable_lines(fresh, normal)
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


def _comparable_lines(outputs: Sequence[KernelOutput], normal: Callable[[str], str]) -> list[list[str]]:
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
