"""Pixels that authors wrote for the smaller slides of another tool: they grow with ours."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.sheets import pixels
from quarterdeck.markdown.rules.tags import Tag, html_of

_SIZED = frozenset(("img", "video", "iframe", "svg", "object", "embed", "td", "th", "table"))


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("slots", "lengths", lengths)


def lengths(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "html_block":
            _in_html(token)
        elif token.nesting == 1 and "style" in token.attrs:
            token.attrs["style"] = pixels(str(token.attrs["style"]))
        for child in token.children or ():
            if child.type == "html_inline":
                _in_html(child)
            elif child.type == "image" and "style" in child.meta.get("attrs", {}):
                child.meta["attrs"]["style"] = pixels(str(child.meta["attrs"]["style"]))
            elif child.attrs and "style" in child.attrs:
                child.attrs["style"] = pixels(str(child.attrs["style"]))


def _in_html(token: Token) -> None:
    pieces = token.meta.get("pieces", [])
    changed = False
    for piece in pieces:
        if not isinstance(piece, Tag) or piece.closes:
            continue
        for index, (name, value) in enumerate(piece.attributes):
            if name.lower() == "style" and value and (grown := pixels(value)) != value:
                piece.replace(index, grown)
                changed = True
        if piece.name in _SIZED:
            changed = _sized(piece) or changed
    if changed:
        token.content = html_of(pieces)


def _sized(tag: Tag) -> bool:
    """Sizes of a picture as its style, which may be calculated."""
    found = [
        f"{name}: {pixels(f'{size[1]}px')}"
        for name in ("width", "height")
        if (value := tag.get(name)) and (size := re.fullmatch(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*", value))
    ]
    if not found:
        return False
    tag.attributes = [
        (name, value)
        for name, value in tag.attributes
        if name.lower() not in ("width", "height") or not re.fullmatch(r"\s*[\d.]+(?:px)?\s*", value or "")
    ]
    style = tag.get("style")
    tag.attributes = [each for each in tag.attributes if each[0].lower() != "style"]
    tag.set("style", "; ".join([*found, *([style] if style else [])]))
    return True
