"""`![[paper.pdf]]`: what Obsidian shows in a viewer of its own is a link to the file."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.links import located

_PAPER = re.compile(
    r"!\[\[(?P<name>[^\[\]|#\n]+\.(?:pdf|canvas|base))(?P<part>#[^\[\]|\n]*)?(?:\|(?P<words>[^\[\]\n]*))?\]\]",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"[\d\sx]*")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "paper", located(paper))


def paper(state: StateInline, silent: bool) -> bool:
    found = _PAPER.match(state.src, state.pos, state.posMax) if state.src.startswith("![[", state.pos) else None
    if found is None:
        return False
    if not silent:
        name, words = found["name"].strip(), (found["words"] or "").strip()
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": quote(name) + quote(found["part"] or "", safe="#=&")}
        state.push("text", "", 0).content = name if _NO_WORDS.fullmatch(words) else words
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True
