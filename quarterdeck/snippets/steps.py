"""What is typed at a program, and what is to be seen before that, as an author writes it. Pure."""

from __future__ import annotations

import re

from msgspec import Struct

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


class Step(Struct, frozen=True, kw_only=True):
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
