"""Front matter of another tool in our own words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.markdown.dialects.base import Dialect, Key
from quarterdeck.model import Construct, ConstructOutcome
from quarterdeck.project.deck_options import (
    ALIASES,
    OBSIDIAN_KEYS,
    OTHER_TOOLS,
    REVEAL_OPTIONS,
    DeckOptions,
    field_types,
)
from quarterdeck.project.key_check import WrittenKey

_OURS = frozenset((*field_types(DeckOptions), *ALIASES, *OBSIDIAN_KEYS, *REVEAL_OPTIONS))


class _Adapted(Struct):
    entries: list[WrittenKey] = field(default_factory=list)
    constructs: list[Construct] = field(default_factory=list)


def adapt(entries: Sequence[WrittenKey], dialect: Dialect) -> tuple[tuple[WrittenKey, ...], tuple[Construct, ...]]:
    """The keys that mean something here, under our names, and what became of each key that is not ours."""
    found = _Adapted()
    for entry in entries:
        _adapt(entry, entry.key, dialect, found)
    return tuple(_without_doubles(found.entries, entries)), tuple(found.constructs)


def _adapt(entry: WrittenKey, path: str, dialect: Dialect, found: _Adapted) -> None:
    key = dialect.keys.get(path)
    inner = f"{path}."
    if entry.children and any(name.startswith(inner) for name in dialect.keys):
        for child in entry.children:
            _adapt(child, inner + child.key, dialect, found)
    elif key is not None:
        _translate(entry, path, key, found)
    elif "." not in path and (entry.key in _OURS and entry.key not in OTHER_TOOLS):
        found.entries.append(entry)
    elif "." not in path and not dialect.tolerant:
        found.entries.append(entry)  # an unknown key of ours: it is reported where it is checked
    elif not any(name.startswith(inner) for name in dialect.keys):
        remedy = OTHER_TOOLS.get(entry.key, "nothing here has that meaning")
        _tell(entry, path, ConstructOutcome.LEFT_OUT, remedy, found)


def _translate(entry: WrittenKey, path: str, key: Key, found: _Adapted) -> None:
    value = key.value(entry.value) if key.value else entry.value
    if key.to and value is not None:
        text = entry.text if value == entry.value else str(value)
        children = entry.children if value is entry.value else ()
        found.entries.append(
            replace(entry, key=key.to.removeprefix("reveal."), value=value, text=text, children=children)
        )
    if not key.approximates:
        _tell(entry, path, key.outcome, key.remedy, found)
    elif value == entry.value:
        _tell(entry, path, key.outcome, "", found)
    else:
        outcome = ConstructOutcome.LEFT_OUT if value is None else ConstructOutcome.APPROXIMATED
        _tell(entry, path, outcome, key.remedy, found)


def _tell(entry: WrittenKey, path: str, outcome: ConstructOutcome, remedy: str, found: _Adapted) -> None:
    found.constructs.append(Construct(name=f"key {path}", outcome=outcome, span=entry.span, remedy=remedy))


def _without_doubles(adapted: Iterable[WrittenKey], written: Iterable[WrittenKey]) -> Iterator[WrittenKey]:
    """What the author wrote in our words wins over what was translated to them."""
    own = {entry.key for entry in written}
    for entry in adapted:
        if entry in written or entry.key not in own or any(entry.span == each.span for each in written):
            yield entry


def is_known(key: str, dialects: Iterable[Dialect]) -> bool:
    """Whether a key at the top of front matter means something to us or to another tool."""
    if key in _OURS or key in OTHER_TOOLS:
        return True
    return any(name.partition(".")[0] == key for dialect in dialects for name in dialect.keys)


def plain(entries: Iterable[WrittenKey]) -> dict[str, Any]:
    return {entry.key: entry.value for entry in entries}
