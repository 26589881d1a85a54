"""A built site: its files in memory, and on disk all at once or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.model import Entry

MARK = ".quarterdeck"
"""A file that says that a folder is a site of ours, which may be replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    entries: Mapping[str, Entry]
    """By URL, sorted."""


def assemble(entries: Iterable[Entry]) -> Site:
    return Site(entries={entry.url: entry for entry in sorted(entries, key=lambda entry: entry.url)})


def write(site: Site, folder: Path, *, keep: Iterable[Path] = ()) -> None:
    """Puts the site in the place of the folder: whoever looks sees the old one whole or the new one whole.

    Refuses a folder that holds something else, and one that is or holds a path of `keep`.
    """
    _check_replaceable(folder, keep)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    try:
        for entry in site.entries.values():
            _write_entry(entry, fresh)
        (fresh / MARK).write_text("Written by quarterdeck, which replaces this folder as a whole.\n")
        fresh.chmod(0o777 & ~_umask())
        _swap(fresh, folder)
    except OSError as error:
        raise SurroundingsError(
            f"cannot write {error.filename or folder}: {error.strerror}", fix="the previous site was left as it was"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_entry(entry: Entry, folder: Path) -> None:
    target = folder / entry.url
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry.content, bytes):
        target.write_bytes(entry.content)
    else:
        shutil.copyfile(entry.content, target)


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old-", dir=folder.parent)) / "site"
    try:
        folder.rename(old)
        try:
            fresh.rename(folder)
        except BaseException:
            old.rename(folder)
            raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
