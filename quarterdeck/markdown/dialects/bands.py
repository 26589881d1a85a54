"""Lines at the top and at the bottom of every slide, in the author's words; and the author's stylesheet. As attributes
`header`, `footer`, `logo` and `qd-stylesheet` of a slide they are given to it, as blocks they stand on it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.sheets import scoped, sheet_tokens
from quarterdeck.markdown.rules.sheet import sheet_of
from quarterdeck.model import Span

STYLESHEET = "qd-stylesheet"
_BANDS = ("header", "footer")
LOGO = "qd-logo"


def install(md: MarkdownIt, *, after: str = "block") -> None:
    md.core.ruler.after(after, "bands", bands)


def bands(state: StateCore) -> None:
    """What the slide has of them; all that may give it some has run before."""
    sheet = sheet_of(state.env)
    if sheet.first:
        return
    given = {name: (value, span) for name, value, span in sheet.attrs if name in (*_BANDS, LOGO)}
    styles = [value for name, value, _ in sheet.attrs if name == STYLESHEET]
    sheet.attrs[:] = [each for each in sheet.attrs if each[0] not in (*_BANDS, LOGO, STYLESHEET)]
    for css in styles:
        style = sheet_tokens(scoped(css))
        state.tokens.append(Token("html_block", "", 0, block=True, content=style, map=[0, 1], meta={"ours": True}))
    if any(token.type == "band_open" and token.tag == "footer" for token in state.tokens):
        given.pop("footer", None)
    for name in _BANDS:
        value, span = given.get(name, ("", None))
        if value.strip():
            state.tokens += band(name, value, span)
    if given.get(LOGO, ("", None))[0]:
        value, span = given[LOGO]
        state.tokens += band("header", f"![]({value})", span, LOGO)


def band(name: str, words: str, span: Span | None, *classes: str) -> list[Token]:
    line = [(span.line if span else 1) - 1, span.line if span else 1]
    return [
        Token("band_open", name, 1, block=True, map=line, attrs={"class": " ".join(("qd-band", *classes))}),
        Token("inline", "", 0, block=True, map=line, content=words, children=[]),
        Token("band_close", name, -1, block=True),
    ]
