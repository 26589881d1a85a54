"""How bright a CSS colour is. Pure."""

from __future__ import annotations

from typing import Any

from tinycss2 import color4

_FAINT = 0.5
"""What lets more of the ground shine through than this says nothing about its brightness."""


def brightness(colour: str) -> float | None:
    """From 0 to 1 as eyes see it; None for what is no colour of the screen's, or one that shows what lies under it."""
    found: Any = color4.parse_color(colour)  # its type stubs know no attributes
    if found is None or isinstance(found, str) or found.space not in ("srgb", "hsl", "hwb") or found.alpha < _FAINT:
        return None
    red, green, blue = (min(max(part or 0.0, 0.0), 1.0) for part in found.to("srgb").coordinates)
    return 0.299 * red + 0.587 * green + 0.114 * blue
