"""A conversation with a program: what to type, and what to see before that. Pure; the caller owns the terminal."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from quarterdeck.run.marks import plain

QUIET_S = 0.3
"""A program that has printed nothing for so long is taken to wait for its input."""
SEEN_CHARS = 64 * 1024

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "esc": "\x1b",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{f"ctrl-{letter}": chr(number) for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz", start=1)},
    "ctrl-\\": "\x1c",
    "^c": "\x03",
    "^d": "\x04",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Exactly one of `send`, `wait` and `key` is set."""

    send: str = ""
    """Typed, and Enter after it."""
    wait: str = ""
    """Text that must appear, or `/a regular expression/`."""
    key: str = ""
    """A name in `KEYS`."""
    timeout_s: float = 30.0

    @property
    def said(self) -> str:
        kind = next((kind for kind in ("wait", "key", "send") if getattr(self, kind)), "send")
        return f"{kind} '{getattr(self, kind)}'"


def wrong(step: Step) -> str:
    """What an author should hear about a step that cannot work, or an empty string."""
    if len([part for part in (step.send, step.wait, step.key) if part]) > 1:
        return "a step is one of send, wait and key"
    if step.key and step.key.casefold() not in KEYS:
        return f"no key is called '{step.key}'"
    try:
        pattern(step.wait)
    except re.error as error:
        return f"'{step.wait}' is no regular expression: {error}"
    return ""


def pattern(text: str) -> re.Pattern[str]:
    """Of `/…/` the regular expression between, else the text as it is."""
    if len(text) > 2 and text[0] == text[-1] == "/":
        return re.compile(text[1:-1], re.MULTILINE)
    return re.compile(re.escape(text))


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
