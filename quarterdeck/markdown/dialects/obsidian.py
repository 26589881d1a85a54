"""Obsidian's Advanced Slides and Slides Extended: our own dialect grew out of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quarterdeck.markdown.dialects.base import Dialect, Evidence
from quarterdeck.markdown.rules import lone_images
from quarterdeck.markdown.rules.shared import shared_attributes
from quarterdeck.model import Attrs

_OWN_KEYS = frozenset(
    {
        *("defaultTemplate", "enableAudioSlideshow", "enableChalkboard", "enableCustomControls", "enableLinks"),
        *("enableMenu", "enableOverview", "enablePointer", "enableTimeBar", "remoteCSS", "remoteScripts", "showGrid"),
    }
)
_OWN_WORDS = re.compile(
    r"<(?:grid|split)[ \t>]|^:::[ \t]*block\b|<!--[ \t]*(?:slide|element)[ \t:]|^<%\??[ \t]", re.MULTILINE
)


def _marks(evidence: Evidence) -> bool:
    return bool(_OWN_KEYS & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What every slide has from the front matter: the talk's background, and lines to place grids by."""
    ground, lined = front.get("bg"), front.get("showGrid") is True
    written = [("bg", ground)] if isinstance(ground, str) else []
    found = dict(shared_attributes(written, slide=True).attributes)
    classes = [found.pop("class", ""), "qd-transparent" * (ground == "transparent"), "qd-lined" * lined]
    if any(classes):
        found["class"] = " ".join(filter(None, classes))
    yield from (tuple(found.items()) for _ in texts)


OBSIDIAN = Dialect(
    name="obsidian",
    title="Advanced Slides",
    marks=_marks,
    below="--",
    tolerant=True,
    embeds=True,
    carried=_carried,
    rules=(lone_images.install_for_slides,),
)
