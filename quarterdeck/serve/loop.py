"""What every server of decks is made of: a socket on this machine, a thread that builds when files change, and an end.

The author's server and the stage differ in what they show and to whom, which is their `BuildReceiver`.
"""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.serve.state import path_of
from quarterdeck.serve.watch import Watcher
from quarterdeck.site.builds import Build
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import Request

HOST = "127.0.0.1"
PORTS = range(8000, 8010)
"""Tried in turn when no port was asked for; after them, any free one."""
LAST_CALL_S = 1
"""How long answers that are on their way may hold up the end."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)

Ask = Callable[[], Request]
Job = Callable[[], None]
"""To be done on the event loop."""
Look = Callable[[Builder, Build, Request, Collection[Path]], None]


class BuildReceiver(Protocol):
    """What the pages show."""

    def take(self, build: Build, asked: Request) -> Job:
        """In the builder's thread: what a new build is, and how it is then shown."""
        ...

    def fail(self, trouble: SurroundingsError) -> None:
        """On the event loop: there is no new build."""
        ...


class ServerReporter(Struct, frozen=True, kw_only=True):
    """Where the server was started; called from any thread."""

    announce: Callable[[str], None]
    report: Callable[[Build], None]
    warn: Callable[[SurroundingsError], None]


@contextmanager
def listen(port: int | None) -> Iterator[socket.socket]:
    """A socket on loopback at the port, or where none is given at the first of the usual ones that is free."""
    for number in (port,) if port is not None else (*PORTS, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with listener:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would let two programs share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, number))
                listener.listen(128)
            except OSError as error:
                if port is None and error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                raise _no_port(number, error) from None
            yield listener
            return


def _no_port(port: int, error: OSError) -> SurroundingsError:
    if error.errno == errno.EADDRINUSE:
        return SurroundingsError(f"port {port} is in use", fix="pick another one, or --port 0 for any that is free")
    if error.errno == errno.EACCES:
        return SurroundingsError(f"port {port} is not for everyone", fix="pick one above 1023, or --port 0")
    return SurroundingsError(f"cannot listen on port {port}: {error.strerror}", fix="try --port 0")


def address_of(build: Build, port: int) -> str:
    """Of the deck when there is one, else of the index page."""
    path = path_of(build.decks[0].url) if len(build.decks) == 1 else "/"
    return f"http://{HOST}:{port}{path}"


@dataclass(slots=True, kw_only=True)
class Rebuilder:
    """Builds again in a thread of its own whenever a file changes, and hands the result to the receiver."""

    ask: Ask
    builder: Builder
    asked: Request
    build: Build
    receiver: BuildReceiver
    terminal: ServerReporter
    look: Look = lambda _builder, _build, _asked, _changed: None
    """Called after each build, once it is shown, and first with nothing that changed."""
    watcher: Watcher = field(default_factory=Watcher)

    @contextmanager
    def at_work(self, *, since_ns: int) -> Iterator[None]:
        """From within the event loop; changes since `since_ns` count."""
        loop = asyncio.get_running_loop()
        thread = threading.Thread(target=self._work, args=(loop, since_ns), name="builder", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.watcher.close()
            thread.join(LAST_CALL_S)

    def _work(self, loop: asyncio.AbstractEventLoop, since_ns: int) -> None:
        with self.watcher:
            self._look(frozenset())
            while True:
                self.watcher.aim({*self.builder.inputs, *self.asked.given}, since_ns=since_ns)
                changed = self.watcher.wait()
                if changed is None:
                    return
                # what changes from here on comes in the next batch: the newest state always wins
                since_ns = time.time_ns()
                before = self.build
                call(loop, self._again())
                if self.build is not before:
                    self._look(changed)

    def _look(self, changed: frozenset[Path]) -> None:
        with suppress(SurroundingsError):  # the build has told it
            self.look(self.builder, self.build, self.asked, changed)

    def _again(self) -> Job:
        """Builds, and gives what is then to be done on the event loop."""
        try:
            asked = self.ask()
            build = self.builder.build(asked)
            show = self.receiver.take(build, asked)
        except SurroundingsError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - our own mistake must not end a talk that is being given
            traceback.print_exc()
            return self._failed(SurroundingsError(f"quarterdeck itself failed: {error!r}", fix="look at the terminal"))
        if build.diagnostics != self.build.diagnostics:
            self.terminal.report(build)
        self.asked, self.build = asked, build
        return show

    def _failed(self, trouble: SurroundingsError) -> Job:
        self.terminal.warn(trouble)
        return lambda: self.receiver.fail(trouble)


def call(loop: asyncio.AbstractEventLoop, job: Job) -> None:
    """Has it done on the event loop, unless that has ended meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(job)


class Server(uvicorn.Server):
    """Uvicorn without its messages, which ends when it is told to, whoever looks on."""

    def __init__(
        self,
        app: Any,
        *,
        ready: Job,
        closing: Job,
        tick: Job | None = None,
        tick_s: float = 1.0,
        longest_message: int = 0,
    ) -> None:
        """`ready`, `closing` and `tick` are called on the event loop; without `longest_message`, no WebSockets."""
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio" if longest_message else "none",
                ws_max_size=longest_message,
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
        self._ready, self._closing = ready, closing
        self._tick, self._tick_s = tick, tick_s
        self._ticking: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._tick is not None:
            self._ticking = asyncio.create_task(self._keep_ticking(self._tick))
        self._ready()

    async def _keep_ticking(self, tick: Job) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            tick()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        self._closing()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Both signals mean: enough. They are not raised again afterwards, so that the end is quiet."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
