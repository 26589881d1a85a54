"""Markdown pages for readers as something to try: what their fences write, run and promise.

A fence is `LANGUAGE FILE` (a file that the reader saves), `console` (commands after `$ `, and what they print), `sh`
(commands that would not end, or change the machine: they are understood, and not run), or `text` (a picture).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<words>[^`\n]*)\n(?P<text>.*?)^(?P=ticks)$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"\w+ (?P<name>.+?\.\w+)(?: (?P<encoding>\S+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    language: str
    text: str
    line: int
    """Of the opening fence, from 1."""
    file: str = ""
    encoding: str = "utf-8"

    def write(self, folder: Path) -> None:
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, self.encoding, newline="")


def fences(page: str) -> Iterator[Fence]:
    for found in _FENCE.finditer(page):
        line = page.count("\n", 0, found.start()) + 1
        words = found["words"].strip()
        named = _FILE.fullmatch(words)
        yield Fence(
            language=words.partition(" ")[0],
            text=found["text"],
            line=line,
            file=named["name"] if named else "",
            encoding=(named["encoding"] if named else "") or "utf-8",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    line: str
    """As it is typed, without the prompt."""
    printed: str
    """What the page shows below it, where `…` stands for any text and a line of `…` for any lines."""

    def is_what_was_printed(self, text: str) -> bool:
        pattern = re.escape(self.printed.rstrip("\n"))
        pattern = re.sub(r"(?m)^…(?:\\?\n|$)", r"(?:.*\\n)*?", pattern).replace("…", "[^\n]*")
        return re.fullmatch(pattern + r"\n*", text.rstrip("\n") + "\n") is not None


def commands(fence: Fence) -> Iterator[Command]:
    """The commands of a `console` or `sh` fence, in order."""
    for part in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        yield Command(line=line, printed=printed)
