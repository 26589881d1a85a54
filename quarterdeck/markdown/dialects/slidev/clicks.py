"""Slidev's `<v-click>`, `<v-clicks>` and `v-click` attributes as fragments."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.html_tags import Tag, html_of, read_pieces
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome

_CLICKED = ("v-click", "v-after", "vclick", "vafter")


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("element_tree", "clicks", clicks)


def clicks(state: StateCore) -> None:
    """`<v-click>`, `<v-clicks>` and `v-click` attributes as fragments."""
    draft = draft_of(state.env)
    each_of: list[int] = []
    for token in state.tokens:
        html = [token] if token.type == "html_block" else [c for c in token.children or () if c.type == "html_inline"]
        inline: list[int] = []
        for one in html:
            if "v-" in one.content or "V" in one.content:
                _click(one, token, draft, each_of, inline)
        if each_of and token.type == "list_item_open":
            annotate(token.attrs, "class", "fragment")


def _click(html: Token, block: Token, draft: SlideDraft, each_of: list[int], inline: list[int]) -> None:
    """`each_of` has an entry for each `<v-clicks>` that is open, `inline` one for each `<v-click>` in this text."""
    if html.type == "html_inline" and html.content.startswith("<!--"):
        return
    pieces = read_pieces(html.content)
    at = int(html.meta.get("at", 0))
    gone: list[Tag] = []
    for piece in pieces:
        if not isinstance(piece, Tag):
            continue
        span = draft.in_content(block, block.content, at + piece.start, len(piece.text))
        name = piece.name.partition(".")[0].replace("-", "")
        if name == "vclicks":
            each_of[:] = each_of[:-1] if piece.closes else [*each_of, 1]
            gone.append(piece)
        elif name in ("vclick", "vafter"):
            # one that closes what was opened before this text closes a block
            is_inline = html.type == "html_inline" and bool(inline or not piece.closes)
            inline[:] = inline[:-1] if piece.closes else [*inline, 1]
            _appears(piece, "span" if is_inline else "div")
        elif piece.closes or not _clicked(piece):
            if name.startswith("v") and "-" in piece.name and not piece.closes:
                remedy = "a fragment or a step of code may do it"
                draft.note(f"<{piece.name}>", span, ConstructOutcome.APPROXIMATED, remedy)
            continue
        if not piece.closes:
            draft.note("clicks", span)
    html.content = html_of([piece for piece in pieces if piece not in gone])


def _appears(tag: Tag, name: str) -> None:
    """`<v-click at="2">` as a fragment, which is an element of this name."""
    place = (tag.get("at") or tag.get(":at") or "").strip("'\"")
    hides = tag.get("hide") is not None or ".hide" in tag.name
    _as_box(tag, name)
    if tag.closes:
        return
    tag.set("class", "fragment fade-out" if hides else "fragment")
    if place.isdecimal():
        tag.set("data-fragment-index", place)


def _as_box(tag: Tag, name: str) -> None:
    """The same tag with a name that HTML has."""
    tag.text = f"</{name}>" if tag.closes else f"<{name}{'/' if tag.empty else ''}>"
    tag.name = name
    if not tag.closes:
        tag.attributes = [each for each in tag.attributes if each[0] not in ("at", ":at", "hide", "v-click")]
        tag.changed = True


def _clicked(tag: Tag) -> bool:
    for name, value in tag.attributes:
        if name.partition(".")[0] in _CLICKED:
            tag.set("class", "fragment" if ".hide" not in name else "fragment fade-out")
            if value and value.isdecimal():
                tag.set("data-fragment-index", value)
            return True
    return False
