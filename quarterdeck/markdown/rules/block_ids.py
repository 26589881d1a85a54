"""`^block-id` at the end of a line: what a link of Obsidian leads to; nothing on a slide."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_ID = re.compile(r"\^[A-Za-z0-9-]+(?=[ \t]*(?:<!--(?:(?!-->).)*-->[ \t]*)*(?:\n|$))")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "block_id", block_id)


def block_id(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "^" or (start and not state.src[start - 1].isspace()):
        return False
    found = _ID.match(state.src, start, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
    state.pos = found.end()
    return True
