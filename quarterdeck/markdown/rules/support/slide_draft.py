"""The slide while its rules run: what they gather for it, and where in it things stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from msgspec import Struct, field

from quarterdeck.model import Construct, ConstructOutcome, Diagnostic, Slot, Span

KEY = "draft"
"""Where the draft lies in markdown-it's `env`."""


InlineRule = Callable[[StateInline, bool], bool]


class SlideDraft(Struct, kw_only=True):
    """Of a slide, which is parsed in parts: its body, then each of its notes."""

    lines: Sequence[str]
    """Of the whole slide."""
    incremental: bool = False
    foreign: bool = False
    """Whether the slide was written for another tool, which forgives what it does not know."""
    definitions_only: bool = False
    """Read for what it defines: notes are text like any other."""
    footnotes: str = ""
    """Definitions of the whole deck, as Markdown."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Texts of files that the talk names, by the name that it gives them."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """Link reference definitions of the whole deck, as markdown-it keeps them."""
    first: int = 0
    """0-based line of the slide at which the part begins."""
    prefix: str = ""
    """Makes the footnotes' ids of this part differ from those of the others."""
    notes_at: int = -1
    """0-based line of the part at which speaker notes begin."""
    notes_nested: bool = False
    """Whether they were found inside of a list, whose shape they must not change."""
    slots: list[Slot] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    attrs: list[tuple[str, str, Span]] = field(default_factory=list)
    """Of the slide itself, in the author's order."""
    heading_ids: list[tuple[str, Span]] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    """See `Slide.needs`."""
    boxed: bool = False
    """Whether something on the slide has a place of its own there."""
    constructs: list[Construct] = field(default_factory=list)
    asides: list[list[Token]] = field(default_factory=list)
    """Speaker notes that stand in the middle of the slide."""
    _sought: tuple[str, int, int, int, int, int] | None = None
    """The line that was last looked for, and what was found: a long line may hold thousands of links."""

    @property
    def beyond(self) -> str:
        """The slide's whole text where the part is not all of it: definitions may stand in another part."""
        text = "\n".join(self.lines) if self.notes_at >= 0 or self.first else ""
        return text if "]:" in text else ""

    def add(self, slot: Slot) -> str:
        """The mark that stands for the slot."""
        self.slots.append(slot)
        return f"\0{len(self.slots) - 1}\0"

    def counts(self) -> tuple[int, ...]:
        return tuple(len(each) for each in self._gathered())

    def back_to(self, counts: tuple[int, ...]) -> None:
        """Forgets what was gathered since `counts` was taken."""
        for each, count in zip(self._gathered(), counts, strict=True):
            del each[count:]

    def _gathered(self) -> tuple[list[Any], ...]:
        return self.slots, self.diagnostics, self.attrs, self.heading_ids, self.constructs, self.asides

    def report(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, hint=hint))

    def note(
        self, name: str, span: Span, outcome: ConstructOutcome = ConstructOutcome.UNDERSTOOD, remedy: str = ""
    ) -> None:
        """Remembers a construct of another tool for the report of an import."""
        self.constructs.append(Construct(name=name, outcome=outcome, span=span, remedy=remedy))

    def span(self, line: int, col: int = 0, end: int = 0) -> Span:
        """Of `line` (0-based in the part) from index `col` to index `end`, or to its end where that is 0."""
        number = min(max(self.first + line, 0), len(self.lines) - 1)
        length = len(self.lines[number])
        start, end = min(max(col, 0), length), min(end, length)
        return Span(path="", line=number + 1, col=start + 1, end_col=end + 1 if end > start else 0)

    def line(self, number: int) -> str:
        """A line of the part, or an empty one outside of the slide."""
        number += self.first
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def at(self, text: str, pos: int, width: int) -> Span:
        """Of `width` characters at index `pos` of `text`, which is the whole part."""
        row, col = row_and_column(text, pos)
        return self.span(row, col, col + width)

    def report_place(self, name: str, value: str, span: Span) -> None:
        hint = 'as in drag="60 55"' if name == "drag" else 'as in drop="5 10", drop="-5 -10" or drop="topright"'
        self.report("M211", f"'{value}' is no {'size' if name == 'drag' else 'place'} of a grid", span, hint)

    def in_content(self, token: Token, content: str, at: int, width: int) -> Span:
        """Of `width` characters at index `at` of `content`: the token's text without the indentation of its lines."""
        if token.map is None:
            return self.span(0)
        row, column = row_and_column(content, at)
        start = at - column
        line = token.map[0] + row
        if self._sought is None or self._sought[0] is not content or self._sought[1:3] != (start, line):
            end = content.find("\n", start)
            written = content[start:] if end < 0 else content[start:end]
            base = self.line(line).find(written.strip())
            shift = len(written) - len(written.lstrip())
            self._sought = (content, start, line, max(base, 0) - shift, len(written), shift)
        _, _, _, base, length, shift = self._sought
        col = base + max(column, shift)
        return self.span(line, col, col + min(width, length - column))


def row_and_column(text: str, pos: int) -> tuple[int, int]:
    """Where the character at index `pos` stands, both counted from 0."""
    starts = _line_starts(text)
    row = bisect_right(starts, pos) - 1
    return row, pos - starts[row]


@lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    """Where the lines of a text begin; remembered, as all that stands in a long text asks for it."""
    return tuple(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))


def draft_of(env: MutableMapping[str, Any]) -> SlideDraft:
    found: SlideDraft = env[KEY]
    return found


def located(rule: InlineRule) -> InlineRule:
    """The rule, noting in its first token where in the text it stands."""

    def with_place(state: StateInline, silent: bool) -> bool:
        at, index = state.pos, len(state.tokens) + bool(state.pending)
        found = rule(state, silent)
        if found and not silent and len(state.tokens) > index:
            token = state.tokens[index]
            token.meta["at"] = at
            token.meta["width"] = state.pos - at
        return found

    return with_place
