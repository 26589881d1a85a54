"""pandoc and Quarto: headings begin slides, boxes between colons, attributes in braces, a title slide of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markdown_it.token import Token

from quarterdeck.markdown.dialects import (
    bands,
    cells,
    lengths,
    pandoc_attributes,
    scripts,
    shortcodes,
    tex,
    title_slide,
)
from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Key, Separator, no_effect
from quarterdeck.markdown.dialects.blocks import blocks
from quarterdeck.markdown.fences import shielded
from quarterdeck.markdown.rules import asides, divs, pauses
from quarterdeck.model import Attrs

_OWN_KEYS = frozenset(
    {
        *("format", "slide-level", "slideLevel", "bibliography", "csl", "header-includes", "revealjs-url", "output"),
        *("institute", "filters", "execute", "jupyter", "engine", "documentclass", "aspectratio", "subtitle"),
    }
)
_OWN_WORDS = re.compile(
    r"^:{3,}[ \t]*\{[^}\n]*\.(?:column|columns|incremental|notes|fragment|r-stack)\b"
    r"|^:{3,}[ \t]*(?:columns|notes|incremental)\b|\A%[ \t]+\S"
    r"|^\. \. \.[ \t]*$|^```[ \t]*\{(?:python|r|julia|ojs)\b[^}\n]*\}",
    re.MULTILINE,
)
_INCLUDE = re.compile(
    r"^[ \t]*\{\{<[ \t]*include[ \t]+[\"']?(?P<path>[^\s\"'>]+)[\"']?[ \t]*>\}\}[ \t]*$", re.MULTILINE
)
_DASHES = re.compile(r"^---[ \t]*$", re.MULTILINE)


def _marks(evidence: Evidence) -> bool:
    if evidence.suffix in (".qmd", ".rmd"):
        return True
    if _OWN_KEYS & evidence.keys and not _DASHES.search(evidence.body):
        return True
    return bool({"format", "slide-level"} & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterable[Separator]:
    """Headings down to the slide level begin slides, rules too; a heading above that level opens a stack."""
    boxed = _boxed(cutting)
    found = [token for token in blocks(cutting) if not (token.map and token.map[0] in boxed)]
    level = _slide_level(cutting, found)
    stacked = False
    behind_rule = -1
    for token in found:
        line = token.map[0] if token.map else 0
        if token.type == "hr":
            yield Separator(first=line, last=line, below=stacked)
            behind_rule = line
        elif token.type == "heading_open" and int(token.tag[1:]) <= level:
            above = int(token.tag[1:]) < level
            between = cutting.lines[behind_rule + 1 : line] if behind_rule >= 0 else ["x"]
            if not any(each.strip() for each in between):
                continue  # the rule above it has begun the slide
            yield Separator(first=line, last=line - 1, below=stacked and not above)
            stacked = above or stacked


def _boxed(cutting: Cutting) -> frozenset[int]:
    """The lines inside of boxes between colons: what stands there begins no slide."""
    inside: set[int] = set()
    opened: list[int] = []
    for number, line in enumerate(cutting.lines):
        if not line.lstrip().startswith(":::") or shielded(cutting.shields, number):
            continue
        if line.strip(": \t"):
            opened.append(number)
        elif opened:
            first = opened.pop()
            if not opened:
                inside.update(range(first, number + 1))
    return frozenset(inside)


def _slide_level(cutting: Cutting, found: list[Token]) -> int:
    """What the front matter says, else the highest level of heading that has text directly below it somewhere."""
    given = cutting.front.get("slide-level", cutting.front.get("slideLevel", _below(cutting.front, "slide-level")))
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if "format" in cutting.front:
        return 2
    levels = [
        int(token.tag[1:])
        for token, following in pairwise(found)
        if token.type == "heading_open" and following.type not in ("heading_open", "hr")
    ]
    return min(levels, default=6)


def _below(front: Mapping[str, Any], name: str) -> Any:
    """The value that one of the formats has."""
    formats = front.get("format")
    if isinstance(formats, dict):
        for each in formats.values():
            if isinstance(each, dict) and name in each:
                return each[name]
    return None


_EFFECTLESS = (
    *("bibliography", "citation", "classoption", "csl", "documentclass", "engine", "execute", "filters", "fontsize"),
    *("geometry", "header-includes", "institute", "jupyter", "keywords", "link-citations"),
    *("output", "revealjs-url", "reference-location", "section-titles", "toc", "toc-depth", "abstract", "editor"),
    *("aspectratio", "colortheme", "fonttheme", "beamer", "mainfont", "monofont", "number-sections", "knitr", "params"),
)


_FORMS = ("revealjs", "clean-revealjs", "clean-theme-revealjs")
"""Formats of Quarto that are slides of reveal.js, as far as they are common."""


def _stylesheets(value: Any) -> Any:
    """Stylesheets that a browser reads."""
    names = [str(each) for each in (value if isinstance(value, list) else [value]) if str(each).endswith(".css")]
    return names or None


def _of_format(front: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of the format that is slides, over those of the document."""
    formats = front.get("format")
    found = dict(front)
    for name, each in formats.items() if isinstance(formats, dict) else ():
        if isinstance(each, dict) and "revealjs" in str(name):
            found |= each
    return found


def _styles(header: Any) -> Iterator[str]:
    """The stylesheets that front matter puts into the head of the page."""
    for each in header if isinstance(header, list) else [header]:
        text = each.get("text") if isinstance(each, dict) else each
        for style in re.finditer(r"<style[^>]*>(.*?)</style", str(text or ""), re.DOTALL | re.IGNORECASE):
            yield style[1]


def _carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What all slides have from the front matter: a footer, a logo, and the size of their pixels."""
    options = _of_format(front)
    found = [(to, str(options[name])) for name, to in (("footer", "footer"), ("logo", bands.LOGO)) if options.get(name)]
    found += [(bands.STYLESHEET, css) for css in _styles(options.get("include-in-header"))]
    width = options.get("width")
    if isinstance(width, int) and width > 0:
        found.append(("style", f"--qd-px: {1600 / width:.4g}"))
    title = options.get("title-slide-attributes")
    for number, _ in enumerate(texts):
        own = title.items() if isinstance(title, dict) and not number else ()
        yield (*found, *((str(name), str(value)) for name, value in own))
        found = [each for each in found if each[0] != bands.STYLESHEET]


def _incremental(value: Any) -> Any:
    return value if isinstance(value, bool) else None


_TRANSITIONS = ("none", "fade", "slide", "convex", "concave", "zoom")
_REVEAL = {
    # option of reveal.js as these tools write it: as reveal.js has it
    **dict.fromkeys(("center", "controls", "history", "loop", "progress", "touch", "margin")),
    "auto-animate": "autoAnimate",
    "auto-animate-duration": "autoAnimateDuration",
    "auto-animate-easing": "autoAnimateEasing",
    "auto-slide": "autoSlide",
    "autoPlayMedia": "autoPlayMedia",
    "auto-play-media": "autoPlayMedia",
    "background-transition": "backgroundTransition",
    "controls-layout": "controlsLayout",
    "controls-tutorial": "controlsTutorial",
    "fragment-in-url": "fragmentInURL",
    "fragments": "fragments",
    "hash-type": None,
    "navigation-mode": "navigationMode",
    "preview-links": "previewLinks",
    "rtl": "rtl",
    "show-slide-number": "showSlideNumber",
    "slide-number": "slideNumber",
    "slideNumber": "slideNumber",
    "transition-speed": "transitionSpeed",
    "view-distance": "viewDistance",
}
_OPTIONS: Mapping[str, Key] = {
    **{name: Key(to=f"reveal.{ours or name}") for name, ours in _REVEAL.items() if name != "hash-type"},
    "preview-links": Key(to="reveal.previewLinks", value=lambda value: value if isinstance(value, bool) else None),
    "css": Key(to="css", value=_stylesheets),
    "default-timing": Key(to="reveal.defaultTiming"),
    "footer": Key(),
    "include-in-header": Key(),
    "height": Key(),
    "incremental": Key(to="incremental", value=_incremental),
    "logo": Key(),
    "slide-level": Key(),
    "theme": no_effect("write 'theme: NAME' of a theme of Quarterdeck"),
    "title-slide-attributes": Key(),
    "transition": Key(to="transition", value=lambda value: value if value in _TRANSITIONS else None),
    "width": Key(),
    **{
        name: no_effect()
        for name in (
            *("callout-appearance", "chalkboard", "code-copy", "code-fold", "code-line-numbers", "code-overflow"),
            *("embed-resources", "fig-align", "fig-cap-location", "fig-height", "fig-width", "highlight-style", "menu"),
            *("html-math-method", "include-after-body", "link-external-newwindow", "multiplex"),
            *("pdf-separate-fragments", "reference-location", "scrollable", "self-contained", "smaller", "toc"),
            *("toc-depth", "toc-title", "warning", "message", "pdf-max-pages-per-slide", "hash", "hash-type", "format"),
            *("revealjs-plugins", "mouse-wheel", "number-sections", "title-slide-style", "template-partials"),
            *("code-tools", "echo"),
        )
    },
}


PANDOC = Dialect(
    name="pandoc",
    title="pandoc and Quarto",
    marks=_marks,
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments", "headings"},
    rules=(
        title_slide.install,
        pandoc_attributes.install,
        cells.install,
        shortcodes.install,
        scripts.install,
        tex.install,
        divs.install,
        lambda md: bands.install(md, after="divs"),
        lengths.install,
        lambda md: pauses.install(md, pattern=r"\.[ ]\.[ ]\.[ \t]*", name=". . . for the next step"),
        asides.install,
    ),
    keys={
        **{name: no_effect() for name in _EFFECTLESS},
        **title_slide.KEYS,
        **_OPTIONS,
        **{f"format.{form}.{name}": key for form in _FORMS for name, key in _OPTIONS.items()},
        **{f"output.revealjs::revealjs_presentation.{name}": key for name, key in _OPTIONS.items()},
        **{name: Key() for name in ("format", "slide-level", "slideLevel", "subtitle", "institute", "output")},
    },
    tolerant=True,
    opens_with_title=lambda front: bool(front.get("title")),
    carried=_carried,
    includes=_INCLUDE,
)
