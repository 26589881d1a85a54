"""`quarterdeck serve` and `goto`: the author's server, from the first build to Ctrl-C."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from quarterdeck import desktop
from quarterdeck.errors import SurroundingsError
from quarterdeck.serve import running
from quarterdeck.serve.author.app import ShownSite, application
from quarterdeck.serve.author.guard import GOTO
from quarterdeck.serve.author.recording import BackgroundRecorder
from quarterdeck.serve.loop import HOST, Ask, Rebuilder, Server, ServerReporter, address_of, call, listen
from quarterdeck.site.pipeline import Builder

ANSWER_S = 5
"""How long a server may take to answer `goto`."""


def serve(
    ask: Ask,
    *,
    port: int | None,
    open_browser: bool,
    follow: bool | None,
    terminal: ServerReporter,
    recorder: BackgroundRecorder | None = None,
) -> None:
    """Serves until Ctrl-C or SIGTERM. Raises what stops the first build; later ones keep the last good deck.

    Without a recorder, nothing that a talk holds is run.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(listen(port))
        began_ns = time.time_ns()
        asked = ask()
        builder = Builder()
        build = builder.build(asked)
        terminal.report(build)
        number = listener.getsockname()[1]
        shown = ShownSite(
            build=build,
            follow=asked.project.follow if follow is None else follow,
            edit=lambda path, line: desktop.edit(path, line, wanted=asked.project.editor),
        )
        stack.enter_context(running.noted(number, asked.given, folder=running.notes_folder()))
        rebuilder = Rebuilder(ask=ask, builder=builder, asked=asked, build=build, receiver=shown, terminal=terminal)

        def ready() -> None:
            if recorder is not None:
                loop = asyncio.get_running_loop()
                stack.enter_context(recorder.at_work(lambda news: call(loop, lambda: shown.hear(news))))
                rebuilder.look = recorder.look
            stack.enter_context(rebuilder.at_work(since_ns=began_ns))
            address = address_of(build, number)
            terminal.announce(address)
            if open_browser:
                desktop.browse(address)

        Server(application(shown, port=number), ready=ready, closing=shown.hub.close).run([listener])


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
