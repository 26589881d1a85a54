"""Pictures, videos and sounds: `![alt|300x200](path "title")`, with blanks in the path, and `![[name.png|alt|300]]`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as commonmark_image

from quarterdeck.markdown.rules.support.image_slots import MEDIA, is_drawing
from quarterdeck.markdown.rules.support.slide_draft import located
from quarterdeck.regex import regex

_WIKI = regex(r"!\[\[(?P<name>[^\[\]|\n]+)(?P<more>(?:\|[^\[\]|\n]*)*)\]\]")
_ADDRESS = regex(r"\s*https?://", re.IGNORECASE)
_SPACED = regex(
    r"""\(\s*(?P<path>[^()<>"\n]*(?:\([^()\n]*\)[^()<>"\n]*)*?)(?:\s+"(?P<title>[^"\n]*)"|\s+'(?P<other>[^'\n]*)')?\s*\)"""
)


def install(md: MarkdownIt) -> None:
    md.inline.ruler.at("image", located(_image))
    md.inline.ruler.before("link", "wiki_image", located(wiki_image))


def _image(state: StateInline, silent: bool) -> bool:
    """As in CommonMark, and if it is not, with a path that has blanks in it."""
    if not state.src.startswith("![", state.pos):
        return False
    return bool(commonmark_image(state, silent)) or _image_with_blanks(state, silent)


def _image_with_blanks(state: StateInline, silent: bool) -> bool:
    start = state.pos
    end = state.md.helpers.parseLinkLabel(state, start + 1, False)
    if end < 0:
        return False
    found = _SPACED.match(state.src, end + 1, state.posMax)
    if found is None or not found["path"].strip():
        return False
    if not silent:
        token = state.push("image", "img", 0)
        token.content = state.src[start + 2 : end]
        token.attrs = {"src": state.md.normalizeLink(found["path"].strip()), "alt": ""}
        title = found["title"] or found["other"]
        if title:
            token.attrs["title"] = title
        token.children = []
        state.md.inline.parse(token.content, state.md, state.env, token.children)
    state.pos = found.end()
    return True


def wiki_image(state: StateInline, silent: bool) -> bool:
    """`![[name]]` of a picture, video or sound; of anything else it stays text."""
    if not state.src.startswith("![[", state.pos):
        return False
    found = _WIKI.match(state.src, state.pos, state.posMax)
    if found is None or not (
        _suffix(found["name"]) in MEDIA or is_drawing(found["name"]) or _ADDRESS.match(found["name"])
    ):
        return False
    if not silent:
        token = state.push("image", "img", 0)
        token.attrs = {"src": found["name"].strip(), "alt": ""}
        token.content = found["more"].removeprefix("|")
        token.meta["wiki"] = True
    state.pos = found.end()
    return True


def _suffix(name: str) -> str:
    return PurePosixPath(name.strip().replace("\\", "/")).suffix.lower()
