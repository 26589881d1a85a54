"""The windows that look at a deck: what each is told as it happens, and what one that comes later is shown.

Windows live on the event loop; sessions tell from their own threads. What they tell goes into each window's queue under
one lock, and the loop is only woken to send it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.serve.stage.live_outputs import LiveOutputs
from quarterdeck.serve.stage.messages import CommandBegun, CommandEnded, Relayed, SnippetState, Stall, ToWindow, Welcome
from quarterdeck.serve.stage.window import LatestMessage, OutputQueue, Window

KEPT_BYTES = 128 * 1024
"""Of a snippet's output, its beginning and its end, that a window which comes later is shown."""


@dataclass(slots=True)
class _Silence:
    """How long a run has printed nothing."""

    since_s: float
    patience_s: float
    told: bool = False
    typed: bool = False
    """Somebody talks to it: it waits for them, not they for it."""


@dataclass(eq=False, slots=True)
class Audience:
    patience_of: Callable[[str], float]
    """Seconds for which a snippet may print nothing before that is told, by its id."""
    outputs: LiveOutputs = field(default_factory=LiveOutputs)
    windows: set[Window] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _runs: dict[str, int] = field(default_factory=dict)
    """The last run of each snippet, by its id."""
    _printed: dict[int, OutputQueue] = field(default_factory=dict)
    """By run."""
    _silences: dict[int, _Silence] = field(default_factory=dict)
    """Of the runs that are seen, by run."""

    def tell(self, message: ToWindow) -> None:
        with self._lock:
            if isinstance(message, SnippetState):
                self._take(message)
            elif isinstance(message, (CommandBegun, CommandEnded)) and message.run in self._printed:
                self._printed[message.run].say(message.encoded())
                if isinstance(message, CommandBegun):
                    self._heard(message.run)
            self._send(message)

    def print(self, run: int, output: bytes) -> None:
        with self._lock:
            if run in self._printed:
                self._printed[run].add(run, output)
            self._heard(run)
            for window in self.windows:
                window.print(run, output)

    def show(self, run: int, name: str, outputs: Sequence[KernelOutput]) -> None:
        """All that a kernel has made besides text in this run of the snippet `name`."""
        html = self.outputs.draw(outputs)
        with self._lock:
            if self._runs.get(name) != run:
                return
            told = LatestMessage(self.outputs.take(run, html, id=name), of=run)
            self._heard(run)
            for window in self.windows:
                window.say(told)

    def relay(self, value: object, *, by: Window) -> None:
        with self._lock:
            self._send(Relayed(value=value), but=by)

    def enter(self, window: Window, welcome: Callable[[], Welcome]) -> None:
        """A window that is shown all that has happened, and then all that happens."""
        with self._lock:
            window.say(welcome().encoded())
            for printed in self._printed.values():
                window.replay(printed)
            for run, told in self.outputs.each():
                window.say(LatestMessage(told, of=run))
            self.windows.add(window)

    def leave(self, window: Window) -> None:
        with self._lock:
            self.windows.discard(window)

    def typed(self, run: int) -> None:
        """Somebody types at a run."""
        with self._lock:
            if run in self._silences:
                self._silences[run].typed = True

    def forget(self, name: str, run: int) -> None:
        """What a snippet printed in a run that is over."""
        with self._lock:
            self._printed.pop(run, None)
            self.outputs.drop(run)
            self._runs.pop(name, None)
            self._send(SnippetState(id=name, state="idle"))

    def tell_stalls(self) -> None:
        """Says what has been quiet for too long."""
        now_s = time.monotonic()
        with self._lock:
            for run, silence in self._silences.items():
                quiet_s = now_s - silence.since_s
                if not silence.told and not silence.typed and quiet_s >= silence.patience_s:
                    silence.told = True
                    self._tell_stall(run, round(quiet_s, 1))

    # under the lock

    def _send(self, message: ToWindow, *, but: Window | None = None) -> None:
        text = message.encoded()
        for window in self.windows - {but}:
            window.say(text)

    def _take(self, told: SnippetState) -> None:
        name, run = told.id, told.run or 0
        before = self._runs.get(name)
        if before != run:
            self._printed.pop(before or 0, None)
            self.outputs.drop(before or 0)
            self._runs[name] = run
            self._printed[run] = OutputQueue(KEPT_BYTES, KEPT_BYTES)
        if told.state == "running" and not told.unseen:
            self._silences.setdefault(run, _Silence(time.monotonic(), self.patience_of(name)))
        else:
            self._silences.pop(run, None)

    def _heard(self, run: int) -> None:
        if (silence := self._silences.get(run)) is not None:
            silence.since_s = time.monotonic()
            if silence.told:
                silence.told = False
                self._tell_stall(run, 0.0)

    def _tell_stall(self, run: int, quiet_s: float) -> None:
        name = next((name for name, known in self._runs.items() if known == run), "")
        self._send(Stall(run=run, id=name, quiet_s=quiet_s))
