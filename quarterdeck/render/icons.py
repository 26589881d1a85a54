"""Drawings of Font Awesome, by style and by any name that an icon has or had. Read once, from the vendored files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path

from quarterdeck.diagnostics import nearest
from quarterdeck.model import Diagnostic, Html, Icon
from quarterdeck.project.resources import vendor_folder
from quarterdeck.regex import regex

STYLES = ("solid", "regular", "brands")
_SYMBOL = regex(r'<symbol id="(?P<name>[^"]+)" viewBox="(?P<box>[^"]+)">(?P<body>.*?)</symbol>', re.DOTALL)
_PATH = regex(r'\bd="([^"]+)"')
_CODE = regex(r'\.fa-(?P<name>[a-z0-9-]+)\s*\{\s*--fa:\s*"(?P<code>[^"]+)"')
_SHIM = regex(r"^(?P<old>[\w-]+):\n(?:  prefix: (?P<prefix>\w+)\n)?(?:  name: (?P<name>[\w-]+)\n)?", re.MULTILINE)
_PREFIXES = {"far": "regular", "fab": "brands", "fas": "solid"}


def draw(icon: Icon) -> tuple[Html, Diagnostic | None]:
    """The icon as SVG; where there is none of that name, nothing and what is wrong."""
    folder = vendor_folder() / "fontawesome"
    for style, name in _names(icon, folder):
        found = _drawings(folder, style).get(name)
        if found:
            return found, None
    near = nearest(icon.name, [name for style in STYLES for name in _drawings(folder, style)])
    hint = f"did you mean 'fa-{near}'?" if near else "the free icons of fontawesome.com are here"
    return Html(""), Diagnostic(code="A104", message=f"there is no icon 'fa-{icon.name}'", span=icon.span, hint=hint)


def sources(icon: Icon) -> tuple[Path, ...]:
    """The vendored files that an icon is taken from."""
    return (vendor_folder() / f"fontawesome/sprites/{icon.style}.svg",)


def _names(icon: Icon, folder: Path) -> list[tuple[str, str]]:
    """Style and name to try, in order: as written, by today's name, as in version 4, then in the other styles."""
    today = _renamed(folder).get(icon.name, icon.name)
    style, shim = _shims(folder).get(icon.name, ("", ""))
    shim = _renamed(folder).get(shim, shim) or today
    tries = [(icon.style, icon.name), (icon.style, today), (style or icon.style, shim)]
    return tries + [(other, name) for other in STYLES for name in (today, shim)]


@lru_cache(maxsize=8)
def _drawings(folder: Path, style: str) -> Mapping[str, Html]:
    text = (folder / f"sprites/{style}.svg").read_text("utf-8")
    return {
        found["name"]: Html(
            f'<svg viewBox="{escape(found["box"])}" aria-hidden="true" focusable="false">'
            + "".join(f'<path fill="currentColor" d="{escape(path)}"/>' for path in _PATH.findall(found["body"]))
            + "</svg>"
        )
        for found in _SYMBOL.finditer(text)
    }


@lru_cache(maxsize=8)
def _renamed(folder: Path) -> Mapping[str, str]:
    """Today's name of each icon, by every name that it has: names of one icon share its place in the font."""
    known = {name for style in STYLES for name in _drawings(folder, style)}
    pairs = [
        (found["name"], found["code"])
        for sheet in ("fontawesome.css", "brands.css")
        for found in _CODE.finditer((folder / "css" / sheet).read_text("utf-8"))
    ]
    today = {code: name for name, code in pairs if name in known}
    return {name: today.get(code, name) for name, code in pairs}


@lru_cache(maxsize=8)
def _shims(folder: Path) -> Mapping[str, tuple[str, str]]:
    """Style and name that took the place of a name of version 4."""
    text = (folder / "metadata/shims.yml").read_text("utf-8")
    return {
        found["old"]: (_PREFIXES.get(found["prefix"] or "", ""), found["name"] or found["old"])
        for found in _SHIM.finditer(text)
    }
