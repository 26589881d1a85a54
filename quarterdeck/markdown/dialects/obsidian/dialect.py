"""Obsidian's Advanced Slides and Slides Extended: our own dialect grew out of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.dialects.base import Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.dialects.common.theme_keys import STYLE_OF_CODE, THEME
from quarterdeck.markdown.dialects.obsidian import html_text
from quarterdeck.markdown.rules import lone_images
from quarterdeck.markdown.rules.support.shorthands import read_shorthands
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.model import Attrs
from quarterdeck.regex import regex

_OWN_KEYS = frozenset(
    {
        *("defaultTemplate", "enableAudioSlideshow", "enableChalkboard", "enableCustomControls", "enableLinks"),
        *("enableMenu", "enableOverview", "enablePointer", "enableTimeBar", "remoteCSS", "remoteScripts", "showGrid"),
    }
)
_OWN_WORDS = regex(
    r"<(?:grid|split)[ \t>]|^:::[ \t]*block\b|<!--[ \t]*(?:slide|element)[ \t:]|^<%\??[ \t]", re.MULTILINE
)
_STRAY_NOTE = regex(r"(?<=\S)[ \t]+note:(?=\s|$)", re.MULTILINE)


def _marks(evidence: Evidence) -> bool:
    return bool(_OWN_KEYS & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What every slide has from the front matter: the talk's background, and lines to place grids by."""
    ground, lined = front.get("bg"), front.get("showGrid") is True
    written = [("bg", ground)] if isinstance(ground, str) else []
    found = dict(read_shorthands(written, slide=True).attributes)
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


def _stray_notes(md: MarkdownIt) -> None:
    md.core.ruler.before("text_join", "stray_notes", stray_notes)


def stray_notes(state: StateCore) -> None:
    """Reports `note:` in the middle of a line, which Advanced Slides takes for the start of speaker notes."""
    draft = draft_of(state.env)
    if draft.first or "note:" not in state.src:
        return  # in the notes themselves it is a word like any other
    for token in state.tokens:
        if token.type != "inline" or "note:" not in token.content:
            continue
        if not any(child.type == "text" and _STRAY_NOTE.search(f"x{child.content}") for child in token.children or ()):
            continue  # in code
        for found in _STRAY_NOTE.finditer(token.content):
            at = found.end() - len("note:")
            span = draft.in_content(token, token.content, at, len("note:"))
            message = "'note:' in the middle of a line is text, and begins no speaker notes"
            draft.report("M212", message, span, "notes begin with it at the start of a line")


OBSIDIAN = Dialect(
    name="obsidian",
    title="Advanced Slides",
    marks=_marks,
    below="--",
    tolerant=True,
    embeds=True,
    carried=_carried,
    keys=_KEYS,
    rules=(lone_images.install_for_slides, html_text.install, _stray_notes),
)
