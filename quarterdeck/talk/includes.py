"""Files whose text stands in the place of a line of a talk, as `{{< include _part.qmd >}}` of Quarto."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.mapped_text import LiveText, MappedText, Stretch, cut, passages_of, replaced, text_of
from quarterdeck.model import Chunk, Diagnostic, Source, Span
from quarterdeck.regex import regex

DEEPEST = 8
"""Files that include files."""
_HEAD = regex(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
Find = Callable[[str, Path], Source | None]
"""A file by the name that another one, in that folder, gives it."""
Split = Callable[[str, int], tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]]]


def woven_with_includes(
    text: str, line: int, *, origin: Source, pattern: re.Pattern[str], find: Find
) -> tuple[MappedText, tuple[Diagnostic, ...]]:
    """The text with those of the files in it; a diagnostic for each file that is not there, or includes itself."""
    problems: list[Diagnostic] = []
    whole = _woven(Stretch(text=text, line=line), origin, pattern, find, (origin.path,), problems)
    return whole, tuple(problems)


def _woven(
    stretch: Stretch,
    origin: Source,
    pattern: re.Pattern[str],
    find: Find,
    above: tuple[Path, ...],
    problems: list[Diagnostic],
) -> MappedText:
    is_live = LiveText(stretch.text)
    edits: list[tuple[int, int, MappedText]] = []
    for found in pattern.finditer(stretch.text):
        if not is_live(found.start()):
            continue
        wanted = find(found["path"], origin.path.parent)
        if wanted is None or wanted.path in above or len(above) > DEEPEST:
            row = stretch.line + stretch.text.count("\n", 0, found.start("path"))
            col = found.start("path") - stretch.text.rfind("\n", 0, found.start("path"))
            span = Span(path=origin.name, line=row, col=col, end_col=col + len(found["path"]))
            name = found["path"]
            message, hint = f"no file '{name}' beside the talk", "its text is missing here"
            if wanted is not None:
                message, hint = refused(name, cyclic=wanted.path in above)
            problems.append(Diagnostic(code="A101", message=message, span=span, hint=hint))
            continue
        body = _HEAD.sub(lambda head: "\n" * head[0].count("\n"), wanted.text)
        inner = Stretch(text=body.rstrip("\n"), path=wanted.name, line=1)
        woven = _woven(inner, wanted, pattern, find, (*above, wanted.path), problems)
        edits.append((found.start(), found.end(), woven))
    return replaced((stretch,), edits) if edits else (stretch,)


def refused(name: str, *, cyclic: bool) -> tuple[str, str]:
    """Message and hint for a file that is there, and is not included once more."""
    if cyclic:
        return f"'{name}' includes itself", "it was included once"
    return f"'{name}' is not included: too many files include one another", f"at most {DEEPEST}, one in the other"


def chunks_of(
    whole: MappedText, line: int, *, name: str, split: Split
) -> tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]]:
    """The slides of a woven text, each knowing where its lines were written."""
    if len(whole) == 1:
        return split(whole[0].text, line)
    text = text_of(whole)
    chunks, unclosed = split(text, 1)
    places = passages_of(whole)
    starts = [0]
    for each in text.split("\n"):
        starts.append(starts[-1] + len(each) + 1)
    made = []
    for chunk in chunks:
        own = cut(whole, starts[chunk.line - 1], starts[chunk.line - 1] + len(chunk.text))
        first = next((each for each in own if each.text.strip()), own[0])
        skipped = len(first.text) - len(first.text.lstrip("\n"))
        made.append(replace(chunk, line=first.line + skipped, path=first.path, passages=passages_of(own)))
    return tuple(made), tuple(replace(each, span=written_at(each.span, places, path=name)) for each in unclosed)
