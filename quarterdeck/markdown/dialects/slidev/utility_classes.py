"""Utility classes of UnoCSS and Tailwind, as Slidev's authors write them, as declarations. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from quarterdeck.regex import regex

_STEP = 4
"""Pixels of one step of the scale."""
_SIZES = {"xs": 12, "sm": 14, "base": 16, "lg": 18, "xl": 20, "2xl": 24, "3xl": 30, "4xl": 36, "5xl": 48, "6xl": 60}
_SIZES |= {"7xl": 72, "8xl": 96, "9xl": 128}
_SHADES = {"50": "97", "100": "94", "200": "88", "300": "80", "400": "71", "500": "62", "600": "54", "700": "46"}
_SHADES |= {"800": "38", "900": "32", "950": "24"}
"""Lightness in percent."""
_HUES: Mapping[str, tuple[float, int]] = {
    # name: chroma and hue of its colours
    "gray": (0.02, 264), "slate": (0.03, 257), "zinc": (0.01, 286), "neutral": (0, 0), "stone": (0.01, 56),
    "red": (0.21, 25), "orange": (0.19, 50), "amber": (0.17, 70), "yellow": (0.17, 90), "lime": (0.2, 128),
    "green": (0.18, 148), "emerald": (0.15, 163), "teal": (0.12, 184), "cyan": (0.13, 215), "sky": (0.15, 237),
    "blue": (0.2, 260), "indigo": (0.21, 275), "violet": (0.23, 292), "purple": (0.24, 304), "pink": (0.2, 0),
    "fuchsia": (0.25, 322), "rose": (0.21, 15),
}  # fmt: skip
_WEIGHTS = {"thin": 100, "light": 300, "normal": 400, "medium": 500, "semibold": 600, "bold": 700, "extrabold": 800}
_WEIGHTS |= {"black": 900}
_PLACES = {"start": "start", "end": "end", "center": "center", "between": "space-between", "around": "space-around"}
_PLACES |= {"evenly": "space-evenly", "stretch": "stretch", "baseline": "baseline", "left": "start", "right": "end"}
_EDGES = {"": ("",), "x": ("-left", "-right"), "y": ("-top", "-bottom"), "t": ("-top",), "b": ("-bottom",)}
_EDGES |= {"l": ("-left",), "r": ("-right",)}
_WORDS: Mapping[str, str] = {
    **{name: f"display: {name}" for name in ("block", "flex", "grid", "inline-block", "inline-flex", "contents")},
    **{name: f"position: {name}" for name in ("absolute", "relative")},
    **{f"text-{name}": f"text-align: {name}" for name in ("left", "center", "right", "justify")},
    "hidden": "display: none",
    "flex-col": "flex-direction: column",
    "flex-row": "flex-direction: row",
    "flex-wrap": "flex-wrap: wrap",
    "flex-1": "flex: 1 1 0%; min-width: 0",
    "flex-auto": "flex: 1 1 auto",
    "flex-none": "flex: none",
    "flex-grow": "flex-grow: 1",
    "grow": "flex-grow: 1",
    "shrink-0": "flex-shrink: 0",
    "flex-shrink-0": "flex-shrink: 0",
    "italic": "font-style: italic",
    "underline": "text-decoration: underline",
    "line-through": "text-decoration: line-through",
    "uppercase": "text-transform: uppercase",
    "font-mono": "font-family: var(--qd-font-code)",
    "font-serif": "font-family: serif",
    "rounded": "border-radius: calc(4px * var(--qd-px, 1))",
    "rounded-md": "border-radius: calc(6px * var(--qd-px, 1))",
    "rounded-lg": "border-radius: calc(8px * var(--qd-px, 1))",
    "rounded-xl": "border-radius: calc(12px * var(--qd-px, 1))",
    "rounded-2xl": "border-radius: calc(16px * var(--qd-px, 1))",
    "rounded-full": "border-radius: 9999px",
    "shadow": "box-shadow: 0 2px 6px rgb(0 0 0 / 20%)",
    "shadow-md": "box-shadow: 0 4px 10px rgb(0 0 0 / 20%)",
    "shadow-lg": "box-shadow: 0 8px 20px rgb(0 0 0 / 20%)",
    "shadow-xl": "box-shadow: 0 16px 32px rgb(0 0 0 / 20%)",
    "border": "border: 1px solid var(--qd-line)",
    "border-2": "border: 3px solid var(--qd-line)",
    "overflow-hidden": "overflow: hidden",
    "overflow-auto": "overflow: auto",
    "object-cover": "object-fit: cover",
    "object-contain": "object-fit: contain",
    "mx-auto": "margin-left: auto; margin-right: auto",
    "m-auto": "margin: auto",
    "ml-auto": "margin-left: auto",
    "mr-auto": "margin-right: auto",
    "mt-auto": "margin-top: auto",
    "inset-0": "inset: 0",
    "whitespace-nowrap": "white-space: nowrap",
    "text-white": "color: #fff",
    "text-black": "color: #000",
    "bg-white": "background: #fff",
    "bg-black": "background: #000",
    "bg-main": "background: var(--qd-paper)",
    "leading-tight": "line-height: 1.25",
    "leading-snug": "line-height: 1.375",
    "leading-relaxed": "line-height: 1.6",
    "list-none": "list-style: none",
    "self-center": "align-self: center",
    "place-items-center": "place-items: center",
    "place-content-center": "place-content: center",
    "text-primary": "color: var(--qd-accent)",
}
_NUMBER = r"(\d+(?:\.\d+)?|px)"


def _length(value: str) -> str:
    """A number of the scale, a fraction, a name or what stands in brackets."""
    if value.startswith("[") and value.endswith("]"):
        inner = value[1:-1].replace("_", " ")
        found = re.fullmatch(r"([\d.]+)px", inner)
        return f"calc({found[1]}px * var(--qd-px, 1))" if found else inner
    if fraction := re.fullmatch(r"(\d+)/(\d+)", value):
        return f"{100 * int(fraction[1]) / max(int(fraction[2]), 1):.4g}%"
    if pixels := re.fullmatch(r"([\d.]+)px", value):
        return f"calc({pixels[1]}px * var(--qd-px, 1))"
    if re.fullmatch(r"[\d.]+(?:%|em|rem|vh|vw)", value):
        return value.replace("rem", "em")
    if re.fullmatch(r"\d+(?:\.\d+)?", value):
        return f"calc({float(value) * _STEP:g}px * var(--qd-px, 1))" if float(value) else "0"
    return _NAMED.get(value, "")


_NAMED = {"full": "100%", "screen": "100%", "auto": "auto", "px": "1px", "fit": "fit-content", "max": "max-content"}


def _colour(name: str) -> str:
    base, _, alpha = name.partition("/")
    hue, _, shade = base.rpartition("-")
    if hue not in _HUES and base in _HUES:
        hue, shade = base, "500"
    if hue not in _HUES or shade not in _SHADES:
        return base[1:-1] if re.fullmatch(r"\[(?:#|rgb|hsl|var).*\]", base) else ""
    opacity = f" / {alpha}%" if alpha.isdigit() else ""
    drawn = _drawn(hue, shade, opacity)
    return f"light-dark({drawn}, {_drawn(hue, _IN_THE_DARK[shade], opacity)})" if shade in _IN_THE_DARK else drawn


_IN_THE_DARK = {"50": "950", "100": "900", "200": "800", "700": "300", "800": "200", "900": "100", "950": "50"}
"""Very light and very dark colours change places in a dark room: what stands on them does too."""


def _drawn(hue: str, shade: str, opacity: str) -> str:
    chroma, angle = _HUES[hue]
    faint = 0.35 if shade in ("50", "100", "200", "900", "950") else 1
    return f"oklch({_SHADES[shade]}% {chroma * faint:.3g} {angle}{opacity})"


def _edges(prefix: str) -> Callable[[re.Match[str]], str]:
    def meaning(found: re.Match[str]) -> str:
        length = _length(found[3])
        if not length:
            return ""
        length = f"calc(-1 * {length})" if found[1] else length
        return "; ".join(f"{prefix}{edge}: {length}" for edge in _EDGES[found[2]])

    return meaning


def _sized(*names: str) -> Callable[[re.Match[str]], str]:
    def meaning(found: re.Match[str]) -> str:
        length = _length(found[1])
        return "; ".join(f"{name}: {length}" for name in names) if length else ""

    return meaning


def _placed(found: re.Match[str]) -> str:
    length = _length(found[3])
    return f"{found[2]}: {f'calc(-1 * {length})' if found[1] else length}" if length else ""


def _coloured(name: str) -> Callable[[re.Match[str]], str]:
    def meaning(found: re.Match[str]) -> str:
        colour = _colour(found[1])
        return f"{name}: {colour}" if colour else ""

    return meaning


def _text(found: re.Match[str]) -> str:
    if found[1] in _SIZES:
        return f"font-size: calc({_SIZES[found[1]]}px * var(--qd-px, 1)); line-height: 1.35"
    if colour := _colour(found[1]):
        return f"color: {colour}"
    length = _length(found[1]) if found[1][:1] in "[0123456789" else ""
    return f"font-size: {length}" if length else ""


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (regex(pattern), meaning)
    for pattern, meaning in (
        (r"grid-cols-(\d+)", lambda found: f"grid-template-columns: repeat({found[1]}, minmax(0, 1fr))"),
        (r"grid-cols-\[(.+)\]", lambda found: f"grid-template-columns: {found[1].replace('_', ' ')}"),
        (r"grid-rows-(\d+)", lambda found: f"grid-template-rows: repeat({found[1]}, minmax(0, 1fr))"),
        (r"col-span-(\d+)", lambda found: f"grid-column: span {found[1]}"),
        (r"col-span-full", lambda _found: "grid-column: 1 / -1"),
        (r"row-span-(\d+)", lambda found: f"grid-row: span {found[1]}"),
        (r"gap-x-(\S+)", _sized("column-gap")),
        (r"gap-y-(\S+)", _sized("row-gap")),
        (r"space-x-(\S+)", _sized("column-gap")),
        (r"items-(\w+)", lambda found: f"align-items: {_PLACES.get(found[1], found[1])}"),
        (r"justify-(\w+)", lambda found: f"justify-content: {_PLACES.get(found[1], found[1])}"),
        (r"content-(\w+)", lambda found: f"align-content: {_PLACES.get(found[1], found[1])}"),
        (rf"opacity-{_NUMBER}", lambda found: f"opacity: {float(found[1]) / 100:g}"),
        (rf"op-?{_NUMBER}", lambda found: f"opacity: {float(found[1]) / 100:g}"),
        (r"z-(\d+)", lambda found: f"z-index: {found[1]}"),
        (r"font-(\w+)", lambda found: f"font-weight: {_WEIGHTS[found[1]]}" if found[1] in _WEIGHTS else ""),
        (r"(-?)m([xytblr]?)-(\S+)", _edges("margin")),
        (r"(-?)p([xytblr]?)-(\S+)", _edges("padding")),
        (r"w-(\S+)", _sized("width")),
        (r"h-(\S+)", _sized("height")),
        (r"size-(\S+)", _sized("width", "height")),
        (r"max-w-(\S+)", _sized("max-width")),
        (r"max-h-(\S+)", _sized("max-height")),
        (r"min-w-(\S+)", _sized("min-width")),
        (r"min-h-(\S+)", _sized("min-height")),
        (r"(-?)(top|left|right|bottom)-(\S+)", _placed),
        (r"abs-b([lr])", lambda found: f"position: absolute; bottom: 0; {'left' if found[1] == 'l' else 'right'}: 0"),
        (r"abs-t([lr])", lambda found: f"position: absolute; top: 0; {'left' if found[1] == 'l' else 'right'}: 0"),
        (r"text-(\S+)", _text),
        (r"bg-(\S+)", _coloured("background")),
        (r"border-(\S+)", _coloured("border-color")),
        (r"rotate-(\d+)", lambda found: f"rotate: {found[1]}deg"),
        (r"scale-(\d+)", lambda found: f"scale: {int(found[1]) / 100:g}"),
    )
)


def declarations(classes: Iterable[str]) -> str:
    """What the classes say, as CSS; those that say nothing here, or only on hover or in the dark, say nothing."""
    return "; ".join(filter(None, map(_meaning, classes)))


def _meaning(name: str) -> str:
    name = name.removeprefix("!")
    if name in _WORDS:
        return _WORDS[name]
    if name.startswith("gap-") and not name.startswith(("gap-x", "gap-y")):
        return f"gap: {_length(name[4:])}" if _length(name[4:]) else ""
    for pattern, meaning in _PATTERNS:
        if found := pattern.fullmatch(name):
            return meaning(found)
    return ""
