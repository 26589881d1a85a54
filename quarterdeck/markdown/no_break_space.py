"""No-break spaces behind the marks of Markdown, which some keyboards write where a blank was meant. Pure."""

from __future__ import annotations

import re

from quarterdeck.markdown.shields import without_code
from quarterdeck.model import Diagnostic, Span
from quarterdeck.regex import regex

_SPACES = "\u00a0\u202f"
_BEHIND_A_MARK = regex(
    rf"^[ \t]*(?:>[ \t{_SPACES}]*)*(?:\#{{1,6}}|[-*+>]|\d{{1,9}}[.)]|[-*_]{{2,}})"
    rf"(?P<blanks>[{_SPACES}]+)(?![\d{_SPACES}])",
    re.MULTILINE,
)


def with_blanks(text: str, *, name: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text with blanks in place of no-break spaces behind `#`, `-`, `1.`, `>` and separators, and that it had them.

    Nothing moves: each is one character. Code keeps what it has.
    """
    if not any(space in text for space in _SPACES):
        return text, ()
    found = [match.span("blanks") for match in _BEHIND_A_MARK.finditer(without_code(text))]
    if not found:
        return text, ()
    done, at = [], 0
    for start, end in found:
        done += [text[at:start], " " * (end - start)]
        at = end
    start, end = found[0]
    column = start - (text.rfind("\n", 0, start) + 1)
    more = f", and behind {len(found) - 1} more" if len(found) > 1 else ""
    problem = Diagnostic(
        code="M112",
        message=f"a no-break space stands behind a mark of Markdown{more}, and was read as a blank",
        span=Span(path=name, line=text.count("\n", 0, start) + 1, col=column + 1, end_col=column + 1 + end - start),
        hint="write a plain blank: other tools take the line for text",
    )
    return "".join([*done, text[at:]]), (problem,)
