"""`quarterdeck serve` and `goto`: the web application on a port, and a thread that builds when files change."""

from __future__ import annotations

import asyncio
import errno
import http.client
import json
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from quarterdeck import desktop
from quarterdeck.errors import SurroundingsError
from quarterdeck.pipeline import Build, Builder, Request
from quarterdeck.serve import running
from quarterdeck.serve.app import Desk, application
from quarterdeck.serve.guard import GOTO
from quarterdeck.serve.patch import between
from quarterdeck.serve.recording import Scribe
from quarterdeck.serve.state import path_of
from quarterdeck.serve.watch import Watcher

HOST = "127.0.0.1"
PORTS = range(8000, 8010)
"""Tried in turn when no port was asked for; after them, any free one."""
LAST_CALL_S = 1
"""How long answers that are on their way may hold up the end."""
ANSWER_S = 5
"""How long a server may take to answer `goto`."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)

Ask = Callable[[], Request]
Report = Callable[[Build], None]


def serve(
    ask: Ask,
    *,
    port: int | None,
    open_browser: bool,
    follow: bool | None,
    announce: Callable[[str], None],
    report: Report,
    scribe: Scribe | None = None,
) -> None:
    """Serves until Ctrl-C or SIGTERM. Raises what stops the first build; later ones keep the last good deck.

    Without a scribe, nothing that a talk holds is run.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(listen(port))
        began_ns = time.time_ns()
        asked = ask()
        builder = Builder()
        build = builder.build(asked)
        report(build)
        number = listener.getsockname()[1]
        desk = Desk(
            build=build,
            follow=asked.project.follow if follow is None else follow,
            edit=lambda path, line: desktop.edit(path, line, wanted=asked.project.editor),
        )
        stack.enter_context(running.noted(number, asked.given, folder=running.notes_folder()))
        workshop = Workshop(ask=ask, builder=builder, asked=asked, build=build, desk=desk, report=report, scribe=scribe)

        def ready() -> None:
            stack.enter_context(workshop.at_work(since_ns=began_ns))
            address = address_of(build, number)
            announce(address)
            if open_browser:
                desktop.browse(address)

        _Server(application(desk, port=number), desk=desk, ready=ready).run([listener])


def address_of(build: Build, port: int) -> str:
    """Of the deck when there is one, else of the index page."""
    path = path_of(build.decks[0].url) if len(build.decks) == 1 else "/"
    return f"http://{HOST}:{port}{path}"


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


@dataclass(slots=True)
class Workshop:
    """Builds again in a thread of its own whenever a file changes, and puts the result on the desk."""

    ask: Ask
    builder: Builder
    asked: Request
    build: Build
    desk: Desk
    report: Report
    scribe: Scribe | None = None
    watcher: Watcher = field(default_factory=Watcher)

    @contextmanager
    def at_work(self, *, since_ns: int) -> Iterator[None]:
        """From within the event loop; changes since `since_ns` count."""
        loop = asyncio.get_running_loop()
        thread = threading.Thread(target=self._work, args=(loop, since_ns), name="builder", daemon=True)
        with ExitStack() as stack:
            if self.scribe is not None:
                stack.enter_context(self.scribe.at_work(lambda news: _call(loop, lambda: self.desk.hear(news))))
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
                _call(loop, self._again())
                self._look(changed)

    def _look(self, changed: frozenset[Path]) -> None:
        """Lets the scribe see what there is to record, once it is shown."""
        if self.scribe is None:
            return
        with suppress(SurroundingsError):  # the build has told it
            self.scribe.look(self.builder, self.asked, changed)

    def _again(self) -> Callable[[], None]:
        """Builds, and gives what is then to be done on the event loop."""
        try:
            asked = self.ask()
            build = self.builder.build(asked)
        except SurroundingsError as error:
            trouble = error
            return lambda: self.desk.fail(trouble)
        except Exception as error:  # noqa: BLE001 - our own mistake must not end a talk that is being given
            traceback.print_exc()
            own = SurroundingsError(f"quarterdeck itself failed: {error!r}", fix="the terminal has the details")
            return lambda: self.desk.fail(own)
        patches = between(self.build, build)
        if build.diagnostics != self.build.diagnostics:
            self.report(build)
        self.asked, self.build = asked, build
        return lambda: self.desk.show(build, patches)


def _call(loop: asyncio.AbstractEventLoop, job: Callable[[], None]) -> None:
    """Has it done on the event loop, unless that has ended meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(job)


class _Server(uvicorn.Server):
    """Uvicorn without its messages, which ends when it is told to, whatever streams are open."""

    def __init__(self, app: Any, *, desk: Desk, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
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
        self._desk = desk
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.hub.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Both signals mean: enough. They are not raised again afterwards, so that the end is quiet."""
        before = {each: signal.signal(each, self.handle_exit) for each in SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def send_goto(path: Path, line: int) -> str:
    """Moves the open deck of a running server to the slide at a line of a file; gives the sentence that says so."""
    file = path.resolve()
    servers = running.running(folder=running.notes_folder())
    for server in servers:
        if server.serves(file) and (answer := _post(server.port, {"file": str(file), "line": line})):
            address = f"http://{HOST}:{server.port}{answer['path']}"
            said = f"slide {answer['slide']} of {answer['slides']}: {address}#/{answer['key']}"
            return said if answer["pages"] else f"{said} (no page is open)"
    raise SurroundingsError(f"no server shows {path}", fix="start one: quarterdeck serve")


def _post(port: int, told: Mapping[str, Any]) -> dict[str, Any] | None:
    """The server's answer; nothing where no server of ours answers, or one that does not know the file."""
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_S)
    try:
        connection.request("POST", GOTO, json.dumps(told), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return content if answer.status == http.HTTPStatus.OK and isinstance(content, dict) else None
