"""`:smile:`: the emoji of that name, by the names that GitHub knows."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.regex import regex

_NAME = regex(r":[A-Za-z0-9_+-]+:(?![A-Za-z0-9:])")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "emoji", emoji)


def emoji(state: StateInline, silent: bool) -> bool:
    """A name that nobody knows stays text, and so does one inside of a word, as in `a:b:c`."""
    start = state.pos
    if state.src[start] != ":" or (start and (state.src[start - 1].isalnum() or state.src[start - 1] == ":")):
        return False
    found = _NAME.match(state.src, start, state.posMax)
    if found is None:
        return False
    from emoji import emojize  # its table takes a while to load, and most talks name none

    drawn = emojize(found[0].lower(), language="alias")
    if drawn == found[0].lower():
        return False
    if not silent:
        state.pending += drawn
    state.pos = found.end()
    return True
