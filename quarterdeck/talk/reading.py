"""A talk's file, and those that it is made of, to the texts of its slides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.diagnostics import word_at
from quarterdeck.markdown.deck import DeckContext, deck_context, with_content
from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.dialects.base import Dialect
from quarterdeck.markdown.frontmatter import FrontMatter, read_front_matter
from quarterdeck.markdown.html_page import Page, PageSection, begins_with_section, read_page, read_sections
from quarterdeck.markdown.no_break_space import with_blanks
from quarterdeck.markdown.split import split, split_rule
from quarterdeck.model import Chunk, Diagnostic, Source, Span
from quarterdeck.project import resources
from quarterdeck.project.assets import outside, place_of
from quarterdeck.project.deck_options import REVEAL_OPTIONS, deck_options
from quarterdeck.project.files import PAGES, is_file, read_source, shown
from quarterdeck.project.key_check import WrittenKey
from quarterdeck.project.other_tools import FILES as SETTINGS
from quarterdeck.project.other_tools import OtherToolSettings, find_beside
from quarterdeck.project.settings import Project
from quarterdeck.talk.includes import DEEPEST, chunks_of, refused, woven_with_includes
from quarterdeck.talk.vault import Vault, woven_chunks

_PAGED = ("reveal", "reveal-md")
"""Dialects whose talks may be the sections of a page, without what is around them."""
LARGEST_BYTES = 1_000_000
"""Of a file whose text stands on a slide."""


class Reading(Struct, frozen=True, kw_only=True):
    """A talk before its slides are parsed."""

    source: Source
    front: FrontMatter
    chunks: tuple[Chunk, ...]
    context: DeckContext
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Every text that its slides are from, by name."""
    inputs: frozenset[Path] = frozenset()
    """Files that were read, or looked for."""

    def written(self, key: str, value: str) -> Span:
        """Where a value of the front matter stands, or the settings that gave it; its own text, where it is found."""
        span = self.front.spans.get((key,))
        if span is None:
            return Span(path=self.source.name, line=1)
        origin = self.sources.get(span.path)
        return word_at(value, span, origin.text) if origin and value else span

    def folders_of(self, span: Span) -> tuple[Path, ...]:
        """Where a file that is named at a place is looked for: beside the file that names it, then beside the talk."""
        origin = self.sources.get(span.path, self.source)
        return tuple(dict.fromkeys((origin.path.parent, self.source.path.parent)))


def read_chunks(path: Path, *, project: Project, cwd: Path, overrides: Mapping[str, str]) -> Reading:
    """The slides of a talk as text. Mistakes are diagnostics; a file that cannot be read at all is an error."""
    return _TalkReader(folder=path.parent, project=project, cwd=cwd, overrides=overrides).read(path)


class _TalkReader(Struct, kw_only=True):
    folder: Path
    project: Project
    cwd: Path
    overrides: Mapping[str, str]
    problems: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    inputs: set[Path] = field(default_factory=set)

    def read(self, path: Path) -> Reading:
        origin = self._source(path)
        in_vault = (self.project.vault / ".obsidian").is_dir()
        beside = find_beside(path, root=self.project.root, vault=in_vault, base=self.cwd)
        self.inputs.update(beside.files)
        if self.project.settings:
            self.sources[self.project.settings.name] = self.project.settings
        for settings in (each for each in beside.files if each.name in SETTINGS and each.is_file()):
            name = shown(settings, base=self.cwd)
            self.sources[name] = read_source(settings, name=name)[0]
        self.problems += beside.diagnostics
        page = read_page(origin.text) if path.suffix.lower() in PAGES else None
        if page is not None:
            front = self._front_of_page(page, origin, beside)
            chunks = self._of_page(page, front, origin)
        else:
            if "reveal" in beside.dialects:
                beside = self._with_page(path, beside)
            front, mistaken = read_front_matter(
                origin,
                defaults=self.project.deck,
                overrides=self.overrides,
                beside=beside,
                places=self.project.places,
            )
            self.problems += mistaken
            if front.dialect in _PAGED and begins_with_section(front.body):
                within = read_sections(front.body, line=front.line, notes=front.options.notes_separator)
                chunks = self._of_page(within, front, origin)
            else:
                chunks = self._of_talk(front, origin)
        dialect = DIALECTS[front.dialect]
        texts = dict(self._texts(chunks, dialect)) if dialect.sources else {}
        vault = self.project.vault.name if front.values.get("enableLinks") is True else ""
        context = deck_context(chunks, front.options, dialect=front.dialect, files=texts, vault=vault)
        return Reading(
            source=origin,
            front=front,
            chunks=with_content(chunks),
            context=context,
            diagnostics=tuple(self.problems),
            sources=self.sources,
            inputs=frozenset(self.inputs),
        )

    def _source(self, path: Path) -> Source:
        found, unreadable = read_source(path, name=shown(path, base=self.cwd))
        self.inputs.add(path)
        self.problems += unreadable
        if path.suffix.lower() not in PAGES:
            text, odd = with_blanks(found.text, name=found.name)
            found = replace(found, text=text)
            self.problems += odd
        self.sources[found.name] = found
        return found

    # a talk of Markdown

    def _of_talk(self, front: FrontMatter, origin: Source) -> tuple[Chunk, ...]:
        dialect = DIALECTS[front.dialect]
        rule, unruly = split_rule(
            front.options, span=Span(path=origin.name, line=1), spans=front.spans, dialect=dialect
        )
        self.problems += unruly
        cut = partial(split, rule=rule, dialect=dialect, front=front.values)
        headed = dialect.heads_slides and bool(front.head)
        text, line = (origin.text, 1) if headed else (front.body, front.line)
        if dialect.embeds:
            chunks = self._of_notes(text, line, origin, front, cut)
        elif dialect.includes:
            whole, missing = woven_with_includes(
                text, line, origin=origin, pattern=dialect.includes, find=self._included
            )
            chunks, unclosed = chunks_of(whole, line, name=origin.name, split=partial(_cut_at, cut, origin.name))
            self.problems += [*missing, *unclosed]
        else:
            chunks, unclosed = cut(text, line=line, path=origin.name)
            self.problems += unclosed
        if headed:
            chunks = _without_empty_head(chunks, front)
        if front.head and dialect.opens_with_title(front.values):
            title = Chunk(text=front.head, line=1, column=0, row=0)
            chunks = (title, *(replace(chunk, column=chunk.column + 1) for chunk in chunks))
        chunks = dialect.repeated(chunks) if dialect.repeated else chunks
        chunks = _in_order(self._with_included(chunks, origin, cut, dialect, (origin.path,)))
        if dialect.carried:
            given = dialect.carried(front.values, [chunk.text for chunk in chunks])
            chunks = tuple(replace(chunk, given=each) for chunk, each in zip(chunks, given, strict=True))
        return chunks

    def _of_notes(self, text: str, line: int, origin: Source, front: FrontMatter, cut: Any) -> tuple[Chunk, ...]:
        """The slides of a note in a vault, which other notes may be part of."""
        place = replace(place_of(origin.path, self.project), folder=self.folder)
        vault = Vault(place=place, cwd=self.cwd)
        notes = front.options.notes_separator or DIALECTS[front.dialect].notes
        split_at = partial(_cut_at, cut, origin.name)
        chunks = woven_chunks(text, line, origin=origin, front=front, notes=notes, vault=vault, split=split_at)
        self.problems += vault.problems
        self.sources |= vault.sources
        self.inputs |= vault.assets.read
        return chunks

    def _with_included(
        self, chunks: Iterable[Chunk], origin: Source, cut: Any, dialect: Dialect, above: tuple[Path, ...]
    ) -> Iterator[Chunk]:
        for chunk in chunks:
            name = dialect.included(chunk.text)
            wanted, _, pages = name.partition("#")
            path = self._path(wanted, origin.path.parent) if wanted else None
            if path is None or path in above or len(above) > DEEPEST:
                if wanted:
                    why = refused(wanted, cyclic=path in above) if path else None
                    self._no_file(wanted, chunk, origin, why=why)
                yield chunk
                continue
            inner = self._source(path)
            found, unclosed = cut(inner.text, line=1, path=inner.name)
            self.problems += unclosed
            own = self._with_included(found, inner, cut, dialect, (*above, path))
            for number, each in enumerate(own, 1):
                if not pages or number in _numbers(pages):
                    below = each.row > 0
                    yield replace(each, path=each.path or inner.name, row=int(below), column=-1)

    def _no_file(self, wanted: str, chunk: Chunk, origin: Source, *, why: tuple[str, str] | None = None) -> None:
        line = next((at for at, text in enumerate(chunk.text.split("\n")) if wanted in text), 0)
        span = Span(path=chunk.path or origin.name, line=chunk.line + line)
        code, message, hint = ("A101", *why) if why else self._why_missing(wanted, origin)
        self.problems.append(Diagnostic(code=code, message=message, span=span, hint=hint))

    def _why_missing(self, wanted: str, origin: Source) -> tuple[str, str, str]:
        """Code, message and hint for a file of slides that cannot be read."""
        if re.match(r"(?:https?:)?//", wanted):
            message = f"'{wanted}' is not on this machine, and nothing is fetched while a talk is built"
            return "A101", message, "its slides are missing here: save the file beside the talk, and name that one"
        found = origin.path.parent / unquote(wanted)
        if is_file(found) and not place_of(found, self.project).holds(found):
            beyond = outside(wanted)
            return beyond.code, beyond.message, beyond.hint
        beside = "the page" if origin.path.suffix.lower() in PAGES else "the talk"
        return "A101", f"no file '{wanted}' beside {beside}", "its slides are missing here"

    def _included(self, name: str, folder: Path) -> Source | None:
        path = self._path(name, folder)
        return self._source(path) if path and path.stat().st_size <= LARGEST_BYTES else None

    def _path(self, name: str, folder: Path) -> Path | None:
        """The file of the project that a slide names; a name from the root on begins at the talk's folder."""
        name = unquote(name)
        rooted = name.removeprefix("@/") if name.startswith("@/") else name.lstrip("/")
        base = folder if rooted == name else self.folder
        path = Path(base / rooted)
        self.inputs.add(path)
        try:
            inside = place_of(path, self.project).holds(path)
            return path if inside and path.is_file() else None
        except (OSError, ValueError):
            return None

    def _texts(self, chunks: Iterable[Chunk], dialect: Dialect) -> Iterator[tuple[str, str]]:
        pattern = dialect.sources
        for chunk in chunks if pattern else ():
            for found in pattern.finditer(chunk.text) if pattern else ():
                path = self._path(found["path"], self.folder)
                if path and path.stat().st_size <= LARGEST_BYTES:
                    yield found["path"], read_source(path, name=path.name)[0].text

    # a page of reveal.js

    def _with_page(self, path: Path, beside: OtherToolSettings) -> OtherToolSettings:
        """What stands around a talk, with what the page that shows it says of it."""
        home = path.parent / "index.html"
        page, name = read_page(read_source(home, name=home.name)[0].text), shown(home, base=self.cwd)
        part = next((each for each in page.parts if each.file.rpartition("/")[2] == path.name), None)
        own = (
            {"separator": part.separator, "verticalSeparator": part.below, "notesSeparator": part.notes} if part else {}
        )
        given = _entries({**self._of_head(page), **own}, name)
        return replace(beside, entries={**beside.entries, "reveal": given})

    def _of_head(self, page: Page) -> dict[str, Any]:
        """What a page says of all its slides, in our words."""
        themed = {"theme": page.theme} if page.theme in resources.reveal_themes() else {}
        sheets = [sheet for sheet in page.stylesheets if is_file(self.folder / unquote(sheet))]
        options = {name: value for name, value in page.options.items() if name in REVEAL_OPTIONS}
        return {"title": page.title, **themed, **({"css": sheets} if sheets else {}), **options}

    def _front_of_page(self, page: Page, origin: Source, beside: OtherToolSettings) -> FrontMatter:
        """The options that the page gives, as if they were a talk's settings."""
        notes = next((part.notes for part in page.parts if part.notes), "")
        dialect = next((part.dialect for part in page.parts if part.dialect != "html"), "reveal")
        given = _entries({"notesSeparator": notes, **self._of_head(page)}, origin.name)
        around = OtherToolSettings(dialects=beside.dialects, entries={**beside.entries, dialect: given})
        front, mistaken = read_front_matter(
            replace(origin, text=""),
            defaults={**self.project.deck, "dialect": dialect},
            overrides=self.overrides,
            beside=around,
            places=self.project.places,
        )
        self.problems += mistaken
        return front

    def _of_page(self, page: Page, front: FrontMatter, origin: Source) -> tuple[Chunk, ...]:
        chunks: list[Chunk] = []
        for part in page.parts:
            for number, chunk in enumerate(self._of_part(part, front, origin)):
                below = chunk.row > 0 or (part.stacked and number == 0)
                chunks.append(replace(chunk, row=int(below), column=-1))
        if not chunks:
            hint = 'a slide is a <section> inside of <div class="slides">'
            span = Span(path=origin.name, line=1)
            self.problems.append(Diagnostic(code="M107", message="this talk has no slides", span=span, hint=hint))
        return _in_order(chunks)

    def _of_part(self, part: PageSection, front: FrontMatter, origin: Source) -> Sequence[Chunk]:
        if part.dialect == "html":
            return (Chunk(text=part.text, line=part.line, column=0, row=0, given=part.attrs, dialect="html"),)
        text, line, name = part.text, part.line, ""
        if part.file:
            path = self._path(part.file.partition("?")[0], origin.path.parent)
            if path is None:
                chunk = Chunk(text=f"{part.file}\n", line=part.line, column=0, row=0, given=part.attrs)
                self._no_file(part.file, chunk, origin)
                return (chunk,)
            inner = self._source(path)
            own, _ = read_front_matter(inner, defaults={}, overrides={"dialect": "reveal"})
            text, line, name = own.body, own.line, inner.name
        dialect = DIALECTS[part.dialect]
        separators = {
            "separator": self.overrides.get("separator") or part.separator or front.options.separator,
            "verticalSeparator": self.overrides.get("vertical_separator")
            or part.below
            or front.options.vertical_separator,
        }
        rule, unruly = split_rule(
            deck_options(separators), span=Span(path=origin.name, line=part.line), dialect=dialect
        )
        chunks, unclosed = split(text, line=line, path=name or origin.name, rule=rule, dialect=dialect)
        self.problems += [*unruly, *unclosed]
        chunks = dialect.repeated(chunks) if dialect.repeated else chunks
        own_dialect = "" if part.dialect == front.dialect else part.dialect
        return [replace(each, path=name, given=(*part.attrs, *each.given), dialect=own_dialect) for each in chunks]


def _cut_at(cut: Any, path: str, text: str, line: int) -> tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]]:
    found: tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]] = cut(text, line=line, path=path)
    return found


def _entries(values: Mapping[str, Any], path: str) -> tuple[WrittenKey, ...]:
    """Plain values as the entries of a settings file."""
    span = Span(path=path, line=1)
    return tuple(
        WrittenKey(key=key, value=value, text=str(value), span=span, value_span=span)
        for key, value in values.items()
        if value not in ("", None) and not isinstance(value, dict)
    )


def _without_empty_head(chunks: tuple[Chunk, ...], front: FrontMatter) -> tuple[Chunk, ...]:
    """Without a first slide that is nothing but the settings of the talk."""
    first = chunks[0] if chunks else None
    says = front.values.keys() & {"layout", "image", "background", "src"}
    if first is None or says or first.text.strip() != front.head.strip():
        return chunks
    rest = chunks[1:]
    return tuple(replace(each, column=max(each.column - 1, 0)) for each in rest)


def _in_order(chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
    """The chunks with their places counted anew; one with a row stands below the one before it."""
    placed: list[Chunk] = []
    column, row = -1, 0
    for chunk in chunks:
        column, row = (column, row + 1) if chunk.row and placed else (column + 1, 0)
        placed.append(replace(chunk, column=column, row=row))
    return tuple(placed)


def _numbers(written: str) -> frozenset[int]:
    """`2,5-7` as numbers."""
    found: set[int] = set()
    for part in written.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal():
            found.update(range(int(first), int(last if last.isdecimal() else first) + 1))
    return frozenset(found)
