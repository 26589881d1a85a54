"""Obsidian's links: `[[Note]]` and `[[Note|other words]]` are words, `![[paper.pdf]]` a link, `^block-id` nothing."""

from __future__ import annotations

import re
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.support.slide_draft import located
from quarterdeck.regex import regex

# `[[1]](address)` and `[[1]][label]` are links of Markdown whose words are in brackets
_LINK = regex(r"\[\[(?P<target>[^\[\]|\n]+)(?:\\?\|(?P<words>[^\[\]\n]*))?\]\](?![(\[])")
_DOCUMENT = regex(
    r"!\[\[(?P<name>[^\[\]|#\n]+\.(?:pdf|canvas|base))(?P<part>#[^\[\]|\n]*)?(?:\|(?P<words>[^\[\]\n]*))?\]\]",
    re.IGNORECASE,
)
_NO_WORDS = regex(r"[\d\sx]*")
_BLOCK_ID = regex(r"\^[A-Za-z0-9-]+(?=[ \t]*(?:<!--(?:(?!-->).)*-->[ \t]*)*(?:\n|$))")


def install(md: MarkdownIt, *, vault: str) -> None:
    def wiki_link(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith("[[", state.pos) or state.src[state.pos - 1 : state.pos] == "!":
            return False
        found = _LINK.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            _push(state, found, vault)
        state.pos = found.end()
        return True

    md.inline.ruler.before("link", "wiki_link", located(wiki_link))
    md.inline.ruler.before("link", "document", located(document))
    md.inline.ruler.before("link", "block_id", block_id)


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


def document(state: StateInline, silent: bool) -> bool:
    """What Obsidian shows in a viewer of its own is a link to the file."""
    found = _DOCUMENT.match(state.src, state.pos, state.posMax) if state.src.startswith("![[", state.pos) else None
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


def block_id(state: StateInline, silent: bool) -> bool:
    """What a link of Obsidian leads to: nothing on a slide."""
    start = state.pos
    if state.src[start] != "^" or (start and not state.src[start - 1].isspace()):
        return False
    found = _BLOCK_ID.match(state.src, start, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" \t")
    state.pos = found.end()
    return True
