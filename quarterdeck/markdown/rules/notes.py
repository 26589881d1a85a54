"""Speaker notes: from a line that begins with `Note:` to the end of the slide.

The rule only finds the line; the parser reads what follows as a part of its own.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.rules.support.note_lines import begins_notes, notes_pattern
from quarterdeck.markdown.rules.support.slide_draft import draft_of


def install(md: MarkdownIt, *, separator: str) -> None:
    pattern = notes_pattern(separator)

    def notes(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
        if (
            draft_of(state.env).definitions_only
            or state.is_code_block(start)
            or not begins_notes(state, start, pattern)
        ):
            return False
        if not silent:
            draft = draft_of(state.env)
            draft.notes_at = start
            draft.notes_nested = state.level > 0
            state.line = state.lineMax
        return True

    md.block.ruler.before("table", "notes", notes, {"alt": ["paragraph", "reference", "blockquote", "list"]})
