"""A look at the container engine from time to time: whether it answers, and what the deck has made on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine.containers import GONE, EngineResources, answers, look
from quarterdeck.execute.engine.find import Absence, Engine
from quarterdeck.serve.stage.messages import EngineContents, EngineState
from quarterdeck.serve.stage.session import LiveSession

PANEL_S = 2.0
"""Between two looks while something runs."""
CALM_S = 15.0
"""The same while only containers do, that snippets have left behind."""
LAST_LOOK_S = 0.5
"""How long a look may hold up the end."""


@dataclass(eq=False, slots=True, kw_only=True)
class EngineWatch:
    """In a thread of its own, once a snippet of the deck wants an engine."""

    name: str
    """Of the deck."""
    find: Callable[[], Engine | Absence]
    sessions: Callable[[], Collection[LiveSession]]
    is_seen: Callable[[], bool]
    """Whether anybody looks on."""
    say: Callable[[EngineState | EngineContents], None]
    state: EngineState = field(default_factory=lambda: EngineState(available=True, wanted=False))
    contents: EngineContents | None = None
    _engine: Engine | None = None
    _wake: threading.Event = field(default_factory=threading.Event)
    _closed: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self.state = EngineState(available=False, wanted=True)
            self._thread = threading.Thread(target=self._work, name=f"engine-{self.name}", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Begins the end; `join` waits for it."""
        self._closed.set()
        self._wake.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(LAST_LOOK_S)

    def look(self, *, anew: bool = False) -> None:
        """Soon; `anew` tells what there is even if that is what was told last."""
        if anew:
            self.contents = None
        self._wake.set()

    def _work(self) -> None:
        found = self.find()
        self._engine = found if isinstance(found, Engine) else None
        self._tell_state(found if isinstance(found, Absence) else None)
        while not self._closed.is_set():
            self._wake.wait(self._look_within_s())
            self._wake.clear()
            if not self._closed.is_set():
                self._look()

    def _look(self) -> None:
        if self._engine is None:
            found = self.find()
            if isinstance(found, Absence):
                return
            self._engine = found
        here = answers(self._engine)
        self._tell_state(None if here else GONE)
        if here:
            with suppress(SurroundingsError, OSError):  # a session that has just ended has no notes any more
                self._tell_contents(look([each.engine for each in self.sessions() if each.engine is not None]))

    def _look_within_s(self) -> float | None:
        """While nothing runs, nothing changes by itself, and nobody has to be asked."""
        sessions = [each for each in self.sessions() if each.engine is not None]
        if not sessions or not self.is_seen():
            return None
        if any(each.is_busy for each in sessions):
            return PANEL_S
        containers = self.contents.containers if self.contents is not None else ()
        return CALM_S if any(each.running for each in containers) else None

    def _tell_state(self, absence: Absence | None) -> None:
        what, fix = (absence.what, absence.fix) if absence is not None else ("", "")
        told = EngineState(available=absence is None, wanted=True, what=what, fix=fix)
        if told != self.state:
            self.state = told
            self.say(told)

    def _tell_contents(self, found: EngineResources) -> None:
        told = EngineContents(
            containers=found.containers,
            networks=found.networks,
            volumes=found.volumes,
            images=found.images,
            ports=found.ports,
        )
        if told != self.contents:
            self.contents = told
            self.say(told)
