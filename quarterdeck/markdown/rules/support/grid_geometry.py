"""`drag="60 55"` and `drop="5 10"`: how large a grid is and where it stands, as CSS. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from quarterdeck.regex import regex

_LENGTH = r"(-?(?:\d+(?:\.\d*)?|\.\d+))\s*(px|%|em|rem|v[wh])?"
_PAIR = regex(rf"{_LENGTH}(?:(?:\s*x\s*|\s*,\s*|\s+){_LENGTH})?", re.IGNORECASE)
_NAMES = {
    # name: part of the free room that lies to the left and above
    "topleft": (0, 0), "top": (0.5, 0), "topright": (1, 0),
    "left": (0, 0.5), "center": (0.5, 0.5), "right": (1, 0.5),
    "bottomleft": (0, 1), "bottom": (0.5, 1), "bottomright": (1, 1),
}  # fmt: skip
_SIZE = "50 100"
"""Of a grid with a place and no size."""


class _Length(Struct, frozen=True):
    number: float
    unit: str

    def __str__(self) -> str:
        return f"{round(self.number, 3):g}{self.unit}" if self.number else "0"


def place_of(written: Mapping[str, str]) -> tuple[str, str]:
    """CSS for `drag`, `drop` and `absolute`, nothing where there is no place; and the name of one that cannot be read.

    Lengths are percents of the box around, or pixels where they say so; `absolute` measures by the slide.
    """
    if "drop" not in written:
        return "", "drag" if "drag" in written and not _PAIR.fullmatch(written["drag"].strip()) else ""
    size = _PAIR.fullmatch(written.get("drag", "").strip() or _SIZE)
    if size is None:
        return "", "drag"
    absolute = written.get("absolute", "false") != "false"
    width, height = (_length(size, group, axis, absolute) for group, axis in ((1, "width"), (3, "height")))
    drop = written["drop"].strip()
    if (named := _NAMES.get(re.sub(r"[\s_-]+", "", drop.lower()))) is not None:
        left, top = (_share(part, length) for part, length in zip(named, (width, height), strict=True))
    else:
        place = _PAIR.fullmatch(drop)
        if place is None:
            return "", "drop"
        left = _start(_length(place, 1, "width", absolute), width)
        top = _start(_length(place, 3, "height", absolute), height)
    sizes = (("width", width), ("height", height))
    sized = "".join(f"; {name}: {length}" for name, length in sizes if length)
    return f"left: {left}; top: {top}{sized}", ""


def _length(pair: re.Match[str], group: int, axis: str, absolute: bool) -> _Length | None:
    if pair[group] is None:
        return None
    number, unit = float(pair[group]), (pair[group + 1] or "").lower()
    if absolute and not unit:
        # of the slide, whatever the box around is; more than a hundred can only be meant as pixels
        unit = "px" if abs(number) > 100 else f"cq{axis[0]}"
    return _Length(number, unit or "%")


def _share(part: float, length: _Length | None) -> str:
    if length is None or not part:
        return "0"
    if length.unit == "%":
        return str(_Length((100 - length.number) * part, "%"))
    return f"calc((100% - {length}) * {part:g})"


def _start(place: _Length | None, length: _Length | None) -> str:
    """From the left or the top; what is negative counts from the other side, and ends at the edge of the slide.

    The plugin puts such a grid outside of the slide, where wide windows still show it; a slide that fills the window
    would cut its words.
    """
    if place is None:
        return "0"
    if place.number >= 0:
        return str(place)
    behind = length or _Length(0, "%")
    if place.unit == behind.unit == "%":
        start = 100 + place.number - behind.number
        return str(_Length(start if behind.number > 100 else max(start, 0), "%"))
    return f"calc(100% - {_Length(-place.number, place.unit)} - {behind})"
