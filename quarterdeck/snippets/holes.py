"""Values that one snippet captures and later ones use: `<container-id>` in a command. Pure.

What a program printed is data. It is put into commands, so only text that no shell reads as anything but a word may be
captured; all other text is refused, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html import escape
from types import MappingProxyType

from msgspec import Struct

from quarterdeck.regex import regex
from quarterdeck.snippets.escapes import plain
from quarterdeck.snippets.prompts import LinePart, is_prompted, lines_of, session_lines

NAME = regex(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_HOLE = regex(rf"(?<!<)<({NAME.pattern})>")
LONGEST_VALUE = 1_000
_SAFE = regex(rf"(?!-)[A-Za-z0-9_.:/@%+=,-]{{1,{LONGEST_VALUE}}}")
"""Whatever stands around it: no quotes, blanks, globs, expansions or redirections, and no option of a command."""
_SHOWN = 40
SHORTEST_HIDDEN = 4
"""Shorter values are found where they mean something else."""

Values = Mapping[str, str]
"""By name."""
NO_VALUES: Values = MappingProxyType({})


class Capture(Struct, frozen=True, kw_only=True):
    """What a snippet's output is searched for."""

    name: str
    pattern: str = ""
    """A regular expression whose first group, or all of it, is the value; empty: the last line is."""


class Hole(Struct, frozen=True, kw_only=True):
    """A name in angle brackets, in code."""

    name: str
    line: int
    """Of the code, from 1."""
    col: int
    """Of its `<`, from 1."""

    @property
    def end_col(self) -> int:
        return self.col + len(self.name) + 2


def placeholder(name: str) -> str:
    return f"<{name}>"


def holes_in(code: str, language: str, *, inner: bool = True) -> Iterator[Hole]:
    """Every name in angle brackets that somebody types: in a session's commands, anywhere in other code.

    `inner`: also where another program's prompt stands.
    """
    parts = (LinePart.COMMAND, LinePart.MORE, LinePart.INNER) if inner else (LinePart.COMMAND, LinePart.MORE)
    prompted = is_prompted(code, language)
    lines = session_lines(code) if prompted else ()
    for number, text in enumerate(lines_of(code)):
        skipped = len(lines[number].prompt) if prompted else 0
        if prompted and lines[number].part not in parts:
            continue
        for match in _HOLE.finditer(text, skipped):
            yield Hole(name=match[1], line=number + 1, col=match.start() + 1)


def names_in(text: str) -> tuple[str, ...]:
    """The names in angle brackets, in their order."""
    return tuple(dict.fromkeys(match[1] for match in _HOLE.finditer(text)))


def fill(text: str, values: Values) -> str:
    """The text with each name that has a value replaced by it."""
    return _HOLE.sub(lambda match: values.get(match[1], match[0]), text)


def split(text: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """The text in stretches, each with the name that it is the place of, or with none."""
    at = 0
    for match in _HOLE.finditer(text):
        if match[1] in names:
            yield text[at : match.start()], ""
            yield match[0], match[1]
            at = match.end()
    yield text[at:], ""


def find(wanted: Iterable[Capture], output: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """The values that a snippet's output holds, sorted by name; and why one of them cannot be had, or nothing."""
    printed = plain(output).replace("\r", "\n")
    found: dict[str, str] = {}
    for each in wanted:
        value = _value(each, printed)
        if value is None:
            why = f"'{each.pattern}' is nowhere in its output" if each.pattern else "it printed nothing"
        else:
            why = unfit(value)
        if why:
            return tuple(sorted(found.items())), f"gave no value for '{placeholder(each.name)}': {why}"
        found[each.name] = value or ""
    return tuple(sorted(found.items())), ""


def _value(wanted: Capture, printed: str) -> str | None:
    if not wanted.pattern:
        return next((line.strip() for line in reversed(printed.split("\n")) if line.strip()), None)
    match = re.compile(wanted.pattern, re.MULTILINE).search(printed)
    if match is None:
        return None
    return match[1] if match.re.groups and match[1] is not None else match[0]


def unfit(value: str) -> str:
    """Why a value may not become part of a command; empty where it may."""
    if _SAFE.fullmatch(value):
        return ""
    if not value:
        return "what was found is empty"
    if len(value) > LONGEST_VALUE:
        return f"what was found is longer than {LONGEST_VALUE} characters"
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    if value.startswith("-"):
        return f"{shown!r} begins with '-', and a command would take it for an option"
    wrong = next((char for char in value if not _SAFE.fullmatch(char) and char != "-"), " ")
    return f"{shown!r} holds {wrong!r}, which a shell may not take for text"


def hider(values: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    """What replaces each value in a text by its name: two runs have other values and mean the same."""
    by_value = {value: name for name, value in values if len(value) >= SHORTEST_HIDDEN}
    if not by_value:
        return str
    longest_first = sorted(by_value, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
    return lambda text: pattern.sub(lambda match: placeholder(by_value[match[0]]), text)


def attributes(name: str, value: str = "") -> str:
    """Of the element that stands for a hole, with a leading blank; `value` is the recorded one."""
    recorded = f' data-recorded="{escape(value)}"' if value else ""
    return f' data-hole="{name}"{recorded} role="button" tabindex="0"'
