"""References in slides and stylesheets to files of the site.

A file's name in the site carries a digest of its content, so that a page never meets another version of its assets, and
all of them lie in one folder, so that a stylesheet's `url()` needs no path.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

from quarterdeck.diagnostics import nearest
from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError
from quarterdeck.memo import Memo
from quarterdeck.model import Asset, SiteFile
from quarterdeck.project.files import children, is_file, walk
from quarterdeck.project.settings import Project
from quarterdeck.project.stylesheets import with_files_renamed

FOLDER = "assets"
_SIZED = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp"})
_QUIET_S = 1.0
"""A file that changed less than this ago may change again within its time stamp's resolution."""


class LookupPlace(Struct, frozen=True, kw_only=True):
    """Where a talk's references are looked up."""

    folder: Path
    """Of the talk's file; relative references start here."""
    root: Path
    """Nothing outside of it is ever read."""
    vault: Path
    """Wiki names are looked up in all of it."""
    allowed: tuple[Path, ...] = ()
    """Folders beside those two that may be read."""

    def holds(self, path: Path) -> bool:
        """Whether the file, wherever links lead, lies where files may be read."""
        real = path.resolve()
        return any(real.is_relative_to(folder.resolve()) for folder in (self.root, self.vault, *self.allowed))


def place_of(talk: Path, project: Project) -> LookupPlace:
    return LookupPlace(folder=talk.parent, root=project.root, vault=project.vault, allowed=project.allowed)


class Missing(Struct, frozen=True, kw_only=True):
    """Why a reference leads to no file: the parts of a diagnostic."""

    code: str
    message: str
    hint: str = ""


def is_external(target: str) -> bool:
    """True for what no file of the site answers: URLs with a scheme or a host, anchors and nothing at all."""
    return not target or target.startswith(("#", "//")) or bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", target))


class AssetCollection(Struct):
    """The assets that one build uses. Made anew for each build; what it read is remembered in the memo."""

    memo: Memo
    entries: dict[str, SiteFile] = field(default_factory=dict)
    read: set[Path] = field(default_factory=set)
    """Every file that was read or looked for: what a watcher should watch."""
    closed: list[Path] = field(default_factory=list)
    """Folders in which a file was looked for by its name, and that may not be looked into."""
    _open: list[Path] = field(default_factory=list)
    _names: dict[Path, dict[str, list[Path]]] = field(default_factory=dict)
    _listed: dict[Path, dict[str, list[Path]]] = field(default_factory=dict)
    """What is in a folder, by folded name."""
    _located: dict[tuple[str, bool, LookupPlace], Path | Missing] = field(default_factory=dict)

    def add(self, path: Path) -> Asset:
        """The file as an asset of the site; a stylesheet brings along what it refers to."""
        self.read.add(path)
        digest, width, height = self._facts(path)
        content: bytes | Path = path
        if path.suffix.lower() == ".css":
            content = self._stylesheet(path).encode()
            digest = digest_of(content)
        url = f"{FOLDER}/{_stem(path)}.{digest[:8]}{path.suffix.lower()}"
        self.entries[url] = SiteFile(url=url, content=content, digest=digest)
        return Asset(path=path, url=url, width=width, height=height)

    def put(self, name: str, content: bytes) -> str:
        """A file made by us; its URL."""
        digest = digest_of(content)
        stem, _, suffix = name.rpartition(".")
        url = f"{FOLDER}/{_stem(Path(stem + '.x'))}.{digest[:8]}.{suffix}"
        self.entries[url] = SiteFile(url=url, content=content, digest=digest)
        return url

    def _facts(self, path: Path) -> tuple[str, int | None, int | None]:
        try:
            stat = path.stat()
            key = (str(path), stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
            if time.time() - stat.st_mtime < _QUIET_S:
                return _read_facts(path)
            return self.memo.get("asset", digest_of(*map(str, key)), lambda: _read_facts(path))
        except OSError as error:
            raise SurroundingsError(f"cannot read {path}: {error.strerror}", fix="check that it is readable") from None

    def _stylesheet(self, path: Path) -> str:
        if path in self._open:
            return ""  # an @import that leads back to itself adds nothing
        self._open.append(path)
        try:
            return with_files_renamed(
                path.read_text("utf-8-sig", "replace"), lambda target: self._renamed(target, path)
            )
        finally:
            self._open.pop()

    def _renamed(self, target: str, sheet: Path) -> str | None:
        """As a stylesheet names a file of the site; nothing for what is none."""
        if is_external(target):
            return None
        path = sheet.parent / unquote(urlsplit(target).path)
        self.read.add(path)
        if not is_file(path):
            return None
        name = self.add(path).url.rpartition("/")[2]
        fragment = urlsplit(target).fragment
        return f"{name}{'#' + fragment if fragment else ''}"

    def locate(self, target: str, *, wiki: bool, place: LookupPlace) -> Path | Missing:
        """The file that a reference means, by Obsidian's rules for wiki names and by relative path for others."""
        key = (target, wiki, place)
        if key not in self._located:
            self._located[key] = self._locate(target, wiki=wiki, place=place)
        return self._located[key]

    def _locate(self, target: str, *, wiki: bool, place: LookupPlace) -> Path | Missing:
        plain = target.replace("\\", "/")
        names = (target, unquote(target), unquote(urlsplit(target).path), plain, unquote(plain))
        written = (*names, *(_exports(target) if wiki else ()))
        for candidate in dict.fromkeys(written):
            found = next((path for path in self._candidates(candidate, wiki=wiki, place=place) if is_file(path)), None)
            if found is not None:
                return _inside(found, target, place)
        for name in (target, *_exports(target)) if wiki else ():
            if (named := self._by_name(name, place)) is not None:
                return _inside(named, target, place) if isinstance(named, Path) else named
        return self._missing(target, wiki=wiki, place=place)

    def _candidates(self, target: str, *, wiki: bool, place: LookupPlace) -> Iterator[Path]:
        if not target or "\0" in target:
            return
        bases: tuple[Path, ...] = (place.folder, place.vault) if wiki else (place.folder,)
        if target.startswith("/"):
            # as a server would have it: from the project's root on, or from the folder that Slidev serves
            bases = (place.root, place.folder / "public", place.folder)
        for base in bases:
            path = base / target.lstrip("/")
            self.read.add(path)
            yield path
            yield from self._other_case(path)
        if target.startswith("/"):
            yield Path(target)

    def _other_case(self, path: Path) -> Iterator[Path]:
        """Letters may differ in case, and in how accents are written: some machines do not care, this one may."""
        folder = path.parent
        if folder not in self._listed:
            self._listed[folder] = {}
            for child in children(folder):
                self._listed[folder].setdefault(_folded(child.name), []).append(child)
        yield from self._listed[folder].get(_folded(path.name), ())

    def _by_name(self, target: str, place: LookupPlace) -> Path | Missing | None:
        wanted = _folded(target.replace("\\", "/").removeprefix("./").lstrip("/"))
        while wanted.startswith("../"):  # from another folder than this one: in a vault, what follows is a name too
            wanted = wanted[3:]
        same = [
            path
            for path in self._vault(place.vault).get(wanted.rpartition("/")[2], [])
            if _folded(path.as_posix()).endswith("/" + wanted)
        ]
        if len(same) < 2:
            return same[0] if same else None
        names = ", ".join(sorted(path.relative_to(place.vault).as_posix() for path in same))
        return Missing(
            code="A102", message=f"'{target}' is the name of {len(same)} files", hint=f"write one of: {names}"
        )

    def _vault(self, vault: Path) -> dict[str, list[Path]]:
        if vault not in self._names:
            names: dict[str, list[Path]] = {}
            for path in sorted(walk(vault, self.closed)):
                names.setdefault(_folded(path.name), []).append(path)
            self._names[vault] = names
        return self._names[vault]

    def _missing(self, target: str, *, wiki: bool, place: LookupPlace) -> Missing:
        folder = (place.folder / unquote(target)).parent
        here = [child.name for child in children(folder) if is_file(child)]
        near = nearest(target.rpartition("/")[2], here)
        if near:
            hint = f"did you mean '{target.rpartition('/')[0] + '/' if '/' in target else ''}{near}'?"
        else:
            known = self._vault(place.vault)
            close = nearest(target.rpartition("/")[2], known)
            hint = f"did you mean '{known[close][0].relative_to(place.vault).as_posix()}'?" if close else ""
        where = "in the vault" if wiki else "beside the talk"
        return Missing(
            code="A101", message=f"no file '{target}' {where}", hint=hint or "add the file, or mend the path"
        )


def _folded(name: str) -> str:
    """A name as file systems compare it that do not care for case, or for how an accent is written."""
    return normalize("NFC", name).casefold()


def _exports(target: str) -> tuple[str, ...]:
    """The pictures that Excalidraw keeps beside a drawing."""
    drawing = target.removesuffix(".md")
    if not drawing.lower().endswith(".excalidraw"):
        return ()
    stem = drawing[: -len(".excalidraw")]
    kinds = (".excalidraw.svg", ".excalidraw.light.svg", ".excalidraw.png", ".excalidraw.light.png", ".svg", ".png")
    return tuple(f"{stem}{kind}" for kind in kinds)


def _inside(path: Path, target: str, place: LookupPlace) -> Path | Missing:
    return path if place.holds(path) else outside(target)


def outside(target: str) -> Missing:
    message = f"'{target}' lies outside of the project"
    hint = "copy the file into the project's folder, or allow its folder: --allow FOLDER, or allow under [site]"
    return Missing(code="A103", message=message, hint=hint)


def _read_facts(path: Path) -> tuple[str, int | None, int | None]:
    raw = path.read_bytes()
    width, height = _size_of(path) if path.suffix.lower() in _SIZED else (None, None)
    return digest_of(raw), width, height


def _size_of(path: Path) -> tuple[int | None, int | None]:
    import imagesize  # it loads http.client and the like, which takes as long as ten slides

    try:
        width, height = imagesize.get(path)
    except (ValueError, OSError, SyntaxError):  # damaged or no picture at all: it has no size we could know
        return None, None
    return (round(width), round(height)) if width > 0 and height > 0 else (None, None)


def _stem(path: Path) -> str:
    """The file's name in letters that need no quoting in a URL."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", path.stem).strip("-") or "file"
