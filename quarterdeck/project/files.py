"""Finds the talks that a command means and reads text files. The only door through which author text comes in."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from unicodedata import normalize

from msgspec import Struct

from quarterdeck.diagnostics import nearest
from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.model import Diagnostic, Source, Span
from quarterdeck.regex import regex

SUFFIXES = (".md", ".markdown", ".qmd", ".rmd")
PAGES = (".html", ".htm")
"""Decks of reveal.js and remark, where they are named; a folder is not searched for them."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


RESERVED = frozenset({"assets", "index.html", "licences", ".nojekyll"})
"""Names in a site that are not a talk's."""


class TalkFile(Struct, frozen=True, kw_only=True):
    name: str
    """Its folder in the site: `docker` gives `docker/index.html`."""
    path: Path


def shown(path: Path, *, base: Path) -> str:
    """The path as the user would type it in the folder `base`."""
    try:
        relative = os.path.relpath(path, base)
    except ValueError:  # another drive on Windows
        return path.as_posix()
    return path.as_posix() if relative.startswith(os.pardir + os.sep + os.pardir) else Path(relative).as_posix()


def read_source(path: Path, *, name: str) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The file as text with LF newlines; one that is not Unicode is read as Windows-1252, with a diagnostic."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        fix = "check that the file is there and readable"
        raise SurroundingsError(f"cannot read {name}: {error.strerror}", fix=fix) from None
    text, diagnostics = _decode(raw, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(path=path, name=name, text=text, digest=digest_of(text)), diagnostics


def _decode(raw: bytes, name: str) -> tuple[str, tuple[Diagnostic, ...]]:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace"), ()
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
    problem = Diagnostic(
        code="R101",
        message="this file is not UTF-8; it was read as Windows-1252",
        span=Span(path=name, line=line, col=column),
        hint="save it as UTF-8",
    )
    return raw.decode("cp1252", "replace"), (problem,)


def is_file(path: Path) -> bool:
    """False too where the folder that it is in may not be looked into."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """False too where the folder that it is in may not be looked into."""
    try:
        return path.is_dir()
    except OSError:
        return False


def children(folder: Path) -> tuple[Path, ...]:
    """What is in a folder, sorted; nothing where it is none or may not be read."""
    try:
        return tuple(sorted(folder.iterdir()))
    except OSError:
        return ()


def files_below(folder: Path) -> tuple[Path, ...]:
    """All files in the folder and in those inside it, sorted."""
    return tuple(sorted(path for path in folder.rglob("*") if is_file(path)))


def walk(folder: Path, closed: list[Path], *, hidden: tuple[str, ...] = (".",)) -> Iterator[Path]:
    """The files in the folder and in those inside it, but for hidden ones and what npm installed.

    Adds to `closed` the folders that may not be looked into.
    """
    for place, below, names in os.walk(folder):
        seen = [name for name in sorted(below) if not name.startswith(hidden) and name != "node_modules"]
        below[:] = [name for name in seen if may_enter(Path(place) / name)]
        closed += (Path(place) / name for name in seen if name not in below)
        yield from (Path(place) / name for name in sorted(names) if not name.startswith(hidden))


def may_read(path: Path) -> bool:
    return os.access(path, os.R_OK)


def may_enter(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def digest_of_file(path: Path) -> str:
    """Of its content; empty where there is no such file."""
    return digest_of(path.read_bytes()) if is_file(path) else ""


def content_of(path: Path) -> bytes:
    """Of a file; empty where there is no such file."""
    return path.read_bytes() if is_file(path) else b""


def digest_of_folder(folder: Path) -> str:
    """Changes with the names and the contents of the files in it."""
    files = files_below(folder)
    return digest_of(*(part for path in files for part in (str(path.relative_to(folder)), path.read_bytes())))


def find_talks(paths: Iterable[Path], *, base: Path) -> tuple[tuple[TalkFile, ...], tuple[Diagnostic, ...]]:
    """The talks that the paths mean, sorted by name: a file is one, a folder holds `NAME.md` and `NAME/index.md`.

    A folder among them that may not be looked into is a diagnostic.
    """
    found: dict[str, TalkFile] = {}
    closed: list[Path] = []
    for path in paths:
        for talk in _talks_at(path, closed, base=base):
            if talk.name in RESERVED:
                what = f"a talk cannot be named '{talk.name}': {shown(talk.path, base=base)}"
                raise UsageError(what, fix="the site keeps its own files under that name; rename the talk")
            # macOS and Windows know one folder of such names
            clash = found.setdefault(normalize("NFC", talk.name).casefold(), talk)
            if clash.path != talk.path:
                both = f"{shown(clash.path, base=base)} and {shown(talk.path, base=base)}"
                raise UsageError(
                    f"two talks are both named '{talk.name}': {both}", fix="rename one of them, or build one at a time"
                )
    return tuple(sorted(found.values(), key=lambda talk: talk.name)), skipped(closed, base=base)


def skipped(folders: Iterable[Path], *, base: Path) -> tuple[Diagnostic, ...]:
    """What is told of folders that may not be read."""
    return tuple(
        Diagnostic(
            code="R102",
            message="this folder may not be read, and was skipped",
            span=Span(path=shown(folder, base=base), line=1),
            hint="make it readable if a talk or a file of one is in it, or keep it elsewhere",
        )
        for folder in dict.fromkeys(folders)
    )


def _talks_at(path: Path, closed: list[Path], *, base: Path) -> tuple[TalkFile, ...]:
    if path.is_dir():
        return _talks_in(path, closed)
    if not path.exists():
        raise UsageError(f"no such file or folder: {shown(path, base=base)}", fix=_near(path, base=base))
    if path.suffix.lower() not in (*SUFFIXES, *PAGES):
        raise UsageError(f"not a Markdown file: {shown(path, base=base)}", fix="name a .md file, or a folder of them")
    return (_talk(path),)


def _talks_in(folder: Path, closed: list[Path]) -> tuple[TalkFile, ...]:
    """Adds to `closed` the folders in it that may not be looked into."""
    if (folder / ".obsidian").is_dir() and (among := _talks_of_vault(folder, closed)):
        return among
    talks = []
    for child in sorted(folder.iterdir()):
        if child.name.startswith(("_", ".")):
            continue
        if child.suffix.lower() in SUFFIXES and child.is_file() and child.stem.lower() != "readme":
            talks.append(_talk(child))
        elif child.is_dir() and not may_enter(child):
            closed.append(child)
        elif (index := child / "index.md").is_file():
            talks.append(TalkFile(name=child.name, path=index))
    if len(talks) == 1 and talks[0].path.parent == folder and talks[0].path.stem == "index":
        return (TalkFile(name=folder.resolve().name, path=talks[0].path),)
    return tuple(talks)


_SLIDES_IN_FRONT = regex(
    r"\A\ufeff?---[ \t]*\r?\n(?:(?!---).*\n)*?(?:theme|highlightTheme|transition|defaultTemplate|revealOptions"
    r"|separator|verticalSeparator|slideNumber|controls|marp|dialect"
    r"|enable(?:Chalkboard|Overview|Menu|TimeBar|Pointer))[ \t]*:"
)
_SLIDES_BELOW = regex(r"^(?:<!--[ \t]*\.?(?:slide|element)[ \t:]|<(?:grid|split)[ \t]|:::[ \t]*block)", re.MULTILINE)
_CUT = regex(r"(?:\A|\n)[ \t]*\r?\n--(?:-)?[ \t]*\r?\n")
_FRAME = regex(r"<%\??[ \t]*content[ \t]*%>")


def _talks_of_vault(vault: Path, closed: list[Path]) -> tuple[TalkFile, ...]:
    """The notes of a vault that are talks, in whatever folder: they say so in front matter, or by what they hold.

    Most notes of a vault are none; a template that slides stand in is none either.
    """
    notes = (path for path in walk(vault, closed, hidden=("_", ".")) if path.suffix.lower() in SUFFIXES)
    return tuple(_talk(path) for path in notes if _is_talk(path))


def _is_talk(note: Path) -> bool:
    try:
        text = note.read_bytes().decode("utf-8", "replace")
    except OSError:
        return False
    if _FRAME.search(text):
        return False
    front = _SLIDES_IN_FRONT.match(text)
    return front is not None or (_CUT.search(text) is not None and _SLIDES_BELOW.search(text) is not None)


def _talk(path: Path) -> TalkFile:
    name = path.resolve().parent.name if path.stem == "index" else path.stem
    return TalkFile(name=name, path=path)


def _near(path: Path, *, base: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {shown(folder, base=base)} does not exist either"
    names = [child.name for child in folder.iterdir() if child.is_dir() or child.suffix.lower() in SUFFIXES]
    near = nearest(path.name, names)
    return f"did you mean '{shown(folder / near, base=base)}'?" if near else "name a Markdown file, or a folder of them"
