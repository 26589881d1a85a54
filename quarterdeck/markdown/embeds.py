"""`![[Note]]`, `![[Note#Heading]]`, `![[Note#^block]]` and `![](note.md)`: the text of notes in the text of a talk.

A fence of the language `slide` that says `slide: [[Talk]]` and `page: 3/1` stands for that slide of another talk.

It is put in before the talk is cut into slides, so that a note that holds `---` adds slides. Pure: who calls gives the
notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from msgspec import Struct

from quarterdeck.markdown.mapped_text import (
    LiveText,
    MappedText,
    Stretch,
    lead_of,
    moved_in,
    place_in,
    replaced,
    text_of,
)
from quarterdeck.markdown.rules.support.image_slots import MEDIA, is_drawing
from quarterdeck.markdown.shields import scan, shielded
from quarterdeck.model import Diagnostic, Span
from quarterdeck.regex import regex

_EMBED = regex(
    r"!\[\[(?P<wiki>[^\[\]|#\n]*?)(?P<part>#[^\[\]|\n]*?)?(?:\\?\|[^\[\]\n]*)?\]\]"
    r"|!\[[^\[\]\n]*\]\(\s*<?(?P<path>[^()<>\n#]+\.md)(?P<other>#[^()<>\n]*)?>?\s*\)",
    re.IGNORECASE,
)
_OTHER_FILES = MEDIA | {".pdf", ".excalidraw", ".canvas", ".base"}
_HEADING = regex(r" {0,3}(?P<level>#{1,6})(?:[ \t]+(?P<text>.*?))?(?:[ \t]+#+)?[ \t]*")
_BULLET = regex(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]")
_SLIDE_FENCE = regex(r"[ \t]*(?:`{3,}|~{3,})[ \t]*slide[ \t]*")
_SLIDE = regex(r"\bslide[ \t]*:[ \t]*[\"']?(?:\[\[)?(?P<name>[^\[\]|\n\"']+)")
_PAGE = regex(r"\bpage[ \t]*:[ \t]*[\"']?#?/?(?P<page>\d+(?:[ \t]*[/,.][ \t]*\d+)?)")
_MARKS = regex(r"[*_`\[\]=~]|<!--.*?-->|\s\^[\w-]+$")
_ID_AT_END = regex(r"(?:^|[ \t]+)\^[\w-]+[ \t]*\Z", re.MULTILINE)
DEEPEST = 16
LARGEST = 5_000_000
"""Letters of a talk with all its notes."""


class Note(Struct, frozen=True, kw_only=True):
    """A file whose text can be put in."""

    key: str
    """The same for the same file."""
    path: str
    """As it stands in diagnostics."""
    text: str
    """Without front matter."""
    line: int
    """At which the text begins in the file."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What an embed names, and where."""

    name: str
    wiki: bool
    among: str
    """Key of the note that it stands in."""
    page: str = ""
    """`3` or `3/1`: of the note as a talk, the fourth slide, or the one below it, as addresses of slides have it."""


Find = Callable[[Wanted], Note | Diagnostic]
"""The note that is meant; else a diagnostic, whose place does not count."""


def embedded(note: Note, *, find: Find) -> tuple[MappedText, tuple[Diagnostic, ...]]:
    """The note's text with the texts of others put in. What cannot be found stays as it is written, and is reported."""
    work = _Work(find=find, left=LARGEST)
    mapped = work.within((Stretch(text=note.text, path=note.path, line=note.line),), note, ((note.key, ""),))
    return mapped, tuple(work.problems)


def has_embeds(text: str) -> bool:
    return "![[" in text or ".md" in text or _has_slides(text)


def _has_slides(text: str) -> bool:
    return "```slide" in text or "~~~slide" in text


class _Work:
    def __init__(self, *, find: Find, left: int) -> None:
        self.problems: list[Diagnostic] = []
        self._find = find
        self._left = left

    def within(self, mapped: MappedText, note: Note, above: tuple[tuple[str, str], ...]) -> MappedText:
        text = text_of(mapped)
        self._left -= len(text)
        if not has_embeds(text):
            return mapped
        edits: list[tuple[int, int, MappedText]] = []
        is_live = LiveText(text)
        for found in _EMBED.finditer(text):
            if found.start() and text[found.start() - 1] == "\\":
                continue
            if not _names_note(found) or not is_live(found.start()):
                continue
            span = _span(mapped, found)
            new = self._text_of(found, span, note, above)
            if new is not None:
                edits.append((found.start(), found.end(), moved_in(new, lead_of(text, found.start()))))
        edits += self._slides(mapped, text, note, above)
        return replaced(mapped, sorted(edits, key=lambda edit: edit[0])) if edits else mapped

    def _slides(
        self, mapped: MappedText, text: str, note: Note, above: tuple[tuple[str, str], ...]
    ) -> Iterator[tuple[int, int, MappedText]]:
        """The slides of other talks, and where the fences that name them begin and end."""
        if not _has_slides(text):
            return
        lines = text.split("\n")
        shields, _ = scan(lines)
        for shield in shields:
            if not _SLIDE_FENCE.fullmatch(lines[shield.first]):
                continue
            says = "\n".join(lines[shield.first + 1 : shield.last])
            named, page = _SLIDE.search(says), _PAGE.search(says)
            if named is None:
                continue
            start = sum(len(line) + 1 for line in lines[: shield.first])
            place = place_in(mapped, start)
            span = Span(path=place.path, line=place.line, col=place.col, end_col=place.col + len(lines[shield.first]))
            wanted = Wanted(name=named["name"].strip(), wiki=True, among=note.key, page=page["page"] if page else "0")
            other = self._find(wanted)
            key = (other.key, wanted.page) if isinstance(other, Note) else ("", "")
            if isinstance(other, Diagnostic):
                self._report(other.code, other.message, span, other.hint)
            elif key in above or len(above) > DEEPEST:
                self._report("A105", f"'{wanted.name}' is embedded in itself", span, "it is left out here")
            else:
                body = other.text.strip("\n")
                line = other.line + len(other.text) - len(other.text.lstrip("\n"))
                inner = (Stretch(text=body, path=other.path, line=line),)
                end = sum(len(line) + 1 for line in lines[: shield.last]) + len(lines[shield.last])
                yield start, end, self.within(inner, other, (*above, key))

    def _text_of(
        self, found: re.Match[str], span: Span, note: Note, above: tuple[tuple[str, str], ...]
    ) -> MappedText | None:
        wiki = found["path"] is None
        name = (found["wiki"] if wiki else unquote(found["path"])).strip()
        part = ((found["part"] if wiki else unquote(found["other"] or "")) or "").strip()
        other = note if not name else self._find(Wanted(name=name, wiki=wiki, among=note.key))
        if isinstance(other, Diagnostic):
            self._report(other.code, other.message, span, other.hint)
            return None
        if (other.key, part) in above:
            self._report("A105", f"'{name or note.path}{part}' is embedded in itself", span, "it is left out here")
            return ()
        if len(above) > DEEPEST or self._left < 0:
            hint = f"at most {DEEPEST} notes in one another, and {LARGEST // 1_000_000} million letters"
            self._report("A105", f"'{name}' is embedded too deeply", span, hint)
            return ()
        lines = other.text.split("\n")
        stretch = _part(lines, part)
        if stretch is None:
            kind = "block" if part.startswith("#^") else "heading"
            self._report("A106", f"'{name}' has no {kind} '{part.lstrip('#^')}'", span, _near(lines, part))
            return None
        first, last = stretch
        body = "\n".join(lines[first:last]).rstrip()
        if part.startswith("#^"):
            body = _ID_AT_END.sub("", body)
        trimmed = body.lstrip("\n")
        first += len(body) - len(trimmed)
        inner: MappedText = (Stretch(text=trimmed, path=other.path, line=other.line + first),) if trimmed else ()
        return self.within(inner, other, (*above, (other.key, part)))

    def _report(self, code: str, message: str, span: Span, hint: str) -> None:
        self.problems.append(Diagnostic(code=code, message=message, span=span, hint=hint))


def _names_note(found: re.Match[str]) -> bool:
    if found["path"] is not None:
        return not re.match(r"[A-Za-z][\w+.-]+:", found["path"])
    name = found["wiki"].strip()
    if "://" in name or found.string.startswith("(", found.end()):
        return False  # an address; or the words of a picture, which are in brackets
    return (
        bool(name or found["part"]) and PurePosixPath(name).suffix.lower() not in _OTHER_FILES and not is_drawing(name)
    )


def _span(mapped: MappedText, found: re.Match[str]) -> Span:
    """Where in its file the embed is written."""
    place = place_in(mapped, found.start())
    return Span(path=place.path, line=place.line, col=place.col, end_col=place.col + len(found[0]))


def _part(lines: Sequence[str], part: str) -> tuple[int, int] | None:
    """First line and the one behind the last of what is meant: all, a heading's section or a block."""
    wanted = part.removeprefix("#").strip()
    if not wanted:
        return 0, len(lines)
    if wanted.startswith("^"):
        return _block(lines, wanted)
    found: tuple[int, int] | None = (0, len(lines))
    for title in wanted.split("#"):
        found = _section(lines, _folded(title), *found) if found else None
    return found


def _section(lines: Sequence[str], title: str, start: int, end: int) -> tuple[int, int] | None:
    first = level = -1
    for number, depth, text in _headings(lines):
        if not start <= number < end:
            continue
        if first < 0 and _folded(text) == title:
            first, level = number, depth
        elif first >= 0 and depth <= level:
            return first, number
    return (first, end) if first >= 0 else None


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    shields, _ = scan(lines)
    for number, line in enumerate(lines):
        found = _HEADING.fullmatch(line)
        if found and not shielded(shields, number):
            yield number, len(found["level"]), found["text"] or ""


def _folded(title: str) -> str:
    """As Obsidian compares titles: without markup, punctuation and case."""
    return " ".join(re.sub(r"[^\w\s]+", " ", _MARKS.sub("", title)).casefold().split())


def _block(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    mark = re.compile(rf"(?:.*\s|\s*){re.escape(name)}\s*", re.IGNORECASE)
    last = next((number for number, line in enumerate(lines) if mark.fullmatch(line)), None)
    if last is None:
        return None
    first = last
    if lines[last].strip().lower() == name.lower():  # on a line of its own: the block above
        while first > 0 and not lines[first - 1].strip():
            first -= 1
        last = max(first - 1, 0)
        first = last
    bullet = next((at for at in range(last, -1, -1) if not lines[at].strip() or _BULLET.match(lines[at])), -1)
    item = _BULLET.match(lines[bullet]) if bullet >= 0 else None
    if item and first == last:
        end = last + 1
        while end < len(lines) and lines[end].strip() and _indent(lines[end]) > len(item["indent"]):
            end += 1
        return bullet, end
    while first > 0 and lines[first - 1].strip() and not _HEADING.fullmatch(lines[first - 1]):
        first -= 1
    return first, last + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _near(lines: Sequence[str], part: str) -> str:
    if part.startswith("#^"):
        return f"a block is named by {part.lstrip('#')} at its end"
    titles = [text for _, _, text in _headings(lines) if text]
    return f"its headings: {', '.join(titles[:8])}" if titles else "it has no headings"
