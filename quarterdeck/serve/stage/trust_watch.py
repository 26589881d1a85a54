"""Keeps what a talk may run at what its owner has said yes to, while the talk is being edited and presented.

Before anything runs the folder is read again. What was trusted is learnt at once; anything else waits for its owner's
word at the terminal. What is learnt, asked about and trusted comes from one and the same reading of the files.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.account import account, changes
from quarterdeck.trust.question import question_about, read_folder
from quarterdeck.trust.store import Store, Trust, git_head

CHANGED = "what this deck would run has changed since you said that it may"
GONE = "this deck is not trusted any more"


class TrustChange(Struct, frozen=True, kw_only=True):
    """What a folder would run now, against what its owner has trusted."""

    folder: Path
    lines: tuple[str, ...]
    """`- before`, `+ now`."""
    git_moved: bool
    """It may be somebody else's change."""


class _Reading(Struct, frozen=True, kw_only=True):
    """A folder as it was read once."""

    digest: str
    """Of what can run."""
    talks: tuple[Talk, ...]
    account: tuple[str, ...]

    @property
    def version(self) -> tuple[str, ...]:
        """Changes with every edit, of prose too."""
        return (self.digest, *(talk.source.digest for talk in self.talks))


@dataclass(slots=True, kw_only=True)
class TrustWatch:
    ask: Callable[[], Request]
    store: Store
    folders: frozenset[Path]
    """Whose owner was asked when the stage began."""
    learn: Callable[[Path, tuple[Talk, ...]], None]
    """Called with the talks that may run as they are."""
    tell: Callable[[TrustChange], None]
    """Called once for each change that waits for a word."""
    _builders: dict[Path, Builder] = field(default_factory=lambda: defaultdict(Builder))
    """Each remembers its folder, and nobody else uses it."""
    _known: dict[Path, _Reading] = field(default_factory=dict)
    """By folder, what was trusted last."""
    _waiting: dict[Path, _Reading] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def look(self, folder: Path, talks: Sequence[Talk] = ()) -> str:
        """Reads what is there now, but for `talks`; why it may not run, empty where it may."""
        with self._lock:
            trusted = self.store.find(folder)
            if trusted is None:
                return GONE
            try:
                now = self._read(folder, trusted, talks)
            except SurroundingsError as error:
                return error.what
            if now.digest == trusted.digest:
                self._waiting.pop(folder, None)
                self._take(folder, now)
                return ""
            waiting = self._waiting.get(folder)
            self._waiting[folder] = now
            if waiting is None or waiting.digest != now.digest:
                self.tell(self._changed(folder, now, trusted))
            return CHANGED

    def look_everywhere(self, talks: Sequence[Talk]) -> dict[Path, str]:
        """After a build, which has just read the talks."""
        return {folder: self.look(folder, talks) for folder in sorted(self.folders)}

    def accept(self) -> tuple[Path, ...]:
        """Trusts what was told last, as it was told; what has changed since is told when it is looked at."""
        with self._lock:
            accepted = tuple(self._waiting)
            for folder in accepted:
                reading = self._waiting.pop(folder)
                self.store.put(folder, digest=reading.digest)
                self._take(folder, reading)
            return accepted

    def _read(self, folder: Path, trusted: Trust, read: Sequence[Talk]) -> _Reading:
        asked = self.ask()
        builder = self._builders[folder]
        talks = read_folder(builder, asked, folder, talks=read)
        digest = question_about(talks, asked, folder, trusted=trusted).digest
        builder.memo.turn()
        return _Reading(digest=digest, talks=talks, account=account(talks, asked))

    def _changed(self, folder: Path, now: _Reading, trusted: Trust) -> TrustChange:
        known = self._known.get(folder)
        lines = changes(known.account if known is not None else (), now.account)
        return TrustChange(folder=folder, lines=lines, git_moved=git_head(folder) != trusted.head)

    def _take(self, folder: Path, reading: _Reading) -> None:
        known = self._known.get(folder)
        self._known[folder] = reading
        if known is None or known.version != reading.version:
            self.learn(folder, reading.talks)
