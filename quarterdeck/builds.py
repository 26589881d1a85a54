"""The values that pass between the stages of a build: what is asked for, read and rendered. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quarterdeck.assets import Place
from quarterdeck.model import Diagnostic, Html, Source, Stack, Theme
from quarterdeck.reading import Reading
from quarterdeck.render.index import Card
from quarterdeck.render.page import Look
from quarterdeck.run.snippets import Snippets
from quarterdeck.settings import DeckOptions, Project
from quarterdeck.site import Site
from quarterdeck.source import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command asks to be built."""

    project: Project
    talks: tuple[Talk, ...]
    given: tuple[Path, ...]
    """The files and folders that the talks were found at."""
    cwd: Path
    output: Path
    overrides: Mapping[str, str]
    """Front matter keys set on the command line."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSlide:
    key: str
    html: str
    """Of its `<section>`."""
    digest: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltDeck:
    name: str
    url: str
    """Of its page, relative to the site's root."""
    path: Path
    source: str
    """The talk's file as it stands in diagnostics."""
    title: str
    lang: str
    stacks: tuple[tuple[BuiltSlide, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    site: Site
    decks: tuple[BuiltDeck, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]
    """Every text that a diagnostic may point into, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A talk read and understood, before anything is looked up or rendered."""

    talk: Talk
    source: Source
    options: DeckOptions
    theme: Theme
    paints: str
    """A stylesheet of its own for code; empty where the theme's holds."""
    stacks: tuple[Stack, ...]
    snippets: Snippets
    digests: Mapping[str, str]
    """What each slide was made from, by key."""
    diagnostics: tuple[Diagnostic, ...]
    reading: Reading

    @property
    def title(self) -> str:
        titles = (placed.slide.title for stack in self.stacks for placed in stack.slides)
        return self.options.title or next(filter(None, titles), self.talk.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the slides of one deck are rendered."""

    talk: Parsed
    look: Look
    look_digest: str
    place: Place
    names: Mapping[Path, str]
    """Decks of the site by the file of their talk."""
    guests: Mapping[str, Html] = field(default_factory=dict)
    """Outputs that fill an element elsewhere in the deck, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    deck: BuiltDeck
    page: Html
    card: Card
    diagnostics: tuple[Diagnostic, ...]
