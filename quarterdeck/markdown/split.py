"""A talk's text to the text of its slides. Pure: no Markdown is parsed here, only where slides begin is found.

Every line of the talk is in exactly one chunk, or is a separator, or is in a stretch of blank lines between two
separators, which is no slide.
"""

from __future__ import annotations

import re
import sys
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.dialects.base import Cutting, Dialect, Separator
from quarterdeck.markdown.shields import Unclosed, scan, shielded
from quarterdeck.model import Chunk, Diagnostic, Span
from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.regex import regex

_OURS = DIALECTS["quarterdeck"]
DEFAULTS = (_OURS.separator, _OURS.below)


class SplitRule(Struct, frozen=True, kw_only=True):
    """What begins the next slide, and what begins one below."""

    horizontal: re.Pattern[str]
    vertical: re.Pattern[str]


def split_rule(
    options: DeckOptions,
    *,
    span: Span,
    spans: Mapping[tuple[str, ...], Span] | None = None,
    dialect: Dialect = _OURS,
) -> tuple[SplitRule, tuple[Diagnostic, ...]]:
    """The rule that a talk's options ask for; where a separator is no regular expression, the default one holds.

    `spans` are the places of front matter values; a separator that is not set there is reported at `span`.
    """
    patterns: list[re.Pattern[str]] = []
    found = []
    for key, written, default in (
        ("separator", options.separator, dialect.separator),
        ("verticalSeparator", options.vertical_separator, dialect.below),
    ):
        try:
            patterns.append(separator_pattern(written or default))
        except re.error as error:
            patterns.append(separator_pattern(default))
            message = f"'{key}' is no regular expression: {error.msg} in '{written}'"
            hint = f"until it is one, slides are split at '{default}'"
            place = (spans or {}).get((key,), span)
            found.append(Diagnostic(code="M106", message=message, span=place, hint=hint))
    return SplitRule(horizontal=patterns[0], vertical=patterns[1]), tuple(found)


_IS_REGEX = regex(r"[\\^$()\[\]|\n]|\{\d")
_JAVASCRIPT = regex(
    r"(?P<set>\[\^?(?:\\.|[^\]\\])*\])|(?P<escape>\\(?:u\{[0-9a-fA-F]{1,6}\}|k<\w+>|.))|(?P<group>\(\?<(?=\w))",
    re.DOTALL,
)
_ESCAPE = regex(r"\\(?:u\{[0-9a-fA-F]{1,6}\}|.)", re.DOTALL)
_SAME_ESCAPES = frozenset("bBdDfnrsStuvwWx")
"""Letters that mean the same behind a backslash in both languages; JavaScript reads any other as itself."""


def separator_pattern(written: str) -> re.Pattern[str]:
    """A separator as its author wrote it, literally or as a JavaScript regular expression, as a pattern for `split`.

    A literal one is a line of its own, with at most one blank before it. Raises `re.error`.
    """
    written = written.replace("\r\n", "\n")
    if not _IS_REGEX.search(written):
        return re.compile(rf"^ ?{re.escape(written.strip())}[ \t]*$", re.MULTILINE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # `[[` means what JavaScript means by it, for now
        return re.compile(_JAVASCRIPT.sub(_to_python, written), re.MULTILINE)


def _to_python(part: re.Match[str]) -> str:
    """A part of a JavaScript regular expression that Python would read otherwise; the text has LF newlines."""
    if part["group"]:
        return "(?P<"
    if part["set"]:
        any_or_none = {"[^]": r"[\s\S]", "[]": "(?!)"}
        return any_or_none.get(part["set"]) or _ESCAPE.sub(_escape_to_python, part["set"])
    if part["escape"] == r"\r":
        return r"(?:\r?)"
    return _escape_to_python(part)


def _escape_to_python(part: re.Match[str]) -> str:
    escape = part[0]
    if escape.startswith(r"\u{"):
        code = int(escape[3:-1], 16)
        return re.escape(chr(code)) if code <= sys.maxunicode else "(?!)"
    if escape.startswith(r"\k<"):
        return f"(?P={escape[3:-1]})"
    letter = escape[1]
    return letter if letter.isascii() and letter.isalpha() and letter not in _SAME_ESCAPES else escape


def split(
    text: str,
    *,
    line: int,
    path: str,
    rule: SplitRule,
    dialect: Dialect = _OURS,
    front: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[tuple[Chunk, ...], tuple[Diagnostic, ...]]:
    """One chunk per slide, in order; `line` is the file's line at which `text` begins.

    `front` is the talk's front matter, which some dialects ask. A separator inside a shield (see `fences`) does not
    split; one directly under a line of text does. A diagnostic for each opening that has no end, and for a talk
    without slides.
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    starts = list(accumulate((len(each) + 1 for each in lines), initial=0))
    candidates = _separators(text, starts, rule)
    shields, unclosed = scan(lines, separators=[candidate.first for candidate in candidates])
    separators = [
        candidate
        for candidate in candidates
        if not any(shielded(shields, number) for number in range(candidate.first, candidate.last + 1))
    ]
    if dialect.cut:
        separators = list(dialect.cut(Cutting(lines=lines, separators=tuple(separators), shields=shields, front=front)))
    chunks = tuple(_chunks(text, starts, separators, line=line))
    found = [_diagnostic(each, path=path, line=line) for each in unclosed]
    if not chunks:
        hint = f"write Markdown; a line of '{DEFAULTS[0]}' begins the next slide"
        found.append(
            Diagnostic(code="M107", message="this talk has no slides", span=Span(path=path, line=line), hint=hint)
        )
    return chunks, tuple(found)


def _chunks(text: str, starts: Sequence[int], separators: Sequence[Separator], *, line: int) -> Iterator[Chunk]:
    column, row, opens_stack = -1, 0, True
    begins = 0
    end = Separator(first=len(starts) - 1, last=len(starts) - 1, below=False)
    for separator in (*separators, end):
        slide = text[starts[begins] : starts[separator.first]]
        if slide and not slide.isspace():
            column, row = (column + 1, 0) if opens_stack else (column, row + 1)
            opens_stack = False
            yield Chunk(text=slide, line=line + begins, column=column, row=row)
        opens_stack = opens_stack or not separator.below
        begins = separator.last + 1


def _separators(text: str, starts: Sequence[int], rule: SplitRule) -> list[Separator]:
    """All lines that match, shielded or not; lines that match both patterns are horizontal."""
    found = [Separator(first=first, last=last, below=False) for first, last in _matches(text, starts, rule.horizontal)]
    taken = {number for each in found for number in range(each.first, each.last + 1)}
    found += [
        Separator(first=first, last=last, below=True)
        for first, last in _matches(text, starts, rule.vertical)
        if taken.isdisjoint(range(first, last + 1))
    ]
    return sorted(found, key=lambda each: each.first)


def _matches(text: str, starts: Sequence[int], pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """First and last line of every match that consists of whole lines, 0-based.

    The newlines around a line are there for the pattern at both ends of the text too, and two matches may share one: a
    pattern such as `\\n---\\n` would else miss a separator at the start, at the end and right below another.
    """
    padded = f"\n{text}\n"
    at = 0
    while at <= len(padded) and (match := pattern.search(padded, at)):
        start, end = match.span()
        if start == end:
            at = end + 1
            continue
        at = end - 1 if padded[end - 1] == "\n" and end - 1 > start else end
        # offsets in the text: the newline before the first line is at -1
        lines = _whole_lines(text, starts, start - 1, end - 1)
        if lines:
            yield lines


def _whole_lines(text: str, starts: Sequence[int], start: int, end: int) -> tuple[int, int] | None:
    """First and last of the lines that a stretch covers; None when it covers none, or part of one that has text."""
    first = bisect_left(starts, start)
    last = bisect_left(starts, min(end, len(text))) - 1
    if first > last:
        return None
    before = text[max(start, 0) : starts[first]]
    behind = text[max(end, 0) : starts[last + 1]]
    return None if before.strip() or behind.strip() else (first, last)


_NEVER_CLOSED = {
    # kind of an opening: code, message, hint
    "fence": ("M101", "this code fence is never closed", "end it with a line of '{mark}'"),
    "comment": ("M102", "this comment is never closed", "end it with '-->'"),
    "math": ("M103", "this '$$' block is never closed", "end it with '$$'"),
    "tag": (
        "M104",
        "this <{mark}> is never closed",
        "end it with </{mark}>; where you mean the word, write `<{mark}>`",
    ),
}


def _diagnostic(unclosed: Unclosed, *, path: str, line: int) -> Diagnostic:
    code, message, hint = _NEVER_CLOSED[unclosed.kind]
    if unclosed.swallowed is not None:
        hint += f" before line {line + unclosed.swallowed}"
        if unclosed.kind == "fence":
            code, message = "M105", "this code fence swallows a separator and the next fence: its end is missing"
        else:
            message = "this comment is not closed before the next one begins"
    if unclosed.outside is not None:
        hint = (
            f"the list item or quote around it ends at line {line + unclosed.outside}; indent the code like its fence"
        )
    width = len(unclosed.mark) + (unclosed.kind == "tag")
    span = Span(
        path=path,
        line=line + unclosed.line,
        col=unclosed.offset + 1,
        end_col=unclosed.offset + 1 + width,
    )
    mark = unclosed.mark
    return Diagnostic(code=code, message=message.format(mark=mark), span=span, hint=hint.format(mark=mark))
