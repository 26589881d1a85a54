"""The messages of one cell that a kernel runs, to what a person would see: text of a terminal, pictures, tables. Pure.

Source: "Messaging in Jupyter", protocol 5.4, messages on IOPub.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from quarterdeck.execute.output import Events, LineError, OutputBuffer
from quarterdeck.recordings.outputs import KernelOutput, picture
from quarterdeck.regex import regex

WIPE = b"\x1b[H\x1b[2J\x1b[3J"
"""For whoever has heard what a cell printed before it took that back."""
MOST_OUTPUTS = 1000
MOST_BYTES = 64_000_000
"""Of pictures and tables of a cell: one that never ends must not fill the memory."""
COLUMNS = 100
"""A text as wide as that may have been wrapped, and is not drawn over."""

_CELL_FILE = regex(r"(?<![^\s'\"])[^\s'\"]*/ipykernel_\d+/\d+\.py")
"""Where ipykernel says that a cell lies; the name changes from run to run. Looked for once in a word, however long."""
_LIBRARY = regex(r"(?:~|/)[^\s:'\"\x1b]*/(?:site-packages|dist-packages|lib(?:64)?/python\d[\d.]*t?)/")
_COLOUR = regex(r"\x1b\[[\d;:]*m")
_NAMELESS = regex(r"<[\w.]+(?: object)?(?: at 0x[0-9a-f]+)?>")
"""Text of an object that says nothing about it."""

Content = Mapping[str, Any]


class KernelCell:
    """Takes messages in the order in which they come; `at_s` counts from the cell's beginning."""

    def __init__(self, *, folder: str, on_output: Callable[[float, bytes], None] | None = None) -> None:
        self._folder = folder
        self._on_output = on_output or (lambda _at_s, _output: None)
        self._capture = OutputBuffer()
        self._last = "\n"
        self._outputs: list[tuple[str, KernelOutput]] = []
        """With the id of the display, where it has one."""
        self._bytes = 0
        self._is_full = False
        self.changes = 0
        """How often what it made besides text has become another."""
        self._redrawn: tuple[str, int] = ("", 0)
        """Id of the text that was displayed last and nothing after it, and how many lines it has."""
        self._clear_next = False
        self._errors: list[tuple[str, str]] = []
        """Traceback without colours, and last line."""

    def take(self, kind: str, content: Content, *, at_s: float) -> None:
        """A message of a kind that shows nothing is passed over."""
        action = _ACTIONS.get(kind)
        if action is not None:
            action(self, content, at_s)

    def events(self) -> tuple[Events, int, int]:
        """As `OutputBuffer.events`."""
        return self._capture.events()

    def outputs(self) -> tuple[KernelOutput, ...]:
        return tuple(output for _, output in self._outputs)

    def line_errors(self, count: int) -> tuple[LineError, ...]:
        """Which lines of the cell are at fault, where its kernel says so; `count` is the number of the cell."""
        place = re.compile(rf"^\s*Cell In ?\[{count}\], line (\d+)", re.MULTILINE)
        found = [(place.search(text), what) for text, what in self._errors]
        return tuple(LineError(line=int(match[1]), message=what) for match, what in found if match)

    def page(self, shown: Content, *, at_s: float) -> None:
        """What a kernel would put into a pager: `print?` in IPython."""
        self._show({"data": shown}, at_s)

    def _stream(self, content: Content, at_s: float) -> None:
        self._clear_if_due()
        text = _CELL_FILE.sub("snippet.py", str(content.get("text", "")))
        self._print(at_s, self._without_places(text) if content.get("name") == "stderr" else text)

    def _error(self, content: Content, at_s: float) -> None:
        self._clear_if_due()
        what = f"{content.get('ename', 'error')}: {content.get('evalue', '')}"
        text = "\n".join(str(line) for line in content.get("traceback") or ()) or what
        self._errors.append((_COLOUR.sub("", text), what))
        self._print_line(at_s, self._without_places(_CELL_FILE.sub("snippet.py", text)))

    def _show(self, content: Content, at_s: float) -> None:
        self._clear_if_due()
        name = str((content.get("transient") or {}).get("display_id", ""))
        shown = shown_as(content.get("data") or {}, content.get("metadata") or {})
        if isinstance(shown, KernelOutput):
            self._keep(name, shown)
        elif shown:
            self._print_line(at_s, shown)
            self._redrawn = (name, _lines(shown)) if name else ("", 0)

    def _keep(self, name: str, shown: KernelOutput) -> None:
        self._bytes += len(shown.data)
        if len(self._outputs) < MOST_OUTPUTS and self._bytes <= MOST_BYTES:
            self._outputs.append((name, shown))
        elif not self._is_full:
            self._is_full = True
            self._outputs.append(("", KernelOutput(mime="text/plain", data="[… more left out …]")))
        else:
            return
        self.changes += 1

    def _update(self, content: Content, at_s: float) -> None:
        name = str((content.get("transient") or {}).get("display_id", ""))
        shown = shown_as(content.get("data") or {}, content.get("metadata") or {})
        if isinstance(shown, KernelOutput) and any(name == other for other, _ in self._outputs):
            self._outputs = [(other, shown if other == name else output) for other, output in self._outputs]
            self.changes += 1
            return
        last, lines = self._redrawn
        if not isinstance(shown, KernelOutput) and name and name == last and lines:
            self._print(at_s, f"\x1b[{lines}A\r\x1b[J")
            self._last = "\n"
        self._show(content, at_s)

    def _clear(self, content: Content, _at_s: float) -> None:
        self._clear_next = True
        if not content.get("wait"):
            self._clear_if_due()

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._capture, self._last, self._redrawn = OutputBuffer(), "\n", ("", 0)
            self.changes += bool(self._outputs)
            self._outputs.clear()
            self._bytes, self._is_full = 0, False
            self._on_output(0.0, WIPE)

    def _print_line(self, at_s: float, text: str) -> None:
        """A text that begins on a line of its own and ends it."""
        before = "" if self._last in "\r\n" else "\n"
        self._print(at_s, before + text + ("" if text.endswith("\n") else "\n"))

    def _print(self, at_s: float, text: str) -> None:
        if not text:
            return
        self._redrawn = ("", 0)
        ended = _terminal_lines(text, self._last)
        self._last = text[-1]
        printed = ended.encode("utf-8", "replace")
        self._capture.add(at_s, printed)
        self._on_output(at_s, printed)

    def _without_places(self, text: str) -> str:
        """Files are named as on the slides: those of the session in its folder, those of libraries in theirs."""
        text = text.replace(f"{self._folder}/", "")
        return _LIBRARY.sub("", text)


_ACTIONS: Mapping[str, Callable[[KernelCell, Content, float], None]] = {
    "stream": KernelCell._stream,
    "error": KernelCell._error,
    "display_data": KernelCell._show,
    "execute_result": KernelCell._show,
    "update_display_data": KernelCell._update,
    "clear_output": KernelCell._clear,
}


def _terminal_lines(text: str, last: str) -> str:
    """Line ends as a terminal makes them; `last` is the character before."""
    marked = re.sub(r"(?<!\r)\n", "\r\n", text)
    return marked[1:] if last == "\r" and text.startswith("\n") else marked


def _lines(text: str) -> int:
    """How many lines of a terminal a text takes, 0 where that is not sure."""
    lines = text.rstrip("\n").split("\n")
    return 0 if any(len(line) >= COLUMNS or "\r" in line or "\t" in line for line in lines) else len(lines)


def shown_as(bundle: Content, metadata: Content) -> KernelOutput | str:
    """The richest form of an object that a slide can show; its text where there is no other."""
    plain = _text(bundle.get("text/plain"))
    html = _text(bundle.get("text/html"))
    # what is made by a script, such as a plot that can be turned, has no picture here: its text says more
    if "<table" in html.lower() or (html and "<script" not in html.lower()):
        return KernelOutput(mime="text/html", data=html)
    for mime in ("image/svg+xml", "image/png", "image/jpeg"):
        content = bundle.get(mime)
        data = _text(content).encode("utf-8", "replace") if mime == "image/svg+xml" else _decoded(_text(content))
        if data:
            about = metadata.get(mime)
            return _picture(mime, data, about if isinstance(about, dict) else metadata, plain)
    if latex := _text(bundle.get("text/latex")):
        return KernelOutput(mime="text/latex", data=latex, alt="" if _NAMELESS.fullmatch(plain) else plain)
    return _text(bundle.get("text/markdown")) or plain


def _picture(mime: str, data: bytes, about: Content, plain: str) -> KernelOutput:
    alt = about.get("alt") if isinstance(about.get("alt"), str) else ""
    if not alt and not _NAMELESS.fullmatch(plain):
        alt = " ".join(plain.strip("<>").split())[:200]
    width, height = (about.get(side) for side in ("width", "height"))
    return picture(mime, data, alt=alt or "", width=_pixels(width), height=_pixels(height))


def _pixels(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) and 0 < value < 100_000 else None


def _text(content: object) -> str:
    """Some kernels send lines in the place of a text."""
    if isinstance(content, list):
        return "".join(str(line) for line in content)
    return content if isinstance(content, str) else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""
