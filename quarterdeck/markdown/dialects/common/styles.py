"""CSS on slides of other tools: `<style>` for all slides or its own, and pixels that are those of smaller slides."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.common.css import SLIDE, pixels, scoped, style_element
from quarterdeck.markdown.rules.support.html_tags import Piece, Tag, html_of, read_pieces
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.model import KEY_MARK

_SIZED = frozenset(("img", "video", "iframe", "svg", "object", "embed", "td", "th", "table"))


def install(md: MarkdownIt, *, alone: bool = False) -> None:
    """`alone`: every `<style>` is for its own slide."""

    def styles(state: StateCore) -> None:
        draft = draft_of(state.env)
        for token in state.tokens:
            if token.type != "html_block" or "<style" not in token.content.lower() or token.meta.get("ours"):
                continue
            token.content = html_of(_styled(read_pieces(token.content), alone=alone))
            draft.note("<style>", draft.span(token.map[0] if token.map else 0))

    md.core.ruler.after("block", "scoped_styles", styles)


def _styled(pieces: list[Piece | Tag], *, alone: bool) -> list[Piece | Tag]:
    out: list[Piece | Tag] = []
    own: bool | None = None
    for piece in pieces:
        if isinstance(piece, Tag) and piece.name == "style":
            own = None if piece.closes else alone or piece.get("scoped") is not None
        elif own is not None and isinstance(piece, Piece):
            slide = f'{SLIDE}[id="{KEY_MARK}"]' if own else SLIDE
            written = style_element(scoped(piece.text, slide=slide))
            out[-1:] = [Piece(written.removesuffix("</style>\n"), piece.start)]
            continue
        out.append(piece)
    return out


def install_pixels(md: MarkdownIt) -> None:
    """Pixels that authors wrote for the smaller slides of another tool grow with ours."""
    md.core.ruler.before("slots", "pixels_in_styles", pixels_in_styles)


def pixels_in_styles(state: StateCore) -> None:
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
