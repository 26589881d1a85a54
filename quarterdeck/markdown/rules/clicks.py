"""Slidev's `<v-click>`, `<v-clicks>` and `v-click` attributes as fragments."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.markdown.rules.tags import Tag, html_of, read_pieces
from quarterdeck.model import Outcome

_CLICKED = ("v-click", "v-after", "vclick", "vafter")


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("outline", "clicks", clicks)


def clicks(state: StateCore) -> None:
    """`<v-click>`, `<v-clicks>` and `v-click` attributes as fragments."""
    sheet = sheet_of(state.env)
    each_of: list[int] = []
    for token in state.tokens:
        html = [token] if token.type == "html_block" else [c for c in token.children or () if c.type == "html_inline"]
        for one in html:
            if "v-" in one.content or "V" in one.content:
                _click(one, token, sheet, each_of)
        if each_of and token.type == "list_item_open":
            annotate(token.attrs, "class", "fragment")


def _click(html: Token, block: Token, sheet: Sheet, each_of: list[int]) -> None:
    if html.type == "html_inline" and html.content.startswith("<!--"):
        return
    pieces = read_pieces(html.content)
    at = int(html.meta.get("at", 0))
    gone: list[Tag] = []
    for piece in pieces:
        if not isinstance(piece, Tag):
            continue
        span = sheet.in_content(block, block.content, at + piece.start, len(piece.text))
        name = piece.name.replace("-", "")
        if name == "vclicks":
            each_of[:] = each_of[:-1] if piece.closes else [*each_of, 1]
            gone.append(piece)
        elif piece.closes:
            continue
        elif name in ("vclick", "vafter"):
            piece.set("class", "fragment")
            if (place := piece.get("at") or piece.get(":at") or "").isdecimal():
                piece.set("data-fragment-index", place)
        elif not _clicked(piece):
            if name.startswith(("v", "arrow")) and "-" in piece.name:
                remedy = "a fragment or a step of code may do it"
                sheet.note(f"<{piece.name}>", span, Outcome.APPROXIMATED, remedy)
            continue
        sheet.note("clicks", span)
    html.content = html_of([piece for piece in pieces if piece not in gone])


def _clicked(tag: Tag) -> bool:
    for name, value in tag.attributes:
        if name.partition(".")[0] in _CLICKED:
            tag.set("class", "fragment" if ".hide" not in name else "fragment fade-out")
            if value and value.isdecimal():
                tag.set("data-fragment-index", value)
            return True
    return False
