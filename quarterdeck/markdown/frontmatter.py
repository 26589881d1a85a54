"""The YAML at the head of a talk: the deck's options, and where its slides begin. Pure.

A talk that begins with `---` has front matter when what follows is a YAML mapping, or was meant to be one; otherwise
the `---` is a separator, and what follows is the first slide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from quarterdeck.model import Diagnostic, Source, Span
from quarterdeck.settings.check import Entry, check_deck
from quarterdeck.settings.options import DeckOptions, deck_options, digest_of_options
from quarterdeck.settings.yaml_text import YamlMistakeError, entries, load_yaml

__all__ = ["FrontMatter", "load_yaml", "read_front_matter"]

_OPENS = re.compile(r"---[ \t]*\n")
_CLOSES = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_BLANK_LINE = re.compile(r"^[ \t]*\n", re.MULTILINE)
_LOOKS_LIKE_KEY = re.compile(r"""(?:[ \t]*(?:\#.*)?\n)*["']?[A-Za-z_][\w -]*["']?[ \t]*:(?=\s)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    options: DeckOptions
    body: str
    """The text after the front matter."""
    line: int
    """Line of the file at which `body` begins."""
    digest: str
    """Of the options, whatever gave them."""
    spans: Mapping[tuple[str, ...], Span] = field(default_factory=dict)
    """Where the value of each key stands that the talk itself gives: `("snippets", "timeout")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    text: str
    """YAML, its first line being line 2 of the file."""
    body_offset: int
    closed: bool = True


def read_front_matter(
    source: Source, *, defaults: Mapping[str, Any], overrides: Mapping[str, str]
) -> tuple[FrontMatter, tuple[Diagnostic, ...]]:
    """The options of a talk and its body. What is wrong is reported, and the defaults hold in its place.

    `defaults` are checked front matter keys of the project; `overrides` come from the command line, by field name.
    """
    head = _find_head(source.text)
    read, found = _understand(head, source.name) if head else ((), ())
    written, wrong = check_deck(read)
    offset = head.body_offset if head else 0
    options = deck_options(defaults, written, **overrides)
    matter = FrontMatter(
        options=options,
        body=source.text[offset:],
        line=source.text.count("\n", 0, offset) + 1,
        digest=digest_of_options(options),
        spans=dict(_places(read)),
    )
    return matter, tuple(sorted((*found, *wrong), key=lambda problem: (problem.span.line, problem.span.col)))


def _places(entries: Iterable[Entry], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Span]]:
    for entry in entries:
        yield (*above, entry.key), entry.value_span
        yield from _places(entry.children, (*above, entry.key))


def _find_head(text: str) -> _Head | None:
    opening = _OPENS.match(text)
    if opening is None:
        return None
    start = opening.end()
    meant = _LOOKS_LIKE_KEY.match(text, start) is not None
    closing = _CLOSES.search(text, start)
    whole = (
        _Head(text=text[start : closing.start()], body_offset=min(closing.end() + 1, len(text))) if closing else None
    )
    if whole:
        kind = _kind(whole.text)
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
        return _Head(text=text[start:end], body_offset=end, closed=False)
    return whole or _Head(text="", body_offset=start, closed=False)


def _kind(text: str) -> Literal["mapping", "data", "broken"]:
    try:
        value, _ = load_yaml(text)
    except YamlMistakeError:
        return "broken"
    return "mapping" if isinstance(value, dict) else "data"


def _understand(head: _Head, path: str) -> tuple[tuple[Entry, ...], tuple[Diagnostic, ...]]:
    unclosed: tuple[Diagnostic, ...] = ()
    if not head.closed:
        message = "the front matter is never closed"
        span = Span(path=path, line=1, end_col=4)
        unclosed = (Diagnostic(code="F102", message=message, span=span, hint="end it with a line of '---'"),)
    try:
        _, node = load_yaml(head.text)
    except YamlMistakeError as mistake:
        span = Span(path=path, line=mistake.line + 1, col=mistake.col)
        message = f"the front matter cannot be read: {mistake.message}"
        return (), (*unclosed, Diagnostic(code=mistake.code, message=message, span=span, hint=mistake.hint))
    read, doubled = entries(node, path=path, line=2)
    return read, (*unclosed, *doubled)
