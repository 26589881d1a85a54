"""Notes of a vault in the texts of slides: those that are embedded, and the templates that slides ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.embeds import Note, Wanted, embedded, has_embeds
from quarterdeck.markdown.frontmatter import FrontMatter, read_front_matter
from quarterdeck.markdown.mapped_text import MappedText, Stretch, cuts, passages_of, text_of
from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.slide_templates import TemplateSource, framed, without_notes
from quarterdeck.markdown.split import split, split_rule
from quarterdeck.memo import Memo
from quarterdeck.model import Chunk, Diagnostic, Source, Span
from quarterdeck.project.assets import AssetCollection, LookupPlace, Missing
from quarterdeck.project.files import read_source, shown

Cut = Callable[[str, int], tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]]]
"""Text and the line at which it begins to the texts of slides."""


class Vault(Struct, kw_only=True):
    """Finds notes by their names, and remembers what it read."""

    place: LookupPlace
    """Of the talk."""
    cwd: Path
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    assets: AssetCollection = field(default_factory=lambda: AssetCollection(memo=Memo()))
    _found: dict[Wanted, Note | Diagnostic] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> Note | Diagnostic:
        """The note that a name means, by Obsidian's rules, or why there is none."""
        if wanted not in self._found:
            self._found[wanted] = self._find(wanted)
        return self._found[wanted]

    def _find(self, wanted: Wanted) -> Note | Diagnostic:
        name = wanted.name if wanted.name.lower().endswith(".md") else f"{wanted.name}.md"
        place = replace(self.place, folder=Path(wanted.among).parent)
        found = self.assets.locate(name, wiki=True, place=place)
        if isinstance(found, Missing):
            message = found.message.replace(f"'{name}'", f"'{wanted.name}'").replace("no file", "no note")
            return Diagnostic(code=found.code, message=message, span=Span(path="", line=1), hint=found.hint)
        origin, unreadable = read_source(found, name=shown(found, base=self.cwd))
        if origin.name not in self.sources:
            self.problems += unreadable
            self.sources[origin.name] = origin
        front, _ = read_front_matter(origin, defaults={}, overrides={"dialect": "obsidian"})
        note = Note(key=str(found.resolve()), path=origin.name, text=front.body, line=front.line)
        return _page_of(note, wanted, front) if wanted.page else note


def _page_of(note: Note, wanted: Wanted, front: FrontMatter) -> Note | Diagnostic:
    """The slide of the note that an embed asks for, without its speaker notes."""
    dialect = DIALECTS["obsidian"]
    rule, _ = split_rule(front.options, span=Span(path=note.path, line=1), dialect=dialect)
    chunks, _ = split(note.text, line=note.line, path=note.path, rule=rule, dialect=dialect)
    column, row = (*map(int, re.findall(r"\d+", wanted.page)), 0)[:2]
    chunk = next((each for each in chunks if (each.column, each.row) == (column, row)), None)
    if chunk is None:
        message = f"'{wanted.name}' has no slide {wanted.page}"
        hint = f"it has {len(chunks)}, and they count from 0, as in the browser's address"
        return Diagnostic(code="A106", message=message, span=Span(path="", line=1), hint=hint)
    pattern = notes_pattern(front.options.notes_separator or dialect.notes)
    shown, _ = without_notes((Stretch(text=chunk.text, line=chunk.line),), pattern)
    return replace(note, text=text_of(shown), line=chunk.line)


def woven_chunks(
    text: str, line: int, *, origin: Source, front: FrontMatter, notes: str, vault: Vault, split: Cut
) -> tuple[Chunk, ...]:
    """The slides of a talk with notes embedded and templates around them. What is wrong is left in the vault.

    `notes` is a pattern of what begins speaker notes.
    """
    own = str(origin.path.resolve())
    whole: MappedText = (Stretch(text=text, line=line),)
    if has_embeds(text):
        whole, found = embedded(Note(key=own, path="", text=text, line=line), find=vault.find)
        vault.problems += found
    is_woven = len(whole) != 1 or text_of(whole) != text
    chunks, unclosed = split(text_of(whole), 1) if is_woven else split(text, line)
    if is_woven:
        places = passages_of(whole)
        unclosed = tuple(replace(each, span=written_at(each.span, places, path=origin.name)) for each in unclosed)
    vault.problems += unclosed
    default = front.values.get("defaultTemplate", "")
    frame = TemplateSource(
        find=vault.find,
        key=own,
        default=default if isinstance(default, str) else "",
        values=front.values,
        notes=notes_pattern(notes),
        path=origin.name,
    )
    made = tuple(_chunk(chunk, woven, frame, vault) for chunk, woven in _with_stretches(chunks, whole, is_woven))
    vault.problems[:] = [_named(each, origin.name) for each in vault.problems]
    return made


def _with_stretches(chunks: tuple[Chunk, ...], whole: MappedText, is_woven: bool) -> Iterator[tuple[Chunk, MappedText]]:
    if not is_woven:
        yield from ((chunk, (Stretch(text=chunk.text, line=chunk.line),)) for chunk in chunks)
        return
    starts = [0]
    for line in text_of(whole).split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    between = cuts(whole)
    for chunk in chunks:
        start = starts[chunk.line - 1]
        yield chunk, between(start, start + len(chunk.text))


def _chunk(chunk: Chunk, woven: MappedText, frame: TemplateSource, vault: Vault) -> Chunk:
    full, found = framed(woven, frame)
    vault.problems += found
    if len(full) == 1 and not full[0].path and full[0].text == chunk.text:
        return replace(chunk, line=full[0].line)
    own = next((stretch for stretch in woven if not stretch.path and stretch.text.strip()), woven[0])
    skipped = len(own.text) - len(own.text.lstrip("\n"))
    return replace(chunk, text=text_of(full), line=own.line + skipped, path=own.path, passages=passages_of(full))


def _named(problem: Diagnostic, path: str) -> Diagnostic:
    return problem if problem.span.path else replace(problem, span=replace(problem.span, path=path))
