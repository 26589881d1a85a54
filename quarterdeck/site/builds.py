"""The values that pass between the stages of a build: what is asked for, read and rendered. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from quarterdeck.model import Diagnostic, Html, Source
from quarterdeck.project.assets import LookupPlace
from quarterdeck.render.index import Card
from quarterdeck.render.page import Look
from quarterdeck.site.output import Site
from quarterdeck.talk.talk import Talk


class BuiltSlide(Struct, frozen=True, kw_only=True):
    key: str
    html: str
    """Of its `<section>`."""
    digest: str
    line: int
    end_line: int


class BuiltDeck(Struct, frozen=True, kw_only=True):
    name: str
    url: str
    """Of its page, relative to the site's root."""
    path: Path
    source: str
    """The talk's file as it stands in diagnostics."""
    title: str
    lang: str
    stacks: tuple[tuple[BuiltSlide, ...], ...]


class Build(Struct, frozen=True, kw_only=True):
    site: Site
    talks: tuple[Talk, ...]
    """As they were read for it."""
    decks: tuple[BuiltDeck, ...]
    """One for each of the talks, in their order."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def sources(self) -> Mapping[str, Source]:
        """Every text that a diagnostic may point into, by name."""
        return {name: source for talk in self.talks for name, source in talk.reading.sources.items()}


class RenderContext(Struct, frozen=True, kw_only=True):
    """Where the slides of one deck are rendered."""

    talk: Talk
    look: Look
    look_digest: str
    place: LookupPlace
    names: Mapping[Path, str]
    """Decks of the site by the file of their talk."""


class Rendered(Struct, frozen=True, kw_only=True):
    deck: BuiltDeck
    page: Html
    card: Card
    diagnostics: tuple[Diagnostic, ...]
