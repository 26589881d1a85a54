"""reveal-md: reveal.js' Markdown with front matter; `----` begins a slide below."""

from __future__ import annotations

import re

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence, Key, no_effect

_BELOW = re.compile(r"^----[ \t]*$", re.MULTILINE)
_OWN_KEYS = frozenset({"revealOptions", "preprocessor", "assetsDir"})


def _marks(evidence: Evidence) -> bool:
    return (
        "reveal-md" in evidence.beside
        or bool(_OWN_KEYS & evidence.keys)
        or ("separator" not in evidence.keys and len(_BELOW.findall(evidence.body)) > 1)
    )


REVEAL_MD = Dialect(
    name="reveal-md",
    title="reveal-md",
    marks=_marks,
    below="----",
    without=OF_OBSIDIAN | {"fragments"},
    keys={
        "assetsDir": no_effect("the files that a talk uses are found and copied without it"),
        "highlightTheme": no_effect("the theme has its own colours for code"),
        "preprocessor": no_effect("no talk runs code while it is built; run it before, and build what it wrote"),
        "template": no_effect("a theme may bring templates"),
        "vertical-separator": Key(to="verticalSeparator"),
    },
    tolerant=True,
)
