"""A conversation with a program: what to type, and what to see before that. Pure; the caller owns the terminal."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from quarterdeck.snippets.escapes import plain
from quarterdeck.snippets.steps import KEYS, Step, pattern

QUIET_S = 0.3
"""A program that has printed nothing for so long is taken to wait for its input."""
SEEN_CHARS = 64 * 1024


class Conversation:
    """How far a list of steps has come."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = tuple(steps)
        self._at = 0
        self._since_s: float | None = None
        self._heard_s = 0.0
        self._seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.failed_step: int | None = None

    @property
    def over(self) -> bool:
        return self._at >= len(self._steps)

    @property
    def problem(self) -> str:
        """Of the step that failed, or of the one that was not reached when the program ended."""
        if self.over:
            return ""
        step = self._steps[self._at]
        if self.failed_step is not None:
            return f"step {self._at + 1}, {step.said}: not seen within {step.timeout_s:g} s"
        return f"step {self._at + 1}, {step.said}: the program ended before it"

    def hear(self, output: bytes, now_s: float) -> None:
        self._heard_s = now_s
        self._seen = (self._seen + self._decoder.decode(output))[-SEEN_CHARS:]

    def speak(self, now_s: float) -> bytes:
        """What is to be typed now. A wait in time moves on; one that is over sets `failed_step`."""
        typed = b""
        while not self.over and self.failed_step is None:
            step = self._steps[self._at]
            if self._since_s is None:
                self._since_s = now_s
            if step.wait:
                seen = plain(self._seen)
                found = pattern(step.wait).search(seen)
                if found is None:
                    if now_s - self._since_s >= step.timeout_s:
                        self.failed_step = self._at
                    break
                self._seen = seen[found.end() :]
            elif now_s - max(self._heard_s, self._since_s) < QUIET_S and not self._answers():
                break
            else:
                typed += (KEYS[step.key.casefold()] if step.key else f"{step.send}\r").encode()
                self._heard_s = now_s
            self._at += 1
            self._since_s = None
        return typed

    def _answers(self) -> bool:
        """Whether the step before was a wait: what it saw is the sign to go on."""
        return self._at > 0 and bool(self._steps[self._at - 1].wait)
