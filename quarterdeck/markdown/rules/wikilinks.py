"""`[[Note]]`, `[[Note#Heading]]` and `[[Note|other words]]`: on a slide, the words of the link."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.links import located

# `[[1]](address)` and `[[1]][label]` are links of Markdown whose words are in brackets
_LINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]+)(?:\\?\|(?P<words>[^\[\]\n]*))?\]\](?![(\[])")


def install(md: MarkdownIt, *, vault: str) -> None:
    def wikilink(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith("[[", state.pos) or state.src[state.pos - 1 : state.pos] == "!":
            return False
        found = _LINK.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            _push(state, found, vault)
        state.pos = found.end()
        return True

    md.inline.ruler.before("link", "wikilink", located(wikilink))


def _push(state: StateInline, found: re.Match[str], vault: str) -> None:
    target = found["target"].strip().rstrip("\\")
    if vault:
        note = target.partition("#")[0] or target
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": f"obsidian://open?vault={quote(vault, safe='')}&file={quote(note, safe='')}"}
        opened.info = "wiki"
    words = (found["words"] or "").strip()
    if words:
        limit, pos = state.posMax, state.pos
        state.pos, state.posMax = found.start("words"), found.end("words")
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.pos, state.posMax = pos, limit
    else:
        state.pending += target.removeprefix("#")
    if vault:
        state.push("link_close", "a", -1)
