"""`<section>`s in Markdown: several that are all of a slide are slides below one another, as reveal.js shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.markdown.dialects.base import Cutting, Separator
from quarterdeck.markdown.shields import shielded

_TAG = re.compile(r"<(/?)section(?=[\s>/])", re.IGNORECASE)
_BEGINS = re.compile(r" {0,3}<section[\s>]", re.IGNORECASE)


def cut_at_sections(cutting: Cutting) -> Iterator[Separator]:
    """The separators of the talk, and one before each further section of a slide that is nothing but sections."""
    begins = 0
    for separator in (*cutting.separators, Separator(first=len(cutting.lines), last=len(cutting.lines))):
        yield from (Separator(first=at, last=at - 1, below=True) for at in _further(cutting, begins, separator.first))
        if separator.first < len(cutting.lines):
            yield separator
        begins = separator.last + 1


def _further(cutting: Cutting, first: int, end: int) -> list[int]:
    """Lines at which a section that is not the first one begins; none if there is anything beside the sections."""
    found: list[int] = []
    depth = 0
    for number in range(first, end):
        line = cutting.lines[number]
        if shielded(cutting.shields, number) or not line.strip():
            continue
        if depth == 0:
            if not _BEGINS.match(line):
                return []
            found.append(number)
        for tag in _TAG.finditer(line):
            depth += -1 if tag[1] else 1
        if depth < 0:
            return []
    return found[1:] if depth == 0 else []
