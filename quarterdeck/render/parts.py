"""Scripts and styles that a deck needs for what is on its slides: no site carries what none of its decks use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from quarterdeck.model import Slide, Snippet
from quarterdeck.render.word_table import DRAWINGS, Word


class PagePart(Struct, frozen=True, kw_only=True):
    """Names of files as `resources.asset_file` takes them."""

    is_used: Callable[[Slide], bool]
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    loaded: Mapping[str, str] = field(default_factory=dict)
    """What a script loads when it is first needed, by the name under which it finds it in the page's settings."""
    words: Mapping[str, Word] = field(default_factory=dict)
    """What the scripts say."""


def _html(slide: Slide) -> Iterator[str]:
    yield from (block.html for block in slide.blocks)
    yield slide.notes


def _says(*marks: str) -> Callable[[Slide], bool]:
    return lambda slide: any(mark in html for html in _html(slide) for mark in marks)


def _has_fence(slide: Slide, language: str) -> bool:
    return any(isinstance(slot, Snippet) and slot.language.lower() == language for slot in slide.slots)


def _has_frame(slide: Slide) -> bool:
    return any(isinstance(slot, Snippet) and any(each.key == "frame" for each in slot.options) for slot in slide.slots)


_is_formula = _says('class="qd-math')


def _has_chart(slide: Slide) -> bool:
    return _has_fence(slide, "chart") or _says(" data-chart=")(slide)


PARTS = (
    # in the order of their scripts
    PagePart(is_used=lambda slide: "obsidian" in slide.needs, styles=("css/obsidian.css",)),
    PagePart(
        is_used=lambda slide: "imported" in slide.needs, styles=("css/imported.css",), scripts=("bundles/fit.js",)
    ),
    PagePart(
        is_used=_is_formula,
        styles=("vendor/katex/dist/katex.min.css", "css/math.css"),
        scripts=("vendor/katex/dist/katex.min.js",),
    ),
    PagePart(
        is_used=lambda slide: _is_formula(slide) and _says("\\ce{", "\\pu{")(slide),
        scripts=("vendor/katex/dist/contrib/mhchem.min.js",),
    ),
    PagePart(is_used=_is_formula, scripts=("bundles/math.js",)),
    PagePart(is_used=_has_frame, styles=("css/frames.css",)),
    PagePart(
        is_used=lambda slide: _has_fence(slide, "mermaid") or _has_chart(slide),
        styles=("css/diagrams.css",),
    ),
    PagePart(
        is_used=lambda slide: _has_fence(slide, "mermaid"),
        scripts=("bundles/diagrams.js",),
        loaded={"mermaid": "vendor/mermaid/dist/mermaid.min.js"},
        words=DRAWINGS,
    ),
    PagePart(
        is_used=_has_chart,
        scripts=("vendor/chart.js/dist/chart.umd.min.js", "bundles/charts.js"),
        words=DRAWINGS,
    ),
)


def parts_of(slides: Iterable[Slide]) -> tuple[PagePart, ...]:
    """The parts that some of the slides need."""
    waiting = list(PARTS)
    for slide in slides:
        waiting = [part for part in waiting if not part.is_used(slide)]
        if not waiting:
            break
    return tuple(part for part in PARTS if part not in waiting)
