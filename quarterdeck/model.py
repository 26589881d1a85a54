"""The values that pass between stages: frozen data, no behaviour, standard library only.

Lines and columns are 1-based, columns count code points. Text that came from Markdown is HTML in which
`\\0n\\0` marks the place of slot `n` of the same slide: NUL never survives CommonMark's normalisation, so
no author can forge one.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NewType

from msgspec import Struct

Html = NewType("Html", str)
"""Markup made by us or cleared by us; any other string is text and is escaped."""

KEY_MARK = "\0key\0"
"""Stands in a slide's HTML for the key that the slide gets in its deck (footnotes make their ids from it)."""

Attrs = tuple[tuple[str, str], ...]
"""HTML attributes in the author's order; a value may hold slot marks; an empty value is a bare flag."""


class Span(Struct, frozen=True, kw_only=True):
    path: str
    """As the user would type it: relative to the folder the command ran in where that is possible, POSIX."""
    line: int
    col: int = 1
    end_line: int = 0
    """0: the same line."""
    end_col: int = 0
    """Exclusive; 0: to the end of the line."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Diagnostic(Struct, frozen=True, kw_only=True):
    code: str
    """A key of `diagnostics.CODES`, which also gives the severity."""
    message: str
    """What, and what was expected; lower case, the author's words in single quotes."""
    span: Span
    hint: str = ""
    """What to do about it: one line."""


class Source(Struct, frozen=True, kw_only=True):
    path: Path
    """Absolute."""
    name: str
    """`path` as it stands in diagnostics (see `Span.path`)."""
    text: str
    """Decoded, newlines as LF, no byte-order mark."""
    digest: str


class Passage(Struct, frozen=True, kw_only=True):
    """Where a stretch of a slide's text was written, up to the next passage."""

    row: int
    """Line of the slide at which it begins, from 1."""
    col: int
    path: str
    """As in `Span`; empty for the talk's own file."""
    line: int
    at: int
    """Column of that line."""


class Chunk(Struct, frozen=True, kw_only=True):
    """The text of one slide as the author wrote it, separators left out."""

    text: str
    line: int
    """Line of the file at which `text` begins."""
    column: int
    """0-based index of its stack."""
    row: int
    """0-based index in its stack."""
    given: Attrs = ()
    """Attributes that it has from slides before it, or from the page that it was found in."""
    path: str = ""
    """Of the file as it stands in diagnostics, where it is not the talk's own."""
    dialect: str = ""
    """Where it is not the talk's own."""
    passages: tuple[Passage, ...] = ()
    """Where the text is from, where it is not one stretch of one file."""


class Option(Struct, frozen=True, kw_only=True):
    """One option of a fence, from its `{…}` group or from a `#| key: value` line, as the author wrote it."""

    key: str
    value: str = ""
    """Text between the quotes, or the YAML text of a `#|` value; empty for a flag."""
    span: Span
    """Relative to the slide."""


DRAWN = frozenset({"mermaid", "chart"})
"""Languages of code fences that are pictures on the slide."""


class Snippet(Struct, frozen=True, kw_only=True):
    """A code fence."""

    language: str
    """First word of the info string as written; may be empty."""
    code: str
    """Without the fence and without `#|` option lines; ends in a newline unless empty."""
    code_line: int = 0
    """Line of the slide on which `code` begins."""
    hidden: tuple[int, ...] = ()
    """Lines (1-based in `code`) that run but are not shown."""
    steps: tuple[tuple[int, ...], ...] = ()
    """Lines (1-based in `code`) that each step lights up; an empty step lights all."""
    numbers: int | None = None
    """Number of the first line where line numbers are shown."""
    id: str = ""
    classes: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    attrs: Attrs = ()
    """HTML attributes from an element annotation."""
    span: Span
    """Of the opening fence line; relative to the slide."""


class Image(Struct, frozen=True, kw_only=True):
    """An image, video or audio that the author placed with Markdown: `![…](…)` or `![[…]]`."""

    target: str
    """As written: percent-decoded, no size suffix. Relative path, wiki name or absolute URL."""
    wiki: bool = False
    alt: str = ""
    title: str = ""
    width: int | None = None
    height: int | None = None
    """CSS pixels, where the author gave a size."""
    attrs: Attrs = ()
    span: Span


class Reference(Struct, frozen=True, kw_only=True):
    """A URL inside markup (`src`, `href`, `data-background-image`, CSS `url()`): only the URL is replaced."""

    target: str
    wiki: bool = False
    required: bool = True
    """False for plain links: a target that is no file stays as it is, without a diagnostic."""
    span: Span


class Icon(Struct, frozen=True, kw_only=True):
    """A drawing of Font Awesome."""

    style: str
    """`solid`, `regular` or `brands`."""
    name: str
    """Without `fa-`; may be one that Font Awesome has given up."""
    span: Span


Slot = Snippet | Image | Reference | Icon


class ConstructOutcome(StrEnum):
    """What became of a construct of another tool."""

    UNDERSTOOD = "understood"
    APPROXIMATED = "approximated"
    LEFT_OUT = "left out"
    TEXT = "left as text"


class Construct(Struct, frozen=True, kw_only=True):
    """Something that an author wrote for another tool, or in its way, for the report of an import."""

    name: str
    outcome: ConstructOutcome = ConstructOutcome.UNDERSTOOD
    span: Span
    remedy: str = ""
    """What the author may do about it: one line."""


class BlockKind(StrEnum):
    """What a top-level block of a slide is; layouts are chosen by it."""

    HEADING = "heading"
    TEXT = "text"
    LIST = "list"
    IMAGE = "image"
    """A paragraph of nothing but one image, or a figure."""
    CODE = "code"
    QUOTE = "quote"
    TABLE = "table"
    RAW = "raw"
    """Raw HTML, possibly half of an element: a slide that has some is never rearranged."""
    FOOTNOTES = "footnotes"
    EDGE = "edge"
    """What stands at an edge of the slide or behind its words: a header, a footer, pictures beside the words."""
    BOX = "box"
    """A callout, a block with a name, columns of the author's: what is in it stays as it is."""
    GRID = "grid"
    """A box with a place of its own on the slide."""


class Block(Struct, frozen=True, kw_only=True):
    kind: BlockKind
    html: Html
    level: int = 0
    """Of a heading, 1 to 6."""


class Slide(Struct, frozen=True, kw_only=True):
    """One slide, parsed. Everything in it is relative to its first line, so that it can be remembered by its text."""

    title: str
    """Text of its first heading, or empty."""
    slug: str
    """Explicit id, else heading slug, else a digest of the text."""
    anchor: Span | None = None
    """Where the author wrote the id; None where the slug is ours."""
    blocks: tuple[Block, ...]
    notes: Html = Html("")
    attrs: Attrs = ()
    """Of the `<section>`; `id` and `layout` are taken out."""
    layout: str = ""
    """The layout the author asked for, or empty."""
    slots: tuple[Slot, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """Span lines count from 1 at the slide's first line."""
    constructs: tuple[Construct, ...] = ()
    """The same; what the dialect's own rules made of the slide."""
    needs: frozenset[str] = frozenset()
    """Parts of a page that only decks with such slides carry: `obsidian` for its stylesheet."""


class Placed(Struct, frozen=True, kw_only=True):
    """A slide in its deck."""

    key: str
    """Stable across inserts: the slug, with -2, -3 for equals; unique in the deck. It is the section's id."""
    slide: Slide
    line: int
    """First line of the slide in the file."""
    end_line: int
    layout: str
    """A layout's name, chosen by content and place unless the author chose."""
    path: str = ""
    """Of the file as it stands in diagnostics, where it is not the talk's own."""
    passages: tuple[Passage, ...] = ()
    """As in `Chunk`."""
    number: int = 0
    """Of a `section` slide: which section it opens, from 1."""


class Stack(Struct, frozen=True, kw_only=True):
    slides: tuple[Placed, ...]
    """1 = a horizontal slide, n = a vertical stack."""


class Theme(Struct, frozen=True, kw_only=True):
    name: str
    stylesheets: tuple[Path, ...]
    """In cascade order."""
    templates: tuple[Path, ...] = ()
    """Folders searched before the built-in templates."""
    ours: bool = True
    """False for reveal.js' own themes: no schemes, and reveal's canvas unless the deck says otherwise."""
    scripts: tuple[Path, ...] = ()
    layouts: frozenset[str] = frozenset()
    """Those that it adds to the ones that every theme has."""
    folders: tuple[Path, ...] = ()
    """Where a file that comes or goes changes the theme."""


class Asset(Struct, frozen=True, kw_only=True):
    """A file that the site carries."""

    path: Path
    url: str
    """Relative to the site's root, POSIX, with a digest in the name."""
    width: int | None = None
    height: int | None = None
    """Intrinsic size in CSS pixels, of images whose size is known."""


class SiteFile(Struct, frozen=True, kw_only=True):
    """One file of a site."""

    url: str
    """Relative to the site's root, POSIX."""
    content: bytes | Path
    digest: str


class Event(Struct, frozen=True, kw_only=True):
    """One event of a recording."""

    at_s: float
    """Seconds since the recording began."""
    kind: str
    """`o` output, `m` marker (a command begins), `x` exit status, as in asciicast."""
    text: str


class Command(Struct, frozen=True, kw_only=True):
    """One command of a recording."""

    text: str
    """As shown after the prompt; lines joined by LF."""
    status: int
    """Exit status; 128 + n where signal n ended it."""


class Recording(Struct, frozen=True, kw_only=True):
    """What a snippet printed when it was run: one `.cast` file."""

    id: str
    key: str
    """Of what was executed (see `run.plan`); another key means that the recording is stale."""
    commands: tuple[Command, ...]
    events: tuple[Event, ...]
    cols: int = 100
    rows: int = 24
    recorded: str = ""
    """Date and time in UTC, ISO 8601 to the second."""
    fingerprint: tuple[tuple[str, str], ...] = ()
    """Versions of engine and tools, platform; sorted by name."""
    parts: tuple[tuple[str, str], ...] = ()
    """What the key was made of: names and digests, in order; they say why a recording is stale."""
    cut_bytes: int = 0
    """Output that was left out of the middle."""
    captured: tuple[tuple[str, str], ...] = ()
    """Values that were found in the output, by name; sorted."""
    filled: tuple[tuple[str, str], ...] = ()
    """Values that were put into the commands, which stand here with the names; sorted."""
