"""pandoc's `H~2~O` and `x^2^`: letters below and above the line."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_SCRIPT = re.compile(r"(?P<mark>[~^])(?P<words>(?:\\.|(?!(?P=mark))[^\s\\\[])+)(?P=mark)(?!(?P=mark))")
_TAGS = {"~": "sub", "^": "sup"}


def install(md: MarkdownIt) -> None:
    md.inline.add_terminator_char("~")
    md.inline.add_terminator_char("^")
    md.inline.ruler.before("strikethrough", "scripts", scripts)


def scripts(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos]
    if mark not in _TAGS or state.src.startswith(mark, state.pos + 1):
        return False
    found = _SCRIPT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        name = _TAGS[mark]
        state.push(f"{name}_open", name, 1)
        end = state.posMax
        state.pos, state.posMax = found.start("words"), found.end("words")
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push(f"{name}_close", name, -1)
    state.pos = found.end()
    return True
