"""Where the pictures and URLs of a slide lead, as the deck's page names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from msgspec.structs import replace

from quarterdeck.model import Diagnostic, Icon, Image, Reference, Slot, Snippet
from quarterdeck.project.assets import AssetCollection, LookupPlace, Missing, is_external
from quarterdeck.render.frame import FramedPage
from quarterdeck.render.icons import draw, sources
from quarterdeck.render.slots import Target
from quarterdeck.snippets.plan import Job

TO_ROOT = "../"
"""From a deck's page to the root of the site."""


def resolve(
    slot: Slot, *, place: LookupPlace, assets: AssetCollection, talks: Mapping[Path, str]
) -> tuple[Target | None, Diagnostic | None]:
    """The target of a slot, whose file becomes an asset, and what is wrong with it. `talks`: deck names by file."""
    if isinstance(slot, Snippet):
        return None, None
    if isinstance(slot, Icon):
        drawing, unknown = draw(slot)
        assets.read.update(sources(slot))
        return Target(url="", drawing=drawing), unknown
    if slot.target.lower().startswith("file:"):
        slot = replace(slot, target=_path_of(slot.target), wiki=False)
    if is_external(slot.target):
        return Target(url=slot.target), None
    parts = urlsplit(slot.target)
    if isinstance(slot, Reference) and not slot.required:
        name = talks.get((place.folder / unquote(parts.path)).resolve())
        if name is not None:
            return Target(url=f"{TO_ROOT}{quote(name)}/{_fragment(parts.fragment)}"), None
    found = assets.locate(slot.target, wiki=slot.wiki, place=place)
    if isinstance(found, Missing) and not slot.wiki and (place.vault / ".obsidian").is_dir():
        for target in dict.fromkeys((slot.target, unquote(parts.path))):  # in a vault, paths may begin at its root
            named = assets.locate(target, wiki=True, place=place)
            found = named if isinstance(found, Missing) and not isinstance(named, Missing) else found
    if isinstance(found, Missing):
        return _missing(slot, found)
    asset = assets.add(found)
    fragment = "" if slot.wiki else _fragment(parts.fragment)
    return Target(url=f"{TO_ROOT}{asset.url}{fragment}", width=asset.width, height=asset.height), None


def _path_of(url: str) -> str:
    """Of a `file:` URL."""
    path = unquote(urlsplit(url).path)
    return path.lstrip("/") if re.match(r"/+[A-Za-z]:/", path) else path


def _missing(slot: Image | Reference, missing: Missing) -> tuple[Target, Diagnostic | None]:
    problem = Diagnostic(code=missing.code, message=missing.message, span=slot.span, hint=missing.hint)
    if isinstance(slot, Image):
        return Target(url="", missing=missing.message), problem
    return Target(url=slot.target), problem if slot.required else None


def _fragment(fragment: str) -> str:
    return f"#{fragment}" if fragment else ""


def frame_of(
    job: Job, *, picture: Path, place: LookupPlace, assets: AssetCollection
) -> tuple[FramedPage | None, Diagnostic | None]:
    """The page that a snippet's slide frames, with the still that stands for it, and what is wrong with that.

    The still is its author's, else the `picture` that was taken when the snippet was recorded.
    """
    options = job.options
    if not options.display.frame:
        return None, None
    path = picture
    assets.read.add(path)
    if options.display.still:
        found = assets.locate(options.display.still, wiki=False, place=place)
        if isinstance(found, Missing):
            span = next(option.span for option in job.snippet.options if option.key == "still")
            return FramedPage(url=options.display.frame), Diagnostic(
                code=found.code, message=found.message, span=span, hint=found.hint
            )
        path = found
    if not path.is_file():
        return FramedPage(url=options.display.frame), None
    asset = assets.add(path)
    return FramedPage(
        url=options.display.frame, still=TO_ROOT + asset.url, width=asset.width, height=asset.height
    ), None
