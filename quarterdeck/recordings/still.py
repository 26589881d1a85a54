"""A terminal still: what a person would have seen on the terminal when the commands were done. Pure.

Text, carriage returns, backspaces, tabs, colours and changes within a line take a direct path; only what moves the
cursor to other lines goes through an emulator, which is a hundred times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Literal, NamedTuple

from msgspec.structs import replace

from quarterdeck.model import Event, Html
from quarterdeck.recordings.cast import is_echo
from quarterdeck.recordings.style import (
    COMMAND,
    PLAIN,
    PROMPT,
    STYLE_BASE,
    Row,
    Run,
    Style,
    merged,
    styled,
    text_of,
    width,
)
from quarterdeck.regex import regex
from quarterdeck.snippets.holes import Values, placeholder, split
from quarterdeck.snippets.holes import attributes as hole_attributes

LONGEST_ROW = 5_000
"""Characters of a line that are shown; how many more there were is said."""

_TOKEN = regex(
    r"\x1b\[(?P<parameters>[0-9;:<=>?]{0,256})(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<command>[^\x07\x1b\x9c\r\n]*)(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[PX^_][^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = regex(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_EDITS = regex(r"[\t\r\b]|\x1b\[[0-9]*[CDGK]")
"""What changes a line after it was written, or needs the column."""
_MOVES = regex(
    r"\x1b(?:[78DEMc]|\[(?:[0-9;]*[ABEFHJLMPSTX@`abdefrsu]|4[hl]|\?(?:[0-9;]*;)?(?:7|47|1047|1049)(?:;[0-9;]*)?[hl]))"
)
_LINK = regex(r"(?i)8;[^;]*;(https?://[^\s\"'<>\x00-\x20\x7f-\x9f]{1,2000})")
_BOUND = 10_000
"""Columns that a line is edited in; text further out is dropped."""

_INVISIBLE = {
    # what turns text around or is not seen would let output say something else than it seems to
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F), "\ufffd"),
    **dict.fromkeys((0x2028, 0x2029, *range(0xD800, 0xE000)), "\ufffd"),
    **dict.fromkeys((*range(9), *range(10, 32), *range(0x7F, 0xA0)), None),
    **dict.fromkeys((0xAD, 0x200B, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF), None),
    **dict.fromkeys((*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), 0x3164, 0x115F, 0x1160, 0xFFA0), None),
}


class FoldedRows(NamedTuple):
    rows: tuple[Row, ...]
    hidden: int
    """Rows that are not among them."""


def still(
    source: Sequence[Event] | bytes | str, *, cols: int = 100, rows: int = 24, echo: bool = True
) -> tuple[Row, ...]:
    """The rows that are to be seen at the end, those that scrolled off included.

    `source`: the events of a recording, or output by itself. `echo`: whether prompts and commands are among the rows.
    Lines are as long as they were printed, except where a program that moves the cursor relied on the width.
    """
    seen: list[Row] = []
    for typed_rows, output in _parts(source):
        if echo:
            seen += typed_rows
        printed, cleared = _printed(output, cols, rows)
        if cleared:
            seen = []
        seen += printed
    return tuple(seen)


def with_values(rows: Iterable[Row], values: Values) -> tuple[Row, ...]:
    """The rows with values in the commands, in the place of their names; a name with an empty one stays."""

    def runs(row: Row) -> Iterator[Run]:
        for text, style in row:
            if style.role != COMMAND.role:
                yield text, style
                continue
            for part, name in split(text, values):
                if part:
                    yield (values[name] or part if name else part), replace(style, hole=name)

    return tuple(merged(runs(row)) for row in rows)


def lines(rows: Iterable[Row]) -> tuple[str, ...]:
    """The rows as plain text, without blanks at their ends."""
    return tuple(text_of(row).rstrip() for row in rows)


def outputs(events: Iterable[Event]) -> tuple[str, ...]:
    """What each command printed, raw; output before the first marker belongs to the first command."""
    before, *printed = [output for _, output in _parts(tuple(events))] or [""]
    return (before + printed[0], *printed[1:]) if printed else (before,)


def _parts(source: Sequence[Event] | bytes | str) -> list[tuple[list[Row], str]]:
    """Per command: the rows of prompt and command, and the output; first comes what was printed before any command."""
    if isinstance(source, bytes):
        source = source.decode("utf-8", "replace")
    if isinstance(source, str):
        return [([], source)]
    parts: list[tuple[list[Row], list[str]]] = [([], [])]
    marker: Event | None = None
    for event in source:
        if event.kind == "m":
            parts.append(([], []))
            marker = event
        elif event.kind == "o":
            if marker is not None and is_echo(marker, event):
                parts[-1][0].extend(_typed_rows(event.text))
            else:
                parts[-1][1].append(event.text)
            marker = None
    return [(typed_rows, "".join(output)) for typed_rows, output in parts]


def _typed_rows(echoed: str) -> list[Row]:
    written = echoed.removeprefix("\r\n").removesuffix("\r\n").split("\r\n")
    return [merged(((line[:2], PROMPT), (line[2:].expandtabs(8), COMMAND))) for line in written]


def _printed(text: str, cols: int, rows: int) -> tuple[Sequence[Row], bool]:
    if _MOVES.search(text):
        from quarterdeck.recordings.screen import emulate  # little output needs it, and pyte takes its time to load

        simple, styles = _numbered(text)
        return emulate(simple, styles, cols=cols, rows=rows)
    flat = text.replace("\r\n", "\n")
    if not flat:
        return (), False
    written = flat.removesuffix("\n").split("\n")
    if not _CONTROL.search(flat):
        return [((line, PLAIN),) if line else () for line in written], False
    style = PLAIN
    shown: list[Row] = []
    for line in written:
        if _CONTROL.search(line):
            row, style = _line(line.rstrip("\r"), style)
            shown.append(row)
        else:
            shown.append(((line, style),) if line else ())
    return shown, False


def _line(line: str, style: Style) -> tuple[Row, Style]:
    if "\t" in line and line.isascii() and not _CONTROL.search(line.replace("\t", "")):
        return ((line.expandtabs(8), style),), style
    if _EDITS.search(line):
        return _edited(line, style)
    runs: list[Run] = []
    at = 0
    for match in _TOKEN.finditer(line):
        runs.append((_CONTROL.sub("", line[at : match.start()]), style))
        style = _restyled(style, match)
        at = match.end()
    runs.append((_CONTROL.sub("", line[at:]), style))
    return merged(runs), style


def _restyled(style: Style, match: re.Match[str]) -> Style:
    if match["final"] == "m" and not match["between"] and not match["parameters"].startswith(("<", "=", ">", "?")):
        return styled(style, match["parameters"])
    command = match["command"]
    if command is not None and command.startswith("8;"):
        link = _LINK.fullmatch(command)
        return replace(style, link=link[1] if link else "")
    return style


def _edited(line: str, style: Style) -> tuple[Row, Style]:
    """A line that was changed while it stood there."""
    cells: list[Run] = []
    x = 0
    at = 0
    for match in _TOKEN.finditer(line):
        x = _put(cells, x, line[at : match.start()], style)
        at = match.end()
        style = _restyled(style, match)
        number, _, rest = (match["parameters"] or "").partition(";")
        if rest or not (number.isdecimal() or not number):
            continue
        x = _moved(cells, x, match["final"] or "", min(int(number or 0), _BOUND))
    _put(cells, x, line[at:], style)
    while cells and cells[-1] == (" ", PLAIN):
        cells.pop()
    return merged(cells), style


def _moved(cells: list[Run], x: int, final: str, number: int) -> int:
    if final == "K":
        if number == 0:
            del cells[x:]
        elif number == 1:
            cells[: x + 1] = [(" ", PLAIN)] * min(x + 1, len(cells))
        elif number == 2:
            cells.clear()
    elif final == "G":
        return max(number, 1) - 1
    elif final == "C":
        return min(x + max(number, 1), _BOUND)
    elif final == "D":
        return max(x - max(number, 1), 0)
    return x


_PIECE = regex(r"[\r\b\t]|[ -~]+|[^\r\b\t -~]+")


def _put(cells: list[Run], x: int, text: str, style: Style) -> int:
    """Writes text over the cells from column `x` on; gives the column after it."""
    for piece in _PIECE.findall(text):
        if piece == "\r":
            x = 0
        elif piece == "\b":
            x = max(x - 1, 0)
        elif piece == "\t":
            x = min(x // 8 * 8 + 8, _BOUND)
        elif piece.isascii() and piece.isprintable():
            room = piece[: _BOUND - x]
            _write(cells, x, [(char, style) for char in room])
            x += len(room)
        else:
            for char in _CONTROL.sub("", piece):
                x = _put_wide(cells, x, char, style)
    return x


def _put_wide(cells: list[Run], x: int, char: str, style: Style) -> int:
    taken = width(char)
    if taken == 0:
        _pad(cells, x)
        before = x - 1
        while before > 0 and cells[before][0] == "":
            before -= 1
        if before >= 0 and len(cells[before][0]) < 16:
            cells[before] = (cells[before][0] + char, cells[before][1])
        return x
    if x + taken > _BOUND:
        return x
    _write(cells, x, [(char, style), ("", style)][:taken])
    return x + taken


def _write(cells: list[Run], x: int, written: list[Run]) -> None:
    """Puts cells over others; half of a wide character that is left over becomes a blank."""
    _pad(cells, x)
    end = x + len(written)
    if 0 < x < len(cells) and cells[x][0] == "":
        cells[x - 1] = (" ", cells[x - 1][1])
    if end < len(cells) and cells[end][0] == "":
        cells[end] = (" ", cells[end][1])
    cells[x:end] = written


def _pad(cells: list[Run], x: int) -> None:
    if x > len(cells):
        cells.extend([(" ", PLAIN)] * (x - len(cells)))


def _numbered(text: str) -> tuple[str, list[Style]]:
    """The text with each change of style as `CSI high;low m`, a number of the list; other commands are left out."""
    styles = {PLAIN: 0}
    style = PLAIN
    pieces: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        if match["command"] is not None or match["final"] == "m":
            style = _restyled(style, match)
            number = styles.setdefault(style, len(styles))
            high, low = divmod(number, STYLE_BASE)
            pieces.append(f"\x1b[{high};{low}m")
        elif (match["final"] and not match["between"]) or match[0] in _SHORT:
            pieces.append(match[0])
    pieces.append(text[at:])
    return "".join(pieces), list(styles)


_SHORT = frozenset(f"\x1b{char}" for char in "78DEMc")


def fold(rows: Sequence[Row], limit: int, mode: Literal["head", "tail", "all"] = "tail") -> FoldedRows:
    """At most `limit` rows, from the beginning or the end, and how many are left out."""
    if mode == "all" or len(rows) <= limit:
        return FoldedRows(tuple(rows), 0)
    limit = max(limit, 0)
    kept = rows[:limit] if mode == "head" else rows[len(rows) - limit :]
    return FoldedRows(tuple(kept), len(rows) - limit)


def rows_html(rows: Iterable[Row]) -> Html:
    """One `qd-row` per row, joined by newlines; what a program printed can be nothing but text and links in it."""
    return Html("\n".join(f'<span class="qd-row">{_row_html(row)}</span>' for row in rows))


def _row_html(row: Row) -> str:
    parts: list[str] = []
    room = LONGEST_ROW
    for text, style in row:
        parts.append(_run_html(text[:room], style))
        room -= len(text)
        if room < 0:
            left = sum(len(text) for text, _ in row) - LONGEST_ROW
            parts.append(f'<span class="qd-cut">… {left}</span>')
            break
    return "".join(parts)


_CLASSES = ("bold", "dim", "italic", "underline", "strike", "reverse")


def _run_html(text: str, style: Style) -> str:
    shown = escape(text if text.isascii() and text.isprintable() else text.translate(_INVISIBLE), quote=False)
    if style == PLAIN:
        return shown
    fg, bg = (style.bg, style.fg) if style.reverse else (style.fg, style.bg)
    classes = [f"qd-{style.role}"] if style.role else []
    classes += ["qd-hole"] if style.hole else []
    classes += [f"qd-{name}" for name in _CLASSES if getattr(style, name)]
    colours = []
    for name, prop, colour in (("fg", "color", fg), ("bg", "background-color", bg)):
        if colour.startswith("#"):
            colours.append(f"{prop}:{colour}")
        elif colour:
            classes.append(f"qd-{name}-{colour}")
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    attributes += f' style="{";".join(colours)}"' if colours else ""
    attributes += hole_attributes(style.hole, "" if text == placeholder(style.hole) else text) if style.hole else ""
    if attributes:
        shown = f"<span{attributes}>{shown}</span>"
    if style.link:
        shown = f'<a href="{escape(style.link)}" rel="noopener noreferrer">{shown}</a>'
    return shown
