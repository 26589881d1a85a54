"""Which folders' talks may run what they hold: a record per folder, written only after its owner has said yes.

A record names a digest of everything that can run and the commit that was checked out. Another digest, or another
commit, is asked about again. Records lie in the user's own folder, outside of every project: none brings its own.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError

SETTLED_NS = 300_000_000
"""Once git has written its index, HEAD has moved within so long, if it moves at all."""
ABANDONED_NS = 60_000_000_000
"""A lock older than this was left behind by a git that died."""


class Trust(Struct, frozen=True, kw_only=True):
    folder: str
    digest: str
    """Of everything that can run."""
    head: str
    """What git had checked out, empty outside of git (see `git_head`)."""


class Store(Struct, frozen=True):
    """The records, one file each."""

    folder: Path

    def find(self, project: Path) -> Trust | None:
        """The record of a folder; none where there is none that can be read."""
        try:
            raw = json.loads(self._file(project).read_text("utf-8"))
            found = Trust(folder=str(raw["folder"]), digest=str(raw["digest"]), head=str(raw["head"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if found.folder == str(project.resolve()) else None

    def put(self, project: Path, *, digest: str) -> None:
        """Trusts what the folder holds now; the file is the user's alone."""
        record = Trust(folder=str(project.resolve()), digest=digest, head=git_head(project))
        target = self._file(project)
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, fresh = tempfile.mkstemp(dir=target.parent)  # is 0600 from its first moment
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(record), file)
            Path(fresh).replace(target)
        except OSError as error:
            raise SurroundingsError(
                f"cannot remember what you trust in {target.parent}: {error.strerror}", fix="make that folder writable"
            ) from None

    def forget(self, project: Path) -> None:
        self._file(project).unlink(missing_ok=True)

    def _file(self, project: Path) -> Path:
        return self.folder / "trust" / f"{digest_of(str(project.resolve()))[:32]}.json"


def git_head(folder: Path) -> str:
    """What changes when git moves: the name and the commit of HEAD; empty outside of git. Reads files, runs nothing."""
    try:
        git = _git(folder)
        if git is None:
            return ""
        head = (git / "HEAD").read_text("utf-8").strip()
        name = head.removeprefix("ref:").strip() if head.startswith("ref:") else ""
        return f"{head} {_commit(git, name)}".strip() if name else head
    except OSError:
        return ""


def git_is_at_work(folder: Path, *, now_ns: int) -> bool:
    """Whether git is about to move HEAD, or may be: it writes files first, then its index, and HEAD last."""
    try:
        git = _git(folder)
        if git is None:
            return False
        lock, index = git / "index.lock", git / "index"
        return _is_younger(lock, ABANDONED_NS, now_ns) or _is_younger(index, SETTLED_NS, now_ns)
    except OSError:
        return False


def _is_younger(path: Path, than_ns: int, now_ns: int) -> bool:
    return path.exists() and abs(now_ns - path.stat().st_mtime_ns) < than_ns


def _git(folder: Path) -> Path | None:
    """Where git keeps the data of the work tree that the folder is in."""
    folder = folder.resolve()
    git = next((parent / ".git" for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)
    if git is None or git.is_dir():
        return git
    # a work tree of its own: the file says where its data lies
    return (git.parent / git.read_text("utf-8").partition(":")[2].strip()).resolve()


def _commit(git: Path, name: str) -> str:
    common = git / "commondir"
    places = [git, *([(git / common.read_text("utf-8").strip()).resolve()] if common.is_file() else [])]
    for place in places:
        if (place / name).is_file():
            return (place / name).read_text("utf-8").strip()
    packed = places[-1] / "packed-refs"
    lines = packed.read_text("utf-8").splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
