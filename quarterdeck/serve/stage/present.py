"""`quarterdeck present`: the decks of talks on stage, from the first build to the last container."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from quarterdeck import desktop
from quarterdeck.execute.engine import find as engines
from quarterdeck.execute.workspace import clean_up, prepare_workspace
from quarterdeck.project.files import read_source
from quarterdeck.project.folders import cache_folder, state_folder
from quarterdeck.project.resources import templates_folder
from quarterdeck.serve import running
from quarterdeck.serve.loop import Ask, Rebuilder, Server, ServerReporter, address_of, listen
from quarterdeck.serve.stage.app import application, parts
from quarterdeck.serve.stage.conversation import LONGEST_MESSAGE
from quarterdeck.serve.stage.deck import GRACE_S, TICK_S, LiveDeck
from quarterdeck.serve.stage.page import inline_hash
from quarterdeck.serve.stage.sign_in import SignIn
from quarterdeck.serve.stage.stage_site import StageSite
from quarterdeck.serve.stage.trust_watch import TrustChange, TrustWatch
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.store import Store


class PresentersTerminal(ServerReporter, frozen=True, kw_only=True):
    """What else is said and typed where the stage was started."""

    changed: Callable[[TrustChange], None]
    accepted: Callable[[Collection[Path]], None]
    """Called with the folders that are trusted from now on; none where there was nothing to trust."""
    lines: Callable[[Callable[[str], None]], None]
    """Calls back with each line that is typed."""


def present(
    ask: Ask,
    *,
    trusted: Collection[Path],
    port: int | None,
    open_browser: bool,
    edit: bool,
    terminal: PresentersTerminal,
    environ: Mapping[str, str] = os.environ,
    grace_s: float = GRACE_S,
) -> None:
    """Until Ctrl-C or SIGTERM. `trusted` are the folders whose talks may run; without one, nothing can be run."""
    with ExitStack() as stack:
        listener = stack.enter_context(listen(port))
        number = listener.getsockname()[1]
        began_ns = time.time_ns()
        asked = ask()
        builder = Builder()
        build = builder.build(asked)
        terminal.report(build)
        clean_up(cache_folder())
        address = address_of(build, number)
        sign_in = SignIn(address=address, announce=terminal.announce, folder=running.notes_folder(environ))
        stack.callback(sign_in.close)
        site = StageSite(
            make=partial(_live, edit=edit, environ=environ, grace_s=grace_s),
            edit=edit,
            gate=sign_in.gate,
            inline=inline_hash(read_source(templates_folder() / "deck.html", name="deck.html")[0].text),
            port=number,
            parts=parts(),
            entered=sign_in.remove,
        )
        # the last to go: sessions end while nobody can ask for anything more
        stack.callback(lambda: _close(list(site.decks.values())))
        store, folders = Store(state_folder()), frozenset(trusted)
        watch = TrustWatch(ask=ask, store=store, folders=folders, learn=site.learn, tell=terminal.changed)
        site.begin(build, asked, watch)
        rebuilder = Rebuilder(ask=ask, builder=builder, asked=asked, build=build, receiver=site, terminal=terminal)

        def ready() -> None:
            stack.enter_context(rebuilder.at_work(since_ns=began_ns))
            _let_in(site, sign_in, terminal, open_browser=open_browser)

        app, ends = application(site), site.shown.hub.close
        server = Server(app, ready=ready, closing=ends, tick=site.tick, tick_s=TICK_S, longest_message=LONGEST_MESSAGE)
        server.run([listener])


def _let_in(site: StageSite, sign_in: SignIn, terminal: PresentersTerminal, *, open_browser: bool) -> None:
    def typed(line: str) -> None:
        if line.strip().lower() == "t":
            terminal.accepted(site.accept())
        else:
            sign_in.show_code()

    terminal.announce(sign_in.address)
    if site.runs:
        sign_in.let_in(in_browser=open_browser)
        terminal.lines(typed)
    elif open_browser:
        desktop.browse(sign_in.address)


def _live(talk: Talk, *, edit: bool, environ: Mapping[str, str], grace_s: float) -> LiveDeck:
    return LiveDeck(
        name=talk.file.name,
        plan=talk.snippets.plan,
        slides=tuple(placed.key for stack in talk.stacks for placed in stack.slides),
        prepare=partial(prepare_workspace, deck=talk.file.path.parent, cache=cache_folder(), environ=environ),
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
