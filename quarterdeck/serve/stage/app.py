"""The stage as a web application: the site from memory, the gate, and one WebSocket. Lives on the event loop."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from quarterdeck.resources import assets_folder
from quarterdeck.serve.app import _file, _type_of
from quarterdeck.serve.stage.auth import Gate
from quarterdeck.serve.stage.guard import FILES_POLICY, OWN_PAGES_POLICY, Guard, hosts, policy, refuse
from quarterdeck.serve.stage.live import LiveDeck
from quarterdeck.serve.stage.page import on_stage
from quarterdeck.serve.stage.talk import Talk

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from quarterdeck.model import Entry
    from quarterdeck.pipeline import Build

LIVE = "/live"
ENTER = "/-/stage/enter"
PARTS = "/-/stage/"
LONGEST_CODE = 1024
NOT_FOUND = "<!doctype html><html lang=en><head><title>Not here</title></head><body><h1>No such page</h1>"


@dataclass(slots=True, kw_only=True)
class House:
    """What is shown, and to whom it listens."""

    build: Build
    gate: Gate
    stages: Mapping[str, Mapping[str, Any]]
    """What the page of a deck has to know, by its URL."""
    scripts: frozenset[str]
    """URLs of what decks bring and their owner has been asked about."""
    decks: Mapping[str, LiveDeck]
    """Those that may run, by name."""
    untrusted: Callable[[LiveDeck], str]
    inline: str = ""
    port: int = 0
    parts: Mapping[str, Path] = field(default_factory=dict)
    entered: Callable[[], None] = lambda: None
    """Called when a code was used."""

    @property
    def cookie(self) -> str:
        return f"quarterdeck-{self.port}"


def parts() -> dict[str, Path]:
    """Scripts and stylesheets of the stage, by name, in the order in which a page loads them."""
    found: list[Path] = []
    for folder, suffix in (("css", ".css"), ("js", ".js")):
        named = sorted((assets_folder() / folder).glob(f"stage-live*{suffix}"))
        found += sorted(named, key=lambda path: path.stem == "stage-live")
    return {path.name: path for path in found}


def application(house: House) -> ASGIApp:
    doors = _Doors(house)
    routes: list[BaseRoute] = []
    if house.decks:  # without a deck that may run, there is nothing to ask for
        routes = [Route(ENTER, doors.enter, methods=["POST"]), WebSocketRoute(LIVE, doors.live)]
    routes += [
        Route(f"{PARTS}{{name}}", doors.part, methods=["GET"]),
        Route("/{path:path}", doors.page, methods=["GET"]),
    ]
    return Guard(_NoSuchSocket(Starlette(routes=routes), known=bool(house.decks)), port=house.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoSuchSocket:
    """A WebSocket that is not there is answered as any page that is not."""

    app: ASGIApp
    known: bool

    def __init__(self, app: ASGIApp, *, known: bool) -> None:
        object.__setattr__(self, "app", app)
        object.__setattr__(self, "known", known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not (self.known and scope["path"] == LIVE):
            await refuse(scope, receive, send, reason="not here", status=404)
        else:
            await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Doors:
    house: House

    async def enter(self, request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_CODE:
                return JSONResponse({"error": 'send {"code": "…"}'}, 400)
        try:
            code = json.loads(body)["code"]
        except (ValueError, TypeError, KeyError, RecursionError):
            code = None
        if not isinstance(code, str):
            return JSONResponse({"error": 'send {"code": "…"}'}, 400)
        token = self.house.gate.enter(code)
        if not token:
            why = "this code is wrong, used or older than a minute; Enter in the terminal shows another one"
            return JSONResponse({"error": why, "left": self.house.gate.tries}, 403)
        answer = JSONResponse({"token": token})
        answer.set_cookie(self.house.cookie, self.house.gate.cookie, httponly=True, samesite="strict", path="/")
        self.house.entered()
        return answer

    async def live(self, socket: WebSocket) -> None:
        house = self.house
        talk = Talk(socket=socket, gate=house.gate, cookie=house.cookie, decks=house.decks, untrusted=house.untrusted)
        await talk.hold()

    async def part(self, request: Request) -> Response:
        path = self.house.parts.get(request.path_params["name"])
        return _file(path) if path else Response("not here\n", 404, media_type="text/plain")

    async def page(self, request: Request) -> Response:
        path = request.path_params["path"]
        url = f"{path}index.html" if not path or path.endswith("/") else path
        entries = self.house.build.site.entries
        entry = entries.get(url)
        if entry is None:
            if f"{url}/index.html" in entries:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"/{quote(url)}/{query}")
            return Response(NOT_FOUND, 404, media_type="text/html")
        if isinstance(entry.content, Path):
            answer = _file(entry.content)
            own = entry.content.suffix.lower() in (".html", ".htm", ".xhtml")
            answer.headers["Content-Security-Policy"] = OWN_PAGES_POLICY if own else FILES_POLICY
            return answer
        if url.endswith(".html"):
            return self._deck(url, entry, speaker="speaker" in request.query_params)
        return Response(entry.content, media_type=_type_of(url))

    def _deck(self, url: str, entry: Entry, *, speaker: bool) -> Response:
        house = self.house
        nonce = secrets.token_urlsafe(18)
        stage = house.stages.get(url)
        names = list(house.parts)
        assert isinstance(entry.content, bytes)  # noqa: S101 - `page` has seen to that
        page = on_stage(
            entry.content.decode("utf-8", "replace"),
            url=url,
            nonce=nonce,
            allowed=self._allowed,
            stage=None if stage is None else {**stage, "view": "speaker" if speaker else "deck"},
            scripts=[f"{PARTS}{name}" for name in names if name.endswith(".js")],
            stylesheets=[f"{PARTS}{name}" for name in names if name.endswith(".css")],
        )
        headers = {"Content-Security-Policy": policy(nonce, host=hosts(house.port)[0], inline=house.inline)}
        return Response(page, media_type="text/html", headers=headers)

    def _allowed(self, url: str) -> bool:
        entry = self.house.build.site.entries.get(url)
        ours = entry is not None and isinstance(entry.content, Path) and entry.content.is_relative_to(assets_folder())
        return ours or url in self.house.scripts
