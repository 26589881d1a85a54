"""What output looks like after programs moved the cursor about: pyte's screen, made to fit.

pyte gives the bookkeeping of cursor, margins and lines. What it does not know is done here: the alternate screen, lines
that scroll off, zero-width characters, and styles, which arrive as numbers of a table (`CSI high;low m`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

import pyte
from pyte import modes

from quarterdeck.recordings.style import PLAIN, STYLE_BASE, Row, Style, merged, width
from quarterdeck.regex import regex

ALTERNATE = frozenset({47, 1047, 1049})

_ARGUMENTS = {**dict.fromkeys("ABCDEFGJKLMPSTX@`abdehl", 1), **dict.fromkeys("Hfr", 2), **dict.fromkeys("su", 0)}
"""How many numbers each sequence that pyte may see takes at most: it stops at one too many."""
_SEQUENCE = regex(r"\x1b\[(\??)([0-9;]*)([@-~])|\x1b([78DEMc])|[\x00-\x06\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class ScreenCell(NamedTuple):
    data: str
    style: Style
    reverse: bool = False
    """Only pyte's word for a feature that is not let through."""


class Screen(pyte.Screen):
    def __init__(self, columns: int, lines: int, styles: Sequence[Style], *, newline: bool) -> None:
        self.styles = styles
        self.newline = {modes.LNM} if newline else set()
        self.kept: list[Any] = []
        """Lines that scrolled off, oldest first."""
        self.cleared = False
        """Whether the screen was cleared: nothing from before is to be seen."""
        self._main: tuple[dict[int, Any], Any] | None = None
        """Lines and cursor of the main screen while a program shows the other one."""
        self._last = " "
        super().__init__(columns, lines)
        self.mode |= self.newline

    @property
    def default_char(self) -> Any:
        return ScreenCell(" ", PLAIN)

    def reset(self) -> None:
        super().reset()
        self.cursor.attrs = self.default_char
        self.mode |= self.newline
        if self._main is None:
            self._clear()

    def _clear(self) -> None:
        self.kept = []
        self.cleared = True

    def draw(self, data: str) -> None:
        for char in data:
            cells = width(char)
            if cells == 0:
                self._combine(char)
                continue
            if self.cursor.x + cells > self.columns:
                if modes.DECAWM in self.mode:
                    self.carriage_return()
                    self.index()
                else:
                    self.cursor.x = max(self.columns - cells, 0)
            if modes.IRM in self.mode:
                self.insert_characters(cells)
            line, x = self.buffer[self.cursor.y], self.cursor.x
            for half, whole in ((x - 1, x), (x + cells, x + cells)):  # of wide characters that are written over
                if half >= 0 and line[whole].data == "":
                    line[half] = line[half]._replace(data=" ")
            line[x] = self.cursor.attrs._replace(data=char)
            if cells == 2:
                line[x + 1] = self.cursor.attrs._replace(data="")
            self.cursor.x += cells
            self._last = char

    def repeat(self, count: int = 1) -> None:
        self.draw(self._last * min(count or 1, self.columns))

    def scroll_up(self, count: int = 1) -> None:
        at, self.cursor.y = self.cursor.y, (self.margins or (0, self.lines - 1))[1]
        for _ in range(min(count or 1, self.lines)):
            self.index()
        self.cursor.y = at

    def scroll_down(self, count: int = 1) -> None:
        at, self.cursor.y = self.cursor.y, (self.margins or (0, 0))[0]
        for _ in range(min(count or 1, self.lines)):
            self.reverse_index()
        self.cursor.y = at

    def _combine(self, char: str) -> None:
        line = self.buffer[self.cursor.y]
        at = self.cursor.x - 1
        while at > 0 and line[at].data == "":
            at -= 1
        if at >= 0 and len(line[at].data) < 16:
            line[at] = line[at]._replace(data=line[at].data + char)

    def index(self) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom and top == 0 and self._main is None:
            self.kept.append(self.buffer[top])
        super().index()

    def select_graphic_rendition(self, *attrs: int, **_: Any) -> None:
        high, low = (*attrs, 0, 0)[:2]
        self.cursor.attrs = self.default_char._replace(style=self.styles[high * STYLE_BASE + low])

    def erase_in_display(self, how: int = 0, *_: Any, **__: Any) -> None:
        home = self.cursor.x == 0 and self.cursor.y == 0
        if self._main is None and (how in (2, 3) or (how == 0 and home)):
            self._clear()
        super().erase_in_display(how if how in (0, 1, 2, 3) else 0)

    def erase_in_line(self, how: int = 0, *_: Any, **__: Any) -> None:
        super().erase_in_line(how if how in (0, 1, 2) else 0)

    def set_mode(self, *wanted: int, **kwargs: Any) -> None:
        if kwargs.get("private") and ALTERNATE & set(wanted):
            if self._main is None:
                self._main = (dict(self.buffer), copy(self.cursor))
                self.buffer.clear()
            return
        super().set_mode(*wanted, **kwargs)

    def reset_mode(self, *wanted: int, **kwargs: Any) -> None:
        if kwargs.get("private") and ALTERNATE & set(wanted):
            if self._main is not None:
                lines, self.cursor = self._main
                self._main = None
                self.buffer.clear()
                self.buffer.update(lines)
                self.set_margins()
            return
        super().reset_mode(*wanted, **kwargs)

    def rows(self) -> tuple[Row, ...]:
        """Everything that can be seen by scrolling up, without the empty rest of the screen."""
        seen = [self._row(line) for line in self.kept]
        if self._main is not None:  # the program on the other screen was ended there: both are to be seen
            seen = list(trimmed([*seen, *self._rows(self._main[0])]))
        return trimmed([*seen, *self._rows(self.buffer)])

    def _rows(self, lines: dict[int, Any]) -> list[Row]:
        return [self._row(lines.get(y, {})) for y in range(self.lines)]

    def _row(self, line: Any) -> Row:
        last = max((x for x, cell in line.items() if cell.data != " " or cell.style != PLAIN), default=-1)
        blank = self.default_char
        return merged((cell.data, cell.style) for cell in (line.get(x, blank) for x in range(last + 1)))


class Stream(pyte.Stream):
    csi = pyte.Stream.csi | {"b": "repeat", "S": "scroll_up", "T": "scroll_down"}


def trimmed(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows without the blank ones at the end."""
    end = len(rows)
    while end and not any(text.strip() or style.bg for text, style in rows[end - 1]):
        end -= 1
    return tuple(rows[:end])


def emulate(text: str, styles: Sequence[Style], *, cols: int, rows: int) -> tuple[tuple[Row, ...], bool]:
    """The rows, and whether the screen was cleared, so that what was printed before is not to be seen."""
    # a terminal's driver has made CR LF of every newline; text that never saw one means both by LF
    screen = Screen(cols, rows, styles, newline="\r\n" not in text)
    screen.cleared = False
    Stream(screen).feed(_SEQUENCE.sub(_admitted, text))
    return screen.rows(), screen.cleared


def _admitted(match: re.Match[str]) -> str:
    """A sequence as pyte can take it, or nothing."""
    private, numbers, final, short = match.groups()
    if short:
        return match[0]
    if final is None:
        return "\n" if match[0] in "\x0b\x0c" else ""
    if final == "m":
        return match[0]
    parts = numbers.split(";")
    if private:
        return match[0] if final in "hl" and {int(part or 0) for part in parts} & (ALTERNATE | {7}) else ""
    most = _ARGUMENTS.get(final)
    if most is None or (final in "hl" and parts[0] != "4"):
        return ""
    if final in "su":
        return "\x1b7" if final == "s" else "\x1b8"
    values = ";".join(str(min(int(part), 9_999)) if part else "" for part in parts[:most])
    return f"\x1b[{values}{final}"
