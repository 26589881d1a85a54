"""Which lines begin speaker notes."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

_DEFAULT = r"notes?[ \u00a0\u202f]?:"


def notes_pattern(separator: str) -> re.Pattern[str]:
    """What begins notes, at the start of a line; the author's own separator is a regular expression, else literal."""
    written = separator.removeprefix("^") or _DEFAULT
    try:
        return re.compile(rf"[ \t]*(?:{written})", re.IGNORECASE)
    except re.error:
        return re.compile(rf"[ \t]*{re.escape(separator)}", re.IGNORECASE)


def begins_notes(state: StateBlock, line: int, pattern: re.Pattern[str]) -> bool:
    """Whether the line, with its indentation but without any other mark, begins notes."""
    begin = state.src.rfind("\n", 0, state.bMarks[line]) + 1
    found = pattern.match(state.src, begin, state.eMarks[line])
    return found is not None and found.end() > begin and not _in_comment(state.src, begin)


def _in_comment(text: str, pos: int) -> bool:
    opened = text.rfind("<!--", 0, pos)
    return opened >= 0 and text.find("-->", opened + 4, pos) < 0 <= text.find("-->", pos)
