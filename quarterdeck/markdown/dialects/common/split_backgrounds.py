"""Pictures that fill one side of a slide, with the words on the other, or all of it, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token
from msgspec import Struct

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import Span


class BackgroundPicture(Struct, frozen=True, kw_only=True):
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


def picture_at_side(image: Token, *, side: str, share: str, fit: str, draft: SlideDraft, span: Span) -> list[Token]:
    """The tokens of one picture on one side; the slide is told how much room it leaves. `share` is in percent."""
    fit = fit if fit in ("contain", "cover") else "cover"
    return background_tokens(
        [BackgroundPicture(image=image, fit=fit, span=span)], side=side, share=share, draft=draft, span=span
    )


def background_tokens(
    pictures: Sequence[BackgroundPicture],
    *,
    side: str = "",
    share: str = "50",
    vertical: bool = False,
    draft: SlideDraft,
    span: Span,
) -> list[Token]:
    """The tokens of the pictures, in a row or in a column; without a side they are behind the words."""
    if side:
        draft.attrs.append(("class", f"qd-beside qd-beside-{side}", span))
        draft.attrs.append(("style", f"--qd-share: {float(share) / 100:g}", span))
    names = ["qd-side", *([] if side else ["qd-behind"]), *(["qd-upright"] if vertical else [])]
    line = [span.line - 1 - draft.first, span.line - draft.first]
    return [
        Token("background_open", "div", 1, block=True, map=line, attrs={"class": " ".join(names)}),
        *(_picture(each, draft) for each in pictures),
        Token("background_close", "div", -1, block=True),
    ]


def _picture(ground: BackgroundPicture, draft: SlideDraft) -> Token:
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
    line = [ground.span.line - 1 - draft.first, ground.span.line - draft.first]
    return Token("inline", "", 0, block=True, map=line, children=[image])
