"""Marp's pictures: sizes and filters in their text, `bg` behind the slide or beside its words, `<!-- fit -->`."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from msgspec import Struct, field

from quarterdeck.markdown.dialects.common.split_backgrounds import BackgroundPicture, background_tokens
from quarterdeck.markdown.rules.support.colours import brightness
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import Span
from quarterdeck.regex import regex

_LENGTH = r"[\d.]+(?:px|em|rem|cm|mm|in|pt|vw|vh)?"
_SIZED = regex(rf"(?P<what>w|h|width|height):(?P<length>{_LENGTH}|[\d.]+%|auto)")
_FILTER = regex(r"(blur|brightness|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia)(?::(\S+))?")
_FILTERS = {"blur": "10px", "brightness": "1.5", "contrast": "2", "hue-rotate": "180deg", "opacity": "0.5"} | {
    "drop-shadow": "0 5px 10px rgba(0 0 0 / 40%)",
    "saturate": "2",
}
"""What a filter without a value means; the others mean all of it."""
_SIDE = regex(r"(left|right)(?::(?:([\d.]+)%)?)?")
_FIT = {"contain": "contain", "fit": "contain", "cover": "cover", "auto": "none"}


class _Backgrounds(Struct):
    """The backgrounds of a slide, until all of them are found."""

    pictures: list[BackgroundPicture] = field(default_factory=list)
    side: str = ""
    share: str = "50"
    vertical: bool = False
    span: Span | None = None


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("inline", "marp_images", pictures)


def pictures(state: StateCore) -> None:
    draft = draft_of(state.env)
    backgrounds = _Backgrounds()
    for index, token in enumerate(state.tokens):
        if token.type != "inline":
            continue
        kept = []
        for child in token.children or []:
            if child.type == "image" and not _stays(child, token, draft, backgrounds):
                continue
            if _is_fit(child):
                annotate(state.tokens[index - 1].attrs, "class", "r-fit-text")
                draft.note("fit", draft.span(token.map[0] if token.map else 0))
                continue
            kept.append(child)
        token.children = _trimmed(kept) if len(kept) < len(token.children or []) else kept
    if backgrounds.pictures and backgrounds.span:
        _put(state, backgrounds, draft, backgrounds.span)


def _is_fit(child: Token) -> bool:
    return child.type == "html_inline" and re.fullmatch(r"<!--\s*fit\s*-->", child.content, re.IGNORECASE) is not None


def _trimmed(children: list[Token]) -> list[Token]:
    """Without line ends and blanks at either side: they stood beside what is gone."""

    def blank(token: Token) -> bool:
        return token.type.endswith("break") or (token.type == "text" and not token.content.strip())

    kept = list(dropwhile(blank, children))
    while kept and blank(kept[-1]):
        kept.pop()
    if kept and kept[-1].type == "text":
        kept[-1].content = kept[-1].content.rstrip()
    return kept


def _stays(image: Token, text: Token, draft: SlideDraft, backgrounds: _Backgrounds) -> bool:
    """Gives a picture the sizes in its text; False where it is no picture in the text."""
    words = image.content.split()
    span = draft.in_content(text, text.content, int(image.meta.get("at", 0)), int(image.meta.get("width", 1)))
    attrs: dict[str, Any] = image.meta.setdefault("attrs", {})
    rest, filters, sizes = [], [], {}
    for word in words:
        if sized := _SIZED.fullmatch(word):
            unit = "px" if re.fullmatch(r"[\d.]+", sized["length"]) else ""
            sizes["width" if sized["what"][0] == "w" else "height"] = sized["length"] + unit
        elif filtered := _FILTER.fullmatch(word):
            value = filtered[2] or _FILTERS.get(filtered[1], "1")
            filters.append(f"{filtered[1]}({value.replace(',', ' ') if filtered[1] == 'drop-shadow' else value})")
        else:
            rest.append(word)
    if "bg" in rest:
        _background(image, rest, sizes, filters, draft, span, backgrounds)
        return False
    if _is_colour(str(image.attrs.get("src", ""))):
        draft.attrs.append(("style", f"color: {image.attrs['src']}", span))
        draft.note("colour of a slide", span)
        return False
    for name, length in sizes.items():
        annotate(attrs, "style", f"{name}: {length}")
    if filters:
        annotate(attrs, "style", f"filter: {' '.join(filters)}")
    if len(rest) != len(words):
        draft.note("picture with a size or filter", span)
        image.content = " ".join(rest)
        image.children = [Token("text", "", 0, content=image.content)] if rest else []
    return True


def _is_colour(source: str) -> bool:
    return bool(re.fullmatch(r"#[0-9a-fA-F]{3,8}'?", source)) or (
        re.fullmatch(r"[a-z]+|(?:rgb|hsl)a?\(.*\)", source) is not None and brightness(source) is not None
    )


def _background(
    image: Token,
    words: list[str],
    sizes: dict[str, str],
    filters: list[str],
    draft: SlideDraft,
    span: Span,
    backgrounds: _Backgrounds,
) -> None:
    source = str(image.attrs.get("src", ""))
    side = next((found for word in words if (found := _SIDE.fullmatch(word))), None)
    if side:
        backgrounds.side, backgrounds.share = side[1], side[2] or backgrounds.share
    backgrounds.vertical = backgrounds.vertical or "vertical" in words
    backgrounds.span = backgrounds.span or span
    if _is_colour(source) or source == "":
        if source and not side:
            draft.attrs.append(("data-background-color", source.rstrip("'"), span))
        draft.note("background", span)
        return
    percent = next((word for word in words if re.fullmatch(r"[\d.]+%", word)), sizes.get("width", ""))
    fit = next((_FIT[word] for word in words if word in _FIT), "" if percent or sizes else "cover")
    ground = BackgroundPicture(
        image=image, fit=fit, width=percent, height=sizes.get("height", ""), filters=" ".join(filters), span=span
    )
    backgrounds.pictures.append(ground)


def _put(state: StateCore, backgrounds: _Backgrounds, draft: SlideDraft, span: Span) -> None:
    only = backgrounds.pictures[0]
    if (
        len(backgrounds.pictures) == 1
        and not backgrounds.side
        and not only.filters
        and not only.height
        and only.fit != "none"
    ):
        draft.attrs.append(("data-background-image", str(only.image.attrs["src"]), span))
        if only.size != "cover":
            draft.attrs.append(("data-background-size", only.size, span))
        draft.note("background", span)
        return
    state.tokens[:0] = background_tokens(
        backgrounds.pictures,
        side=backgrounds.side,
        share=backgrounds.share,
        vertical=backgrounds.vertical,
        draft=draft,
        span=span,
    )
    draft.note("background beside the text" if backgrounds.side else "several backgrounds", span)
