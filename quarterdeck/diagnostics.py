"""The codes of author mistakes, and how one is written out as text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from msgspec.structs import replace

from quarterdeck.model import Chunk, Diagnostic, Passage, Placed, Severity, Span

_LONGEST_VALUE = 100
"""Lines of a file in which a word of one value is looked for."""

_E, _W = Severity.ERROR, Severity.WARNING

CODES: dict[str, tuple[Severity, str]] = {
    # Reading
    "R101": (_W, "a file is not UTF-8 and was read as Windows-1252"),
    "R102": (_W, "a folder may not be read and was skipped"),
    # Front matter and settings
    "F101": (_E, "the front matter is no YAML"),
    "F102": (_E, "the front matter is never closed"),
    "F103": (_E, "a key of the front matter or the settings is unknown"),
    "F104": (_E, "a value of the front matter or the settings is not of the kind that its key expects"),
    "F105": (_E, "a key stands twice in the front matter"),
    "F106": (_W, "reveal.js has no such option"),
    "F107": (_E, "the front matter holds YAML that is no plain data"),
    "F108": (_E, "the settings file is no TOML"),
    "F109": (_W, "a key of another tool has no effect here"),
    # Splitting and structure
    "M101": (_E, "a code fence is never closed"),
    "M102": (_E, "an HTML comment is never closed"),
    "M103": (_E, "a `$$` block is never closed"),
    "M104": (_E, "a raw HTML tag (pre, script, style, textarea) is never closed"),
    "M105": (_E, "a fence swallows a separator and another opening fence: its closing fence is missing"),
    "M106": (_E, "a separator in the settings is no regular expression"),
    "M107": (_W, "a talk has no slides"),
    "M108": (_E, "two slides of a talk have the same id"),
    "M109": (_E, "a slide asks for a layout that does not exist"),
    "M110": (_E, "the minutes of a section are no number above 0"),
    "M111": (_W, "the sections of a talk take longer than the talk"),
    "M112": (_W, "a no-break space behind a mark of Markdown was read as a blank"),
    # On a slide
    "M201": (_E, "an annotation holds something that is no attribute"),
    "M202": (_W, "an annotation has no element that it could mean"),
    "M203": (_E, "the options of a code fence cannot be read"),
    "M204": (_W, "words behind the language of a code fence are not used"),
    "M205": (_E, "the line steps of a code fence name no lines of its code"),
    "M206": (_E, "a `#|` line at the top of a code fence is no option"),
    "M207": (_W, "a footnote is referred to and not defined"),
    "M208": (_E, "an image names no file"),
    "M209": (_W, "a closing tag closes nothing"),
    "M210": (_W, "an HTML element is never closed"),
    "M211": (_W, "the size or the place of a grid cannot be read"),
    "M212": (_W, "a `note:` in the middle of a line begins no speaker notes"),
    "M213": (_W, "a row of a table has more cells than its head"),
    # Code
    "C101": (_W, "the language of a code fence is unknown, and the code is shown plain"),
    "C102": (_E, "a chart cannot be read"),
    "C103": (_W, "a chart has no such key"),
    # Snippets that run
    "S101": (_E, "a snippet has an option that does not exist"),
    "S102": (_E, "the value of a snippet's option is not what the option expects"),
    "S103": (_E, "options of a snippet or a session exclude each other"),
    "S104": (_W, "options of a snippet have no effect, or are not enough"),
    "S105": (_E, "two snippets have the same id"),
    "S106": (_E, "the id of a snippet cannot be the name of its recording"),
    "S107": (_E, "a snippet names a session that the front matter does not declare"),
    "S108": (_E, "the output of a snippet is to fill an element that does not exist"),
    "S109": (_E, "nothing can run a snippet of that language"),
    "S110": (_E, "a shell session has no line to run"),
    "S111": (_E, "a dependency of a snippet is no file beside the deck"),
    "S112": (_E, "two snippets capture a value of the same name"),
    "S113": (_E, "a snippet uses a value that is captured only later"),
    "S114": (_W, "nothing captures a value of that name, and another one is alike"),
    # Recordings
    "X101": (_E, "a snippet did not do what was expected when it ran"),
    "X102": (_E, "a name or a port that a snippet needs is taken"),
    "X103": (_E, "the output of a snippet holds no value to capture"),
    "X201": (_W, "a recording is stale"),
    "X202": (_W, "a snippet is not recorded"),
    "X203": (_W, "a recording has no snippet any more"),
    "X301": (_E, "a snippet does not do any more what was recorded"),
    "X302": (_E, "there are recordings, and no snippet that runs"),
    "X303": (_W, "a line below a command was not printed by it, and the slide does not show it"),
    "X401": (_E, "a recording is damaged"),
    "X501": (_E, "the container engine that a talk needs does not answer"),
    "X502": (_W, "an image has to be pulled before a snippet can run"),
    "X503": (_W, "a snippet takes long, for the talk's minutes"),
    # Files that a talk refers to
    "A101": (_E, "a file that the talk refers to is missing"),
    "A102": (_E, "a wiki name is the name of several files"),
    "A103": (_E, "a file lies outside of the project"),
    "A104": (_W, "Font Awesome has no icon of that name"),
    "A105": (_E, "a note is embedded in itself"),
    "A106": (_E, "a note has no such heading or block"),
    "A107": (_E, "the template of a slide cannot be used"),
    # Themes and templates
    "T101": (_E, "there is no theme of that name"),
    "T102": (_E, "a template of the project or theme cannot be used"),
    "T103": (_E, "there is no Pygments style of that name, and the theme's own colours code"),
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


def located(diagnostic: Diagnostic, place: Chunk | Placed, *, path: str) -> Diagnostic:
    """A diagnostic of a slide, moved to where it was written; `path` is the talk's file."""
    if not place.passages:
        return shifted(diagnostic, lines=place.line - 1, path=place.path or path)
    return replace(diagnostic, span=written_at(diagnostic.span, place.passages, path=path))


def written_at(span: Span, passages: Sequence[Passage], *, path: str) -> Span:
    """A span of a woven text in the file that it is from."""
    passage = passages[0]
    for each in passages:
        if (each.row, each.col) > (span.line, span.col):
            break
        passage = each
    lines, cols = span.line - passage.row, 0 if span.line > passage.row else passage.at - passage.col
    end = span.end_line + passage.line - passage.row if span.end_line else 0
    return replace(
        span,
        path=passage.path or path,
        line=passage.line + lines,
        col=max(span.col + cols, 1),
        end_line=end,
        end_col=span.end_col + cols if span.end_col else 0,
    )


def word_at(word: str, span: Span, text: str) -> Span:
    """The place of a word in the value that begins at the span in its file's text; the span where it is not found."""
    lines = text.split("\n")
    edge = r"[\w./\\-]"
    pattern = re.compile(rf"(?<!{edge}){re.escape(word)}(?!{edge})")
    for number in range(span.line, min(span.line + _LONGEST_VALUE, len(lines)) + 1):
        found = pattern.search(lines[number - 1], span.col - 1 if number == span.line else 0)
        if found:
            return replace(span, line=number, col=found.start() + 1, end_line=0, end_col=found.end() + 1)
    return span


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
