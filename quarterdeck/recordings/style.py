"""Styles of terminal text: what a sequence of colours means, and rows of equally styled runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any
from unicodedata import category, east_asian_width

from msgspec import Struct
from msgspec.structs import replace


class Style(Struct, frozen=True, kw_only=True):
    fg: str = ""
    """Empty: the terminal's own; a number from 0 to 15: one of its palette; else `#rrggbb`."""
    bg: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False
    link: str = ""
    """An http or https address."""
    role: str = ""
    """`prompt` or `command`, where it is what was typed; empty for output."""
    hole: str = ""
    """Name of the captured value that stands in a command."""


Run = tuple[str, Style]
Row = tuple[Run, ...]
"""One line: runs of text, neighbours always of different style, no empty text."""

PLAIN = Style()
PROMPT = Style(role="prompt")
COMMAND = Style(role="command")
STYLE_BASE = 5_000
"""A style's number in a table is told to the emulator as two, to this base."""

_FLAGS: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}
_LEVELS = (0, 95, 135, 175, 215, 255)


def merged(runs: Iterable[Run]) -> Row:
    return tuple(
        (text, style)
        for style, group in groupby(runs, key=lambda run: run[1])
        if (text := "".join(part for part, _ in group))
    )


def text_of(row: Row) -> str:
    return "".join(text for text, _ in row)


@lru_cache(maxsize=4096)
def width(char: str) -> int:
    """Cells that a character takes: 0, 1 or 2."""
    if char.isascii():
        return 1
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=4096)
def indexed(number: int) -> str:
    """A colour of the palette of 256, by number; empty where there is none."""
    if not 0 <= number < 256:
        return ""
    if number < 16:
        return str(number)
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    red, rest = divmod(number - 16, 36)
    green, blue = divmod(rest, 6)
    return f"#{_LEVELS[red]:02x}{_LEVELS[green]:02x}{_LEVELS[blue]:02x}"


@lru_cache(maxsize=4096)
def styled(style: Style, parameters: str) -> Style:
    """The style after `CSI parameters m`; colons may stand for semicolons inside of one attribute."""
    groups = [[int(word) if word.isdecimal() else None for word in part.split(":")] for part in parameters.split(";")]
    at = 0
    while at < len(groups):
        first, *sub = groups[at]
        code = first or 0
        at += 1
        if code == 0:
            style = replace(PLAIN, link=style.link, role=style.role)
        elif code == 4 and sub:
            style = replace(style, underline=sub[0] != 0)
        elif code in _FLAGS:
            style = replace(style, **_FLAGS[code])
        elif code in (38, 48, 58):
            if not sub:
                sub = [group[0] for group in groups[at : at + 4]]
                at += _taken(sub)
            colour = _colour(sub)
            if colour and code != 58:
                style = replace(style, fg=colour) if code == 38 else replace(style, bg=colour)
        else:
            style = _palette(style, code)
    return style


def _palette(style: Style, code: int) -> Style:
    if 30 <= code <= 37 or 90 <= code <= 97:
        return replace(style, fg=str(code - 30 if code < 90 else code - 82))
    if 40 <= code <= 47 or 100 <= code <= 107:
        return replace(style, bg=str(code - 40 if code < 100 else code - 92))
    if code == 39:
        return replace(style, fg="")
    return replace(style, bg="") if code == 49 else style


def _taken(parts: list[int | None]) -> int:
    """How many attributes after 38, 48 or 58 belong to it."""
    return {5: 2, 2: 4}.get(parts[0] or 0, 1) if parts else 0


def _colour(parts: list[int | None]) -> str:
    match parts:
        case [5, int() as number, *_]:
            return indexed(number)
        case [2, _, int() as red, int() as green, int() as blue, *_]:  # a colour space may come first
            pass
        case [2, int() as red, int() as green, int() as blue]:
            pass
        case _:
            return ""
    if max(red, green, blue) > 255:
        return ""
    return f"#{red:02x}{green:02x}{blue:02x}"
