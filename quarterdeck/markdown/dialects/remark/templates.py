"""remark's layouts and templates: slides whose content and properties the slides behind them have as well. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.markdown.dialects.remark.properties import PROPERTIES, properties_of
from quarterdeck.markdown.mapped_text import LiveText, MappedText, Stretch, passages_of, replaced, text_of
from quarterdeck.markdown.mapped_text import cut as cut_woven
from quarterdeck.model import Attrs, Chunk
from quarterdeck.regex import regex

_CONTENT = regex(r"\{\{[ \t]*content[ \t]*\}\}")
_NOTES = regex(r"^\?\?\?", re.MULTILINE)
_INHERITED = regex(r"class|background-[a-z]+")


class _Slide(Struct, frozen=True, kw_only=True):
    content: MappedText
    """What it shows."""
    properties: dict[str, str] = field(default_factory=dict)


def repeated(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """The slides that are shown, each with the content of its template, or of the last one with `layout: true`.

    A layout that no slide has is shown itself: its content would be nowhere.
    """
    used: set[int] = set()
    found = tuple(_repeated(chunks, used))
    return tuple(chunk for chunk, layout in found if layout is None or id(layout) not in used)


def _repeated(chunks: Sequence[Chunk], used: set[int]) -> Iterator[tuple[Chunk, _Slide | None]]:
    """The slides and, each with its content, the layouts; adds to `used` the identities of what others have."""
    layout: _Slide | None = None
    before: _Slide | None = None
    named: dict[str, _Slide] = {}
    for chunk in chunks:
        own, head = properties_of(chunk.text)
        if own.get("layout") == "false":
            layout = None
        base = named.get(own.get("template", ""))
        if base is None and own.get("continued") == "true":
            base = before
        if base is None and own.get("layout") != "true":
            base = layout
        used.add(id(base))
        whole = _notes_last((Stretch(text=chunk.text, path=chunk.path, line=chunk.line),))
        if len(whole) > 1:
            chunk = replace(chunk, text=text_of(whole), passages=passages_of(whole))
        notes = _NOTES.search(chunk.text, head)
        end = notes.start() if notes else len(chunk.text)
        content = _within(base.content if base else (), cut_woven(whole, head, end))
        inherited = {name: value for name, value in (base.properties if base else {}).items() if name not in own}
        classes = [base.properties["class"]] if base and base.properties.get("class") else []
        slide = _Slide(content=content, properties={**inherited, **_kept(own, classes)})
        if "name" in own:
            named[own["name"]] = slide
        if own.get("layout") == "true":
            layout = slide
            if chunk.text[head:].strip():
                yield chunk, layout
            continue
        before = slide
        shown = replace(chunk, given=(*chunk.given, *_attributes(inherited, classes)))
        is_framed = base is not None and bool(text_of(base.content).strip())
        if is_framed or _CONTENT.search(chunk.text):
            full = (*cut_woven(whole, 0, head), *_filled(content), *cut_woven(whole, end, len(chunk.text)))
            shown = replace(shown, text=text_of(full), passages=passages_of(full))
        yield shown, None


def _notes_last(whole: MappedText) -> MappedText:
    """The text with its notes at the end: a step behind `--` ends those of the step before."""
    text = text_of(whole)
    is_live = LiveText(text) if _NOTES.search(text) else None
    places = [found.start() for found in _NOTES.finditer(text) if is_live and is_live(found.start())]
    shown, notes, at = [], [], 0
    for start in places:
        step = _STEP.search(text, start)
        if start < at:
            continue
        end = step.start() if step else len(text)
        shown.append(cut_woven(whole, at, start))
        notes.append(cut_woven(whole, start, end))
        at = end
    if not notes or (len(notes) == 1 and at == len(text)):
        return whole
    shown.append(cut_woven(whole, at, len(text)))
    line = whole[-1].line + whole[-1].text.count("\n")
    gap = (Stretch(text="\n", path=whole[-1].path, line=line),)
    return tuple(stretch for part in (*shown, *(each for note in notes for each in (gap, note))) for stretch in part)


_STEP = regex(r"^--[ \t]*$", re.MULTILINE)


def _kept(own: dict[str, str], classes: list[str]) -> dict[str, str]:
    """The properties that other slides may have from it."""
    kept = {name: value for name, value in own.items() if _INHERITED.fullmatch(name)}
    if classes or "class" in own:
        kept["class"] = " ".join([*classes, *([own["class"]] if "class" in own else [])])
    return kept


def _attributes(inherited: dict[str, str], classes: list[str]) -> Iterator[tuple[str, str]]:
    pairs: list[Attrs] = []
    for name, value in (*inherited.items(), *(("class", each) for each in classes if "class" not in inherited)):
        if value:
            pairs.append(tuple(PROPERTIES[name](value)[0]))
    for attributes in pairs:
        yield from attributes


def _filled(content: MappedText) -> MappedText:
    """Without places for content that no slide gave."""
    text = text_of(content)
    if not _CONTENT.search(text):
        return content
    is_live = LiveText(text)
    return replaced(content, [(at.start(), at.end(), ()) for at in _CONTENT.finditer(text) if is_live(at.start())])


def _within(template: MappedText, own: MappedText) -> MappedText:
    """The content of the template around that of the slide, or before it."""
    if not template:
        return own
    text = text_of(template)
    place = _CONTENT.search(text)
    if place:
        return replaced(template, [(place.start(), place.end(), own)])
    line = template[-1].line + template[-1].text.count("\n")
    gap = Stretch(text="" if text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n", path="", line=line)
    return (*template, gap, *own) if gap.text else (*template, *own)
