"""The last rule: what other stages fill in leaves a mark, and is kept as a slot, in the order of the slide."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from quarterdeck.markdown.rules.icons import icon_in
from quarterdeck.markdown.rules.images import PICTURES, read_image
from quarterdeck.markdown.rules.links import is_local
from quarterdeck.markdown.rules.raw_code import raw_code
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.markdown.rules.snippets import read_snippet
from quarterdeck.markdown.rules.tags import Piece, Tag, html_of
from quarterdeck.model import Reference, Span

_LISTS = frozenset(("data-background-image", "data-background-video", "srcset", "data-srcset"))
"""Attributes that hold more than one address, with commas between."""
_REQUIRED = frozenset((
    *_LISTS, "src", "poster", "data", "data-src", "data-background-iframe", "data-audio-src", "xlink:href",
    "data-preview-image", "data-preview-video",
))  # fmt: skip
_LOOSE = frozenset(("href", "data-preview-link"))
"""A target that is no file is no mistake here."""
_CSS_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<url>[^"')]*)(?P=quote)\s*\)""", re.IGNORECASE)
_WIKI = re.compile(r"\s*!?\[\[([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]\s*")
_HTML = ("html_inline", "html_block")


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("slots", slots)
    for kind in ("fence", "code_block", "image"):
        md.add_render_rule(kind, _mark)


def slots(state: StateCore) -> None:
    sheet = sheet_of(state.env)
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            token.meta["mark"] = sheet.add(read_snippet(token, sheet))
        elif token.type == "html_block":
            _raw(token, token, 0, sheet)
        elif token.type == "inline":
            for child in token.children or ():
                _child(child, token, state, sheet)
        if token.attrs and token.nesting == 1:
            _attributes(token, sheet, sheet.span(token.map[0] if token.map else 0))


def attribute_value(name: str, value: str, sheet: Sheet, span: Span, *, tag: str = "") -> str:
    """The value with a mark in place of each local file that it refers to."""
    name = name.lower()
    if name == "style":
        return css(value, sheet, span)
    if name == "data-background" and not _is_file(value):
        return value
    if name in _LISTS and not value.lstrip().startswith("data:"):
        return _several(value, sheet, span)
    if name in _REQUIRED or name in _LOOSE or name == "data-background":
        required = name not in _LOOSE or tag in ("link", "image", "use")
        return _reference(value, sheet, span, required=required)
    return value


def css(text: str, sheet: Sheet, span: Span) -> str:
    """CSS with a mark in place of each local `url()`."""

    def marked(found: re.Match[str]) -> str:
        value = _reference(found["url"], sheet, span)
        return found[0] if value == found["url"] else f"url({found['quote']}{value}{found['quote']})"

    return _CSS_URL.sub(marked, text)


def _reference(value: str, sheet: Sheet, span: Span, *, required: bool = True) -> str:
    wiki = _WIKI.fullmatch(value)
    if wiki:
        return sheet.add(Reference(target=wiki[1].strip(), wiki=True, span=span))
    target = value.strip()
    if not is_local(target) or "\0" in target:
        return value
    return sheet.add(Reference(target=target, required=required, span=span))


def _several(value: str, sheet: Sheet, span: Span) -> str:
    """Each address of the list; what stands behind one, as `2x` does in `srcset`, stays."""
    parts = []
    for part in value.split(","):
        lead = part[: len(part) - len(part.lstrip())]
        address, size = part.strip(), ""
        if found := re.fullmatch(r"(\S+)(\s+[\d.]+[wxh])", address):
            address, size = found[1], found[2]
        parts.append(f"{lead}{_reference(address, sheet, span)}{size}")
    return ",".join(parts)


def _is_file(value: str) -> bool:
    path = value.strip().partition("?")[0].partition("#")[0] if not value.startswith("#") else ""
    return bool(_WIKI.fullmatch(value)) or f".{path.rpartition('.')[2].lower()}" in PICTURES


def _attributes(token: Token, sheet: Sheet, span: Span) -> None:
    for name, value in token.attrs.items():
        if isinstance(value, str):
            token.attrs[name] = attribute_value(name, value, sheet, span)


def _child(child: Token, text: Token, state: StateCore, sheet: Sheet) -> None:
    at, width = int(child.meta.get("at", 0)), int(child.meta.get("width", 1))
    if child.type == "image":
        span = sheet.in_content(text, text.content, at, width)
        renderer = state.md.renderer
        if isinstance(renderer, RendererHTML):
            child.meta["mark"] = sheet.add(read_image(child, renderer, sheet, span))
    elif child.type in _HTML:
        _raw(child, text, at, sheet)
    elif child.attrs and child.nesting >= 0:
        _attributes(child, sheet, sheet.in_content(text, text.content, at, width))


def _raw(token: Token, text: Token, at: int, sheet: Sheet) -> None:
    """Marks in the attributes of raw tags and in the CSS of `<style>`."""
    pieces: list[Piece | Tag] = token.meta.get("pieces", [])
    if token.type == "html_block":
        _codes(token, pieces, sheet)
    style = False
    icons: list[tuple[Tag, str]] = []
    for piece in pieces:
        if isinstance(piece, Tag):
            style = piece.name == "style" and not piece.closes
            span = sheet.in_content(text, text.content, at + piece.start, len(piece.text))
            if icon := _marked(piece, sheet, span):
                icons.append((piece, icon))
        elif style:
            piece.text = css(piece.text, sheet, sheet.in_content(text, text.content, at + piece.start, 1))
    for tag, mark in icons:
        pieces.insert(pieces.index(tag) + 1, Piece(mark, tag.start))
    if pieces:
        token.content = html_of(pieces)


def _marked(tag: Tag, sheet: Sheet, span: Span) -> str:
    """Puts marks into the attributes of a tag; the mark of the icon that it asks for, if it does."""
    if tag.closes:
        return ""
    icon = icon_in(tag, sheet, span)
    for index, (name, value) in enumerate(tag.attributes):
        if value and (marked := attribute_value(name, value, sheet, span, tag=tag.name)) != value:
            tag.replace(index, marked)
    return icon


def _codes(token: Token, pieces: list[Piece | Tag], sheet: Sheet) -> None:
    """Marks in place of code in `<pre>`; a block that is nothing else is a block of code."""
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        span = sheet.in_content(token, token.content, piece.start, 1)
        if found := raw_code(pieces, index, sheet, span):
            end, snippet = found
            pieces[index : end + 1] = [Piece(sheet.add(snippet), piece.start)]
            rest = [each for each in pieces if isinstance(each, Tag) or each.text.strip()]
            if len(rest) == 1:
                token.type, token.meta["mark"] = "fence", pieces[index].html()
                pieces.clear()
            else:
                token.content = html_of(pieces)
        index += 1


def _mark(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    return str(token.meta["mark"]) + ("\n" if token.block else "")
