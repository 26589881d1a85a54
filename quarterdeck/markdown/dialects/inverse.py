"""Slides of the class `inverse` or `invert`: dark where the others are light."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.rules.sheet import sheet_of

_NAMES = frozenset(("inverse", "invert"))
_GROUNDS = frozenset(("data-background", "data-background-color", "data-background-gradient", "data-background-image"))
DARK = "#0e1621"


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("inverse", inverse)


def inverse(state: StateCore) -> None:
    """Gives such a slide a dark background where its author gives it none."""
    sheet = sheet_of(state.env)
    names = {name for key, value, _ in sheet.attrs if key == "class" for name in value.split()}
    if sheet.first or not names & _NAMES or any(key in _GROUNDS for key, _, _ in sheet.attrs):
        return
    sheet.attrs.append(("data-background-color", DARK, sheet.span(0)))
