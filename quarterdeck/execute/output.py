"""What a run gave: output with its times, kept within bounds, and how it ended. Pure."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

from msgspec import Struct

Events: TypeAlias = tuple[tuple[float, bytes], ...]
"""Seconds since the command began, and what was printed then."""

HEAD_BYTES = 384 * 1024
TAIL_BYTES = 128 * 1024
MERGE_S = 0.01
"""Output within this time of an event's beginning belongs to it."""


class LineError(Struct, frozen=True, kw_only=True):
    """A mistake that the shell found in the text itself."""

    line: int
    """1-based, in the text that was run."""
    message: str


class CommandResult(Struct, frozen=True, kw_only=True):
    """How one command went."""

    status: int | None
    """Exit status, 128 + n where signal n ended it; None when it was not run at all."""
    events: Events = ()
    cwd: str = ""
    """Folder of the shell afterwards."""
    duration_s: float = 0.0
    lost: str = ""
    """Why the session cannot go on; empty while it can."""
    timed_out: bool = False
    cancelled: bool = False
    cut_bytes: int = 0
    """Output left out of the middle."""
    cut_at: int = 0
    """Index of the first event after the gap, when `cut_bytes` is not 0."""
    line_errors: tuple[LineError, ...] = ()
    problem: str = ""
    """What kept it from running, or which step of a conversation was not reached."""

    @property
    def output(self) -> bytes:
        return b"".join(part for _, part in self.events)

    @property
    def text(self) -> str:
        """The output as UTF-8, bytes that are not become U+FFFD; terminal line ends become LF."""
        return self.output.decode("utf-8", "replace").replace("\r\n", "\n")


class OutputBuffer:
    """Keeps the beginning and the end of any amount of output in bounded memory."""

    def __init__(self, *, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        self._room = head_bytes
        self._head: list[tuple[float, bytearray]] = []
        self._tail: deque[tuple[float, bytearray]] = deque()
        self._tail_bytes = tail_bytes
        self._tail_size = 0
        self.cut_bytes = 0
        self._before = b"\n"
        """The last byte that was dropped."""

    def add(self, at_s: float, output: bytes) -> None:
        if self._room:
            taken = output[: self._room]
            _append(self._head, at_s, taken, whole=False)
            self._room -= len(taken)
            output = output[len(taken) :]
        if not output:
            return
        _append(self._tail, at_s, output, whole=True)
        self._tail_size += len(output)
        while self._tail_size - len(self._tail[0][1]) >= self._tail_bytes:
            _, dropped = self._tail.popleft()
            self._tail_size -= len(dropped)
            self.cut_bytes += len(dropped)
            self._before = bytes(dropped[-1:])

    def events(self) -> tuple[Events, int, int]:
        """The events, how many bytes are missing, and before which event.

        Where something is missing, the beginning ends with a line and the end starts with one, if lines are at hand.
        """
        head = [(at_s, bytes(part)) for at_s, part in self._head]
        tail = [(at_s, bytes(part)) for at_s, part in self._tail]
        cut = self.cut_bytes
        excess = self._tail_size - self._tail_bytes
        before = self._before
        if tail and excess > 0:
            before = tail[0][1][excess - 1 : excess]
            tail[0] = (tail[0][0], tail[0][1][excess:])
            cut += excess
        if cut:
            whole = head[-1][1].rfind(b"\n") + 1 if head else 0
            if whole:
                cut += len(head[-1][1]) - whole
                head[-1] = (head[-1][0], head[-1][1][:whole])
            start = tail[0][1].find(b"\n") + 1 if tail and before != b"\n" else 0
            if start:
                cut += start
                tail[0] = (tail[0][0], tail[0][1][start:])
        return tuple(head + tail), cut, len(head)


def _append(
    events: list[tuple[float, bytearray]] | deque[tuple[float, bytearray]], at_s: float, output: bytes, *, whole: bool
) -> None:
    """Adds to the last event what came at about its time; `whole` events stay small, so that they can be dropped."""
    if events and at_s - events[-1][0] < MERGE_S and not (whole and len(events[-1][1]) > 16_384):
        events[-1][1].extend(output)
    else:
        events.append((at_s, bytearray(output)))
