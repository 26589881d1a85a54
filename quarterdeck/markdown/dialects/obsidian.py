"""Obsidian's Advanced Slides and Slides Extended: our own dialect grew out of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quarterdeck.markdown.dialects.base import Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.dialects.looks import STYLE_OF_CODE, THEME
from quarterdeck.markdown.rules import html_text, lone_images, stray_notes
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


def _minutes(seconds: Any) -> float | None:
    """Of the time bar, which counts seconds."""
    try:
        return float(seconds) / 60 if float(seconds) > 0 else None
    except (TypeError, ValueError):
        return None


_NO_PLUGIN = no_effect("there is no such plugin here; a script under 'scripts' may bring it")
_IN_FRONT = Key()
"""What the slides have from the front matter itself."""
_KEYS = {
    "bg": _IN_FRONT,
    "defaultTemplate": _IN_FRONT,
    "enableAudioSlideshow": _NO_PLUGIN,
    "enableChalkboard": _NO_PLUGIN,
    "enableCustomControls": _NO_PLUGIN,
    "enableLinks": _IN_FRONT,
    "enableMenu": no_effect("Esc shows all slides, Ctrl-Shift-F searches them"),
    "enableOverview": no_effect("Esc always shows all slides"),
    "enablePointer": _NO_PLUGIN,
    "enableTimeBar": no_effect("the speaker view (key s) shows the time; 'minutes' sets its clock"),
    "highlightTheme": STYLE_OF_CODE,
    "log": no_effect(),
    "markdown": no_effect("Markdown is always CommonMark with the extensions of the guide"),
    "mathEngine": no_effect("there is one engine only"),
    "remoteCSS": no_effect("put the stylesheet beside the talk and name it under 'css'"),
    "remoteScripts": no_effect("put the script beside the talk and name it under 'scripts'"),
    "showGrid": _IN_FRONT,
    "template": no_effect("a theme may bring templates"),
    "theme": THEME,
    "timeForPresentation": Key(to="minutes", value=_minutes),
}

OBSIDIAN = Dialect(
    name="obsidian",
    title="Advanced Slides",
    marks=_marks,
    below="--",
    tolerant=True,
    embeds=True,
    carried=_carried,
    keys=_KEYS,
    rules=(lone_images.install_for_slides, html_text.install, stray_notes.install),
)
