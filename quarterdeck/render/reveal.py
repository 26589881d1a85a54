"""Options of `Reveal.initialize` for a deck. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.render.words import direction

COMMON: Mapping[str, Any] = {
    "hash": True,
    "slideNumber": "c/t",
    "postMessage": False,  # another page must not be able to move the deck
    "pdfSeparateFragments": False,
}
OURS: Mapping[str, Any] = {
    "width": 1600,
    "height": 900,
    "margin": 0,  # the theme keeps its own
    "center": False,
    "controls": True,  # shown to fingers only
    "transition": "fade",
    "transitionSpeed": "fast",
}
"""Where the theme is of our kind; reveal's own themes keep reveal's canvas and habits."""
CANVAS = (960, 700)
"""Reveal's own width and height."""
REVEALS: Mapping[str, Any] = dict(zip(("width", "height"), CANVAS, strict=True))


def reveal_options(options: DeckOptions, *, ours: bool) -> dict[str, Any]:
    """Ours, then what the front matter says, then what it says under `reveal:`."""
    chosen = {name: getattr(options, name) for name in ("transition", "width", "height", "margin", "center")}
    if direction(options.lang) == "rtl":
        chosen["rtl"] = True
    if options.minutes:
        chosen["totalTime"] = round(options.minutes * 60)
    base = {**COMMON, **(OURS if ours else REVEALS), **{k: v for k, v in chosen.items() if v is not None}}
    return {**base, **_shape(options, canvas(base)), **options.reveal}


def _shape(options: DeckOptions, size: tuple[int, int]) -> dict[str, int]:
    """The side that `aspect` gives: the width, unless that is what the author chose."""
    if not options.aspect or (options.width and options.height):
        return {}
    wide, high = map(int, options.aspect.split(":"))
    width, height = size
    return {"height": round(width * high / wide)} if options.width else {"width": round(height * wide / high)}


def canvas(reveal: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height of the deck's slides in CSS pixels; reveal's own where they are no numbers."""
    width, height = reveal.get("width", CANVAS[0]), reveal.get("height", CANVAS[1])
    return (int(width), int(height)) if isinstance(width, int | float) and isinstance(height, int | float) else CANVAS
