"""Lines at the top and at the bottom of every slide, in the author's words; and the author's stylesheet. As attributes
`header`, `footer`, `logo` and `qd-stylesheet` of a slide they are given to it, as blocks they stand on it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.common.css import scoped, style_element
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.model import Span

STYLESHEET = "qd-stylesheet"
_EDGES = ("header", "footer")
LOGO = "qd-logo"


def install(md: MarkdownIt, *, after: str = "block") -> None:
    md.core.ruler.after(after, "headers_footers", headers_footers)


def headers_footers(state: StateCore) -> None:
    """What the slide has of them; all that may give it some has run before."""
    draft = draft_of(state.env)
    if draft.first:
        return
    given = {name: (value, span) for name, value, span in draft.attrs if name in (*_EDGES, LOGO)}
    styles = [value for name, value, _ in draft.attrs if name == STYLESHEET]
    draft.attrs[:] = [each for each in draft.attrs if each[0] not in (*_EDGES, LOGO, STYLESHEET)]
    for css in styles:
        style = style_element(scoped(css))
        state.tokens.append(Token("html_block", "", 0, block=True, content=style, map=[0, 1], meta={"ours": True}))
    if any(token.type == "edge_open" and token.tag == "footer" for token in state.tokens):
        given.pop("footer", None)
    for name in _EDGES:
        value, span = given.get(name, ("", None))
        if value.strip():
            state.tokens += edge_line(name, value, span)
    if given.get(LOGO, ("", None))[0]:
        value, span = given[LOGO]
        state.tokens += edge_line("header", f"![]({value})", span, LOGO)


def edge_line(name: str, words: str, span: Span | None, *classes: str) -> list[Token]:
    line = [(span.line if span else 1) - 1, span.line if span else 1]
    return [
        Token("edge_open", name, 1, block=True, map=line, attrs={"class": " ".join(("qd-band", *classes))}),
        Token("inline", "", 0, block=True, map=line, content=words, children=[]),
        Token("edge_close", name, -1, block=True),
    ]
