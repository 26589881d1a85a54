"""Slides and decks to HTML. Pure but for reading templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from quarterdeck.model import KEY_MARK, Diagnostic, Html, Placed
from quarterdeck.render.layouts import arrange
from quarterdeck.render.slots import WITH_TERMINAL, Target, attributes, fill, merged, slot_html
from quarterdeck.render.templates import Templates, safe
from quarterdeck.render.terminal import SnippetOutput
from quarterdeck.render.words import direction, long_date, words_of
from quarterdeck.snippets.holes import NO_VALUES, Values

_NONE: Mapping[str, Html] = MappingProxyType({})


class Look(Struct, frozen=True, kw_only=True):
    """What the slides of one deck share when they are rendered."""

    templates: Templates
    lang: str
    title: str
    byline: tuple[str, ...] = ()
    """Author and date, for a title slide."""

    @property
    def rtl(self) -> bool:
        """Whether its language is written from right to left."""
        return direction(self.lang) == "rtl"

    @property
    def words(self) -> Mapping[str, str]:
        return words_of(self.lang)


class Head(Struct, frozen=True, kw_only=True):
    """What a page needs beside its slides. URLs are relative to the page."""

    look: Look
    name: str
    description: str
    author: str
    scheme: str
    schemes: bool
    """Whether the theme has a light and a dark scheme."""
    theme: str
    stylesheets: tuple[str, ...]
    scripts: tuple[str, ...]
    words: Mapping[str, str]
    """What the scripts say."""
    reveal: Mapping[str, Any]
    """Options of `Reveal.initialize`."""
    terminal: Mapping[str, str]
    """Script and style of the terminal that replays; empty where nothing is recorded."""
    loaded: Mapping[str, str]
    """Scripts that are loaded when they are first needed, by name."""
    rtl: bool
    """Whether the page goes from right to left: reveal.js is told the same."""
    mermaid: Mapping[str, Any]
    """The talk's configuration of its diagrams."""


def byline(author: str, date: str, lang: str) -> tuple[str, ...]:
    return tuple(part for part in (author, long_date(date, lang)) if part)


_SCALED = frozenset(("marp", "pandoc", "remark", "slidev"))
"""Dialects of tools whose slides hold more, in smaller letters; `imported.css` and `fit.js` know them."""


def render_slide(
    placed: Placed,
    targets: Sequence[Target | None],
    outputs: Sequence[SnippetOutput | None],
    *,
    look: Look,
    in_elements: Mapping[str, Html] = _NONE,
    problems: Sequence[Diagnostic] = (),
    holes: Sequence[Values] = (),
) -> Html:
    """The `<section>` of a slide.

    `targets` says for each slot where it leads, `outputs` what is recorded of it; `in_elements` are outputs of other
    snippets, by the id of the element that they fill; `problems` are shown on the slide. `holes` says for each slot
    which captured values it shows; none where it is empty.
    """
    slide = placed.slide
    layout = _layout(placed, outputs)
    contents = [
        slot_html(slot, target, output, look.templates, look.words, layout=layout, holes=values)
        for slot, target, output, values in zip(
            slide.slots, targets, outputs, holes or [NO_VALUES] * len(slide.slots), strict=True
        )
    ]
    number = [("data-number", str(placed.number))] if placed.number else []
    foreign = [("data-dialect", name) for name in sorted(slide.needs & _SCALED)]
    section = merged([("id", placed.key), ("class", "qd-slide"), ("data-layout", layout)], foreign, number, slide.attrs)
    html = look.templates.render(
        "slide.html",
        attributes=safe(attributes(section)),
        key=placed.key,
        layout=layout,
        body=safe(_seated(arrange(slide.blocks, layout), in_elements)),
        notes=safe(slide.notes),
        byline=look.byline if placed.layout == "title" else (),
        problems=[(problem.code, problem.message) for problem in problems],
        words=look.words,
        rtl=look.rtl,
    )
    return Html(fill(html, contents).replace(KEY_MARK, placed.key))


def _layout(placed: Placed, outputs: Sequence[SnippetOutput | None]) -> str:
    """Code with a heading and nothing else has room for its output beside it, and for the page that it serves."""
    if placed.layout == "code" and any(output is not None and output.frame for output in outputs):
        return WITH_TERMINAL
    shown = [output for output in outputs if output is not None and output.options.display.hide is not True]
    alone = len(shown) == 1 and shown[0].place == "below" and shown[0].options.display.out.kind == "auto"
    return WITH_TERMINAL if placed.layout == "code" and alone else placed.layout


def _seated(body: Html, in_elements: Mapping[str, Html]) -> Html:
    """The body with each output at the end of the opening tag that has its id."""
    for name, output in in_elements.items():
        tag = re.search(rf'<[A-Za-z][^<>]*\sid="{re.escape(name)}"[^<>]*>', body)
        if tag:
            body = Html(f"{body[: tag.end()]}{output}{body[tag.end() :]}")
    return body


def render_deck(stacks: Iterable[Sequence[Html]], head: Head) -> Html:
    """The whole page of a deck."""
    config = {"deck": head.name, "scheme": head.scheme, "words": dict(head.words), "reveal": dict(head.reveal)}
    if head.terminal:
        config["terminal"] = dict(head.terminal)
    if head.loaded:
        config["loaded"] = dict(head.loaded)
    if head.mermaid:
        config["mermaid"] = dict(head.mermaid)
    return head.look.templates.render(
        "deck.html",
        head=head,
        look=head.look,
        stacks=[[safe(section) for section in stack] for stack in stacks],
        config=safe(Html(script_json(config))),
        words=head.look.words,
    )


def script_json(value: object) -> str:
    """JSON that may stand inside of a `<script>`."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
