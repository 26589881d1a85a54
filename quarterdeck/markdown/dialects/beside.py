"""A picture that fills one side of a slide, with the words on the other."""

from __future__ import annotations

from markdown_it.token import Token

from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet
from quarterdeck.model import Span


def beside(image: Token, *, side: str, share: str, fit: str, sheet: Sheet, span: Span) -> list[Token]:
    """The tokens of the picture; the slide is told how much room it leaves. `share` is in percent."""
    sheet.attrs.append(("class", f"qd-beside qd-beside-{side}", span))
    sheet.attrs.append(("style", f"--qd-share: {float(share) / 100:g}", span))
    image.content = ""
    image.children = []
    annotate(
        image.meta.setdefault("attrs", {}), "style", f"object-fit: {fit if fit in ('contain', 'cover') else 'cover'}"
    )
    line = [span.line - 1 - sheet.first, span.line - sheet.first]
    return [
        Token("div_open", "div", 1, block=True, map=line, attrs={"class": "qd-side"}),
        Token("inline", "", 0, block=True, map=line, children=[image]),
        Token("div_close", "div", -1, block=True),
    ]
