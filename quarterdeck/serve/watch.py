"""Batches of changed paths, one per save however an editor saves. Knows nothing of servers and builds.

Only the folders of the wanted paths are watched, and none of them recursively, so that `.git`, `.venv` and
`node_modules` beside a talk cost nothing. Gives paths, never what happened to them: whoever reads them again finds out.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver
from wcmatch import fnmatch

from quarterdeck.project.files import is_folder
from quarterdeck.site.output import LIST

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

SETTLE_MS = 40
"""A batch ends when nothing has happened for so long: editors write, rename and touch in several steps."""
LONGEST_MS = 400
"""A batch ends after so long even if saving goes on, so that a file under constant change is still seen."""
ABSENT_MS = 250
"""A file that went away is given so long to come back: some editors and `git checkout` remove before they write."""
POLL_S = 0.5
WAKE_S = 1.0
"""How long a wait may last at a time: on Windows, Ctrl-C does not end a wait without limit."""
CLOCK_GRAIN_NS = 20_000_000
"""File systems stamp files with a clock that may lag this far behind `time.time_ns`."""

NOISE = (
    # names that editors, version control and file managers leave for a moment
    *(
        ".*",
        "*~",
        "#*#",
        "*.tmp",
        "*.temp",
        "*.bak",
        "*.sw?",
        "*.part",
        "*.crdownload",
        "*___jb_tmp___",
        "*___jb_old___",
    ),
    *("4913", "*.sb-????????-??????", "sed??????", "Thumbs.db", "desktop.ini"),
    *("__pycache__", "node_modules"),
)
_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})
"""What watchdog calls that which can change a file's text; opening and reading are none of it."""

Tell = Callable[[str], None]


def is_noise(name: str) -> bool:
    """Whether a file of this name is nobody's work: a swap file, a backup, a half-written one."""
    return fnmatch.fnmatch(name, NOISE, flags=fnmatch.CASE | fnmatch.DOTMATCH)


def watch(
    paths: Callable[[], Iterable[Path]],
    *,
    settle_ms: int = SETTLE_MS,
    tell: Tell = lambda _text: None,
    since_ns: int | None = None,
) -> Iterator[frozenset[Path]]:
    """Yields each batch of changes to the files and in the folders that `paths` names, until it is closed.

    `paths` is asked again before each wait. What changes while the caller works on a batch comes in the next one.
    `since_ns` is the time (`time.time_ns`) at which the caller began to read the first paths: what changed from then on
    counts.

        for changed in watch(lambda: [Path("deck")]):
            build()
    """
    with Watcher(settle_ms=settle_ms, tell=tell) as watcher:
        while True:
            watcher.aim(paths(), since_ns=since_ns)
            changed = watcher.wait()
            if changed is None:
                return
            since_ns = time.time_ns()
            yield changed


class _Aim(Struct, frozen=True):
    files: frozenset[Path] = frozenset()
    folders: frozenset[Path] = frozenset()
    """Any name in one of them counts."""
    above: frozenset[Path] = frozenset()
    """Folders on the way to a wanted path: one that goes or comes changes what is below it."""

    def holds(self, path: Path) -> bool:
        if path in self.files or path in self.folders or path in self.above:
            return True
        return path.parent in self.folders and not is_noise(path.name) and not (path / LIST).exists()


@dataclass(eq=False, slots=True)  # watchdog keeps its handlers in sets
class Watcher(FileSystemEventHandler):
    """Collects changes from the moment of `aim` until it is closed; leaves no thread behind."""

    settle_ms: int = SETTLE_MS
    tell: Tell = lambda _text: None
    _changed: queue.SimpleQueue[Path | None] = field(default_factory=queue.SimpleQueue)
    _aim: _Aim = field(default_factory=_Aim)
    _observer: BaseObserver | None = None
    _watches: dict[Path, tuple[ObservedWatch, tuple[int, int]]] = field(default_factory=dict)
    """By folder, with the identity of the folder that is being watched: another one may take its name."""
    _polling: bool = False
    _closed: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def aim(self, paths: Iterable[Path], *, since_ns: int | None = None) -> None:
        """Watches these paths and no others. In folders not watched before, changes since `since_ns` count."""
        self._aim = _aim_at(paths)
        wanted = _folders_to_watch(self._aim)
        stale = [folder for folder, (_, identity) in self._watches.items() if wanted.get(folder) != identity]
        for folder in stale:
            self._unwatch(folder)
        fresh = wanted.keys() - self._watches.keys()
        for folder in sorted(fresh):
            self._watch(folder, wanted[folder])
        if since_ns is not None:
            for path in _changed_since(self._aim, fresh, since_ns - CLOCK_GRAIN_NS):
                self._changed.put(path)

    def wait(self) -> frozenset[Path] | None:
        """The next batch, when it has settled; nothing once the watcher is closed."""
        while True:
            batch = self._collect()
            if batch is None:
                return None
            changed = frozenset(path for path in batch if self._aim.holds(path))
            if changed:
                return changed

    def close(self) -> None:
        """Ends `wait` in any thread and all watching; may be called again, and from a signal handler's thread."""
        self._closed.set()
        self._changed.put(None)
        self._stop_observer()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by watchdog in its own thread."""
        # a folder counts as modified whenever anything comes or goes in it, and that has an event of its own
        if event.event_type not in _CHANGES or (event.is_directory and event.event_type == "modified"):
            return
        for name in (event.src_path, event.dest_path):
            if name:
                self._changed.put(Path(os.fsdecode(name)))

    def _collect(self) -> frozenset[Path] | None:
        first = self._next(None)
        if first is None:
            return None
        batch = {first}
        started = time.monotonic()
        while True:
            quiet_ms = (
                ABSENT_MS
                if any(path in self._aim.files and not os.access(path, os.F_OK) for path in batch)
                else self.settle_ms
            )
            left_ms = max(LONGEST_MS, quiet_ms) - (time.monotonic() - started) * 1000
            path = self._next(min(quiet_ms, left_ms) / 1000) if left_ms > 0 else None
            if self._closed.is_set():
                return None
            if path is None:
                return frozenset(batch)
            batch.add(path)

    def _next(self, timeout_s: float | None) -> Path | None:
        """The next changed path; nothing when time is up or the watcher is closed."""
        while not self._closed.is_set():
            try:
                return self._changed.get(timeout=WAKE_S if timeout_s is None else timeout_s)
            except queue.Empty:
                if timeout_s is not None:
                    return None
        return None

    def _watch(self, folder: Path, identity: tuple[int, int]) -> None:
        try:
            observer = self._observer or self._start_observer()
            self._watches[folder] = (observer.schedule(self, str(folder), recursive=False), identity)
        except FileNotFoundError:
            return  # gone since we looked; its parent is watched
        except OSError as error:
            if self._polling:
                raise
            self._poll_instead(error)

    def _unwatch(self, folder: Path) -> None:
        watched, _ = self._watches.pop(folder)
        if self._observer is not None:
            self._observer.unschedule(watched)

    def _start_observer(self) -> BaseObserver:
        observer: BaseObserver = PollingObserver(timeout=POLL_S) if self._polling else Observer()
        observer.start()
        self._observer = observer
        return observer

    def _stop_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()

    def _poll_instead(self, error: OSError) -> None:
        self.tell(
            f"changes are looked for twice a second: the system refuses to announce them ({error.strerror or error})"
        )
        self._polling = True
        self._stop_observer()
        folders = {folder: identity for folder, (_, identity) in self._watches.items()}
        folders |= _folders_to_watch(self._aim)
        self._watches.clear()
        for folder, identity in folders.items():
            self._watch(folder, identity)


def _aim_at(paths: Iterable[Path]) -> _Aim:
    wanted = frozenset(paths)
    folders = frozenset(path for path in wanted if is_folder(path))
    above = frozenset(parent for path in wanted for parent in path.parents)
    return _Aim(files=wanted - folders, folders=folders, above=above)


def _folders_to_watch(aim: _Aim) -> dict[Path, tuple[int, int]]:
    """Where a wanted path stands or would appear, and what holds such a folder; with the identity of each folder."""
    found: dict[Path, tuple[int, int]] = {}
    for folder in aim.folders | {path.parent for path in aim.files}:
        nearest = next((place for place in (folder, *folder.parents) if is_folder(place)), None)
        for place in (nearest, nearest.parent) if nearest else ():
            identity = _identity(place)
            if identity:
                found[place] = identity
    return found


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _changed_since(aim: _Aim, folders: Iterable[Path], since_ns: int) -> Iterator[Path]:
    """Wanted paths in these folders that changed, came or went since then."""
    places = frozenset(folders)
    for path in sorted(aim.files | aim.folders):
        if path in places or path.parent in places:
            touched = max((_touched_ns(each) for each in (path, path.parent)), default=0)
            if touched >= since_ns:
                yield path


def _touched_ns(path: Path) -> int:
    try:
        status = path.stat()
    except OSError:
        return 0
    return max(status.st_mtime_ns, status.st_ctime_ns)
