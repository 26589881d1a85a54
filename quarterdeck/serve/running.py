"""Which servers run on this machine, so that `quarterdeck goto` finds the one that shows a file.

Each server has a file of its own in a folder that only the user can read. One that was left behind by a crash is
harmless: nobody answers at its port, or whoever does is no server of ours and says no.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from quarterdeck.project.folders import cache_folder


class RunningServer(Struct, frozen=True, kw_only=True):
    port: int
    paths: tuple[Path, ...]
    """The files and folders it serves talks of; resolved."""
    note: Path
    """The file that says so."""

    def serves(self, file: Path) -> bool:
        return any(file.is_relative_to(path) for path in self.paths)


def notes_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's folder for what lasts as long as a session, else for what may be lost."""
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "quarterdeck"
    return cache_folder() / "running"


@contextmanager
def noted(port: int, paths: Iterable[Path], *, folder: Path) -> Iterator[None]:
    """Says for as long as the block runs that a server listens at the port. A folder that refuses costs only `goto`."""
    note = folder / f"{port}.json"
    text = json.dumps({"port": port, "paths": sorted(str(path.resolve()) for path in paths)})
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        note.unlink(missing_ok=True)  # of a server that crashed
        note.touch(mode=0o600, exist_ok=False)  # never someone else's file, nor through a link
        note.write_text(text, "utf-8")
    except OSError:
        yield
        return
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def running(*, folder: Path) -> tuple[RunningServer, ...]:
    """Every server that has a note, the latest first."""
    notes = sorted(folder.glob("*.json"), key=lambda note: (-_changed(note), note.name)) if folder.is_dir() else ()
    return tuple(filter(None, map(_read, notes)))


def _read(note: Path) -> RunningServer | None:
    try:
        told = json.loads(note.read_text("utf-8"))
        return RunningServer(port=int(told["port"]), paths=tuple(Path(path) for path in told["paths"]), note=note)
    except (OSError, ValueError, KeyError, TypeError):  # gone, or nothing that we wrote
        return None


def _changed(note: Path) -> int:
    try:
        return note.stat().st_mtime_ns
    except OSError:
        return 0
