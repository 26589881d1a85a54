"""What a page is told about a build: which pages there are, which lines their slides come from, what is wrong. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterdeck.diagnostics import caret, severity
from quarterdeck.errors import SurroundingsError
from quarterdeck.serve.patch import Patch, as_json, flat

if TYPE_CHECKING:
    from quarterdeck.model import Diagnostic
    from quarterdeck.site.builds import Build, BuiltDeck, BuiltSlide

INDEX = "index.html"
LONGEST_LINE = 300
"""A source line is cut after so many characters: minified HTML has lines that fill a screen."""


def path_of(url: str) -> str:
    """The address of a page as people type it: `docker/index.html` is `/docker/`."""
    return f"/{url.removesuffix(INDEX) if url == INDEX or url.endswith(f'/{INDEX}') else url}"


def state(
    build: Build,
    *,
    follow: bool,
    trouble: SurroundingsError | None = None,
    found: Iterable[Diagnostic] = (),
    running: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """For the page, as JSON; paths are not percent-encoded. `found` is what was found beside the build."""
    return {
        "follow": follow,
        "pages": {path_of(url): entry.digest for url, entry in build.site.entries.items() if url.endswith(".html")},
        "decks": {path_of(deck.url): _deck(deck, build) for deck in build.decks},
        "findings": findings(build, found),
        "trouble": {"what": trouble.what, "fix": trouble.fix} if trouble else None,
        "running": {page: list(ids) for page, ids in (running or {}).items() if ids},
    }


def findings(build: Build, found: Iterable[Diagnostic] = ()) -> list[dict[str, Any]]:
    """`found`, then what is wrong with the talks of a build."""
    return [_finding(each, build) for each in (*found, *build.diagnostics)]


def message(kind: str, content: Mapping[str, Any]) -> str:
    """As an event of the stream. ASCII only: what a file holds may be no valid UTF-8."""
    return f"data: {json.dumps({'kind': kind, **content}, separators=(',', ':'))}\n\n"


def patches_json(patches: Mapping[str, Patch]) -> dict[str, Any]:
    return {path_of(url): as_json(patch) for url, patch in patches.items()}


def _deck(deck: BuiltDeck, build: Build) -> dict[str, Any]:
    source = build.sources.get(deck.source)
    text = source.text.split("\n") if source else []
    return {"file": deck.source, "lines": {slide.key: [_first(slide, text), slide.end_line] for slide in flat(deck)}}


def _first(slide: BuiltSlide, text: Sequence[str]) -> int:
    """The slide's first line that holds anything: there an editor's cursor is of use."""
    lines = range(slide.line, min(slide.end_line, len(text)) + 1)
    return next((line for line in lines if text[line - 1].strip()), slide.line)


def _finding(diagnostic: Diagnostic, build: Build) -> dict[str, Any]:
    span = diagnostic.span
    found = {
        "code": diagnostic.code,
        "severity": str(severity(diagnostic)),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "file": span.path,
        "line": span.line,
        "col": span.col,
    }
    source = build.sources.get(span.path)
    lines = source.text.split("\n")[span.line - 1 : span.line] if source else []
    if lines and lines[0].strip() and len(lines[0]) <= LONGEST_LINE:
        found["source"], found["mark"] = caret(span, lines[0])
    return found


def places(build: Build) -> dict[str, Path]:
    """The files that a page may ask to open, by the name it knows them by. No other file can be opened."""
    known = {name: source.path for name, source in build.sources.items()}
    return known | {deck.source: deck.path for deck in build.decks}


def slide_at(build: Build, file: Path, line: int) -> tuple[BuiltDeck, int] | None:
    """The deck of a talk's file, and the place of the slide at a line among all of its slides."""
    deck = next((deck for deck in build.decks if _same(deck.path, file)), None)
    if deck is None or not flat(deck):
        return None
    return deck, _index_at(flat(deck), line)


def _index_at(slides: Sequence[BuiltSlide], line: int) -> int:
    """The last slide that begins at the line or above; the separator above a slide counts as its first line."""
    return max((index for index, slide in enumerate(slides) if slide.line - 1 <= line), default=0)


def _same(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()
