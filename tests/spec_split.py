"""What the cases of `split.md`, `front-matter.md` and `deck.md` show of a talk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from quarterdeck.diagnostics import headline
from quarterdeck.markdown.deck import deck_context, place_slides, with_content
from quarterdeck.markdown.frontmatter import FrontMatter, read_front_matter
from quarterdeck.markdown.parser import parse_slide
from quarterdeck.markdown.split import split, split_rule
from quarterdeck.model import Chunk, Diagnostic, Source, Span
from quarterdeck.project.deck_options import DeckOptions

NAME = "talk.md"


def render_chunks(text: str) -> str:
    """A line for each slide: its place and its lines."""
    _, chunks, found = _read(text)
    return _joined(*map(_chunk, chunks), *told(found))


def render_front_matter(text: str) -> str:
    """The options that differ from the defaults, and the line at which the slides begin."""
    matter, found = _front_matter(text)
    given, silent = msgspec.to_builtins(matter.options), msgspec.to_builtins(DeckOptions())
    options = [f"{key}: {json.dumps(value)}" for key, value in given.items() if value != silent[key]]
    return _joined(*options, f"slides from line {matter.line}", *told(found))


def render_deck(text: str) -> str:
    """A line for each slide: its place, key and layout, and the number of a section."""
    matter, chunks, found = _read(text)
    context = deck_context(chunks, matter.options)
    chunks = with_content(chunks)
    slides = [parse_slide(chunk.text, context=context) for chunk in chunks]
    stacks, misplaced = place_slides(chunks, slides, options=matter.options, path=NAME)
    placed = [each for stack in stacks for each in stack.slides]
    lines = [
        f"{_place(chunk)} {each.key}: {each.layout}" + (f" {each.number}" if each.number else "")
        for chunk, each in zip(chunks, placed, strict=True)
    ]
    return _joined(*lines, *told((*found, *misplaced)))


def _front_matter(text: str) -> tuple[FrontMatter, tuple[Diagnostic, ...]]:
    source = Source(path=Path("/", NAME), name=NAME, text=text, digest="")
    return read_front_matter(source, defaults={}, overrides={})


def _read(text: str) -> tuple[FrontMatter, tuple[Chunk, ...], tuple[Diagnostic, ...]]:
    matter, mistaken = _front_matter(text)
    rule, unruly = split_rule(matter.options, span=Span(path=NAME, line=1), spans=matter.spans)
    chunks, unclosed = split(matter.body, line=matter.line, path=NAME, rule=rule)
    return matter, chunks, (*mistaken, *unruly, *unclosed)


def _chunk(chunk: Chunk) -> str:
    last = chunk.line + chunk.text.removesuffix("\n").count("\n")
    return f"{_place(chunk)} {'line' if last == chunk.line else 'lines'} {chunk.line}" + (
        f"-{last}" if last > chunk.line else ""
    )


def _place(chunk: Chunk) -> str:
    return f"{chunk.column + 1}.{chunk.row + 1}" if chunk.row else f"{chunk.column + 1}"


def told(found: Iterable[Diagnostic]) -> Iterator[str]:
    for each in found:
        yield headline(each)
        if each.hint:
            yield f"  hint: {each.hint}"


def _joined(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
