"""What the stage shows, and what of it may run: built again while it is shown, and learnt once it is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quarterdeck.diagnostics import severity
from quarterdeck.errors import SurroundingsError
from quarterdeck.model import Severity
from quarterdeck.serve.author.app import ShownSite
from quarterdeck.serve.loop import Job
from quarterdeck.serve.patch import between
from quarterdeck.serve.stage.deck import LiveDeck
from quarterdeck.serve.stage.live_outputs import drawing
from quarterdeck.serve.stage.page import about
from quarterdeck.serve.stage.sign_in import Gate
from quarterdeck.serve.stage.trust_watch import TrustWatch
from quarterdeck.serve.state import path_of
from quarterdeck.site.builds import Build
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.question import scripts_of


@dataclass(slots=True, kw_only=True)
class StageSite:
    """`take`, `learn` and `accept` are called in threads, everything else on the event loop."""

    make: Callable[[Talk], LiveDeck]
    edit: bool
    gate: Gate
    inline: str = ""
    port: int = 0
    parts: Mapping[str, Path] = field(default_factory=dict)
    entered: Job = lambda: None
    """Called when a code was used."""
    shown: ShownSite = field(init=False)
    trust: TrustWatch = field(init=False)
    decks: dict[str, LiveDeck] = field(default_factory=dict)
    """Those that may run, by name."""
    scripts: frozenset[str] = frozenset()
    """URLs of what decks bring and their owner has been asked about."""
    _newest: Build = field(init=False)
    """What was shown last, or is about to be."""
    _asked: Request = field(init=False)
    _talks: dict[str, Talk] = field(default_factory=dict)
    """As they were trusted, by the name of their deck."""

    def begin(self, build: Build, asked: Request, trust: TrustWatch) -> None:
        self.trust, self._newest, self._asked = trust, build, asked
        trust.look_everywhere(build.talks)
        self.shown = ShownSite(
            build=build, follow=False, edit=lambda _path, _line: False, more=self._told(build, asked)
        )
        self.scripts = frozenset(self._scripts(build, asked))

    @property
    def runs(self) -> bool:
        """Whether anything can be run at all. Settled at the beginning: what cannot run then has no way to."""
        return bool(self.trust.folders)

    @property
    def cookie(self) -> str:
        return f"quarterdeck-{self.port}"

    # what is shown

    def take(self, build: Build, asked: Request) -> Job:
        """A build with mistakes that were not there before is not for an audience."""
        self._asked = asked
        for folder, why in self.trust.look_everywhere(build.talks).items():
            self._tell_trust(folder, why)
        if _mistakes(build) - _mistakes(self._newest):
            return lambda: self.shown.hold(build)
        patches = between(self._newest, build)
        self._newest = build
        more, scripts = self._told(build, asked), frozenset(self._scripts(build, asked))

        def show() -> None:
            self.scripts = scripts
            self.shown.show(build, patches, more)

        return show

    def fail(self, trouble: SurroundingsError) -> None:
        self.shown.fail(trouble)

    # what may run

    def learn(self, folder: Path, talks: tuple[Talk, ...]) -> None:
        """What the owner of the folder has said yes to."""
        shown = {talk.path for talk in self._asked.talks}
        for talk in talks:
            name = talk.file.name
            if talk.file.path not in shown:
                continue
            self._talks[name] = talk
            if name in self.decks:
                slides = tuple(placed.key for stack in talk.stacks for placed in stack.slides)
                self.decks[name].learn(talk.snippets.plan, slides)
                self.decks[name].audience.outputs.draw = drawing(talk, self._asked)
            elif talk.snippets.plan.jobs:
                deck = self.make(talk)
                deck.audience.outputs.draw = drawing(talk, self._asked)
                deck.begin()
                self.decks = {**self.decks, name: deck}
        self._tell_trust(folder, "")

    def untrusted(self, deck: LiveDeck) -> str:
        """Why a deck may not run anything now; reads its folder."""
        folder = self._talks[deck.name].file.path.parent
        why = self.trust.look(folder)
        self._tell_trust(folder, why)
        return why

    def accept(self) -> tuple[Path, ...]:
        accepted = self.trust.accept()
        self.scripts = frozenset(self._scripts(self._newest, self._asked))
        return accepted

    def tick(self) -> None:
        for deck in self.decks.values():
            deck.audience.tell_stalls()

    def _tell_trust(self, folder: Path, why: str) -> None:
        for name, deck in self.decks.items():
            if self._talks[name].file.path.parent == folder:
                deck.tell_trust(why)

    def _told(self, build: Build, asked: Request) -> dict[str, Any]:
        """What the page of each deck has to know of the stage, by its path."""
        told = {
            path_of(deck.url): about(
                talk, trusted=deck.name in self.decks, edit=self.edit, release=asked.project.release
            ).plain()
            for deck, talk in zip(build.decks, build.talks, strict=True)
        }
        return {"stage": told}

    def _scripts(self, build: Build, asked: Request) -> Iterator[str]:
        """URLs of the scripts of decks that may run: their owner has been asked about them with the snippets."""
        trusted = [talk for name, talk in self._talks.items() if name in self.decks and not self.decks[name].untrusted]
        places = {path.resolve() for talk in trusted for path in scripts_of(talk, asked)}
        yield from (name for talk in trusted for name in talk.options.scripts if "//" in name)
        yield from _urls_of(places, build)


def _urls_of(places: Iterable[Path], build: Build) -> Iterator[str]:
    wanted = set(places)
    for url, entry in build.site.entries.items():
        if isinstance(entry.content, Path) and entry.content.resolve() in wanted:
            yield url


def _mistakes(build: Build) -> set[tuple[str, str, str]]:
    """The errors, wherever they stand in their files."""
    wrong = (found for found in build.diagnostics if severity(found) is Severity.ERROR)
    return {(found.code, found.message, found.span.path) for found in wrong}
