"""`<!-- slide template="[[name]]" -->`: a note around a slide, with places for its content and its named blocks. Pure.

A template says `<% content %>` where the slide goes, `<% name %>` for a block `::: name` of the slide, else for a key
of the front matter, and `<%? name %>` for one that may be absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.markdown.embeds import Find, Note, Wanted, embedded
from quarterdeck.markdown.mapped_text import (
    LiveText,
    MappedText,
    Stretch,
    cut,
    lead_of,
    moved_in,
    place_in,
    replaced,
    text_of,
)
from quarterdeck.markdown.rules.named_blocks import CLOSES, OPENS
from quarterdeck.markdown.rules.support.annotations import read_annotation
from quarterdeck.markdown.shields import scan, shield_at
from quarterdeck.model import Diagnostic, Span
from quarterdeck.regex import regex

_COMMENT = regex(r"<!--(?:(?!-->).)*-->", re.DOTALL)
_PLACE = regex(r"<%(?P<may>\??)[ \t]*(?P<name>[A-Za-z_][\w.-]*)[ \t]*%>")
_NAME = regex(r"\s*!?(?:\[\[)?\s*(?P<name>[^\[\]|]*?)\s*(?:\|[^\[\]]*)?(?:\]\])?\s*")
_CONTENT = "content"
FOOTNOTES = "footnotes"
"""The place of the slide's own footnotes, which only the parser knows."""
DEEPEST = 9
"""Templates that use templates."""


class TemplateSource(Struct, frozen=True, kw_only=True):
    """What the slides of a talk get their templates from."""

    find: Find
    key: str
    """Of the talk, as in `embeds.Note`."""
    default: str = ""
    """The template of slides that ask for none."""
    values: Mapping[str, Any]
    """The front matter."""
    notes: re.Pattern[str]
    """What begins speaker notes."""
    path: str = ""
    """The talk's, for a default template that cannot be found."""


def framed(slide: MappedText, frame: TemplateSource) -> tuple[MappedText, tuple[Diagnostic, ...]]:
    """The slide in its template, with every place filled for which there is something."""
    text = text_of(slide)
    if not frame.default and "template" not in text and "<%" not in text:
        return slide, ()
    problems: list[Diagnostic] = []
    mapped = _in_template(slide, frame, problems, frame.default, ())
    return _filled(mapped, {}, frame.values, final=True), tuple(problems)


def _in_template(
    slide: MappedText, frame: TemplateSource, problems: list[Diagnostic], default: str, above: tuple[str, ...]
) -> MappedText:
    asked, span = _asked(slide)
    named = _NAME.fullmatch(asked if asked is not None else default)
    name = named["name"] if named else ""
    if not name:
        return slide
    span = span or Span(path=frame.path, line=1)
    template = frame.find(Wanted(name=name, wiki=True, among=frame.key))
    if isinstance(template, Diagnostic):
        problems.append(replace(template, span=span))
        return slide
    if template.key in above or len(above) >= DEEPEST:
        message = f"the template '{name}' is around itself"
        problems.append(Diagnostic(code="A107", message=message, span=span, hint="it was used once"))
        return slide
    around, found = _read(template, frame.find)
    problems += found
    around = _in_template(around, frame, problems, "", (*above, template.key))
    names = {place["name"] for place in _PLACE.finditer(text_of(around))}
    if _CONTENT not in names:
        hint = "write <% content %> where the slides that use it go"
        problems.append(
            Diagnostic(code="A107", message=f"the template '{name}' has no place for content", span=span, hint=hint)
        )
        return slide
    body, notes = without_notes(slide, frame.notes)
    body, blocks = _without_blocks(body, names)
    return (*_filled(around, {**blocks, _CONTENT: _trimmed(body)}, {}), *notes)


def _read(template: Note, find: Find) -> tuple[MappedText, tuple[Diagnostic, ...]]:
    mapped, problems = embedded(template, find=find)
    return _trimmed(mapped), problems


def _asked(slide: MappedText) -> tuple[str | None, Span | None]:
    """The template that a slide's annotation names, and where; an empty name asks for none."""
    text = text_of(slide)
    shields, _ = scan(text.split("\n"))
    for comment in _COMMENT.finditer(text):
        line = text.count("\n", 0, comment.start())
        shield = shield_at(shields, line)
        annotation = read_annotation(comment[0])
        if annotation is None or annotation.target != "slide" or (shield is not None and shield.first != line):
            continue
        for each in annotation.attributes:
            if each.name == "template":
                place = place_in(slide, comment.start() + each.start)
                end = place.col + each.end - each.start
                return each.value, Span(path=place.path, line=place.line, col=place.col, end_col=end)
    return None, None


def without_notes(slide: MappedText, pattern: re.Pattern[str]) -> tuple[MappedText, MappedText]:
    """The slide without its speaker notes, and those, which end a slide whatever is around it."""
    text = text_of(slide)
    shields, _ = scan(text.split("\n"))
    at = 0
    for number, line in enumerate(text.split("\n")):
        if shield_at(shields, number) is None and (found := pattern.match(line)) and found.end():
            first = place_in(slide, at)
            gap = Stretch(text="\n\n", path=first.path, line=first.line)
            return cut(slide, 0, at), (gap, *cut(slide, at, len(text)))
        at += len(line) + 1
    return slide, ()


def _without_blocks(slide: MappedText, names: set[str]) -> tuple[MappedText, dict[str, MappedText]]:
    """The slide without the outermost blocks whose names the template has, and what is in them."""
    text = text_of(slide)
    if ":::" not in text:
        return slide, {}
    lines = text.split("\n")
    shields, _ = scan(lines)
    found: dict[str, MappedText] = {}
    edits: list[tuple[int, int, MappedText]] = []
    opened: list[tuple[int, int, re.Match[str]]] = []
    at = 0
    for number, line in enumerate(lines):
        end = at + len(line)
        stripped = line.strip()
        if shield_at(shields, number) is None and stripped.startswith(":::"):
            if opening := OPENS.fullmatch(stripped):
                opened.append((at, end + 1, opening))
            elif opened and (closing := CLOSES.fullmatch(stripped)):
                start, inner, opening = opened.pop()
                name = opening["name"]
                if not opened and name in names:
                    whole = opening["comment"] or closing["comment"]
                    found[name] = cut(slide, start, end) if whole else _trimmed(cut(slide, inner, at))
                    edits.append((start, end, ()))
        at = end + 1
    return (replaced(slide, edits) if edits else slide), found


def _filled(
    mapped: MappedText, blocks: Mapping[str, MappedText], values: Mapping[str, Any], *, final: bool = False
) -> MappedText:
    """With every place filled that has a name in `blocks` or `values`; at last, those that may be empty are emptied."""
    text = text_of(mapped)
    if "<%" not in text:
        return mapped
    is_live = LiveText(text)
    edits: list[tuple[int, int, MappedText]] = []
    for place in _PLACE.finditer(text):
        if not is_live(place.start()):
            continue
        name = place["name"]
        new: MappedText | None = blocks.get(name)
        value = values.get(name)
        if new is None and isinstance(value, str | int | float) and not isinstance(value, bool):
            new = (replace(place_in(mapped, place.start()), text=str(value)),)
        if new is None and final and place["may"] and name != FOOTNOTES:
            new = ()
        if new is not None:
            edits.append((place.start(), place.end(), moved_in(new, lead_of(text, place.start()))))
    return replaced(mapped, edits) if edits else mapped


def _trimmed(mapped: MappedText) -> MappedText:
    """Without blank lines around."""
    text = text_of(mapped)
    body = text.rstrip()
    start = len(text) - len(text.lstrip())
    start = text.rfind("\n", 0, start) + 1  # the first line keeps its indentation
    return cut(mapped, start, len(body)) if start < len(body) else ()
