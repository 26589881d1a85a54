"""Slidev: front matter for each slide, slots, clicks as tags, notes in the last comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Separator
from quarterdeck.markdown.dialects.common import speaker_notes, styles
from quarterdeck.markdown.dialects.slidev import clicks, code, components, front_matter, layouts
from quarterdeck.markdown.dialects.slidev.front_matter import OWN_KEYS, head_end
from quarterdeck.regex import regex

_THEMES = frozenset(
    {"seriph", "apple-basic", "bricks", "shibainu", "geist", "penguin", "neversink", "academic", "unicorn", "purplin"}
)
_OWN_WORDS = regex(
    r"^---[ \t]*\n(?:\w+:.*\n)*?(?:(?:layout|clicks|routeAlias|src|level):[ \t]*(?!true|false)\S.*|hideInToc:.*)\n"
    r"(?:\w+:.*\n|[ \t]*\n)*?---[ \t]*$"
    r"|^::right::|^[ \t]*(?:[-*+] )?<v-clicks?\b|^<<< @/",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    theme = str(evidence.front.get("theme", ""))
    if "xaringan" in str(evidence.front.get("output", "")):
        return False
    own = bool(OWN_KEYS & evidence.keys) or theme in _THEMES or "slidev" in theme
    return own or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterator[Separator]:
    """A rule begins a slide; one with front matter below it is the slide's own first line."""
    until = 0
    for separator in cutting.separators:
        if separator.first < until:
            continue
        end = head_end(cutting.lines, separator.first)
        if end:
            yield Separator(first=separator.first, last=separator.first - 1)
            until = end
        else:
            yield separator


SLIDEV = Dialect(
    name="slidev",
    title="Slidev",
    marks=_marks,
    separator=r"^---+[ \t]*$",
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        lambda md: styles.install(md, alone=True),
        front_matter.install,
        layouts.install,
        code.install,
        clicks.install,
        components.install,
        styles.install_pixels,
        lambda md: speaker_notes.comments_are_notes(md, heard=lambda _text, _draft, _span: False, last_only=True),
        speaker_notes.install,
    ),
    keys=front_matter.KEYS,
    tolerant=True,
    heads_slides=True,
    sources=regex(r"^<<<[ \t]+(?P<path>[^\s#{]+)", re.MULTILINE),
    included=front_matter.included,
)
