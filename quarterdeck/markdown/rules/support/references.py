"""Addresses on a slide that are files of the talk: each leaves a mark in its place, and a slot."""

from __future__ import annotations

import re

from quarterdeck.markdown.rules.support.image_slots import PICTURES, is_local
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import Reference, Span
from quarterdeck.project.stylesheets import with_files_renamed
from quarterdeck.regex import regex

_LISTS = frozenset(("data-background-image", "data-background-video", "srcset", "data-srcset"))
"""Attributes that hold more than one address, with commas between."""
_REQUIRED = frozenset((
    *_LISTS, "src", "poster", "data", "data-src", "data-background-iframe", "data-audio-src", "xlink:href",
    "data-preview-image", "data-preview-video",
))  # fmt: skip
_LOOSE = frozenset(("href", "data-preview-link"))
"""A target that is no file is no mistake here."""
_EXTERNAL = regex(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_ENDS_A_FILE = regex(r"(?:\.\w{2,5}(?:[?#]\S*)?|\]\])(?:\s+[\d.]+[wxh])?\s*$")
_WIKI = regex(r"\s*!?\[\[([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]\s*")


def attribute_value(name: str, value: str, draft: SlideDraft, span: Span, *, tag: str = "") -> str:
    """The value with a mark in place of each local file that it refers to."""
    name = name.lower()
    if name == "style":
        return css(value, draft, span)
    if name == "data-background" and not _is_file(value):
        return value
    if name in _LISTS and not value.lstrip().startswith("data:"):
        return _several(value, draft, span)
    if name in _REQUIRED or name in _LOOSE or name == "data-background":
        required = name not in _LOOSE or tag in ("link", "image", "use")
        return _reference(value, draft, span, required=required)
    return value


def css(text: str, draft: SlideDraft, span: Span) -> str:
    """CSS with a mark in place of each local file that it names."""

    def marked(target: str) -> str | None:
        value = _reference(target, draft, span)
        return None if value == target else value

    return with_files_renamed(text, marked, remote_imports=True)


def _reference(value: str, draft: SlideDraft, span: Span, *, required: bool = True) -> str:
    wiki = _WIKI.fullmatch(value)
    if wiki:
        return draft.add(Reference(target=wiki[1].strip(), wiki=True, span=span))
    target = value.strip()
    if not is_local(target) or "\0" in target:
        return value
    return draft.add(Reference(target=target, required=required, span=span))


def _several(value: str, draft: SlideDraft, span: Span) -> str:
    """Each address of the list; what stands behind one, as `2x` does in `srcset`, stays."""
    parts = []
    for part in _addresses(value):
        lead = part[: len(part) - len(part.lstrip())]
        address, size = part.strip(), ""
        if found := re.fullmatch(r"(.*\S)(\s+[\d.]+[wxh])", address):
            address, size = found[1], found[2]
        parts.append(f"{lead}{_reference(address, draft, span)}{size}")
    return ",".join(parts)


def _addresses(value: str) -> list[str]:
    """What stands between the commas of a list, but for commas that belong to a name: `a, b.png` is one address."""
    found: list[str] = []
    for piece in value.split(","):
        if found and not _is_whole(found[-1], piece):
            found[-1] = f"{found[-1]},{piece}"
        else:
            found.append(piece)
    return found


def _is_whole(address: str, following: str) -> bool:
    if address.count("[[") > address.count("]]"):
        return False
    if _EXTERNAL.match(address):
        return following[:1].isspace() or _EXTERNAL.match(following) is not None
    return _ENDS_A_FILE.search(address) is not None


def _is_file(value: str) -> bool:
    path = value.strip().partition("?")[0].partition("#")[0] if not value.startswith("#") else ""
    return bool(_WIKI.fullmatch(value)) or f".{path.rpartition('.')[2].lower()}" in PICTURES
