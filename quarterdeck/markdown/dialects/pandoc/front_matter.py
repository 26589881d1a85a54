"""Front matter of pandoc and Quarto: what it says of the talk, and what every slide has from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quarterdeck.markdown.dialects.base import Key, no_effect
from quarterdeck.markdown.dialects.common import headers_footers, title_slide
from quarterdeck.model import Attrs

_EFFECTLESS = (
    *("bibliography", "citation", "classoption", "csl", "documentclass", "engine", "execute", "filters", "fontsize"),
    *("geometry", "header-includes", "institute", "jupyter", "keywords", "link-citations"),
    *("output", "revealjs-url", "reference-location", "section-titles", "toc", "toc-depth", "abstract", "editor"),
    *("aspectratio", "colortheme", "fonttheme", "beamer", "mainfont", "monofont", "number-sections", "knitr", "params"),
)
_FORMS = ("revealjs", "clean-revealjs", "clean-theme-revealjs")
"""Formats of Quarto that are slides of reveal.js, as far as they are common."""
_TRANSITIONS = ("none", "fade", "slide", "convex", "concave", "zoom")


def _stylesheets(value: Any) -> Any:
    """Stylesheets that a browser reads."""
    names = [str(each) for each in (value if isinstance(value, list) else [value]) if str(each).endswith(".css")]
    return names or None


def _incremental(value: Any) -> Any:
    return value if isinstance(value, bool) else None


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
    **{name: Key(to=f"reveal.{ours or name}") for name, ours in _REVEAL.items()},
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
KEYS: Mapping[str, Key] = {
    **{name: no_effect() for name in _EFFECTLESS},
    **title_slide.KEYS,
    **_OPTIONS,
    **{f"format.{form}.{name}": key for form in _FORMS for name, key in _OPTIONS.items()},
    **{f"output.revealjs::revealjs_presentation.{name}": key for name, key in _OPTIONS.items()},
    **{name: Key() for name in ("format", "slide-level", "slideLevel", "subtitle", "institute", "output")},
}


def carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What all slides have from the front matter: a footer, a logo, and the size of their pixels."""
    options = _of_format(front)
    found = [
        (to, str(options[name]))
        for name, to in (("footer", "footer"), ("logo", headers_footers.LOGO))
        if options.get(name)
    ]
    found += [(headers_footers.STYLESHEET, css) for css in _styles(options.get("include-in-header"))]
    width = options.get("width")
    if isinstance(width, int) and width > 0:
        found.append(("style", f"--qd-px: {1600 / width:.4g}"))
    title = options.get("title-slide-attributes")
    for number, _ in enumerate(texts):
        own = title.items() if isinstance(title, dict) and not number else ()
        yield (*found, *((str(name), str(value)) for name, value in own))
        found = [each for each in found if each[0] != headers_footers.STYLESHEET]


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
