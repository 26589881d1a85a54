"""Texts that are mapped from several files, which know of each stretch where it was written. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.markdown.shields import scan, shielded
from quarterdeck.model import Passage
from quarterdeck.regex import regex

_LEAD = regex(r"(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*")


class Stretch(Struct, frozen=True, kw_only=True):
    """A piece of a file's text."""

    text: str
    path: str = ""
    """Of the file as it stands in diagnostics; empty for the talk's own."""
    line: int
    col: int = 1

    def cut(self, start: int, end: int) -> Stretch:
        """The piece between two indices."""
        before = self.text[:start]
        rows = before.count("\n")
        col = start - before.rfind("\n") if rows else self.col + start
        return replace(self, text=self.text[start:end], line=self.line + rows, col=col)


MappedText = tuple[Stretch, ...]


def text_of(mapped: Iterable[Stretch]) -> str:
    return "".join(stretch.text for stretch in mapped)


def cut(mapped: MappedText, start: int, end: int) -> MappedText:
    """The stretches between two indices of the whole text."""
    return cuts(mapped)(start, end)


def cuts(mapped: MappedText) -> Callable[[int, int], MappedText]:
    """Cuts stretches out, as `cut` does, in a time that does not depend on how many there are."""
    starts = list(accumulate((len(stretch.text) for stretch in mapped), initial=0))[:-1]

    def between(start: int, end: int) -> MappedText:
        first = max(bisect_right(starts, start) - 1, 0)
        last = bisect_left(starts, end)
        return tuple(_cut(zip(mapped[first:last], starts[first:last], strict=True), start, end))

    return between


def _cut(placed: Iterable[tuple[Stretch, int]], start: int, end: int) -> Iterator[Stretch]:
    for stretch, at in placed:
        first, last = max(start - at, 0), min(end - at, len(stretch.text))
        if first < last:
            yield stretch.cut(first, last)


def replaced(mapped: MappedText, edits: Sequence[tuple[int, int, MappedText]]) -> MappedText:
    """With other stretches in place of those between two indices; the edits are in order and do not overlap."""
    parts: list[Stretch] = []
    between = cuts(mapped)
    at = 0
    for start, end, new in edits:
        parts += [*between(at, start), *new]
        at = end
    return (*parts, *between(at, len(text_of(mapped))))


def passages_of(mapped: MappedText) -> tuple[Passage, ...]:
    """Where each stretch begins in the whole text, and in its file."""
    found: list[Passage] = []
    row, col = 1, 1
    for stretch in mapped:
        found.append(Passage(row=row, col=col, path=stretch.path, line=stretch.line, at=stretch.col))
        rows = stretch.text.count("\n")
        row, col = row + rows, len(stretch.text) - stretch.text.rfind("\n") if rows else col + len(stretch.text)
    return tuple(found)


def place_in(mapped: MappedText, index: int) -> Stretch:
    """An empty stretch at the place that an index of the whole text has in its file."""
    for stretch in mapped:
        if index < len(stretch.text):
            return stretch.cut(index, index)
        index -= len(stretch.text)
    last = mapped[-1]
    return last.cut(len(last.text), len(last.text))


def lead_of(text: str, index: int) -> str:
    """What lines below the first need in front of them to stay in the quotation or the list item of the embed."""
    start = text.rfind("\n", 0, index) + 1
    lead = _LEAD.match(text, start, index)
    return re.sub(r"[^\s>]", " ", lead[0]) if lead else ""


def moved_in(mapped: MappedText, lead: str) -> MappedText:
    """With the lead in front of every line but the first."""
    if not lead:
        return mapped
    out: list[Stretch] = []
    for stretch in mapped:
        for number, line in enumerate(stretch.text.split("\n")):
            row = Stretch(text=line, path=stretch.path, line=stretch.line + number, col=1 if number else stretch.col)
            if number:
                before = Stretch(text=f"\n{lead}" if line or ">" in lead else "\n", path=row.path, line=row.line - 1)
                out.append(before)
            out.append(row)
    return tuple(each for each in out if each.text)


class LiveText:
    """Tells of an index of a text whether what stands there is Markdown, and neither code nor a comment."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self._lines), initial=0))
        self._shields, _ = scan(self._lines)
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def __call__(self, index: int) -> bool:
        line = bisect_right(self._starts, index) - 1
        if shielded(self._shields, line):
            return False
        written = self._lines[line]
        if written.startswith(("    ", "\t")) and (not line or not self._lines[line - 1].strip()):
            return False
        col = index - self._starts[line]
        if line not in self._spans:
            self._spans[line] = list(_code_spans(written))
        return not any(start <= col < end for start, end in self._spans[line])


def _code_spans(line: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (start := line.find("`", at)) >= 0:
        mark = line[start : start + len(line[start:]) - len(line[start:].lstrip("`"))]
        end = start + len(mark)
        while (end := line.find(mark, end)) >= 0:
            whole = len(line[end:]) - len(line[end:].lstrip("`"))
            if whole == len(mark):
                break
            end += whole
        if end < 0:
            at = start + len(mark)
            continue
        yield start, end + len(mark)
        at = end + len(mark)
