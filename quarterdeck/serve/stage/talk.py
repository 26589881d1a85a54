"""The conversation with one window over its WebSocket: who it is, what it wants, and what it is sent.

A window names snippets and runs, never commands; whatever it says is looked at before anything is done with it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from quarterdeck.serve.stage.auth import Gate
from quarterdeck.serve.stage.edited import edited, hidden_of
from quarterdeck.serve.stage.live import LiveDeck, Window
from quarterdeck.serve.stage.spool import as_text
from quarterdeck.snippets.holes import placeholder
from quarterdeck.snippets.plan import Job

HELLO_S = 5.0
WINDOW_BYTES = 512 * 1024
"""Of output that a window has not said it has written."""
FRAME_S = 0.016
LONGEST_MESSAGE = 64 * 1024
LONGEST_TEXT = 16 * 1024
LONGEST_RELAY = 4 * 1024
COLS, ROWS = range(2, 501), range(2, 201)
TRUST_FIX = "the terminal shows the change, and takes your word for it"
MALFORMED, UNKNOWN, UNTRUSTED = 4400, 4401, 4403


class SaidWrongError(Exception):
    """What came is no message of ours."""


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
        if not self.gate.has_cookie(self.socket.cookies.get(self.cookie, "")):
            await self.socket.accept()
            await self._close(UNKNOWN)
            return
        await self.socket.accept()
        with suppress(WebSocketDisconnect):
            try:
                hello = await asyncio.wait_for(self._hear(), HELLO_S)
                if hello.get("type") != "hello" or not self.gate.knows(_text(hello, "token")):
                    await self._close(UNKNOWN)
                    return
                deck = self.decks.get(_text(hello, "deck"))
            except (TimeoutError, SaidWrongError):
                await self._close(MALFORMED)
                return
            if deck is None:
                await self._close(UNTRUSTED)
                return
            await Seat(talk=self, deck=deck, window=Window(asyncio.get_running_loop())).hold()

    async def _hear(self) -> Mapping[str, Any]:
        heard = await self.socket.receive()
        if heard["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(heard.get("code", 1000))
        text = heard.get("text")
        if not isinstance(text, str) or len(text) > LONGEST_MESSAGE:
            raise SaidWrongError
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise SaidWrongError from None
        if not isinstance(told, dict):
            raise SaidWrongError
        return told

    async def _close(self, code: int) -> None:
        if self.socket.application_state is WebSocketState.CONNECTED:
            await self.socket.close(code)


@dataclass(slots=True, kw_only=True)
class Seat:
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
                    told = await self.talk._hear()
                    await self._do(told)
                except SaidWrongError:
                    await self.talk._close(MALFORMED)
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

    async def _do(self, told: Mapping[str, Any]) -> None:
        action = _ACTIONS.get(_text(told, "type"))
        if action is None:
            self._refuse(told, "malformed", "the stage knows no such message", "")
        else:
            await action(self, told)

    def _refuse(self, told: Mapping[str, Any], code: str, what: str, fix: str) -> None:
        of = {key: told[key] for key in ("type", "id", "run", "session", "slide") if _is_short(told.get(key))}
        self.window.say(as_text({"type": "refused", "code": code, "what": what, "fix": fix, "of": of}))

    async def _run(self, told: Mapping[str, Any]) -> None:
        name, digest = _text(told, "id"), _text(told, "digest")
        cols, rows = _number(told, "cols", COLS), _number(told, "rows", ROWS)
        if why := await asyncio.to_thread(self.talk.untrusted, self.deck):
            self._refuse(told, "trust", why, TRUST_FIX)
            return
        job = self.deck.plan.job(name)
        if job is None:
            self._refuse(told, "unknown", f"no snippet of this deck is called '{name[:80]}'", "load the page again")
            return
        if digest != digest_of_job(job):
            self._refuse(told, "stale", "the page shows another version of this snippet", "load the page again")
            return
        text, hidden = told.get("text"), hidden_of(job)
        if text is not None:
            if not (self.deck.edit and job.options.stage.edit) or not isinstance(text, str) or len(text) > LONGEST_TEXT:
                fix = "{edit} on the fence, and `quarterdeck present --edit`"
                self._refuse(told, "edit", "this snippet may not be changed here", fix)
                return
            job, hidden = edited(job, text, self.deck.plan)
        session = self.deck.sessions[job.session]
        if session.board.state == "lost":
            self._refuse(told, "lost", f"the session has ended: {session.board.problem}", "restart the session")
            return
        if empty := self.deck.empty(job):
            fix = f"run #{self.deck.plan.captures[empty]} first"
            self._refuse(told, "empty", f"'{placeholder(empty)}' has no value yet", fix)
            return
        if session.is_full:
            self._refuse(told, "busy", "one snippet of this session runs and another one waits", "cancel one of them")
            return
        size = job.options.execution.pty or (100, 24)
        paced = told.get("paced") is True
        order = {"cols": cols or size[0], "rows": rows or size[1], "paced": paced}
        self.deck.run(job, **order, edited=text is not None, hidden=hidden)

    async def _go(self, told: Mapping[str, Any]) -> None:
        run = _run_of(told)
        if (session := self.deck.session_of(run)) is not None:
            session.go(run)

    async def _cancel(self, told: Mapping[str, Any]) -> None:
        if told.get("make") is True:
            self.deck.stop_making()
            return
        run = _run_of(told)
        if (session := self.deck.session_of(run)) is not None:
            session.cancel(run)

    async def _input(self, told: Mapping[str, Any]) -> None:
        if "bytes" in told:
            try:
                typed = base64.b64decode(_text(told, "bytes"), validate=True)
            except (binascii.Error, ValueError):
                raise SaidWrongError from None
        else:
            typed = _text(told, "data").encode("utf-8", "replace")
        self.deck.type(_run_of(told), typed)

    async def _resize(self, told: Mapping[str, Any]) -> None:
        run, cols, rows = _run_of(told), _number(told, "cols", COLS), _number(told, "rows", ROWS)
        session = self.deck.session_of(run)
        if session is not None and cols and rows:
            session.resize(run, cols, rows)

    async def _restart(self, told: Mapping[str, Any]) -> None:
        session = self.deck.sessions.get(_text(told, "session"))
        if session is None:
            self._refuse(told, "unknown", "this deck has no such session", "load the page again")
        else:
            session.restart()

    async def _make(self, told: Mapping[str, Any]) -> None:
        slide = _text(told, "slide")
        if why := await asyncio.to_thread(self.talk.untrusted, self.deck):
            self._refuse(told, "trust", why, TRUST_FIX)
        elif not self.deck.make(slide):
            self._refuse(told, "unknown", "this deck has no such slide", "load the page again")

    async def _clear(self, told: Mapping[str, Any]) -> None:
        self.deck.clear(_text(told, "id"))

    async def _ack(self, told: Mapping[str, Any]) -> None:
        given = told.get("bytes")
        if type(given) is not int:
            raise SaidWrongError
        self.written = max(self.written, min(given, self.sent))
        self.window.wake.set()

    async def _relay(self, told: Mapping[str, Any]) -> None:
        value = told.get("value")
        if len(as_text({"value": value})) > LONGEST_RELAY:
            raise SaidWrongError
        self.deck.relay(value, by=self.window)

    async def _look(self, _told: Mapping[str, Any]) -> None:
        self.deck.look()


_ACTIONS: Mapping[str, Callable[[Seat, Mapping[str, Any]], Awaitable[None]]] = {
    "run": Seat._run,
    "go": Seat._go,
    "cancel": Seat._cancel,
    "input": Seat._input,
    "resize": Seat._resize,
    "restart": Seat._restart,
    "make": Seat._make,
    "clear": Seat._clear,
    "ack": Seat._ack,
    "relay": Seat._relay,
    "look": Seat._look,
}


def digest_of_job(job: Job) -> str:
    """By which a page says which version of a snippet it shows."""
    return job.key.rpartition(":")[2][:32]


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str):
        raise SaidWrongError
    return value


def _run_of(told: Mapping[str, Any]) -> int:
    value = told.get("run")
    if type(value) is not int:
        raise SaidWrongError
    return value


def _number(told: Mapping[str, Any], key: str, within: range) -> int:
    """0 where it is not given."""
    value = told.get(key)
    if value is None:
        return 0
    if type(value) is not int or value not in within:
        raise SaidWrongError
    return value


def _is_short(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= 100)
