"""The types of callouts, with the colour and the icon of each. Pure."""

from __future__ import annotations

_TYPES = {
    # names: colour, icon
    "note": ("default", "pencil"),
    "abstract summary tldr": ("2", "clipboard-list"),
    "info": ("1", "circle-info"),
    "todo": ("1", "circle-check"),
    "tip hint important": ("2", "fire"),
    "success check done": ("3", "check"),
    "question help faq": ("4", "circle-question"),
    "warning caution attention": ("5", "triangle-exclamation"),
    "failure fail missing": ("6", "xmark"),
    "danger error": ("7", "bolt"),
    "bug": ("7", "bug"),
    "example": ("8", "list"),
    "quote cite": ("9", "quote-left"),
}
_KNOWN = {name: look for names, look in _TYPES.items() for name in names.split()}


def look_of(kind: str) -> tuple[str, str]:
    """Colour and icon."""
    return _KNOWN.get(kind.strip().lower(), ("default", "pencil"))


def classes_of(kind: str) -> str:
    colour, _ = look_of(kind)
    return f"callout callout-color{'-' * colour.isalpha()}{colour}"
