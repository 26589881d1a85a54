"""Looks that other tools have names for, by the names of those here that are most like them. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from quarterdeck.markdown.dialects.base import Key

_CODE = {
    # style of highlight.js: style of Pygments; those that both have are there under one name
    **{name: name for name in (
        "dracula", "github-dark", "monokai", "nord", "solarized-dark", "solarized-light", "vs", "xcode", "zenburn",
    )},
    "a11y-dark": "github-dark", "agate": "monokai", "an-old-hope": "one-dark", "androidstudio": "monokai",
    "arduino-light": "arduino", "atom-one-dark": "one-dark", "atom-one-dark-reasonable": "one-dark",
    "atom-one-light": "xcode", "base16/dracula": "dracula", "base16/gruvbox-dark-medium": "gruvbox-dark",
    "base16/monokai": "monokai", "base16/nord": "nord", "base16/solarized-dark": "solarized-dark",
    "base16/solarized-light": "solarized-light", "base16/zenburn": "zenburn", "default": "default",
    "github": "xcode", "github-dark-default": "github-dark", "github-dark-dimmed": "github-dark",
    "github-gist": "xcode",
    "googlecode": "xcode", "gruvbox-dark": "gruvbox-dark", "gruvbox-light": "gruvbox-light", "hybrid": "one-dark",
    "intellij-light": "vs", "monokai-sublime": "monokai", "night-owl": "one-dark", "obsidian": "monokai",
    "ocean": "nord", "stackoverflow-light": "vs", "stackoverflow-dark": "github-dark",
    "tokyo-night-dark": "one-dark", "tomorrow-night": "one-dark", "tomorrow-night-blue": "one-dark",
    "tomorrow-night-bright": "monokai", "vs2015": "github-dark",
}  # fmt: skip
_THEMES = {"consult": "white", "mattropolis": "night"}
"""Of Advanced Slides, which has those of reveal.js beside."""


def _style_of_code(value: Any) -> str | None:
    """Of a name, or of the path of a stylesheet."""
    if not isinstance(value, str):
        return None
    name = value.strip().lower().removesuffix(".css").removesuffix(".min")
    return _CODE.get(name) or _CODE.get(PurePosixPath(name).name)


def _theme(value: Any) -> Any:
    return _THEMES.get(value.strip().lower().removesuffix(".css"), value) if isinstance(value, str) else value


STYLE_OF_CODE = Key(
    to="highlightTheme",
    value=_style_of_code,
    approximates=True,
    remedy="a style of Pygments that is like it, or else the theme, colours the code",
)
THEME = Key(
    to="theme",
    value=_theme,
    approximates=True,
    remedy="a theme of reveal.js that is like it; 'theme: NAME.css' takes a stylesheet of your own",
)
