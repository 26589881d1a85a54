"""Attributes as authors write them: in annotations, behind the language of a fence, in `#|` lines. Pure.

Offsets are 0-based and count code points of the text that was given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent

from msgspec import Struct

from quarterdeck.regex import regex

_NAME = regex(r"[A-Za-z_:@][\w:.@-]*", re.ASCII)
_BARE = regex(r"[^\s\"'<>=`{}]+")
_BARE_OPTION = regex(r"[^\s\"'{}]+")
_CURLY = "“”„‟‘’‚‛«»"
_LANGUAGE = regex(r"[^\s{\[]+")
_HACKMD = regex(r"(?P<language>[\w+#.-]*?)(?:=(?P<first>\d*|\+))?!?")
"""`python=`, `python=12`, `python=+` and `python!`: numbers of lines, and whether long lines are broken."""
_LINES = regex(r"\[\s*(?:(?P<first>\d*)\s*:)?(?P<steps>[\s\d,|-]*)\]")
_LINES_IN_BRACES = regex(r"\{(?P<steps>\s*\d[\s\d,|-]*)\}")
_RANGE = regex(r"(\d{1,9})\s*(?:-\s*(\d{1,9}))?")
_OPTION_LINE = regex(r"[ \t]*#\|(?P<rest>.*)")
_OPTION = regex(r"(?P<lead>[ \t]?)(?P<key>[A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*?))?[ \t]*", re.ASCII)


class WrittenAttribute(Struct, frozen=True, kw_only=True):
    """One attribute: `name`, `name=value` or `name="value"`; in a fence's group also `#name` and `.name`."""

    name: str
    value: str = ""
    start: int
    end: int
    quoted: bool = False

    @property
    def as_html(self) -> tuple[str, str]:
        """Name and value, `#name` as an id and `.name` as a class."""
        kinds = {"#": "id", ".": "class"}
        return (kinds[self.name[0]], self.name[1:]) if self.name[0] in kinds else (self.name, self.value)


class AttributeMistake(Struct, frozen=True, kw_only=True):
    """What cannot be read, and where."""

    message: str
    start: int
    end: int
    hint: str = ""


class Info(Struct, frozen=True, kw_only=True):
    """What stands behind the backticks that open a fence."""

    language: str = ""
    group: tuple[WrittenAttribute, ...] = ()
    lines: str | None = None
    """Between the brackets of `[1|2-3]`, without a first line number."""
    lines_start: int = 0
    numbers: int | None = None
    extra: tuple[tuple[int, int], ...] = ()
    """Words that belong to nothing: start and end."""
    mistake: AttributeMistake | None = None


class OptionLine(Struct, frozen=True, kw_only=True):
    """A `#| key: value` line at the top of a fence's body; an indented or listed value goes on over more lines."""

    key: str
    value: str
    line: int
    """0-based in the body."""
    col: int
    """0-based index of the key in its line."""


def read_attributes(
    text: str, start: int = 0, end: int | None = None
) -> tuple[tuple[WrittenAttribute, ...], AttributeMistake | None]:
    """The attributes in `text[start:end]`, up to the first thing that is none."""
    end = len(text) if end is None else end
    found: list[WrittenAttribute] = []
    pos = _blanks(text, start, end)
    while pos < end:
        name = _NAME.match(text, pos, end)
        if name is None:
            return tuple(found), _unreadable(text, pos, end)
        written = _with_value(text, name[0], pos, name.end(), end, _BARE)
        if isinstance(written, AttributeMistake):
            return tuple(found), written
        found.append(written)
        pos = _blanks(text, written.end, end)
    return tuple(found), None


def read_group(group: str) -> tuple[tuple[str, str], ...]:
    """The attributes in `{#id .class key="value"}` as HTML; what cannot be read has none."""
    return tuple(each.as_html for each in read_info(f" {group}").group)


def read_info(info: str) -> Info:
    """Language, one `{…}` group and one `[…]` of line steps, in either order."""
    pos = _blanks(info, 0, len(info))
    language = _LANGUAGE.match(info, pos)
    pos = language.end() if language else pos
    hackmd = _HACKMD.fullmatch(language[0]) if language else None
    group: tuple[WrittenAttribute, ...] | None = None
    lines: re.Match[str] | None = None
    extra: list[tuple[int, int]] = []
    mistake: AttributeMistake | None = None
    while (pos := _blanks(info, pos, len(info))) < len(info):
        steps = _LINES.match(info, pos) or _LINES_IN_BRACES.match(info, pos)
        if steps and lines is None:
            lines, pos = steps, steps.end()
        elif info[pos] == "{" and group is None:
            group, pos, mistake = _read_group(info, pos)
            if mistake:
                break
        elif info[pos] in "{[":
            what = "line steps" if info[pos] == "[" else "group of options"
            message = (
                f"a second {what} on this fence" if steps or info[pos] == "{" else "line steps that cannot be read"
            )
            hint = "one {…} and one […]" if steps or info[pos] == "{" else "as in [1|3-5,8], [25: 1,4] or []"
            mistake = AttributeMistake(message=message, start=pos, end=len(info.rstrip()), hint=hint)
            break
        else:
            word = re.compile(r"\S+?(?=[\s{\[]|$)|\S").match(info, pos)
            stop = word.end() if word else pos + 1
            extra.append((pos, stop))
            pos = stop
    first = lines.groupdict().get("first") if lines else None
    numbers = (int(first[:9]) if first else 1) if lines else None
    if numbers is None and hackmd and hackmd["first"] is not None:
        numbers = int(hackmd["first"][:9]) if hackmd["first"].isdigit() else 1
    return Info(
        language=(hackmd["language"] if hackmd else language[0]) if language else "",
        group=group or (),
        lines=lines["steps"] if lines else None,
        lines_start=lines.start("steps") if lines else 0,
        numbers=numbers,
        extra=tuple(extra),
        mistake=mistake,
    )


def read_steps(text: str, *, count: int) -> tuple[tuple[tuple[int, ...], ...], AttributeMistake | None]:
    """`1|2-3,5` as lines of a code of `count` lines; an empty step lights all of them, an empty text has no steps."""
    if not text.strip():
        return (), None
    steps = []
    pos = 0
    for part in text.split("|"):
        lines: set[int] = set()
        at = pos
        for piece in part.split(","):
            start = at + len(piece) - len(piece.lstrip())
            found = _RANGE.fullmatch(piece.strip())
            if found:
                first, last = sorted((int(found[1]), int(found[2] or found[1])))
                if first < 1 or last > count:
                    message = (
                        f"no line {last if last > count else first} in this code of {count} line{'s' * (count != 1)}"
                    )
                    return (), AttributeMistake(
                        message=message, start=start, end=at + len(piece.rstrip()), hint="lines count from 1"
                    )
                lines.update(range(first, last + 1))
            elif piece.strip():
                message = f"'{piece.strip()}' is no line or range of lines"
                return (), AttributeMistake(
                    message=message, start=start, end=max(at + len(piece), start + 1), hint="as in [1|3-5,8]"
                )
            at += len(piece) + 1
        steps.append(tuple(sorted(lines)))
        pos += len(part) + 1
    return tuple(steps), None


def read_option_lines(
    lines: Sequence[str],
) -> tuple[tuple[OptionLine, ...], int, tuple[tuple[int, AttributeMistake], ...]]:
    """The options in `#|` lines at the top of a fence's body, how many lines they take, and mistakes by line."""
    found: list[OptionLine] = []
    mistakes: list[tuple[int, AttributeMistake]] = []
    taken = 0
    more: list[str] = []
    for number, line in enumerate(lines):
        written = _OPTION_LINE.fullmatch(line)
        if written is None:
            break
        taken = number + 1
        rest = written["rest"].rstrip()
        option = _OPTION.fullmatch(rest)
        if option:
            _go_on(found, more)
            col = written.start("rest") + option.start("key")
            found.append(OptionLine(key=option["key"], value=option["value"] or "", line=number, col=col))
        elif found and (not rest.strip() or rest.startswith(("  ", "\t", " -", "-", " #"))):
            more.append(rest.removeprefix(" "))
        elif rest.strip() and not rest.lstrip().startswith("#"):
            start = written.start("rest") + len(rest) - len(rest.lstrip())
            message = f"'{rest.strip()}' is no option"
            mistakes.append(
                (
                    number,
                    AttributeMistake(message=message, start=start, end=len(line.rstrip()), hint="as in #| key: value"),
                )
            )
    _go_on(found, more)
    return tuple(found), taken, tuple(mistakes)


def _go_on(found: list[OptionLine], more: list[str]) -> None:
    """Adds the lines that go on with a value to the last option."""
    if found and more:
        last = found[-1]
        text = "\n".join(more).rstrip()
        if text:
            value = f"{last.value}\n{text}" if last.value else dedent(text)
            found[-1] = OptionLine(key=last.key, value=value, line=last.line, col=last.col)
    more.clear()


def _read_group(info: str, start: int) -> tuple[tuple[WrittenAttribute, ...], int, AttributeMistake | None]:
    """The group that opens at `start`, where it ends, and what is wrong with it."""
    found: list[WrittenAttribute] = []
    end = len(info)
    pos = _blanks(info, start + 1, end)
    while pos < end:
        if info[pos] == "}":
            return tuple(found), pos + 1, None
        sigil = info[pos] if info[pos] in "#." else ""
        name = re.compile(r"[^\s\"'{}=#.][^\s\"'{}=]*" if sigil else r"[A-Za-z_][\w.:-]*").match(info, pos + len(sigil))
        if name is None:
            return (), end, _unreadable(info, pos, end)
        if sigil:
            written: WrittenAttribute | AttributeMistake = WrittenAttribute(
                name=sigil + name[0], start=pos, end=name.end()
            )
        else:
            written = _with_value(info, name[0], pos, name.end(), end, _BARE_OPTION)
        if isinstance(written, AttributeMistake):
            return (), end, written
        found.append(written)
        pos = _blanks(info, written.end, end)
    hint = "close it with '}' on the same line"
    return (
        (),
        end,
        AttributeMistake(message="these options are never closed", start=start, end=len(info.rstrip()), hint=hint),
    )


def _with_value(
    text: str, name: str, start: int, pos: int, end: int, bare: re.Pattern[str]
) -> WrittenAttribute | AttributeMistake:
    """The attribute whose name ends at `pos`, with its value where it has one."""
    equals = _blanks(text, pos, end)
    if equals >= end or text[equals] != "=":
        return WrittenAttribute(name=name, start=start, end=pos)
    pos = _blanks(text, equals + 1, end)
    if pos < end and text[pos] in "\"'":
        return _quoted(text, name, start, pos, end)
    if pos < end and text[pos] in _CURLY:
        hint = "write straight quotes: \" or '"
        return AttributeMistake(
            message=f"the value of '{name}' is in curly quotes", start=start, end=_word_end(text, pos, end), hint=hint
        )
    value = bare.match(text, pos, end)
    if value is None:
        return AttributeMistake(
            message=f"'{name}=' has no value", start=start, end=equals + 1, hint=f'as in {name}="…"'
        )
    return WrittenAttribute(name=name, value=value[0], start=start, end=value.end())


def _quoted(text: str, name: str, start: int, pos: int, end: int) -> WrittenAttribute | AttributeMistake:
    """A value in quotes; a backslash keeps the quote that follows it in the value."""
    quote = text[pos]
    closed = re.compile(rf"(?:\\{quote}|[^{quote}])*{quote}").match(text, pos + 1, end)
    if closed is None:
        message = f"the quote after '{name}=' is never closed"
        return AttributeMistake(
            message=message, start=start, end=len(text[:end].rstrip()), hint=f"close it with {quote}"
        )
    if closed.end() < end and not text[closed.end()].isspace() and text[closed.end()] != "}":
        stop = _word_end(text, closed.end(), end)
        message = f"'{text[closed.end() : stop]}' stands directly behind a quote"
        return AttributeMistake(
            message=message, start=closed.end(), end=stop, hint=f"is the quote after '{name}=' closed?"
        )
    value = closed[0][:-1].replace("\\" + quote, quote)
    return WrittenAttribute(name=name, value=value, start=start, end=closed.end(), quoted=True)


def _unreadable(text: str, pos: int, end: int) -> AttributeMistake:
    stop = _word_end(text, pos, end)
    return AttributeMistake(
        message=f"'{text[pos:stop]}' is no attribute",
        start=pos,
        end=stop,
        hint='as in name, name=value or name="value"',
    )


def _word_end(text: str, pos: int, end: int) -> int:
    found = re.compile(r"[^\s}]+|\S").match(text, pos, end)
    return found.end() if found else pos


def _blanks(text: str, pos: int, end: int) -> int:
    while pos < end and text[pos].isspace():
        pos += 1
    return pos
