"""`==marked==` text."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.regex import regex

_MARKED = regex(r"==(?=[^\s=])([^=\n]*[^\s=])==(?![\w=])")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "mark", mark)


def mark(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if not state.src.startswith("==", start) or (
        start > 0 and (state.src[start - 1].isalnum() or state.src[start - 1] in "_=")
    ):
        return False
    found = _MARKED.match(state.src, start, state.posMax)
    if found is None:
        return False
    if not silent:
        limit = state.posMax
        state.push("mark_open", "mark", 1)
        state.pos, state.posMax = found.start(1), found.end(1)
        state.md.inline.tokenize(state)
        state.push("mark_close", "mark", -1)
        state.posMax = limit
    state.pos = found.end()
    return True
