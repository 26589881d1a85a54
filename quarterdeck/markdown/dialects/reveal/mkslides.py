"""MkSlides: reveal.js' Markdown, with `slides:`, `revealjs:` and `plugins:` in its settings and front matter."""

from __future__ import annotations

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.dialects.reveal.sections import cut_at_sections

_OWN_KEYS = frozenset({"slides", "plugins"})

SLIDES: dict[str, Key] = {
    # keys below `slides:`
    "charset": no_effect("any encoding is recognised"),
    "favicon": no_effect("a theme's template may name one"),
    "highlight_theme": no_effect("the theme has its own colours for code"),
    "preprocess_script": no_effect("no talk runs code while it is built; run it before, and build what it wrote"),
    "separator": Key(to="separator"),
    "separator_charset": no_effect("any encoding is recognised"),
    "separator_notes": Key(to="notesSeparator"),
    "separator_vertical": Key(to="verticalSeparator"),
    "template": no_effect("a theme may bring templates"),
    "theme": Key(to="theme"),
    "title": Key(to="title"),
}


def _marks(evidence: Evidence) -> bool:
    return "mkslides" in evidence.beside or bool(_OWN_KEYS & evidence.keys)


MKSLIDES = Dialect(
    name="mkslides",
    title="MkSlides",
    marks=_marks,
    without=OF_OBSIDIAN | {"fragments"},
    cut=cut_at_sections,
    keys={
        **{f"slides.{name}": key for name, key in SLIDES.items()},
        "index": no_effect("'title' under [site] in quarterdeck.toml names the page that lists all talks"),
        "plugins": no_effect("put the scripts beside the talk and name them under 'scripts'"),
    },
    tolerant=True,
)
