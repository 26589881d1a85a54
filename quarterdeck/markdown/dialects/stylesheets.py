"""`<style>` on slides of other tools: for all slides, or with `scoped` for its own."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.dialects.sheets import SLIDE, scoped, sheet_tokens
from quarterdeck.markdown.rules.sheet import sheet_of
from quarterdeck.markdown.rules.tags import Piece, Tag, html_of, read_pieces
from quarterdeck.model import KEY_MARK


def install(md: MarkdownIt) -> None:
    install_for(md, alone=False)


def install_for_slide(md: MarkdownIt) -> None:
    """Every `<style>` is for its own slide."""
    install_for(md, alone=True)


def install_for(md: MarkdownIt, *, alone: bool) -> None:
    def styles(state: StateCore) -> None:
        sheet = sheet_of(state.env)
        for token in state.tokens:
            if token.type != "html_block" or "<style" not in token.content.lower() or token.meta.get("ours"):
                continue
            token.content = html_of(_styled(read_pieces(token.content), alone=alone))
            sheet.note("<style>", sheet.span(token.map[0] if token.map else 0))

    md.core.ruler.after("block", "scoped_styles", styles)


def _styled(pieces: list[Piece | Tag], *, alone: bool) -> list[Piece | Tag]:
    out: list[Piece | Tag] = []
    own: bool | None = None
    for piece in pieces:
        if isinstance(piece, Tag) and piece.name == "style":
            own = None if piece.closes else alone or piece.get("scoped") is not None
        elif own is not None and isinstance(piece, Piece):
            slide = f'{SLIDE}[id="{KEY_MARK}"]' if own else SLIDE
            written = sheet_tokens(scoped(piece.text, slide=slide))
            out[-1:] = [Piece(written.removesuffix("</style>\n"), piece.start)]
            continue
        out.append(piece)
    return out
