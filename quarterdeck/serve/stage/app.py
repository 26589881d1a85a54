"""The stage as a web application: the site from memory, the gate, and one WebSocket. Lives on the event loop."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from quarterdeck.digests import digest_of
from quarterdeck.project.files import content_of
from quarterdeck.project.resources import asset_file, assets_folder
from quarterdeck.serve.author import app as author
from quarterdeck.serve.author.app import file_response, type_of
from quarterdeck.serve.author.guard import EVENTS, STATE
from quarterdeck.serve.stage.conversation import WindowConversation
from quarterdeck.serve.stage.guard import FILES_POLICY, OWN_PAGES_POLICY, StageGuard, hosts, policy, refuse
from quarterdeck.serve.stage.page import ENTER, LIVE, frames_of, on_stage
from quarterdeck.serve.stage.stage_site import StageSite
from quarterdeck.serve.state import path_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from quarterdeck.model import SiteFile

PARTS = "/-/stage/"
STAGE, SPEAKER = "stage.js", "speaker.js"
"""What runs on a deck's page: before the audience, and in the speaker view."""
LONGEST_CODE = 1024
NOT_FOUND = "<!doctype html><html lang=en><head><title>Not here</title></head><body><h1>No such page</h1>"


def parts() -> dict[str, Path]:
    """Scripts and stylesheets of the stage, by name; stylesheets in the order in which a page loads them."""
    found = sorted((assets_folder() / "css").glob("stage-live*.css"))
    sheets = sorted(found, key=lambda path: path.stem == "stage-live")
    scripts = (asset_file(f"bundles/{name}") for name in (STAGE, SPEAKER))
    return {path.name: path for path in (*sheets, *scripts, asset_file("css/live.css"))}


def application(site: StageSite) -> ASGIApp:
    answers = _StageRoutes(site)
    routes: list[BaseRoute] = []
    if site.runs:  # else there is nothing to ask for
        routes = [Route(ENTER, answers.enter, methods=["POST"]), WebSocketRoute(LIVE, answers.live)]
    news = author.AuthorRoutes(shown=site.shown)
    routes += [
        Route(EVENTS, news.events, methods=["GET"]),
        Route(STATE, news.state, methods=["GET"]),
        Route(f"{PARTS}{{name}}", answers.part, methods=["GET"]),
        Route("/{path:path}", answers.page, methods=["GET"]),
    ]
    return StageGuard(_NoSuchSocket(Starlette(routes=routes), known=site.runs), port=site.port)


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


class _StageRoutes(Struct, frozen=True):
    site: StageSite

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
        token = self.site.gate.enter(code)
        if not token:
            why = "this code is wrong, used or older than a minute; Enter in the terminal shows another one"
            return JSONResponse({"error": why, "left": self.site.gate.tries}, 403)
        answer = JSONResponse({"token": token})
        answer.set_cookie(self.site.cookie, self.site.gate.cookie, httponly=True, samesite="strict", path="/")
        self.site.entered()
        return answer

    async def live(self, socket: WebSocket) -> None:
        site = self.site
        talk = WindowConversation(
            socket=socket, gate=site.gate, cookie=site.cookie, decks=site.decks, untrusted=site.untrusted
        )
        await talk.hold()

    async def part(self, request: Request) -> Response:
        path = self.site.parts.get(request.path_params["name"])
        return file_response(path) if path else Response("not here\n", 404, media_type="text/plain")

    async def page(self, request: Request) -> Response:
        path = request.path_params["path"]
        url = f"{path}index.html" if not path or path.endswith("/") else path
        shown = self.site.shown
        entry = shown.entry(url)
        if entry is None:
            if shown.entry(f"{url}/index.html"):
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"/{quote(url)}/{query}")
            return Response(NOT_FOUND, 404, media_type="text/html")
        if url in self.site.scripts or url.endswith((".js", ".mjs")):  # of the build before, too
            return _script(entry)
        if isinstance(entry.content, Path):
            answer = file_response(entry.content)
            own = entry.content.suffix.lower() in (".html", ".htm", ".xhtml")
            answer.headers["Content-Security-Policy"] = OWN_PAGES_POLICY if own else FILES_POLICY
            return answer
        if url.endswith(".html"):
            return self._deck(url, entry, speaker="speaker" in request.query_params)
        return Response(entry.content, media_type=type_of(url))

    def _deck(self, url: str, entry: SiteFile, *, speaker: bool) -> Response:
        site = self.site
        nonce = secrets.token_urlsafe(18)
        stage = site.shown.more["stage"].get(path_of(url))
        assert isinstance(entry.content, bytes)  # noqa: S101 - `page` has seen to that
        page = on_stage(
            entry.content.decode("utf-8", "replace"),
            url=url,
            nonce=nonce,
            allowed=self._allowed,
            stage=None if stage is None else {**stage, "view": "speaker" if speaker else "deck"},
            script=f"{PARTS}{SPEAKER if speaker else STAGE}",
            stylesheets=[f"{PARTS}{name}" for name in site.parts if name.endswith(".css")],
            digest=entry.digest,
        )
        rules = policy(nonce, host=hosts(site.port)[0], inline=site.inline, frames=frames_of(stage))
        headers = {"Content-Security-Policy": rules}
        return Response(page, media_type="text/html", headers=headers)

    def _allowed(self, url: str) -> bool:
        entry = self.site.shown.build.site.entries.get(url)
        ours = entry is not None and isinstance(entry.content, Path) and entry.content.is_relative_to(assets_folder())
        return ours or url in self.site.scripts


def _script(entry: SiteFile) -> Response:
    """A script, as long as it is the one that was built: its owner may have been asked about that one."""
    content = content_of(entry.content) if isinstance(entry.content, Path) else entry.content
    if digest_of(content) != entry.digest:
        return Response("this script has changed\n", 404, media_type="text/plain")
    return Response(content, media_type="text/javascript", headers={"Content-Security-Policy": FILES_POLICY})
