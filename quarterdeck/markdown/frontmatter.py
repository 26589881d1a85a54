"""The YAML at the head of a talk: the deck's options, and where its slides begin. Pure.

A talk that begins with `---` has front matter when what follows is a YAML mapping, or was meant to be one; otherwise
the `---` is a separator, and what follows is the first slide. Blank lines and comments may stand above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field

from quarterdeck.markdown.dialects import DIALECTS, recognise
from quarterdeck.markdown.dialects.base import Evidence
from quarterdeck.markdown.dialects.front_matter_keys import adapt, is_known, plain
from quarterdeck.markdown.dialects.marp.directives import loosened
from quarterdeck.markdown.shields import without_code
from quarterdeck.model import Construct, Diagnostic, Source, Span
from quarterdeck.project.deck_options import DeckOptions, deck_options, digest_of_options
from quarterdeck.project.key_check import WrittenKey, check_deck, places_of
from quarterdeck.project.other_tools import OtherToolSettings
from quarterdeck.project.yaml_text import YamlMistakeError, entries, load_yaml
from quarterdeck.regex import regex

_ENOUGH = 500_000
"""Letters of a talk in which the marks of its tool are looked for."""
_OPENS = regex(r"(?P<above>(?:[ \t]*\n|<!--(?:(?!-->)(?s:.))*-->[ \t]*\n)*)---[ \t]*\n")
_LIKE_A_SLIDE = regex(r"\A[ \t]*\n|^#{1,6}[ \t]+\S", re.MULTILINE)
_CLOSES = regex(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_BLANK_LINE = regex(r"^[ \t]*\n", re.MULTILINE)
_OF_MARP = regex(r"^marp[ \t]*:", re.MULTILINE)
_LOOKS_LIKE_KEY = regex(r"""(?:[ \t]*(?:\#.*)?\n)*["']?[A-Za-z_][\w -]*["']?[ \t]*:(?=\s)""")


class FrontMatter(Struct, frozen=True, kw_only=True):
    options: DeckOptions
    body: str
    """The text after the front matter."""
    line: int
    """Line of the file at which `body` begins."""
    digest: str
    """Of the options, whatever gave them."""
    spans: Mapping[tuple[str, ...], Span] = field(default_factory=dict)
    """Where the value of each key stands that holds, in the talk or in its settings: `("snippets", "timeout")`."""
    dialect: str = "quarterdeck"
    values: Mapping[str, Any] = field(default_factory=dict)
    """As they were written, also what means nothing to us."""
    head: str = ""
    """The front matter itself, with the lines around it."""
    constructs: tuple[Construct, ...] = ()


class _YamlBlock(Struct, frozen=True, kw_only=True):
    text: str
    """YAML."""
    line: int
    """Of the file, on which that begins."""
    body_offset: int
    closed: bool = True


_ALONE = OtherToolSettings()
_NOWHERE: Mapping[tuple[str, ...], Span] = MappingProxyType({})


def read_front_matter(
    source: Source,
    *,
    defaults: Mapping[str, Any],
    overrides: Mapping[str, str],
    beside: OtherToolSettings = _ALONE,
    places: Mapping[tuple[str, ...], Span] = _NOWHERE,
) -> tuple[FrontMatter, tuple[Diagnostic, ...]]:
    """The options of a talk and its body. What is wrong is reported, and the defaults hold in its place.

    `defaults` are checked front matter keys of the project, which stand at `places`; `overrides` come from the command
    line, by field name.
    """
    head = _find_head(source.text)
    read, found = _understand(head, source.name) if head else ((), ())
    offset = head.body_offset if head else 0
    body = source.text[offset:]
    values = plain(read)
    asked = str(overrides.get("dialect") or values.get("dialect") or defaults.get("dialect") or "")
    dialect = DIALECTS.get(asked) or recognise(
        Evidence(
            front=values, body=without_code(body[:_ENOUGH]), beside=beside.dialects, suffix=source.path.suffix.lower()
        )
    )
    adapted, constructs = adapt(read, dialect)
    written, wrong = check_deck(adapted)
    around, constructs_around = adapt(beside.entries.get(dialect.name, ()), dialect)
    settled, wrong_around = check_deck(around, where="the settings")
    options = deck_options(defaults, settled, written, **overrides)
    matter = FrontMatter(
        options=options,
        body=body,
        line=source.text.count("\n", 0, offset) + 1,
        digest=digest_of_options(options),
        spans={**dict(places_of(read)), **places, **_settled(around, settled), **_settled(adapted, written)},
        dialect=dialect.name,
        values=dialect.values(head.text) if dialect.values and head else values,
        head=source.text[:offset],
        constructs=(*constructs_around, *constructs),
    )
    return matter, tuple(
        sorted((*found, *wrong, *wrong_around), key=lambda problem: (problem.span.line, problem.span.col))
    )


def _settled(entries: Iterable[WrittenKey], accepted: Mapping[str, Any]) -> dict[tuple[str, ...], Span]:
    """Places of the values that hold: one that was refused left the value of an earlier layer."""
    return {keys: span for keys, span in places_of(entries) if keys[0] in accepted}


def _find_head(text: str) -> _YamlBlock | None:
    opening = _OPENS.match(text)
    if opening is None:
        return None
    start = opening.end()
    line = text.count("\n", 0, start) + 1
    meant = _LOOKS_LIKE_KEY.match(text, start) is not None
    closing = _CLOSES.search(text, start)
    whole = (
        _YamlBlock(text=text[start : closing.start()], line=line, body_offset=min(closing.end() + 1, len(text)))
        if closing
        else None
    )
    if opening["above"] and not (whole and _has_known_key(whole.text)):
        return None
    if whole:
        kind = _kind(whole.text)
        if kind == "mapping" and _LIKE_A_SLIDE.search(whole.text) and not _has_known_key(whole.text):
            return None
        if kind == "mapping" or not whole.text.strip():
            return whole
        if kind == "data":
            return None
    if not meant:
        return None
    # a mapping, a blank line and then no YAML: the closing line was forgotten, not the rest written badly
    gap = _BLANK_LINE.search(text, start, closing.start() if closing else len(text))
    end = gap.start() if gap else len(text)
    if (gap or not whole) and _kind(text[start:end]) == "mapping":
        return _YamlBlock(text=text[start:end], line=line, body_offset=end, closed=False)
    return whole or _YamlBlock(text="", line=line, body_offset=start, closed=False)


def _has_known_key(text: str) -> bool:
    """Whether the text is a mapping with a key of any tool's front matter: `# Us`, then `Email: a@b.c`, is none."""
    try:
        value, _ = load_yaml(text)
    except YamlMistakeError:
        return False
    return isinstance(value, dict) and any(is_known(str(key), DIALECTS.values()) for key in value)


def _kind(text: str) -> Literal["mapping", "data", "broken"]:
    try:
        value, _ = load_yaml(text)
    except YamlMistakeError:
        return "broken"
    return "mapping" if isinstance(value, dict) else "data"


def _read(text: str) -> Any:
    """The YAML; where it is none, as Marp reads it, which asks less of values."""
    try:
        return load_yaml(text)[1]
    except YamlMistakeError:
        if not _OF_MARP.search(text):
            raise
    return load_yaml(loosened(text))[1]


def _understand(head: _YamlBlock, path: str) -> tuple[tuple[WrittenKey, ...], tuple[Diagnostic, ...]]:
    unclosed: tuple[Diagnostic, ...] = ()
    if not head.closed:
        message = "the front matter is never closed"
        span = Span(path=path, line=1, end_col=4)
        unclosed = (Diagnostic(code="F102", message=message, span=span, hint="end it with a line of '---'"),)
    try:
        node = _read(head.text)
    except YamlMistakeError as mistake:
        span = Span(path=path, line=mistake.line + head.line - 1, col=mistake.col)
        message = f"the front matter cannot be read: {mistake.message}"
        return (), (*unclosed, Diagnostic(code=mistake.code, message=message, span=span, hint=mistake.hint))
    read, doubled = entries(node, path=path, line=head.line)
    return read, (*unclosed, *doubled)
