"""A built site: its files in memory, and on disk all at once or not at all.

The folder may be somebody's: a repository, the worktree of a branch that is published, a folder with a README. A list
in it says what the last build wrote; nothing else in it is ever changed or removed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.model import SiteFile

LIST = ".quarterdeck"
"""A file of a built site with the names of all others that the build wrote."""
SPARED = frozenset({".git", ".nojekyll", "CNAME"})
"""What stays whoever wrote it, and is no reason to refuse a folder."""
_STAGE = ".quarterdeck-"
"""Begins the name of the folder in which files of a site wait for their place."""
_TOLD = 5


class Site(Struct, frozen=True, kw_only=True):
    entries: Mapping[str, SiteFile]
    """By URL, sorted."""


def assemble(entries: Iterable[SiteFile]) -> Site:
    return Site(entries={entry.url: entry for entry in sorted(entries, key=lambda entry: entry.url)})


def write(site: Site, folder: Path, *, keep: Iterable[Path] = ()) -> None:
    """Puts the site in the place of what the last build wrote to the folder, and leaves all else in it as it is.

    Whoever looks sees the old site whole or the new one whole, unless the folder holds more than a site: then file
    takes the place of file, pages last. Refuses a folder of which nothing says what the last build wrote, one in which
    a file of somebody else has the name of one of the site's, and one that is or holds a path of `keep`.
    """
    _check_folder(folder, keep)
    there, before = tuple(_found(folder)), _listed(folder)
    others = [name for name in there if before is None or name not in before]
    _check_others(folder, others, site.entries, known=before is not None)
    into = bool(others) or os.path.ismount(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if into:
            _write_into(site, folder, before or ())
        else:
            _write_whole(site, folder)
    except OSError as error:
        left = "some of its pages may be new and some old" if into else "the previous site was left as it was"
        raise SurroundingsError(
            f"cannot write the site to {folder}: {error.strerror}", fix=f"{left}; -o names another folder"
        ) from None


def _write_whole(site: Site, folder: Path) -> None:
    beside = tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True)
    with beside as name:
        fresh, old = Path(name) / "new", Path(name) / "old"
        _write_files(site, fresh)
        _swap(fresh, folder, old=old)


def _write_into(site: Site, folder: Path, before: Collection[str]) -> None:
    for left in folder.glob(f"{_STAGE}*"):  # by a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_STAGE, dir=folder, ignore_cleanup_errors=True) as name:
        fresh = Path(name) / "new"
        _write_files(site, fresh)
        ours = [url for url in site.entries if url not in SPARED or not (folder / url).exists()]
        pages_last = sorted(ours, key=lambda url: url.endswith(".html"))
        # should the rest be interrupted, the next build knows the files of both
        (folder / LIST).write_bytes(_list({*before, *ours}))
        gone = {*before} & {*_found(folder)} - {*site.entries} - SPARED
        in_the_way = {name for name in gone if name in _parents(ours) or not _parents([name]).isdisjoint(ours)}
        _remove(in_the_way, folder)
        for url in pages_last:
            (folder / url).parent.mkdir(parents=True, exist_ok=True)
            (fresh / url).replace(folder / url)
        _remove(gone - in_the_way, folder)
        (folder / LIST).write_bytes(_list(ours))


def _write_files(site: Site, folder: Path) -> None:
    folder.mkdir()
    for url, entry in site.entries.items():
        target = folder / url
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(entry.content, bytes):
            target.write_bytes(entry.content)
        else:
            shutil.copyfile(entry.content, target)
    (folder / LIST).write_bytes(_list(site.entries))


def _swap(fresh: Path, folder: Path, *, old: Path) -> None:
    try:
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except BaseException:  # Ctrl-C may come between any two steps
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


def _remove(names: Iterable[str], folder: Path) -> None:
    """Files, and the folders that are empty without them."""
    for name in names:
        (folder / name).unlink()
        for parent in (folder / name).parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()


def _parents(names: Iterable[str]) -> set[str]:
    return {parent.as_posix() for name in names for parent in PurePosixPath(name).parents}


def _list(urls: Iterable[str]) -> bytes:
    told = {"what": "the files that quarterdeck wrote here and may replace", "files": sorted(urls)}
    return f"{json.dumps(told, indent=0)}\n".encode()


def _listed(folder: Path) -> frozenset[str] | None:
    """What the last build wrote; None where nothing says so."""
    try:
        listed = json.loads((folder / LIST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return frozenset(map(str, listed)) if isinstance(listed, list) else None


def _found(folder: Path) -> Iterator[str]:
    """What is in a folder: its files and links, folders with nothing in them, and a repository as one."""
    for place, folders, files in os.walk(folder):
        at = Path(place).relative_to(folder)
        if at == Path():
            files = [name for name in files if name != LIST]
            folders[:] = [name for name in folders if not name.startswith(_STAGE)]
        elif not folders and not files:
            yield at.as_posix()
        closed = [name for name in folders if name == ".git" or (Path(place) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in closed]
        yield from ((at / name).as_posix() for name in (*files, *closed))


def _check_folder(folder: Path, keep: Iterable[Path]) -> None:
    for path in keep:
        if path.resolve().is_relative_to(folder.resolve()):
            raise SurroundingsError(
                f"the site cannot be written to {folder}: the talks lie there", fix="name another folder with -o"
            )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise SurroundingsError(f"{folder} is no folder that could be replaced", fix="name another folder with -o")


def _check_others(folder: Path, others: Iterable[str], entries: Collection[str], *, known: bool) -> None:
    """Raises where the site could only be written over what somebody else wrote."""
    others = [name for name in others if name not in SPARED]
    if others and not known:
        raise SurroundingsError(
            f"{folder} holds files that quarterdeck did not write, or wrote before it kept a list of them: "
            f"{_some(others)}",
            fix="name another folder with -o, or empty this one",
        )
    below, holding = _parents(entries), _parents(others)
    taken = [name for name in others if name in entries or name in below]
    taken += [url for url in entries if url in holding]
    if taken:
        raise SurroundingsError(
            f"the site has files of the names of others in {folder}, which quarterdeck did not write: {_some(taken)}",
            fix="rename or remove them, or name another folder with -o",
        )


def _some(names: Collection[str]) -> str:
    shown = sorted(names)[:_TOLD]
    return ", ".join(shown) + (f" and {len(names) - _TOLD} more" if len(names) > _TOLD else "")
