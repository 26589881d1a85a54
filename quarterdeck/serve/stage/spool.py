"""What is on its way to a page, in order and in bounded memory: of too much output the middle is left out. Pure.

Output of one run is kept together between two messages: the beginning, how much is missing, and the end. Between two
messages runs take turns, so that nobody waits for one that never stops printing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from quarterdeck.serve.stage.messages import OutputGap

FRAME_BYTES = 64 * 1024 - 4
"""Of output in one message; the run's number comes before it."""
HEAD_BYTES = 256 * 1024
TAIL_BYTES = 256 * 1024
LINE_BYTES = 4096
"""What comes after a gap begins with a line, if there is one so near."""

Frame = str | bytes


class Latest(str):
    """A message that says all there is to say of one thing, and takes the place of those before it that wait."""

    __slots__ = ("of",)
    of: int

    def __new__(cls, text: str, *, of: int) -> Latest:
        made = super().__new__(cls, text)
        made.of = of
        return made


def _parts_runs(part: object) -> bool:
    """Whether output after this message must not be sent with output before it."""
    return isinstance(part, str) and not isinstance(part, Latest)


@dataclass(slots=True)
class _Stretch:
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

    def take(self, most: int) -> Frame | None:
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
class Spool:
    head_bytes: int = HEAD_BYTES
    tail_bytes: int = TAIL_BYTES
    _parts: deque[str | _Stretch] = field(default_factory=deque)

    def say(self, message: str) -> None:
        if isinstance(message, Latest):
            said = (each for each in self._parts if isinstance(each, Latest) and each.of == message.of)
            if (before := next(said, None)) is not None:
                self._parts.remove(before)
        self._parts.append(message)

    def add(self, run: int, output: bytes) -> None:
        for part in reversed(self._parts):
            if _parts_runs(part):
                break
            if isinstance(part, _Stretch) and part.run == run:
                part.add(output, self.head_bytes, self.tail_bytes)
                return
        fresh = _Stretch(run=run)
        fresh.add(output, self.head_bytes, self.tail_bytes)
        self._parts.append(fresh)

    def take(self, window: int) -> Frame | None:
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

    def copy_to(self, other: Spool) -> None:
        """Adds all of it to another one, and keeps it."""
        for part in self._parts:
            if isinstance(part, str):
                other.say(part)
            else:
                other._parts.append(_Stretch(part.run, bytearray(part.head), part.left_out, bytearray(part.tail)))
