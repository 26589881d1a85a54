"""`<section>`s in Markdown: several that are all of a slide are slides below one another, as reveal.js shows them.

Where text stands between them, sections and text are slides beside one another, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quarterdeck.markdown.dialects.base import Cutting, Separator
from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.shields import shield_at, without_code_and_comments
from quarterdeck.regex import regex

_TAG = regex(r"<(/?)section(?=[\s>/])", re.IGNORECASE)
_BEGINS = regex(r" {0,3}<section[\s>]", re.IGNORECASE)
_GOES_ON = regex(r"\s*(?:<style\b|<script\b|</|\Z)", re.IGNORECASE)
"""What begins no slide behind a section."""


def cut_at_sections(cutting: Cutting) -> Iterator[Separator]:
    """The separators of the talk, and one before each further slide where a section begins the slide."""
    lines = without_code_and_comments("\n".join(cutting.lines)).split("\n")
    begins = 0
    for separator in (*cutting.separators, Separator(first=len(cutting.lines), last=len(cutting.lines))):
        places = _places(cutting, lines, begins, separator.first)
        stacked = all(is_section for _, is_section in places)
        yield from (Separator(first=line, last=line - 1, below=stacked) for line, _ in places[1:])
        if separator.first < len(cutting.lines):
            yield separator
        begins = separator.last + 1


def _places(cutting: Cutting, lines: Sequence[str], first: int, end: int) -> list[tuple[int, bool]]:
    """Lines at which a section, or text behind one, begins, and which of both; none if no section begins the slide."""
    found: list[tuple[int, bool]] = []
    depth = 0
    in_notes = False
    notes = notes_pattern(str(cutting.front.get("notesSeparator", "")))
    for number in range(first, end):
        line = lines[number]
        shield = shield_at(cutting.shields, number)
        if shield is not None and shield.first != number:
            continue
        if depth == 0 and shield is None and _BEGINS.match(line):
            found.append((number, True))
            in_notes = False
        elif depth == 0 and not _GOES_ON.match(line):
            in_notes = in_notes or notes.match(line) is not None
            if not found:
                return []
            if found[-1][1] and not in_notes:
                found.append((number, False))
        if shield is None:
            depth += sum(-1 if tag[1] else 1 for tag in _TAG.finditer(line))
        if depth < 0:
            return []
    return found if depth == 0 else []
