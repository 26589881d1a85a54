"""Speaker notes: from a line that begins with `Note:` to the end of the slide.

The rule only finds the line; the parser reads what follows as a part of its own.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.rules.sheet import sheet_of

DEFAULT = r"notes?[ \u00a0\u202f]?:"


def notes_pattern(separator: str) -> re.Pattern[str]:
    """What begins notes, at the start of a line; the author's own separator is a regular expression, else literal."""
    written = separator.removeprefix("^") or DEFAULT
    try:
        return re.compile(rf"[ \t]*(?:{written})", re.IGNORECASE)
    except re.error:
        return re.compile(rf"[ \t]*{re.escape(separator)}", re.IGNORECASE)


def install(md: MarkdownIt, *, separator: str) -> None:
    pattern = notes_pattern(separator)

    def notes(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
        if (
            sheet_of(state.env).definitions_only
            or state.is_code_block(start)
            or not begins_notes(state, start, pattern)
        ):
            return False
        if not silent:
            sheet = sheet_of(state.env)
            sheet.notes_at = start
            sheet.notes_nested = state.level > 0
            state.line = state.lineMax
        return True

    md.block.ruler.before("table", "notes", notes, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def begins_notes(state: StateBlock, line: int, pattern: re.Pattern[str]) -> bool:
    """Whether the line, with its indentation but without any other mark, begins notes."""
    begin = state.src.rfind("\n", 0, state.bMarks[line]) + 1
    found = pattern.match(state.src, begin, state.eMarks[line])
    return found is not None and found.end() > begin and not in_comment(state.src, begin)


def in_comment(text: str, pos: int) -> bool:
    opened = text.rfind("<!--", 0, pos)
    return opened >= 0 and text.find("-->", opened + 4, pos) < 0 <= text.find("-->", pos)
