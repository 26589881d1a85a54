"""Finds the lines of a talk that are shielded: inside them nothing splits and nothing is a definition. Pure.

Shields are code fences, comments of HTML and of Obsidian (`%%`), `$$` blocks and the raw tags `<pre> <script> <style>
<textarea>`. What is never closed shields nothing, and the search goes on behind its opening. Line numbers here are
0-based indices.

The time is linear in the text: a search that succeeds is not repeated, since the scan goes on at its end, and one that
fails is remembered together with the stretch of openings that would fail like it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

from quarterdeck.regex import regex

DEEPEST = 64
"""Columns of indentation by list items below which no fence is seen: each depth may cost a search of its own."""
MOST_QUOTES = 8
RAW_TAGS = ("pre", "script", "style", "textarea")

_QUOTE = regex(r" {0,3}>[ \t]?")
_BULLET = regex(r"(?:[-*+]|\d{1,9}[.)])(?:(?P<gap>[ \t]+)|$)")
_FENCE = regex(r"(?P<mark>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)")
_FENCE_ANYWHERE = regex(rf"(?:[ \t>]|(?:[-*+]|\d{{1,9}}[.)])[ \t])*{_FENCE.pattern}")
_OPENING = regex(
    r"(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"  # a code span, in which nothing opens
    rf"|\\.|(?P<comment><!--)|<(?P<tag>{'|'.join(RAW_TAGS)})(?=[\s>/]|$)",
    re.IGNORECASE,
)
_CLOSING_TAG = {tag: regex(rf"</{tag}(?=[\s>])", re.IGNORECASE) for tag in RAW_TAGS}
_MAY_OPEN = regex(r"[`~<]|\$\$|%%")
_FENCE_MARKS = ("```", "~~~")
_CODE_SPAN = regex(r"(?<!`)(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)")
_COMMENT = regex(r"<!--.*?-->", re.DOTALL)
_LEADING = frozenset(" \t>*+-0123456789")
"""What a line in a list or a quote, or that begins one, begins with."""


class Shield(Struct, frozen=True, kw_only=True):
    """Lines `first` to `last`, the opening and the closing one among them."""

    first: int
    last: int


class Unclosed(Struct, frozen=True, kw_only=True):
    """An opening without an end."""

    kind: str
    """`fence`, `comment`, `math` or `tag`."""
    mark: str
    """As written: "```", `<!--`, `$$` or a tag's name."""
    line: int
    offset: int
    """In its line."""
    swallowed: int | None = None
    """The separator line before the next opening of its kind, where that opening shows that the end is missing."""
    outside: int | None = None
    """The line that leaves the list item or the quote of a fence, where there was no end before it."""


class _Unclosed(Struct, frozen=True, kw_only=True):
    """No end was found for an opening, nor would one be found for its equals before the line `until`."""

    until: int
    at_least: int = 0
    """Marks of the fences that it holds for."""
    at_most: float = float("inf")
    swallowed: int | None = None
    outside: int | None = None


class _Box(Struct, frozen=True, kw_only=True):
    """The innermost list item and the quotes that a fence stands in; both 0 at the top."""

    quotes: int = 0
    indent: int = 0
    """Column of the item's content behind the quote marks."""


def scan(lines: Sequence[str], *, separators: Sequence[int] = ()) -> tuple[tuple[Shield, ...], tuple[Unclosed, ...]]:
    """The shields in order, none overlapping another, and the openings that have no end.

    `lines` have no newlines; `separators` are the lines that split where nothing shields them, ascending.
    """
    scanner = _Scanner(lines, separators)
    scanner.run()
    return tuple(scanner.shields), tuple(scanner.unclosed)


class _Scanner:
    """One pass over the lines that leaves its findings in `shields` and `unclosed`."""

    def __init__(self, lines: Sequence[str], separators: Sequence[int]) -> None:
        self.shields: list[Shield] = []
        self.unclosed: list[Unclosed] = []
        self._lines = lines
        self._separators = separators
        self._text = "\n".join(lines)
        self._starts: list[int] = []
        """Offset of each line in the text."""
        start = 0
        for line in lines:
            self._starts.append(start)
            start += len(line) + 1
        self._quotes = 0
        self._items: list[int] = []
        """Columns at which the content of the open list items begins, outermost first."""
        self._failures: dict[tuple[str, _Box], _Unclosed] = {}

    def run(self) -> None:
        at, may_be_code = 0, True
        while at < len(self._lines):
            line = self._lines[at]
            if not line or line.isspace():
                may_be_code = True
                at += 1
                continue
            offset, indent = self._enter(line)
            may_be_code = may_be_code and indent >= 4  # indented code follows a blank line or itself
            last = at
            if not may_be_code and _MAY_OPEN.search(line, offset):
                nested = self._content_column() > DEEPEST or self._quotes > MOST_QUOTES
                fence = None if nested or indent >= 4 else _FENCE.match(line, offset)
                last = self._fence_end(at, fence) if fence else self._inline_end(at, offset)
                if last > at:
                    self.shields.append(Shield(first=at, last=last))
            at = last + 1

    def _enter(self, line: str) -> tuple[int, int]:
        """Follows the quotes and list items that a line continues or begins: where its content is, and how indented."""
        if line[0] not in _LEADING:
            self._quotes = 0
            self._items.clear()
            return 0, 0
        offset = quotes = 0
        while quote := _QUOTE.match(line, offset):
            offset, quotes = quote.end(), quotes + 1
        if quotes != self._quotes:
            self._quotes = quotes
            self._items.clear()
        blanks = _blanks(line, offset)
        offset, column = offset + len(blanks), _width(blanks)
        while self._items and column < self._items[-1]:
            self._items.pop()
        indent = column - self._content_column()
        while indent < 4 and (bullet := _BULLET.match(line, offset)):
            width = len(bullet[0]) if bullet["gap"] and len(bullet["gap"]) <= 4 else len(bullet[0].rstrip()) + 1
            column += width
            self._items.append(column)
            offset = bullet.end()
            indent = 0
        return offset, indent

    def _content_column(self) -> int:
        return self._items[-1] if self._items else 0

    def _fence_end(self, at: int, fence: re.Match[str]) -> int:
        """The line that closes a fence, or the opening line when none does."""
        mark, box = fence["mark"], _Box(quotes=self._quotes, indent=self._content_column())
        failure = self._known_failure(mark[0], box, at, len(mark))
        if failure is None:
            found = self._search_fence(at, mark, box)
            if isinstance(found, int):
                return found
            failure = self._failures[mark[0], box] = found
        self._report("fence", mark, at, fence.start(), failure)
        return at

    def _known_failure(self, kind: str, box: _Box, at: int, length: int = 0) -> _Unclosed | None:
        known = self._failures.get((kind, box))
        return known if known and at < known.until and known.at_least <= length <= known.at_most else None

    def _search_fence(self, at: int, mark: str, box: _Box) -> int | _Unclosed:
        swallowed = self._next_separator(at)
        seen = at
        for line in self._lines_with(mark, at):
            outside = self._outside(box, seen, line)
            if outside is not None:
                return _Unclosed(until=outside, at_least=len(mark), outside=outside)
            seen = line
            start = self._content_start(self._lines[line], box)
            fence = _FENCE.match(self._lines[line], start) if start >= 0 else None
            if fence and fence["mark"].startswith(mark) and not fence["info"].strip():
                return line
            fence = _FENCE_ANYWHERE.match(self._lines[line])
            is_next = fence and fence["mark"].startswith(mark) and fence["info"].strip()
            if fence and is_next and swallowed is not None and swallowed < line:
                longest = len(fence["mark"])
                return _Unclosed(until=swallowed, at_least=len(mark), at_most=longest, swallowed=swallowed)
        outside = self._outside(box, seen, len(self._lines))
        return _Unclosed(until=len(self._lines) if outside is None else outside, at_least=len(mark), outside=outside)

    def _next_separator(self, line: int) -> int | None:
        index = bisect_right(self._separators, line)
        return self._separators[index] if index < len(self._separators) else None

    def _lines_with(self, mark: str, after: int) -> Iterator[int]:
        """The lines behind `after` that contain the mark."""
        line = after + 1
        while line < len(self._lines):
            found = self._text.find(mark, self._starts[line])
            if found < 0:
                return
            line = self._line_of(found)
            yield line
            line += 1

    def _line_of(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    def _outside(self, box: _Box, seen: int, stop: int) -> int | None:
        """The first line behind `seen` and up to `stop` that is outside of the box."""
        if not box.quotes and not box.indent:
            return None
        for number in range(seen + 1, min(stop + 1, len(self._lines))):
            offset = _behind_quotes(self._lines[number], box.quotes)
            if offset < 0:
                return number
            blanks = _blanks(self._lines[number], offset)
            if offset + len(blanks) < len(self._lines[number]) and _width(blanks) < box.indent:
                return number
        return None

    def _content_start(self, line: str, box: _Box) -> int:
        """Where the content of a line in the box begins; -1 when it is indented too far to close a fence."""
        offset = max(_behind_quotes(line, box.quotes), 0)
        blanks = _blanks(line, offset)
        return offset + len(blanks) if _width(blanks) - box.indent < 4 else -1

    def _inline_end(self, at: int, offset: int) -> int:
        """The last line of what opens in a line: comments, raw tags and math, one behind the other."""
        line = self._lines[at]
        if line.startswith("$$", offset):
            at, offset = self._end_of("math", "$$", at, offset, offset + 2)
        elif line.startswith("%%", offset) and "%%" not in line[offset + 2 :]:
            # a comment of Obsidian; one that is never closed is text
            end = self._search_end("%%", self._starts[at] + offset + 2)
            return self._line_of(end) if end >= 0 else at
        while opening := _OPENING.search(self._lines[at], offset):
            if opening["comment"]:
                # `<!-->` is a whole comment
                at, offset = self._end_of("comment", "<!--", at, opening.start(), opening.start() + 2)
            elif opening["tag"]:
                at, offset = self._end_of("tag", opening["tag"].lower(), at, opening.start(), opening.end())
            else:
                offset = opening.end()
        return at

    def _end_of(self, kind: str, mark: str, at: int, opening: int, offset: int) -> tuple[int, int]:
        """Line and offset behind the end of what opened at `opening`; where it has none, its own line and `offset`."""
        box = _Box()
        failure = self._known_failure(mark, box, at)
        if failure is None:
            end = self._search_end(mark, self._starts[at] + offset)
            last = self._line_of(end) if end >= 0 else len(self._lines)
            swallowed = self._swallowed(at, end) if kind == "comment" else None
            if end >= 0 and swallowed is None:
                return last, end - self._starts[last]
            until = len(self._lines) if swallowed is None else swallowed
            failure = self._failures[mark, box] = _Unclosed(until=until, swallowed=swallowed)
        self._report(kind, mark, at, opening, failure)
        return at, offset

    def _search_end(self, mark: str, start: int) -> int:
        """Offset in the text behind the end that belongs to an opening, or -1."""
        if mark in _CLOSING_TAG:
            found = _CLOSING_TAG[mark].search(self._text, start)
            return found.end() if found else -1
        closing = {"<!--": "-->", "$$": "$$", "%%": "%%"}[mark]
        at = self._text.find(closing, start)
        return at + len(closing) if at >= 0 else -1

    def _swallowed(self, at: int, end: int) -> int | None:
        """The first separator in a comment that is followed by another opening of a comment, which cannot nest."""
        separator = self._next_separator(at)
        if separator is None or end < 0 or self._starts[separator] >= end:
            return None
        return separator if self._text.find("<!--", self._starts[separator], end) >= 0 else None

    def _report(self, kind: str, mark: str, line: int, offset: int, failure: _Unclosed) -> None:
        found = Unclosed(
            kind=kind, mark=mark, line=line, offset=offset, swallowed=failure.swallowed, outside=failure.outside
        )
        self.unclosed.append(found)


def shielded(shields: Sequence[Shield], line: int) -> bool:
    """Whether a line is inside of one of the shields, which are in order."""
    return shield_at(shields, line) is not None


def shield_at(shields: Sequence[Shield], line: int) -> Shield | None:
    """The shield that a line is inside of; they are in order."""
    index = bisect_left(shields, line, key=lambda shield: shield.last)
    return shields[index] if index < len(shields) and shields[index].first <= line else None


def _behind_quotes(line: str, quotes: int) -> int:
    """Offset behind so many quote marks, or -1 where the line has fewer."""
    offset = 0
    for _ in range(quotes):
        quote = _QUOTE.match(line, offset)
        if quote is None:
            return -1
        offset = quote.end()
    return offset


def _blanks(line: str, offset: int) -> str:
    rest = line[offset:]
    return rest[: len(rest) - len(rest.lstrip(" \t"))]


def _width(blanks: str) -> int:
    return len(blanks.expandtabs(4))


def without_code(text: str) -> str:
    """The text with blanks in place of what is inside of code fences, whose opening lines stay."""
    if not any(mark in text for mark in _FENCE_MARKS):
        return text
    lines = text.split("\n")
    shields, _ = scan(lines)
    for shield in shields:
        if lines[shield.first].lstrip(" \t>*+-0123456789.)").startswith(_FENCE_MARKS):
            lines[shield.first + 1 : shield.last] = [" " * len(line) for line in lines[shield.first + 1 : shield.last]]
    return "\n".join(lines)


def without_code_and_comments(text: str) -> str:
    """The text with blanks in place of code fences, code spans and comments: no tag in them is one."""
    text = _CODE_SPAN.sub(_blanked, without_code(text))
    return _COMMENT.sub(_blanked, text) if "-->" in text else text


def _blanked(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
