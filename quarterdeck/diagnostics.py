"""The codes of author mistakes, and how one is written out as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from quarterdeck.model import Diagnostic, Severity, Span

_E, _W = Severity.ERROR, Severity.WARNING

CODES: dict[str, tuple[Severity, str]] = {
    # Splitting and structure
    "M101": (_E, "a code fence is never closed"),
    "M102": (_E, "an HTML comment is never closed"),
    "M103": (_E, "a `$$` block is never closed"),
    "M104": (_E, "a raw HTML tag (pre, script, style, textarea) is never closed"),
    "M105": (_E, "a fence swallows a separator and another opening fence: its closing fence is missing"),
    "M106": (_E, "a separator in the settings is no regular expression"),
}


def severity(diagnostic: Diagnostic) -> Severity:
    return CODES[diagnostic.code][0]


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, or an empty string."""
    pool = sorted(known)
    by_folded = {candidate.casefold(): candidate for candidate in reversed(pool)}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str], *, noun: str = "known") -> str:
    """A hint line: the nearest word where there is one, then all of them."""
    pool = sorted(known)
    near = nearest(word, pool)
    listing = f"{noun}: {', '.join(pool)}" if pool else ""
    return "; ".join(part for part in (f"did you mean '{near}'?" if near else "", listing) if part)


def shifted(diagnostic: Diagnostic, *, lines: int, path: str) -> Diagnostic:
    """The same diagnostic `lines` further down, in the file named `path`."""
    span = diagnostic.span
    moved = replace(span, path=path, line=span.line + lines, end_line=span.end_line + lines if span.end_line else 0)
    return replace(diagnostic, span=moved)


def headline(diagnostic: Diagnostic) -> str:
    """`file:line:col: error[CODE]: message`."""
    span = diagnostic.span
    return f"{span.path}:{span.line}:{span.col}: {severity(diagnostic)}[{diagnostic.code}]: {diagnostic.message}"


def caret(span: Span, line: str) -> tuple[str, str]:
    """The source line with tabs as blanks, and the blanks and `^` that underline the span in it."""
    start = max(span.col - 1, 0)
    same_line = span.end_line in (0, span.line)
    end = span.end_col - 1 if same_line and span.end_col > span.col else len(line.rstrip())
    return line.replace("\t", " "), " " * start + "^" * max(end - start, 1)
