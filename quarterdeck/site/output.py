"""A built site: its files in memory, and on disk all at once or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.model import SiteFile

MARK = ".quarterdeck"
"""A file that says that a folder is a site of ours, which may be replaced."""


class Site(Struct, frozen=True, kw_only=True):
    entries: Mapping[str, SiteFile]
    """By URL, sorted."""


def assemble(entries: Iterable[SiteFile]) -> Site:
    return Site(entries={entry.url: entry for entry in sorted(entries, key=lambda entry: entry.url)})


def write(site: Site, folder: Path, *, keep: Iterable[Path] = ()) -> None:
    """Puts the site in the place of the folder: whoever looks sees the old one whole or the new one whole.

    Refuses a folder that holds something else, and one that is or holds a path of `keep`.
    """
    _check_replaceable(folder, keep)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True)
        with beside as name:
            fresh, old = Path(name) / "new", Path(name) / "old"
            fresh.mkdir()
            for entry in site.entries.values():
                _write_entry(entry, fresh)
            (fresh / MARK).write_text("Written by quarterdeck, which replaces this folder as a whole.\n")
            _swap(fresh, folder, old=old)
    except OSError as error:
        raise SurroundingsError(
            f"cannot write the site to {folder}: {error.strerror}",
            fix="the previous site was left as it was; -o names another folder",
        ) from None


def _write_entry(entry: SiteFile, folder: Path) -> None:
    target = folder / entry.url
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry.content, bytes):
        target.write_bytes(entry.content)
    else:
        shutil.copyfile(entry.content, target)


def _swap(fresh: Path, folder: Path, *, old: Path) -> None:
    try:
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except BaseException:  # Ctrl-C may come between any two steps
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


def _check_replaceable(folder: Path, keep: Iterable[Path]) -> None:
    for path in keep:
        if path.resolve().is_relative_to(folder.resolve()):
            raise SurroundingsError(
                f"the site cannot be written to {folder}: the talks lie there", fix="name another folder with -o"
            )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise SurroundingsError(f"{folder} is no folder that could be replaced", fix="name another folder with -o")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise SurroundingsError(
            f"{folder} holds files that quarterdeck did not write", fix="name another folder with -o, or empty this one"
        )
