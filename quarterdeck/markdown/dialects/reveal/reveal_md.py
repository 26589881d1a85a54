"""reveal-md: reveal.js' Markdown with front matter; `----` begins a slide below."""

from __future__ import annotations

import re

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.dialects.common.theme_keys import STYLE_OF_CODE
from quarterdeck.markdown.dialects.reveal.sections import cut_at_sections
from quarterdeck.regex import regex

_BELOW = regex(r"^----[ \t]*$", re.MULTILINE)
_COMMENT = regex(r"\s*<!--.*-->\s*")
"""As a separator: it was made for Markdown that other tools show too."""
_OWN_KEYS = frozenset({"revealOptions", "preprocessor", "assetsDir"})


def _marks(evidence: Evidence) -> bool:
    return (
        "reveal-md" in evidence.beside
        or bool(_OWN_KEYS & evidence.keys)
        or any(_COMMENT.fullmatch(str(evidence.front.get(key, ""))) for key in ("separator", "verticalSeparator"))
        or ("separator" not in evidence.keys and len(_BELOW.findall(evidence.body)) > 1)
    )


REVEAL_MD = Dialect(
    name="reveal-md",
    title="reveal-md",
    marks=_marks,
    below="----",
    without=OF_OBSIDIAN | {"fragments"},
    cut=cut_at_sections,
    keys={
        "assetsDir": no_effect("the files that a talk uses are found and copied without it"),
        "highlightTheme": STYLE_OF_CODE,
        "preprocessor": no_effect("no talk runs code while it is built; run it before, and build what it wrote"),
        "template": no_effect("a theme may bring templates"),
        "vertical-separator": Key(to="verticalSeparator"),
    },
    tolerant=True,
)
