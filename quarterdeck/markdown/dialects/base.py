"""What a dialect is: its marks, its separators, its front matter and its rules, as one table. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from msgspec import Struct, field

from quarterdeck.markdown.shields import Shield
from quarterdeck.model import Attrs, Chunk, ConstructOutcome

OF_OBSIDIAN = frozenset({"callouts", "named blocks", "obsidian comments", "wiki links"})
"""Rules for what only Obsidian and we write."""
NEVER = "(?!)"
"""As a separator: there is none."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What a talk may be recognised by."""

    front: Mapping[str, Any] = field(default_factory=dict)
    """The values of its front matter."""
    body: str = ""
    """Without the insides of code fences."""
    beside: frozenset[str] = frozenset()
    """Dialects whose own settings files lie beside the talk."""
    suffix: str = ".md"

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.front)


class Separator(Struct, frozen=True, kw_only=True):
    """Lines `first` to `last`, 0-based, that belong to no slide; with `last` before `first`, a slide begins there."""

    first: int
    last: int
    below: bool = False


class Cutting(Struct, frozen=True, kw_only=True):
    """A talk that is about to be cut into slides."""

    lines: Sequence[str]
    separators: tuple[Separator, ...]
    """What matches the separators of the talk, outside of code and comments."""
    shields: tuple[Shield, ...] = ()
    """Code, comments and the like, in order."""
    front: Mapping[str, Any]


Cut = Callable[[Cutting], Iterable[Separator]]


class Key(Struct, frozen=True, kw_only=True):
    """What a front matter key of another tool means here."""

    to: str = ""
    """Our key, `reveal.OPTION` for one of reveal.js; empty where nothing here has that meaning."""
    value: Callable[[Any], Any] | None = None
    """The value as we write it; None from it leaves the key out."""
    outcome: ConstructOutcome = ConstructOutcome.UNDERSTOOD
    remedy: str = ""
    approximates: bool = False
    """Whether a value that is another one here is only like what was written; the remedy is told for no other."""


def no_effect(remedy: str = "") -> Key:
    """Of a key that says nothing about what the slides show or how."""
    return Key(outcome=ConstructOutcome.LEFT_OUT, remedy=remedy)


class Dialect(Struct, frozen=True, kw_only=True):
    name: str
    title: str
    """As its authors call the tool."""
    marks: Callable[[Evidence], bool] = lambda _evidence: False
    separator: str = "---"
    below: str = NEVER
    """What begins a slide below."""
    notes: str = ""
    """What begins notes, as a regular expression; empty for `Note:`."""
    cut: Cut | None = None
    """Decides where slides begin, where separators alone do not."""
    without: frozenset[str] = frozenset()
    """Names of the rules in `rules.RULES` that it has not."""
    rules: tuple[Callable[[MarkdownIt], None], ...] = ()
    """What it has beyond those, installed in this order."""
    keys: Mapping[str, Key] = field(default_factory=dict)
    """Front matter keys that are no keys of ours, or mean something else there."""
    values: Callable[[str], Mapping[str, Any]] | None = None
    """Reads the YAML of its front matter, where it reads more into it than YAML does."""
    tolerant: bool = False
    """Whether front matter keys that nobody knows pass without a word: the tool ignores them too."""
    embeds: bool = False
    """Whether its talks embed notes of a vault, and have templates around slides."""
    opens_with_title: Callable[[Mapping[str, Any]], bool] = lambda _front: False
    """Whether front matter makes a title slide."""
    heads_slides: bool = False
    """Whether front matter belongs to the slide below it, that of the talk to the first one."""
    carried: Callable[[Mapping[str, Any], Sequence[str]], Iterable[Attrs]] | None = None
    """What each slide has from the front matter and the slides before it, given all of their texts."""
    repeated: Callable[[Sequence[Chunk]], tuple[Chunk, ...]] | None = None
    """The slides that are shown, with what they have of others."""
    includes: re.Pattern[str] | None = None
    """Finds the lines in whose place the text of a file stands: group `path`."""
    sources: re.Pattern[str] | None = None
    """Finds the files whose text stands on slides: group `path`."""
    included: Callable[[str], str] = lambda _text: ""
    """The file whose slides stand in the place of the slide of that text; empty for none."""
