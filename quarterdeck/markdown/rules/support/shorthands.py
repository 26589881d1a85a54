"""The short names that slides, elements and grids share (`bg`, `pad`, `frag`, `align`, `drop` …), as HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import Struct

from quarterdeck.markdown.rules.support.colours import brightness
from quarterdeck.markdown.rules.support.grid_geometry import place_of
from quarterdeck.regex import regex

Pairs = list[tuple[str, str]]

_ALIGNMENTS = {
    name: name
    for name in (
        *("left", "right", "center", "justify", "top", "bottom"),
        *("topleft", "topright", "bottomleft", "bottomright", "stretch"),
    )
} | {"block": "justify", "start": "left", "end": "right"}
_ANGLE = regex(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_NUMBERS = regex(r"\d+(?:\.\d+)?(?:\s+\d+(?:\.\d+)?){0,3}")
_PICTURE = regex(r"!?\[\[.+\]\]|(?:https?:|file:|data:|//).*|.*\.(?:png|jpe?g|gif|svg|webp|avif|bmp)(?:[?#].*)?", re.I)
_WIKI_BARS = regex(r"!?\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")


class ShorthandMeaning(Struct, frozen=True, kw_only=True):
    """What the attributes of an annotation or of a grid mean."""

    attributes: Pairs
    placed: bool = False
    """Whether they give the element a place on the slide."""
    unreadable: str = ""
    """Name of the attribute that says where and cannot be read."""


def read_shorthands(written: Iterable[tuple[str, str]], *, slide: bool = False, box: bool = False) -> ShorthandMeaning:
    """HTML attributes for those that an author wrote; what is no short name stays as it is. `box`: of a grid."""
    given = list(written)
    values = {name.lower(): value for name, value in given}
    found: Pairs = []
    where: dict[str, str] = {}
    if not slide:
        where = {name: values[name] for name in ("drag", "drop", "absolute") if name in values}
    place, unreadable = place_of(where)
    if place:
        found += [("class", "qd-grid"), ("style", place)]
    elif box:
        found.append(("class", "qd-box"))
    for name, value in given:
        if name.lower() in where:
            continue
        meaning = (_OF_SLIDE if slide else _MEANINGS).get(name.lower()) or _MEANINGS.get(name.lower())
        found += meaning(value.strip()) if meaning else [(name, value)]
    if values.get("align") == "stretch":
        found.append(("class", "stretch-row" if values.get("flow") == "row" else "stretch-column"))
    return ShorthandMeaning(attributes=found, placed=bool(place), unreadable=unreadable)


def _style(declarations: str) -> Callable[[str], Pairs]:
    return lambda value: [("style", declarations.format(value.rstrip("; ")))] if value else []


def _lengths(declarations: str) -> Callable[[str], Pairs]:
    """Numbers without a unit are pixels."""

    def meaning(value: str) -> Pairs:
        if _NUMBERS.fullmatch(value):
            value = " ".join(f"{number}px" if float(number) else "0" for number in value.split())
        return _style(declarations)(value)

    return meaning


def _background(value: str) -> Pairs:
    if _PICTURE.fullmatch(value):
        target = _WIKI_BARS.sub(r"[[\1]]", value)
        return [("style", f'background: center / cover no-repeat url("{target}")')]
    kind = "background" if "gradient(" in value else "background-color"
    return [("style", f"{kind}: {value}"), *_ground(value)] if value else []


def _background_of_slide(value: str) -> Pairs:
    if _PICTURE.fullmatch(value):
        return [("data-background-image", value)]
    kind = "gradient" if "gradient(" in value else "color"
    return [(f"data-background-{kind}", value), *_ground(value)] if value else []


def _ground(colour: str) -> Pairs:
    """The class by which reveal's themes set dark words on light grounds and the other way round."""
    light = brightness(colour)
    return [] if light is None else [("class", f"has-{'light' if light >= 0.5 else 'dark'}-background")]


def _rotation(value: str) -> Pairs:
    return _style("transform: rotate({})")(f"{value}deg" if _ANGLE.fullmatch(value) else value)


def _fragment(value: str) -> Pairs:
    index = [("data-fragment-index", value)] if value.isdigit() else []
    return [] if value == "false" else [("class", "fragment"), *index]


def _alignment(value: str) -> Pairs:
    known = _ALIGNMENTS.get(re.sub(r"[\s-]+", "", value.lower()))
    return [("class", f"align-{known}")] if known else [("align", value)]


def _flow(value: str) -> Pairs:
    return [("class", "flow-row flex-even" if value.lower() == "row" else "flow-col")]


def _classes(value: str) -> Pairs:
    """`fitText` is what reveal.js calls `r-fit-text`."""
    return [("class", f"{value} r-fit-text" if "fitText" in value.split() else value)]


def _flag(name: str) -> Callable[[str], Pairs]:
    """`disabled="true"`, as these tools write flags, is `disabled`."""
    return lambda value: [] if name == "hidden" and value == "false" else [(name, "" if value == "true" else value)]


_MEANINGS: dict[str, Callable[[str], Pairs]] = {
    "align": _alignment,
    "animate": lambda value: [("class", value)],
    "bg": _background,
    "border": _style("border: {}; box-sizing: border-box"),
    "class": _classes,
    "color": _style("color: {}"),
    "disabled": _flag("disabled"),
    "filter": _style("filter: {}"),
    "flow": _flow,
    "frag": _fragment,
    "hidden": _flag("hidden"),
    "justify-content": _style("justify-content: {}"),
    "opacity": _style("opacity: {}"),
    "pad": _lengths("padding: {}; box-sizing: border-box"),
    "rotate": _rotation,
}
_OF_SLIDE: dict[str, Callable[[str], Pairs]] = {"bg": _background_of_slide}

HELPERS = frozenset(
    {
        *("fitText", "align-left", "align-center", "align-right", "align-justify", "stretch-column", "stretch-row"),
        *("flex-even", "arrowList", "wideTable", "noBorder", "reset-margin", "dbg"),
    }
)
"""Classes that our stylesheet knows as the plugin's does."""
SHORT_NAMES = frozenset(_MEANINGS) | {"drag", "drop", "absolute"}
