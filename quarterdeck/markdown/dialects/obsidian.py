"""Obsidian's Advanced Slides and Slides Extended: our own dialect grew out of theirs."""

from __future__ import annotations

import re

from quarterdeck.markdown.dialects.base import Dialect, Evidence
from quarterdeck.markdown.rules import lone_images

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


OBSIDIAN = Dialect(
    name="obsidian",
    title="Advanced Slides",
    marks=_marks,
    below="--",
    tolerant=True,
    embeds=True,
    rules=(lone_images.install_for_slides,),
)
