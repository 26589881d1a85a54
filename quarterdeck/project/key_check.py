"""Checks what an author wrote against the types of the settings: every unknown key and every value of another kind.

YAML and TOML come here as the same `WrittenKey` tree, so that both get the same answers. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.model import Diagnostic, Span
from quarterdeck.project.deck_options import (
    ALIASES,
    OBSIDIAN_KEYS,
    OTHER_TOOLS,
    REVEAL_OPTIONS,
    DeckOptions,
    field_types,
)

Clean = dict[str, Any]
"""Keys as written in the front matter, values of the right type."""

_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "text or a list of texts",
    dict: "names with values below it",
}


_GIVEN: dict[Any, str] = {list: "a list", dict: "a mapping", str: "empty text"}


class WrittenKey(Struct, frozen=True, kw_only=True):
    """A key and its value, as they stand in a file."""

    key: str
    value: Any
    """Plain data: text, numbers, booleans, None, lists and dictionaries."""
    text: str = ""
    """A scalar as the author wrote it, without quotes."""
    span: Span
    """Of the key."""
    value_span: Span
    children: tuple[WrittenKey, ...] = ()
    """The entries of a mapping."""


def check_deck(
    entries: Iterable[WrittenKey], *, where: str = "the front matter"
) -> tuple[Clean, tuple[Diagnostic, ...]]:
    """The front matter as data that `DeckOptions` accepts, and what is wrong with the rest.

    Keys of Obsidian pass without effect; reveal.js options at the top level are as good as under `reveal`, which wins.
    """
    ours = field_types(DeckOptions)
    own: list[WrittenKey] = []
    flat: Clean = {}
    found: list[Diagnostic] = []
    for entry in entries:
        if (key := ALIASES.get(entry.key, entry.key)) in ours:
            own.append(_renamed(entry, key))
        elif key in REVEAL_OPTIONS:
            flat[key] = meant(entry.value, REVEAL_OPTIONS[key])
        elif key in OTHER_TOOLS:
            message = f"'{key}' has no effect here"
            found.append(Diagnostic(code="F109", message=message, span=entry.span, hint=OTHER_TOOLS[key]))
        elif key not in OBSIDIAN_KEYS:
            found.append(_unknown(entry, ours, also=(*REVEAL_OPTIONS, *ALIASES), where=where))
    clean, wrong = check_fields(own, ours)
    found += wrong
    for entry in own:
        if entry.key == "reveal":
            found += _check_reveal(entry.children)
    if isinstance(given := clean.get("reveal"), dict):
        clean["reveal"] = {key: meant(value, REVEAL_OPTIONS.get(key, {})) for key, value in given.items()}
    if flat:
        clean["reveal"] = flat | clean.get("reveal", {})
    return clean, tuple(found)


def places_of(entries: Iterable[WrittenKey], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Where the value of each key stands: `("snippets", "timeout")`; an alias is there under its key."""
    for entry in entries:
        key = entry.key if above else ALIASES.get(entry.key, entry.key)
        yield (*above, key), entry.value_span
        yield from places_of(entry.children, (*above, key))


def check_fields(entries: Iterable[WrittenKey], types: dict[str, Any]) -> tuple[Clean, tuple[Diagnostic, ...]]:
    """The values that have the type their key asks for; each other one is a diagnostic, and no value is no key."""
    clean: Clean = {}
    found = []
    for entry in entries:
        if entry.value is None:
            continue
        expected = types[entry.key]
        try:
            value = msgspec.convert(_lenient(entry, expected), expected)
        except msgspec.ValidationError:
            found.append(_mistyped(entry, expected))
        else:
            merges = isinstance(value, dict) and entry.key in clean  # a key, and its alias beside it
            clean[entry.key] = clean[entry.key] | value if merges else value
    return clean, tuple(found)


def check_known(
    entries: Iterable[WrittenKey], types: dict[str, Any], *, where: str
) -> tuple[list[WrittenKey], list[Diagnostic]]:
    """The entries whose keys are in the table, and a diagnostic for each of the others."""
    known, unknown = [], []
    for entry in entries:
        if entry.key in types:
            known.append(entry)
        else:
            unknown.append(_unknown(entry, types, where=where))
    return known, unknown


def _unknown(entry: WrittenKey, known: Iterable[str], *, also: Iterable[str] = (), where: str) -> Diagnostic:
    """`also` may be the nearest name, but is too long to be listed."""
    near = nearest(entry.key, [*known, *also])
    hint = f"did you mean '{near}'?" if near else did_you_mean(entry.key, known)
    return Diagnostic(code="F103", message=f"unknown key '{entry.key}' in {where}", span=entry.span, hint=hint)


def _check_reveal(entries: Iterable[WrittenKey]) -> Iterator[Diagnostic]:
    for entry in entries:
        if entry.key not in REVEAL_OPTIONS:
            near = nearest(entry.key, REVEAL_OPTIONS)
            hint = f"did you mean '{near}'?" if near else "it is passed on as it stands"
            yield Diagnostic(code="F106", message=f"reveal.js has no option '{entry.key}'", span=entry.span, hint=hint)


def _mistyped(entry: WrittenKey, expected: Any) -> Diagnostic:
    given = f"'{entry.text}'" if entry.text else _GIVEN[type(entry.value)]
    choices = [str(choice) for part in _parts(expected) if get_origin(part) is Literal for choice in get_args(part)]
    near = nearest(entry.text, choices)
    return Diagnostic(
        code="F104",
        message=f"'{entry.key}' expects {expectation(expected)}, not {given}",
        span=entry.value_span,
        hint=f"did you mean '{near}'?" if near else "",
    )


def expectation(expected: Any) -> str:
    """What a type accepts, in words."""
    parts = list(_parts(expected))
    told = [part.extra["expects"] for part in parts if isinstance(part, msgspec.Meta) and part.extra]
    if told:
        return str(told[0])
    for part in parts:
        if get_origin(part) is Literal:
            return f"one of {', '.join(map(str, get_args(part)))}"
    return next(
        (_WORDS[kind] for part in parts if (kind := get_origin(part) or part) in _WORDS), "another kind of value"
    )


def _parts(expected: Any) -> Iterator[Any]:
    """A type, what it is annotated with and what it is a union of; not what it contains."""
    yield expected
    if get_origin(expected) in (Annotated, Union, UnionType):
        for part in get_args(expected):
            if part is not NoneType:
                yield from _parts(part)


def _lenient(entry: WrittenKey, expected: Any) -> Any:
    """The value as it was meant: `title: 2025` is text, and so is `css: a.css, b.css` a list of two."""
    kinds = {get_origin(part) or part for part in _parts(expected)}
    value = entry.value
    if str in kinds and isinstance(value, bool | int | float):
        return entry.text
    if str in kinds and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if tuple in kinds and isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if entry.key == "mermaid" and isinstance(value, bool):
        return {}  # `mermaid: false`, as some tools switch a plugin off: there is nothing to configure
    if str not in kinds and isinstance(value, str):
        value = _plain(value)
    return round(value) if int in kinds and isinstance(value, float) and isfinite(value) else value


def meant(value: Any, schema: Mapping[str, Any]) -> Any:
    """`"600"` and `"false"` are a number and a flag where the option takes such."""
    kinds = schema.get("type", ())
    if not isinstance(value, str):
        return value
    plain = _plain(value)
    kind = "boolean" if isinstance(plain, bool) else "number"
    return plain if kind in ((kinds,) if isinstance(kinds, str) else kinds) else value


def _plain(text: str) -> Any:
    """The number or the flag that a text in quotes says, else the text."""
    word = text.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    try:
        number = float(word)
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def _renamed(entry: WrittenKey, key: str) -> WrittenKey:
    return entry if entry.key == key else replace(entry, key=key)
