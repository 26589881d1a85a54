"""Slides of the class `inverse` or `invert`: dark where the others are light."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.rules.support.slide_draft import draft_of

_NAMES = frozenset(("inverse", "invert"))
_GROUNDS = frozenset(("data-background", "data-background-color", "data-background-gradient", "data-background-image"))
DARK = "#0e1621"


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("dark_slides", dark_slides)


def dark_slides(state: StateCore) -> None:
    """Gives such a slide a dark background where its author gives it none."""
    draft = draft_of(state.env)
    names = {name for key, value, _ in draft.attrs if key == "class" for name in value.split()}
    if draft.first or not names & _NAMES or any(key in _GROUNDS for key, _, _ in draft.attrs):
        return
    draft.attrs.append(("data-background-color", DARK, draft.span(0)))
