"""Pictures that fill one side of a slide, with the words on the other, or all of it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet
from quarterdeck.model import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """A picture behind a slide, or behind a part of it."""

    image: Token
    fit: str = "cover"
    """A value of `object-fit`; empty where it has a size of its own."""
    width: str = ""
    height: str = ""
    filters: str = ""
    span: Span

    @property
    def size(self) -> str:
        """A value of `background-size`."""
        return self.fit or " ".join(filter(None, (self.width, self.height)))


def beside(image: Token, *, side: str, share: str, fit: str, sheet: Sheet, span: Span) -> list[Token]:
    """The tokens of one picture on one side; the slide is told how much room it leaves. `share` is in percent."""
    fit = fit if fit in ("contain", "cover") else "cover"
    return grounds([Backdrop(image=image, fit=fit, span=span)], side=side, share=share, sheet=sheet, span=span)


def grounds(
    pictures: Sequence[Backdrop], *, side: str = "", share: str = "50", vertical: bool = False, sheet: Sheet, span: Span
) -> list[Token]:
    """The tokens of the pictures, in a row or in a column; without a side they are behind the words."""
    if side:
        sheet.attrs.append(("class", f"qd-beside qd-beside-{side}", span))
        sheet.attrs.append(("style", f"--qd-share: {float(share) / 100:g}", span))
    names = ["qd-side", *([] if side else ["qd-behind"]), *(["qd-upright"] if vertical else [])]
    line = [span.line - 1 - sheet.first, span.line - sheet.first]
    return [
        Token("ground_open", "div", 1, block=True, map=line, attrs={"class": " ".join(names)}),
        *(_picture(each, sheet) for each in pictures),
        Token("ground_close", "div", -1, block=True),
    ]


def _picture(ground: Backdrop, sheet: Sheet) -> Token:
    image = ground.image
    image.content = ""
    image.children = []
    attrs = image.meta.setdefault("attrs", {})
    annotate(attrs, "style", f"object-fit: {ground.fit or 'contain'}")
    for name, length in (("width", ground.width), ("height", ground.height)):
        if length and not ground.fit:
            annotate(attrs, "style", f"--qd-ground-{name}: {length}")
    if ground.filters:
        annotate(attrs, "style", f"filter: {ground.filters}")
    line = [ground.span.line - 1 - sheet.first, ground.span.line - sheet.first]
    return Token("inline", "", 0, block=True, map=line, children=[image])
