"""Where the pictures and URLs of a slide lead, as the deck's page names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from quarterdeck.assets import Missing, Place, Shelf, is_external
from quarterdeck.icons import draw, sources
from quarterdeck.model import Diagnostic, Icon, Image, Reference, Slot, Snippet
from quarterdeck.render.slots import Target

TO_ROOT = "../"
"""From a deck's page to the root of the site."""


def resolve(
    slot: Slot, *, place: Place, shelf: Shelf, talks: Mapping[Path, str]
) -> tuple[Target | None, Diagnostic | None]:
    """The target of a slot and what is wrong with it; the file goes to the shelf. `talks`: deck names by file."""
    if isinstance(slot, Snippet):
        return None, None
    if isinstance(slot, Icon):
        drawing, unknown = draw(slot)
        shelf.read.update(sources(slot))
        return Target(url="", drawing=drawing), unknown
    if is_external(slot.target):
        return Target(url=slot.target), None
    parts = urlsplit(slot.target)
    if isinstance(slot, Reference) and not slot.required:
        name = talks.get((place.folder / unquote(parts.path)).resolve())
        if name is not None:
            return Target(url=f"{TO_ROOT}{quote(name)}/{_fragment(parts.fragment)}"), None
    found = shelf.locate(slot.target, wiki=slot.wiki, place=place)
    if isinstance(found, Missing) and not slot.wiki and (place.vault / ".obsidian").is_dir():
        named = shelf.locate(slot.target, wiki=True, place=place)  # in a vault, paths may begin at its root
        found = found if isinstance(named, Missing) else named
    if isinstance(found, Missing):
        return _missing(slot, found)
    asset = shelf.add(found)
    fragment = "" if slot.wiki else _fragment(parts.fragment)
    return Target(url=f"{TO_ROOT}{asset.url}{fragment}", width=asset.width, height=asset.height), None


def _missing(slot: Image | Reference, missing: Missing) -> tuple[Target, Diagnostic | None]:
    problem = Diagnostic(code=missing.code, message=missing.message, span=slot.span, hint=missing.hint)
    if isinstance(slot, Image):
        return Target(url="", missing=missing.message), problem
    return Target(url=slot.target), problem if slot.required else None


def _fragment(fragment: str) -> str:
    return f"#{fragment}" if fragment else ""
