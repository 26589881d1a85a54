"""The conversation with one window over its WebSocket: who it is, what it wants, and what it is sent.

A window names snippets and runs, never commands; whatever it says is looked at before anything is done with it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from quarterdeck.serve.stage.deck import LiveDeck
from quarterdeck.serve.stage.messages import (
    LONGEST_TEXT,
    AcknowledgeOutput,
    BeginCommand,
    CancelMaking,
    CancelRun,
    ClearSnippet,
    FromWindow,
    Introduction,
    LookAtEngine,
    MakeState,
    RefusalCode,
    Refused,
    Relay,
    ResizeTerminal,
    RestartSession,
    RunSnippet,
    SaidWrongError,
    TypeBytes,
    TypeText,
    UnknownMessageError,
    from_window,
)
from quarterdeck.serve.stage.run_request import edited, hidden_of
from quarterdeck.serve.stage.sign_in import Gate
from quarterdeck.serve.stage.window import Window
from quarterdeck.snippets.holes import placeholder
from quarterdeck.snippets.plan import Job

HELLO_S = 5.0
WINDOW_BYTES = 512 * 1024
"""Of output that a window has not said it has written."""
FRAME_S = 0.016
LONGEST_MESSAGE = 64 * 1024
LONGEST_RELAY = 4 * 1024
TRUST_FIX = "the terminal shows the change, and takes your word for it"
AGAIN = "load the page again"
LONGEST_REASON = 100
"""Of what is said when a connection is closed; the protocol has room for 123 bytes."""
MALFORMED, UNKNOWN, UNTRUSTED = 4400, 4401, 4403


@dataclass(slots=True, kw_only=True)
class WindowConversation:
    socket: WebSocket
    gate: Gate
    cookie: str
    """Name of the cookie."""
    decks: Mapping[str, LiveDeck]
    untrusted: Callable[[LiveDeck], str]
    """Why a deck may not run any more; asks the disk, and is called in a thread."""

    async def hold(self) -> None:
        """From the connection's beginning to its end."""
        await self.socket.accept()
        if not self.gate.has_cookie(self.socket.cookies.get(self.cookie, "")):
            await self.close(UNKNOWN)
            return
        with suppress(WebSocketDisconnect):
            try:
                hello = await asyncio.wait_for(self.hear(), HELLO_S)
            except (TimeoutError, SaidWrongError, UnknownMessageError) as error:
                await self.close(MALFORMED, str(error))
                return
            if not isinstance(hello, Introduction) or not self.gate.knows(hello.token):
                await self.close(UNKNOWN)
            elif (deck := self.decks.get(hello.deck)) is None:
                await self.close(UNTRUSTED)
            else:
                await OpenWindow(talk=self, deck=deck, window=Window(asyncio.get_running_loop())).hold()

    async def hear(self) -> FromWindow:
        heard = await self.socket.receive()
        if heard["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(heard.get("code", 1000))
        text = heard.get("text")
        if not isinstance(text, str) or len(text) > LONGEST_MESSAGE:
            raise SaidWrongError(f"a message is text of at most {LONGEST_MESSAGE} characters")
        return from_window(text)

    async def close(self, code: int, why: str = "") -> None:
        if self.socket.application_state is WebSocketState.CONNECTED:
            await self.socket.close(code, why[:LONGEST_REASON])


@dataclass(slots=True, kw_only=True)
class OpenWindow:
    """A window of a deck, once it is let in."""

    talk: WindowConversation
    deck: LiveDeck
    window: Window
    sent: int = 0
    written: int = 0
    """Bytes of output that the window says it has written."""

    async def hold(self) -> None:
        self.deck.enter(self.window)
        sending = asyncio.create_task(self._send())
        try:
            while True:
                try:
                    await self._do(await self.talk.hear())
                except UnknownMessageError as error:
                    self._refuse("malformed", f"the stage knows no message '{str(error)[:80]}'", AGAIN)
                except SaidWrongError as error:
                    await self.talk.close(MALFORMED, str(error))
                    return
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending
            self.deck.leave(self.window)

    async def _send(self) -> None:
        socket, window = self.talk.socket, self.window
        while True:
            frame = window.take(WINDOW_BYTES - (self.sent - self.written))
            if frame is None:
                await window.wake.wait()
                window.wake.clear()
            elif isinstance(frame, str):
                await socket.send_text(frame)
            else:
                self.sent += len(frame) - 4
                await socket.send_bytes(frame)
                await asyncio.sleep(FRAME_S)

    def _refuse(self, code: RefusalCode, what: str, fix: str) -> None:
        self.window.say(Refused(code=code, what=what, fix=fix).encoded())

    async def _do(self, told: FromWindow) -> None:
        match told:
            case RunSnippet():
                await self._run(told)
            case MakeState(slide=slide):
                await self._make(slide)
            case BeginCommand() | CancelRun() | TypeText() | TypeBytes() | ResizeTerminal():
                self._do_to_run(told)
            case AcknowledgeOutput(bytes=written):
                self.written = max(self.written, min(written, self.sent))
                self.window.wake.set()
            case _:
                self._do_to_deck(told)

    def _do_to_run(self, told: BeginCommand | CancelRun | TypeText | TypeBytes | ResizeTerminal) -> None:
        session = self.deck.session_of(told.run)
        if session is None:
            return
        match told:
            case BeginCommand():
                session.go(told.run)
            case CancelRun():
                session.cancel(told.run)
            case TypeText():
                self.deck.type(told.run, told.data.encode("utf-8", "replace"))
            case TypeBytes():
                self.deck.type(told.run, told.data)
            case ResizeTerminal():
                session.resize(told.run, told.cols, told.rows)

    def _do_to_deck(
        self, told: Introduction | CancelMaking | RestartSession | ClearSnippet | Relay | LookAtEngine
    ) -> None:
        match told:
            case RestartSession(session=name) if name in self.deck.sessions:
                self.deck.sessions[name].restart()
            case RestartSession():
                self._refuse("unknown", "this deck has no such session", AGAIN)
            case CancelMaking():
                self.deck.stop_making()
            case ClearSnippet(id=name):
                self.deck.clear(name)
            case Relay(value=value):
                self._relay(value)
            case LookAtEngine():
                self.deck.look()
            case Introduction():
                raise SaidWrongError("this window has been let in already")

    async def _run(self, told: RunSnippet) -> None:
        if why := await asyncio.to_thread(self.talk.untrusted, self.deck):
            self._refuse("trust", why, TRUST_FIX)
            return
        job = self.deck.plan.job(told.id)
        if job is None:
            self._refuse("unknown", f"no snippet of this deck is called '{told.id[:80]}'", AGAIN)
            return
        if told.digest != digest_of_job(job):
            self._refuse("stale", "the page shows another version of this snippet", AGAIN)
            return
        hidden = hidden_of(job)
        if told.text is not None:
            if not (self.deck.edit and job.options.stage.edit) or len(told.text) > LONGEST_TEXT:
                fix = "{edit} on the fence, and `quarterdeck present --edit`"
                self._refuse("edit", "this snippet may not be changed here", fix)
                return
            job, hidden = edited(job, told.text, self.deck.plan)
        session = self.deck.sessions[job.session]
        if session.status.state == "lost":
            self._refuse("lost", f"the session has ended: {session.status.problem}", "restart the session")
            return
        if empty := self.deck.empty(job):
            fix = f"run #{self.deck.plan.captures[empty]} first"
            self._refuse("empty", f"'{placeholder(empty)}' has no value yet", fix)
            return
        if session.is_full:
            self._refuse("busy", "one snippet of this session runs and another one waits", "cancel one of them")
            return
        cols, rows = job.options.execution.pty or (100, 24)
        self.deck.run(
            job,
            cols=told.cols or cols,
            rows=told.rows or rows,
            paced=told.paced,
            edited=told.text is not None,
            hidden=hidden,
        )

    async def _make(self, slide: str) -> None:
        if why := await asyncio.to_thread(self.talk.untrusted, self.deck):
            self._refuse("trust", why, TRUST_FIX)
        elif not self.deck.make(slide):
            self._refuse("unknown", "this deck has no such slide", AGAIN)

    def _relay(self, value: object) -> None:
        if len(json.dumps(value)) > LONGEST_RELAY:
            raise SaidWrongError(f"at most {LONGEST_RELAY} characters are passed on to other windows")
        self.deck.audience.relay(value, by=self.window)


def digest_of_job(job: Job) -> str:
    """By which a page says which version of a snippet it shows."""
    return job.key.rpartition(":")[2][:32]
