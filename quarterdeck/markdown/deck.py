"""What the slides of a deck have in common, and where each one stands in it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from itertools import groupby
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.digests import digest_of
from quarterdeck.markdown.layout import LAYOUTS, SlidePosition, choose_layout
from quarterdeck.model import Chunk, Diagnostic, Placed, Slide, Span, Stack
from quarterdeck.project.deck_options import DeckOptions

__all__ = ["LAYOUTS", "DeckContext", "deck_context", "place_slides", "with_content"]


class DeckContext(Struct, frozen=True, kw_only=True):
    """What a slide is parsed with beside its own text."""

    references: str = ""
    """The link reference definitions of the whole deck, as Markdown; of two with one label the first counts."""
    footnotes: str = ""
    """The footnote definitions of the whole deck, as Markdown."""
    lang: str = "en"
    notes: str = ""
    """What begins speaker notes beside `Note:`; empty for nothing else."""
    incremental: bool = False
    vault: str = ""
    """Of Obsidian, for wiki links that open it; empty where they are plain words."""
    dialect: str = "quarterdeck"
    """A name of `markdown.dialects.DIALECTS`: which rules are on."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Texts of files that slides name, by the name that they give them."""
    digest: str = ""
    """The same for decks whose slides differ in anything but definitions."""


def deck_context(
    chunks: Sequence[Chunk],
    options: DeckOptions,
    *,
    dialect: str = "quarterdeck",
    files: Mapping[str, str] = MappingProxyType({}),
    vault: str = "",
) -> DeckContext:
    """Gathers the definitions of all slides: a link or a footnote may be used on one slide and defined on another."""
    references: dict[str, str] = {}
    footnotes: dict[str, str] = {}
    for chunk in chunks:
        found = _definitions(chunk.text)
        for label, definition in found.references:
            references.setdefault(label, definition)
        for label, definition in found.footnotes:
            footnotes.setdefault(label, definition)
    linked, noted = ("\n".join(found[label] for label in sorted(found)) for found in (references, footnotes))
    facts = (options.lang, options.notes_separator, str(options.incremental))
    return DeckContext(
        references=linked,
        footnotes=noted,
        lang=options.lang,
        notes=options.notes_separator,
        incremental=options.incremental,
        dialect=dialect,
        files=files,
        vault=vault,
        digest=digest_of(
            linked, noted, *facts, dialect, vault, *(part for pair in sorted(files.items()) for part in pair)
        ),
    )


def with_content(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """The chunks that are slides: one that only defines links and footnotes is none. To be asked after `share`."""
    column = row = -1
    kept: list[Chunk] = []
    above = -1
    for chunk in chunks:
        if _definitions(chunk.text).only:
            continue
        column, row = (column, row + 1) if chunk.column == above else (column + 1, 0)
        above = chunk.column
        kept.append(chunk if (chunk.column, chunk.row) == (column, row) else replace(chunk, column=column, row=row))
    return tuple(kept)


class _Definitions(Struct, frozen=True, kw_only=True):
    references: tuple[tuple[str, str], ...] = ()
    """Label and definition."""
    footnotes: tuple[tuple[str, str], ...] = ()
    only: bool = False
    """Whether there is nothing else in the text."""


def _definitions(text: str) -> _Definitions:
    return _read_definitions(text) if "]:" in text else _Definitions()


@lru_cache(maxsize=1024)
def _read_definitions(text: str) -> _Definitions:
    env: dict[str, Any] = {}
    tokens: list[Token] = []
    md = MarkdownIt("commonmark").use(footnote_plugin)
    md.block.parse(text, md, env, tokens)
    lines = text.split("\n")
    notes = [token for token in tokens if token.type == "footnote_reference_open"]
    outermost = sum(token.level == 0 and token.nesting >= 0 for token in tokens)
    return _Definitions(
        references=tuple((label, _reference(label, found)) for label, found in env.get("references", {}).items()),
        footnotes=tuple((note.meta["label"], _footnote(note, lines)) for note in notes),
        only=bool(env) and outermost == sum(note.level == 0 for note in notes),
    )


def _reference(label: str, found: dict[str, Any]) -> str:
    title = escape(found["title"], quote=True).replace("\\", "&#92;").replace("\n", " ")
    return f"[{label}]: <{found['href']}>" + (f' "{title}"' if title else "")


def _footnote(note: Token, lines: Sequence[str]) -> str:
    """Its text; that of a note in a list or a quote is set free from it."""
    first, end = note.map or (0, 0)
    opening = lines[first][lines[first].index("[^") :]
    rest = (line if note.level == 0 else f"    {line.lstrip(' >')}" for line in lines[first + 1 : end])
    return "\n".join((opening, *rest)).rstrip() + "\n"


def place_slides(
    chunks: Sequence[Chunk],
    slides: Sequence[Slide],
    *,
    options: DeckOptions,
    path: str = "",
    layouts: frozenset[str] = frozenset(),
    usual: str = "",
) -> tuple[tuple[Stack, ...], tuple[Diagnostic, ...]]:
    """The slides with unique keys, layouts and section numbers, in their stacks.

    `layouts` are those that the theme adds, `usual` is the one of slides that ask for none; without it, each has the
    one that suits it. A diagnostic for each id that two slides claim, and for each layout that
    does not exist; its lines are those of the file `path`.
    """
    known = LAYOUTS | layouts
    found = [
        *_doubled(chunks, slides, path),
        *(
            _unknown_layout(chunk, slide.layout, known, path)
            for chunk, slide in zip(chunks, slides, strict=True)
            if slide.layout and slide.layout not in known
        ),
    ]
    positions = _positions(chunks, slides, options.title)
    placed: list[Placed] = []
    sections = 0
    for chunk, slide, key, position in zip(chunks, slides, _keys(slides), positions, strict=True):
        layout = slide.layout if slide.layout in known else usual or choose_layout(slide, position)
        sections += layout == "section"
        placed.append(
            Placed(
                key=key,
                slide=slide,
                line=chunk.line,
                path=chunk.path,
                passages=chunk.passages,
                end_line=_end_line(chunk),
                layout=layout,
                number=sections if layout == "section" else 0,
            )
        )
    columns = groupby(zip(chunks, placed, strict=True), key=lambda pair: pair[0].column)
    stacks = tuple(Stack(slides=tuple(each for _, each in pairs)) for _, pairs in columns)
    return stacks, tuple(sorted(found, key=lambda problem: (problem.span.line, problem.span.col)))


def _positions(chunks: Sequence[Chunk], slides: Sequence[Slide], title: str) -> Iterator[SlidePosition]:
    heights = Counter(chunk.column for chunk in chunks)
    for index, (chunk, slide) in enumerate(zip(chunks, slides, strict=True)):
        yield SlidePosition(
            first=index == 0,
            last=index == len(slides) - 1,
            opens=chunk.row == 0 and heights[chunk.column] > 1,
            names_deck=bool(title) and slide.title == title,
        )


def _end_line(chunk: Chunk) -> int:
    """The last line of the slide in its file."""
    last = chunk.text.rstrip("\n").count("\n") + 1
    if not chunk.passages:
        return chunk.line + last - 1
    own = [index for index, each in enumerate(chunk.passages) if each.path == chunk.path]
    stops = {index: each.row for index, each in enumerate(chunk.passages[1:])}
    return max(
        chunk.line,
        *(chunk.passages[index].line + stops.get(index, last) - chunk.passages[index].row for index in own),
    )


def _keys(slides: Sequence[Slide]) -> list[str]:
    """One key per slide: its slug, numbered from 2 where another slide has it already or where an author chose it."""
    chosen = {slide.slug for slide in slides if slide.anchor}
    used: set[str] = set()
    counts: Counter[str] = Counter()
    keys = []
    for slide in slides:
        key = slide.slug
        while key in used or (key in chosen and (slide.anchor is None or key != slide.slug)):
            counts[slide.slug] += 1
            key = f"{slide.slug}-{counts[slide.slug] + 1}"
        used.add(key)
        keys.append(key)
    return keys


def _doubled(chunks: Sequence[Chunk], slides: Sequence[Slide], path: str) -> Iterator[Diagnostic]:
    claimed: dict[str, Span] = {}
    for chunk, slide in zip(chunks, slides, strict=True):
        if slide.anchor is None:
            continue
        span = replace(slide.anchor, path=path, line=slide.anchor.line + chunk.line - 1, end_line=0)
        other = claimed.setdefault(slide.slug, span)
        if other is not span:
            message = f"two slides have the id '{slide.slug}'"
            yield Diagnostic(
                code="M108", message=message, span=span, hint=f"the other is at {path}:{other.line}:{other.col}"
            )


def _unknown_layout(chunk: Chunk, layout: str, known: frozenset[str], path: str) -> Diagnostic:
    near = nearest(layout, known)
    written = re.search(rf"layout\s*=\s*[\"']?({re.escape(layout)})", chunk.text)
    start = written.start(1) if written else 0
    col = start - chunk.text.rfind("\n", 0, start)
    return Diagnostic(
        code="M109",
        message=f"there is no layout '{layout}'",
        span=Span(
            path=path,
            line=chunk.line + chunk.text.count("\n", 0, start),
            col=col,
            end_col=col + len(layout) if written else 0,
        ),
        hint=f"did you mean '{near}'?" if near else did_you_mean(layout, known, noun="layouts"),
    )
