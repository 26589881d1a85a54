"""What is on its way to a page, in order and in bounded memory: of too much output the middle is left out. Pure.

Output of one run is kept together between two messages: the beginning, how much is missing, and the end. Between two
messages runs take turns, so that nobody waits for one that never stops printing.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from quarterdeck.serve.stage.messages import OutputGap

FRAME_BYTES = 64 * 1024 - 4
"""Of output in one message; the run's number comes before it."""
HEAD_BYTES = 256 * 1024
TAIL_BYTES = 256 * 1024
LINE_BYTES = 4096
"""What comes after a gap begins with a line, if there is one so near."""

WireMessage = str | bytes


class LatestMessage(str):
    """A message that says all there is to say of one thing, and takes the place of those before it that wait."""

    __slots__ = ("of",)
    of: int

    def __new__(cls, text: str, *, of: int) -> LatestMessage:
        made = super().__new__(cls, text)
        made.of = of
        return made


def _parts_runs(part: object) -> bool:
    """Whether output after this message must not be sent with output before it."""
    return isinstance(part, str) and not isinstance(part, LatestMessage)


@dataclass(slots=True)
class _RunOutput:
    run: int
    head: bytearray = field(default_factory=bytearray)
    left_out: int = 0
    tail: bytearray = field(default_factory=bytearray)

    def add(self, output: bytes, head_bytes: int, tail_bytes: int) -> None:
        if not self.left_out and not self.tail:
            room = head_bytes - len(self.head)
            self.head += output[:room]
            output = output[room:] if room < len(output) else b""
        self.tail += output
        too_much = len(self.tail) - tail_bytes
        if too_much > 0:
            line = self.tail.find(b"\n", too_much, too_much + LINE_BYTES)
            cut = line + 1 if line >= 0 else too_much
            del self.tail[:cut]
            self.left_out += cut

    def take(self, most: int) -> WireMessage | None:
        """The next message; None when there is nothing more, or no room for it."""
        if not self.head and self.left_out:
            text = OutputGap(run=self.run, bytes=self.left_out).encoded()
            self.left_out = 0
            return text
        if not self.head:
            self.head, self.tail = self.tail, self.head
        if not self.head or most <= 0:
            return None
        part = bytes(self.head[:most])
        del self.head[:most]
        return self.run.to_bytes(4, "big") + part

    @property
    def is_empty(self) -> bool:
        return not (self.head or self.left_out or self.tail)


@dataclass(slots=True)
class OutputQueue:
    head_bytes: int = HEAD_BYTES
    tail_bytes: int = TAIL_BYTES
    _parts: deque[str | _RunOutput] = field(default_factory=deque)

    def say(self, message: str) -> None:
        if isinstance(message, LatestMessage):
            said = (each for each in self._parts if isinstance(each, LatestMessage) and each.of == message.of)
            if (before := next(said, None)) is not None:
                self._parts.remove(before)
        self._parts.append(message)

    def add(self, run: int, output: bytes) -> None:
        for part in reversed(self._parts):
            if _parts_runs(part):
                break
            if isinstance(part, _RunOutput) and part.run == run:
                part.add(output, self.head_bytes, self.tail_bytes)
                return
        fresh = _RunOutput(run=run)
        fresh.add(output, self.head_bytes, self.tail_bytes)
        self._parts.append(fresh)

    def take(self, window: int) -> WireMessage | None:
        """The next message, with no more output than `window`; None when there is none, or the window is shut."""
        while self._parts:
            part = self._parts[0]
            if isinstance(part, str):
                self._parts.popleft()
                return part
            frame = part.take(min(window, FRAME_BYTES))
            if part.is_empty:
                self._parts.popleft()
            elif frame is not None:
                self._let_others_go_first()
            if frame is not None:
                return frame
            if not part.is_empty:
                return None
        return None

    def _let_others_go_first(self) -> None:
        first = self._parts.popleft()
        at = next((at for at, part in enumerate(self._parts) if _parts_runs(part)), len(self._parts))
        self._parts.insert(at, first)

    def copy_to(self, other: OutputQueue) -> None:
        """Adds all of it to another one, and keeps it."""
        for part in self._parts:
            if isinstance(part, str):
                other.say(part)
            else:
                other._parts.append(_RunOutput(part.run, bytearray(part.head), part.left_out, bytearray(part.tail)))


@dataclass(eq=False, slots=True)
class Window:
    """An open page."""

    loop: asyncio.AbstractEventLoop
    queue: OutputQueue = field(default_factory=OutputQueue)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _woken: bool = False

    def say(self, text: str) -> None:
        with self._lock:
            self.queue.say(text)
        self._wake()

    def print(self, run: int, output: bytes) -> None:
        with self._lock:
            self.queue.add(run, output)
        self._wake()

    def replay(self, printed: OutputQueue) -> None:
        with self._lock:
            printed.copy_to(self.queue)
        self._wake()

    def take(self, room: int) -> WireMessage | None:
        with self._lock:
            return self.queue.take(room)

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        self._woken = False
        self.wake.set()
