"""`quarterdeck present`: the decks of talks on stage, from the first build to the last container."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from quarterdeck import desktop, source
from quarterdeck.errors import SurroundingsError
from quarterdeck.folders import cache_folder, state_folder
from quarterdeck.pipeline import Build, Builder, Parsed, Request
from quarterdeck.recorder import question
from quarterdeck.resources import templates_folder
from quarterdeck.run.docker import engine as engines
from quarterdeck.run.ground import clean_up, ground
from quarterdeck.serve import running
from quarterdeck.serve.server import LAST_CALL_S, SIGNALS, address_of, listen
from quarterdeck.serve.stage.app import ENTER, LIVE, House, application, parts
from quarterdeck.serve.stage.auth import CODE_S, Gate
from quarterdeck.serve.stage.live import GRACE_S, TICK_S, LiveDeck
from quarterdeck.serve.stage.page import about, inline_hash
from quarterdeck.serve.stage.redirect import Redirect
from quarterdeck.serve.stage.talk import LONGEST_MESSAGE
from quarterdeck.trust import Store

Ask = Callable[[], Request]


def present(
    ask: Ask,
    *,
    trusted: Collection[Path],
    port: int | None,
    open_browser: bool,
    edit: bool,
    announce: Callable[[str], None],
    report: Callable[[Build], None],
    keys: Callable[[Callable[[], None]], None],
    environ: Mapping[str, str] = os.environ,
    grace_s: float = GRACE_S,
) -> None:
    """Until Ctrl-C or SIGTERM. `trusted` are the folders whose talks may run; `keys` calls back at each Enter."""
    with ExitStack() as stack:
        listener = stack.enter_context(listen(port))
        number = listener.getsockname()[1]
        asked = ask()
        builder = Builder()
        talks = builder.read(asked)
        build = builder.build(asked)
        report(build)
        clean_up(cache_folder(environ))
        able = [talk for talk in talks if talk.snippets.plan.jobs and talk.talk.path.parent in trusted]
        trust = TrustWatch(ask=ask, store=Store(state_folder(environ)), builder=builder)
        trust.learn(asked, {talk.talk.path.parent for talk in able})
        decks = {talk.talk.name: _live(talk, edit=edit, environ=environ, grace_s=grace_s) for talk in able}
        folders = {talk.talk.name: talk.talk.path.parent for talk in able}
        door = Door(address=address_of(build, number), announce=announce, folder=running.notes_folder(environ))
        stack.callback(door.close)
        house = House(
            build=build,
            gate=door.gate,
            stages=_stages(build, talks, decks, edit=edit),
            scripts=frozenset(url for talk in able for url in _scripts_of(talk, build)),
            decks=decks,
            untrusted=lambda deck: trust.lost(folders[deck.name]),
            inline=inline_hash(source.read(templates_folder() / "deck.html", name="deck.html")[0].text),
            port=number,
            parts=parts(),
            entered=door.remove,
        )
        for deck in decks.values():
            deck.begin()
        # the last to go: sessions end while nobody can ask for anything more
        stack.callback(_close, list(decks.values()))

        def ready() -> None:
            announce(door.address)
            if decks:
                door.let_in(in_browser=open_browser)
                keys(door.show_code)
            elif open_browser:
                desktop.browse(door.address)

        Server(application(house), decks=list(decks.values()), ready=ready).run([listener])


def _live(talk: Parsed, *, edit: bool, environ: Mapping[str, str], grace_s: float) -> LiveDeck:
    return LiveDeck(
        name=talk.talk.name,
        plan=talk.snippets.plan,
        slides=tuple(placed.key for stack in talk.stacks for placed in stack.slides),
        prepare=partial(ground, deck=talk.talk.path.parent, cache=cache_folder(environ), environ=environ),
        find_engine=lambda: engines.find(environ),
        edit=edit,
        grace_s=grace_s,
    )


def _close(decks: Collection[LiveDeck]) -> None:
    threads = [threading.Thread(target=deck.close) for deck in decks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _stages(
    build: Build, talks: Collection[Parsed], decks: Mapping[str, LiveDeck], *, edit: bool
) -> dict[str, dict[str, Any]]:
    by_path = {talk.talk.path: talk for talk in talks}
    return {
        deck.url: about(by_path[deck.path], trusted=deck.name in decks, edit=edit, live=LIVE, enter=ENTER)
        for deck in build.decks
    }


def _scripts_of(talk: Parsed, build: Build) -> Iterator[str]:
    """URLs of the scripts that a deck brings: its owner has been asked about them with its snippets."""
    named = [talk.talk.path.parent / name for name in talk.options.scripts if "//" not in name]
    places = {path.resolve() for path in (*named, *talk.theme.scripts)}
    yield from (name for name in talk.options.scripts if "//" in name)
    for url, entry in build.site.entries.items():
        if isinstance(entry.content, Path) and entry.content.resolve() in places:
            yield url


@dataclass(slots=True, kw_only=True)
class TrustWatch:
    """Whether a folder is still what its owner has said yes to."""

    ask: Ask
    store: Store
    builder: Builder
    """From now on used for this alone."""
    folders: dict[Path, str] = field(default_factory=dict)
    """With the digest of what could run when the stage began."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn(self, asked: Request, folders: Collection[Path]) -> None:
        for folder in folders:
            self.folders[folder] = question(self.builder, asked, folder, trusted=None).digest

    def lost(self, folder: Path) -> str:
        """Reads what is there now; why it may not run any more."""
        trusted = self.store.find(folder)
        known = self.folders[folder]
        if trusted is None or trusted.digest != known:
            return "this deck is not trusted any more"
        try:
            with self._lock:
                now = question(self.builder, self.ask(), folder, trusted=trusted).digest
        except SurroundingsError as error:
            return error.what
        return "" if now == known else "what this deck would run has changed since you said that it may"


@dataclass(slots=True, kw_only=True)
class Door:
    """How the presenter's browser is let in."""

    address: str
    announce: Callable[[str], None]
    folder: Path
    gate: Gate = field(default_factory=lambda: Gate(time.monotonic))
    _redirect: Redirect | None = None
    _timer: threading.Timer | None = None

    def let_in(self, *, in_browser: bool) -> None:
        """The browser, through a file that is soon gone; else a code to be typed."""
        if in_browser and desktop.has_screen(os.environ):
            with suppress(OSError):
                self._redirect = Redirect(f"{self.address}#qd-code={self.gate.new_code()}", within=self.folder)
                self._timer = threading.Timer(CODE_S, self.remove)
                self._timer.daemon = True
                self._timer.start()
                if desktop.browse(self._redirect.file.as_uri()):
                    self.announce("Enter shows a code, for another browser")
                    return
                self.remove()
        self.show_code()

    def show_code(self) -> None:
        self.announce(f"code: {self.gate.new_code()}  (once, within {CODE_S:.0f} s; Enter shows another one)")

    def remove(self) -> None:
        if self._redirect is not None:
            self._redirect.remove()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.remove()


class Server(uvicorn.Server):
    """Uvicorn without its messages, which ends when it is told to, whoever looks on."""

    def __init__(self, app: Any, *, decks: Collection[LiveDeck], ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                ws_max_size=LONGEST_MESSAGE,
                ws_per_message_deflate=False,
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=LAST_CALL_S,
            )
        )
        self._decks = decks
        self._ready = ready
        self._ticking: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ticking = asyncio.create_task(self._tick())
        self._ready()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for deck in self._decks:
                deck.tick()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Both signals mean: enough. A second one does not wait for what is being cleaned up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
