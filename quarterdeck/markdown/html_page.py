"""A reveal.js or remark page, `index.html`, to the texts of its slides. Pure.

A `<section data-markdown>` names a Markdown file or holds Markdown in a `<textarea data-template>` or a `<script
type="text/template">`; any other section is a slide of HTML, or a stack of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from html.parser import HTMLParser
from textwrap import dedent
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.shields import without_code_and_comments
from quarterdeck.model import Attrs
from quarterdeck.project.other_tools import as_yaml
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.regex import regex

_OF_MARKDOWN = frozenset(
    ("data-markdown", "data-separator", "data-separator-vertical", "data-separator-notes", "data-charset")
)
_FOREIGN_SHEET = regex(r"(?:^|/)(?:dist|plugin|lib|node_modules|reveal(?:\.js)?[^/]*|css/print)/|^(?:https?:)?//")
_THEME = regex(r"(?:^|/)theme/([\w-]+)\.css")
_INITIALIZE = regex(r"Reveal(?:\.initialize|)\s*\(\s*\{|new\s+Reveal\s*\([^{)]*\{")
_SECTION = regex(r"(?:\s|<!--(?:(?!-->).)*-->)*<section[\s>]", re.DOTALL | re.IGNORECASE)
_SECTION_TAG = regex(r"<(/?)section\b[^>]*>", re.IGNORECASE)
_SLIDES = regex(r"^ {0,3}(?:-{2,}[ \t]*$|#{1,6}[ \t])", re.MULTILINE)
_MARKDOWN = regex(r"^ {0,3}(?:#{1,6}[ \t]|[-*+][ \t]|!\[)", re.MULTILINE)
_CODE = regex(r"<(pre|script|style|textarea|svg)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_NOT_SHOWN = regex(
    r"<(style|script)\b.*?</\1\s*>|<!--.*?-->|</?(?:div|main|article|header|footer|body|html)\b[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_SOURCE_URL = regex(r"sourceUrl\s*:\s*[\"']([^\"']+)[\"']")


class PageSection(Struct, frozen=True, kw_only=True):
    """One section of the page, or one Markdown text in it."""

    text: str = ""
    line: int
    """Of the page, at which `text` begins or the section is written."""
    file: str = ""
    """The Markdown file that holds the slides, as the page names it."""
    separator: str = ""
    below: str = ""
    notes: str = ""
    attrs: Attrs = ()
    dialect: str = "reveal"
    """`html` for a slide that is no Markdown."""
    stacked: bool = False
    """Whether it stands below the part before it."""
    between: bool = False
    """Whether it stands between two sections, in none."""


class Page(Struct, frozen=True, kw_only=True):
    title: str = ""
    theme: str = ""
    """Name of one of reveal.js' themes."""
    stylesheets: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the page gives to `Reveal.initialize`, as far as it is plain data."""
    parts: tuple[PageSection, ...] = ()


class _Section(Struct):
    attrs: dict[str, str]
    line: int
    opens: int
    """Offset of its opening tag."""
    start: int
    """Offset behind that tag."""
    end: int = 0
    """Offset of its closing tag."""
    behind: int = 0
    """Offset behind that tag; 0 where it is never closed."""
    sections: list[_Section] = field(default_factory=list)
    template: tuple[int, int] | None = None


def read_page(text: str) -> Page:
    """The slides of a page, in order. One without sections has none."""
    reader = _read_tags(text)
    options = _options(text)
    given = options.pop("markdown", {})
    defaults = given if isinstance(given, dict) else {}
    parts = [part for section in reader.top for part in _parts(section, text, defaults)]
    if not parts and reader.source:
        start, end = reader.source
        parts = [PageSection(text=_content(text, start, end), line=text.count("\n", 0, start) + 1, dialect="remark")]
    elif not parts and (named := _SOURCE_URL.search(text)):
        parts = [PageSection(file=named[1], line=text.count("\n", 0, named.start()) + 1, dialect="remark")]
    themes = [found[1] for sheet in reader.sheets if (found := _THEME.search(sheet))]
    return Page(
        title=" ".join(unescape(reader.title).split()),
        theme=themes[-1] if themes else "",
        stylesheets=tuple(s for s in reader.sheets if not _FOREIGN_SHEET.search(s) and not _THEME.search(s)),
        options=options,
        parts=tuple(parts),
    )


def read_sections(text: str, *, line: int, notes: str) -> Page:
    """The slides of a Markdown file that begins with sections at a line of the file; text between them is slides too.

    `notes` is what begins speaker notes: between two sections they are those of the slide before.
    """
    found: list[PageSection] = []
    pattern = notes_pattern(notes)
    for part in _parts_in(_read_tags(without_code_and_comments(text)).top, text, 0, len(text)):
        before = found[-1] if found and not found[-1].file else None
        shown = _shown(part.text)
        if not part.between or (shown and not (before and pattern.match(shown))):
            found.append(part)
        elif before and (shown or "<style" in part.text.lower()):
            gap = max(part.line - before.line - before.text.count("\n"), 1)
            dialect = part.dialect if shown else before.dialect
            found[-1] = replace(before, text=f"{before.text}{chr(10) * gap}{part.text}", dialect=dialect)
    return Page(parts=tuple(replace(each, line=each.line + line - 1) for each in found))


def begins_with_section(text: str) -> bool:
    """Whether the text is the sections of a page, as generators of web sites put them into one.

    Markdown that has a section at its start, open or with slides of Markdown behind it, is Markdown.
    """
    if not _SECTION.match(text):
        return False
    text = without_code_and_comments(text)
    depth = at = 0
    for tag in _SECTION_TAG.finditer(text):
        if depth == 0 and _SLIDES.search(text, at, tag.start()):
            return False
        depth += -1 if tag[1] else 1
        at = tag.end()
    return depth == 0 and not _SLIDES.search(text, at)


def _read_tags(text: str) -> _SectionParser:
    reader = _SectionParser(text)
    reader.feed(text)
    reader.close()
    return reader


def _shown(text: str) -> str:
    """What a browser would show of the text between two sections, without blanks around."""
    return _NOT_SHOWN.sub("", text).strip()


class _SectionParser(HTMLParser):
    """Finds the sections of the page and where they begin and end."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.top: list[_Section] = []
        self.sheets: list[str] = []
        self.title = ""
        self.source: tuple[int, int] | None = None
        self._open: list[_Section] = []
        self._template = ""
        self._began = 0
        self._in_title = False
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._template:
            return
        given = {name: value or "" for name, value in attrs}
        behind = self._offset() + len(self.get_starttag_text() or "")
        if tag == "section":
            section = _Section(attrs=given, line=self.getpos()[0], opens=self._offset(), start=behind)
            (self._open[-1].sections if self._open else self.top).append(section)
            self._open.append(section)
        elif (tag == "textarea" and ("data-template" in given or self._open or given.get("id") == "source")) or (
            tag == "script" and given.get("type") in ("text/template", "text/x-markdown", "text/markdown")
        ):
            self._template, self._began = tag, behind
        elif tag == "link" and "stylesheet" in given.get("rel", "") and given.get("href"):
            self.sheets.append(given["href"])
        self._in_title = tag == "title" and not self._open

    def handle_endtag(self, tag: str) -> None:
        here = self._offset()
        self._in_title = False
        if self._template:
            if tag == self._template:
                self._template = ""
                if self._open:
                    self._open[-1].template = (self._began, here)
                else:
                    self.source = (self._began, here)
        elif tag == "section" and self._open:
            closed = self._open.pop()
            closed.end, closed.behind = here, self._text.find(">", here) + 1

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def _parts_in(sections: Sequence[_Section], text: str, start: int, end: int) -> Iterator[PageSection]:
    """The sections of a Markdown file between two offsets, and the text between them."""
    for section in sections:
        yield _between(text, start, section.opens)
        if section.sections and "data-markdown" not in section.attrs:
            inner = _parts_in(section.sections, text, section.start, section.end or len(text))
            yield from _stacked(part for part in inner if not part.between or _shown(part.text))
        else:
            # a generator of web sites reads the Markdown in it before anybody looks at the sections
            yield from (
                replace(part, dialect="reveal") if _MARKDOWN.search(_CODE.sub("", part.text)) else part
                for part in _parts(section, text, {})
            )
        start = section.behind or end
    yield _between(text, start, end)


def _between(text: str, start: int, end: int) -> PageSection:
    written = text[start:end].lstrip()
    start = text.rfind("\n", start, end - len(written)) + 1 or start
    return PageSection(text=text[start:end], line=text.count("\n", 0, start) + 1, between=True)


def _stacked(parts: Iterable[PageSection]) -> Iterator[PageSection]:
    for number, part in enumerate(parts):
        yield replace(part, stacked=number > 0)


def _parts(section: _Section, text: str, defaults: Mapping[str, Any]) -> Iterator[PageSection]:
    if section.sections and "data-markdown" not in section.attrs:
        yield from _stacked(part for inner in section.sections for part in _parts(inner, text, defaults))
        return
    attrs = tuple((name, value) for name, value in section.attrs.items() if name not in _OF_MARKDOWN)
    if "data-markdown" not in section.attrs:
        content = _content(text, section.start, section.end or len(text))
        yield PageSection(text=content, line=section.line, attrs=attrs, dialect="html")
        return
    given: dict[str, Any] = {
        "separator": section.attrs.get("data-separator") or str(defaults.get("separator", "")),
        "below": section.attrs.get("data-separator-vertical") or str(defaults.get("verticalSeparator", "")),
        "notes": section.attrs.get("data-separator-notes") or str(defaults.get("notesSeparator", "")),
    }
    file = section.attrs["data-markdown"]
    if file:
        yield PageSection(file=file, line=section.line, attrs=attrs, **given)
        return
    start, end = section.template or (section.start, section.end or len(text))
    yield PageSection(text=_content(text, start, end), line=text.count("\n", 0, start) + 1, attrs=attrs, **given)


def _content(text: str, start: int, end: int) -> str:
    """The lines without the indentation that they share; the first one is what stands behind the tag."""
    first, newline, rest = text[start:end].partition("\n")
    return first.strip() + newline + dedent(rest.expandtabs(4))


def _options(text: str) -> dict[str, Any]:
    """Plain values among the options that the page starts reveal.js with; nothing where they are more than data."""
    found = _INITIALIZE.search(text)
    if found is None:
        return {}
    start = found.end() - 1
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            break
    written = re.sub(r"(?<=[\w\"'])\s*:(?=[^\s/])", ": ", as_yaml(text[start : at + 1]))
    try:
        value, _ = load_yaml(written)
    except YamlMistakeError:
        return {}
    return value if isinstance(value, dict) else {}
