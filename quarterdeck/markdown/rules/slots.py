"""The last rule: what other stages fill in leaves a mark, and is kept as a slot, in the order of the slide."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from quarterdeck.markdown.rules.support.html_tags import Piece, Tag, html_of
from quarterdeck.markdown.rules.support.icon_tags import icon_in
from quarterdeck.markdown.rules.support.image_slots import read_image
from quarterdeck.markdown.rules.support.raw_code import raw_code
from quarterdeck.markdown.rules.support.references import attribute_value, css
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.markdown.rules.support.snippets import read_snippet
from quarterdeck.model import Span

_HTML = ("html_inline", "html_block")


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("slots", slots)
    for kind in ("fence", "code_block", "image"):
        md.add_render_rule(kind, _mark)


def slots(state: StateCore) -> None:
    draft = draft_of(state.env)
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            token.meta["mark"] = draft.add(read_snippet(token, draft))
        elif token.type == "html_block":
            _raw(token, token, 0, draft)
        elif token.type == "inline":
            for child in token.children or ():
                _child(child, token, state, draft)
        if token.attrs and token.nesting == 1:
            _attributes(token, draft, draft.span(token.map[0] if token.map else 0))


def _attributes(token: Token, draft: SlideDraft, span: Span) -> None:
    for name, value in token.attrs.items():
        if isinstance(value, str):
            token.attrs[name] = attribute_value(name, value, draft, span)


def _child(child: Token, text: Token, state: StateCore, draft: SlideDraft) -> None:
    at, width = int(child.meta.get("at", 0)), int(child.meta.get("width", 1))
    if child.type == "image":
        span = draft.in_content(text, text.content, at, width)
        renderer = state.md.renderer
        if isinstance(renderer, RendererHTML):
            child.meta["mark"] = draft.add(read_image(child, renderer, draft, span))
    elif child.type in _HTML:
        _raw(child, text, at, draft)
    elif child.attrs and child.nesting >= 0:
        _attributes(child, draft, draft.in_content(text, text.content, at, width))


def _raw(token: Token, text: Token, at: int, draft: SlideDraft) -> None:
    """Marks in the attributes of raw tags and in the CSS of `<style>`."""
    pieces: list[Piece | Tag] = token.meta.get("pieces", [])
    if token.type == "html_block":
        _codes(token, pieces, draft)
    style = False
    marked: list[Piece | Tag] = []
    for piece in pieces:
        marked.append(piece)
        if isinstance(piece, Tag):
            style = piece.name == "style" and not piece.closes
            span = draft.in_content(text, text.content, at + piece.start, len(piece.text))
            if icon := _marked(piece, draft, span):
                marked.append(Piece(icon, piece.start))
        elif style:
            piece.text = css(piece.text, draft, draft.in_content(text, text.content, at + piece.start, 1))
    if marked:
        token.meta["pieces"] = marked
        token.content = html_of(marked)


def _marked(tag: Tag, draft: SlideDraft, span: Span) -> str:
    """Puts marks into the attributes of a tag; the mark of the icon that it asks for, if it does."""
    if tag.closes:
        return ""
    icon = icon_in(tag, draft, span)
    for index, (name, value) in enumerate(tag.attributes):
        if value and (marked := attribute_value(name, value, draft, span, tag=tag.name)) != value:
            tag.replace(index, marked)
    return icon


def _codes(token: Token, pieces: list[Piece | Tag], draft: SlideDraft) -> None:
    """Marks in place of code in `<pre>`; a block that is nothing else is a block of code."""
    index = 0
    mark = ""
    while index < len(pieces):
        piece = pieces[index]
        span = draft.in_content(token, token.content, piece.start, 1)
        if found := raw_code(pieces, index, draft, span):
            end, snippet = found
            mark = draft.add(snippet)
            pieces[index : end + 1] = [Piece(mark, piece.start)]
        index += 1
    if mark and sum(isinstance(each, Tag) or bool(each.text.strip()) for each in pieces) == 1:
        token.type, token.meta["mark"] = "fence", mark
        pieces.clear()


def _mark(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    return str(token.meta["mark"]) + ("\n" if token.block else "")
