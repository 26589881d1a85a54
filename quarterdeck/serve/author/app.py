"""The author's server as a web application: the site from memory, an event stream, and the way to an editor.

Lives on the event loop. Pages get the live script at the moment they are served; the site itself knows nothing of it.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from quarterdeck.errors import SurroundingsError
from quarterdeck.project.resources import asset_file
from quarterdeck.regex import regex
from quarterdeck.render.page import script_json
from quarterdeck.render.word_table import AUTHOR
from quarterdeck.render.words import words_of
from quarterdeck.serve.author.guard import EVENTS, GOTO, STATE, AuthorGuard
from quarterdeck.serve.author.recording import News
from quarterdeck.serve.hub import Hub
from quarterdeck.serve.patch import Patch, between, flat
from quarterdeck.serve.state import findings, message, patches_json, path_of, places, slide_at, state

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from quarterdeck.model import SiteFile
    from quarterdeck.site.builds import Build

OPEN = "/-/open"
PARTS = {
    "live.css": "css/live.css",
    "live-panel.css": "css/live-panel.css",
    "author.js": "bundles/author.js",
}
"""What lives under `/-/`, by name."""
TYPES = {
    # where the system's own table is known to be wrong or to lack them
    ".avif": "image/avif",
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp4": "video/mp4",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
IDLE_S = 15.0
"""A stream says something at least so often, so that one whose page is gone is noticed."""
RETRY = "retry: 1000\n\n"
MAX_BODY_BYTES = 64 * 1024
_LANG = regex(rb'<html\b[^>]*\blang="?([\w-]*)')
NOT_FOUND = "<!doctype html><html lang=en><head><title>Not here</title></head><body><h1>No such page</h1>"


@dataclass(slots=True)
class ShownSite:
    """What is shown now."""

    build: Build
    follow: bool
    edit: Callable[[Path, int], bool]
    """Opens an editor at a line; False where there is none to open. May take a moment."""
    hub: Hub = field(default_factory=Hub)
    trouble: SurroundingsError | None = None
    news: News = field(default_factory=News)
    """Of the snippets that run."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else pages are told with the state."""
    held: Build | None = None
    """A newer build that is not shown, only what is wrong with it."""
    _newest: Build | None = None
    """What was taken last, shown or about to be."""
    _patches: Mapping[str, Patch] = field(default_factory=dict)
    """Of the last change: a page that was between two connections just then can still take it in place."""
    _older: Mapping[str, SiteFile] = field(default_factory=dict)
    """Files of the build before: a page that is being patched may still ask for them."""

    def take(self, build: Build, _asked: object = None) -> Callable[[], None]:
        """In the builder's thread: what changed, and then its showing."""
        patches = between(self._newest or self.build, build)
        self._newest = build
        return lambda: self.show(build, patches)

    def show(self, build: Build, patches: Mapping[str, Patch], more: Mapping[str, Any] | None = None) -> None:
        before = self.state()
        self._older = self.build.site.entries
        self.build, self.trouble, self.held = build, None, None
        self.more = self.more if more is None else more
        if patches or self.state() != before:  # else some file was touched and nothing came of it
            self._patches = patches
            self.hub.publish(self.now())

    def fail(self, trouble: SurroundingsError) -> None:
        """The last good build stays, with what is in the way shown over it."""
        self.trouble = trouble
        self.hub.publish(self.now())

    def hold(self, build: Build) -> None:
        """What is shown stays, and what is wrong with the newer build is told."""
        self.trouble, self.held = None, build
        self.hub.publish(self.now())

    def hear(self, news: News) -> None:
        before, self.news = self.news, news
        if (news.findings, news.trouble) != (before.findings, before.trouble):
            self.hub.publish(self.now())
        elif news != before:
            self.hub.publish(message("running", {"running": self.state()["running"]}))

    def now(self) -> str:
        return message("state", self.state() | {"patches": patches_json(self._patches)})

    def state(self) -> dict[str, Any]:
        told = state(
            self.build,
            follow=self.follow,
            trouble=self.trouble or self.news.trouble,
            found=self.news.findings,
            running=self.news.running,
        )
        return told | dict(self.more) | ({"findings": findings(self.held)} if self.held else {})

    def entry(self, url: str) -> SiteFile | None:
        entries = self.build.site.entries
        return entries.get(url) or (None if url.endswith(".html") else self._older.get(url))


def application(shown: ShownSite, *, port: int) -> ASGIApp:
    answers = AuthorRoutes(shown=shown)
    app = Starlette(
        routes=[
            Route(EVENTS, answers.events, methods=["GET"]),
            Route(STATE, answers.state, methods=["GET"]),
            Route(OPEN, answers.edit, methods=["POST"]),
            Route(GOTO, answers.goto, methods=["POST"]),
            Route("/-/{name}", answers.part, methods=["GET"]),
            Route("/{path:path}", answers.page, methods=["GET"]),
        ]
    )
    return AuthorGuard(app, port=port)


class AuthorRoutes(Struct, frozen=True, kw_only=True):
    """What happens at each route."""

    shown: ShownSite

    async def events(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        yield RETRY
        async for text in self.shown.hub.listen(hello=self.shown.now, idle_s=IDLE_S):
            yield text or ":\n\n"

    async def state(self, _request: Request) -> Response:
        return JSONResponse(self.shown.state())

    async def part(self, request: Request) -> Response:
        name = PARTS.get(request.path_params["name"])
        return file_response(asset_file(name)) if name else Response("not here\n", 404, media_type="text/plain")

    async def goto(self, request: Request) -> Response:
        asked = await _asked(request)
        if asked is None:
            return JSONResponse({"error": 'send {"file": "/path/to/talk.md", "line": 12}'}, 400)
        found = slide_at(self.shown.build, asked.file, asked.line)
        if found is None:
            return JSONResponse({"error": "this server shows no talk from that file"}, 404)
        deck, index = found
        target = {"path": path_of(deck.url), "key": flat(deck)[index].key}
        self.shown.hub.publish(message("goto", target))
        place = {"slide": index + 1, "slides": len(flat(deck)), "pages": len(self.shown.hub.listeners)}
        return JSONResponse(target | place)

    async def edit(self, request: Request) -> Response:
        asked = await _asked(request)
        path = places(self.shown.build).get(str(asked.file)) if asked else None
        if asked is None or path is None:
            return JSONResponse({"error": "no such file in what is shown"}, 404)
        return JSONResponse({"opened": await asyncio.to_thread(self.shown.edit, path, asked.line)})

    async def page(self, request: Request) -> Response:
        return _page(self.shown, request.path_params["path"])


def _page(shown: ShownSite, path: str) -> Response:
    """A file of the site: a look-up in a table of names, so that no path leads out of it."""
    url = f"{path}index.html" if not path or path.endswith("/") else path
    entry = shown.entry(url)
    if entry is None:
        if shown.entry(f"{url}/index.html"):
            return RedirectResponse(f"/{quote(url)}/")
        return Response(with_live(NOT_FOUND.encode(), ""), 404, media_type="text/html")
    if isinstance(entry.content, Path):
        return file_response(entry.content)
    if url.endswith(".html"):
        return Response(with_live(entry.content, entry.digest), media_type="text/html")
    return Response(entry.content, media_type=type_of(url))


def with_live(page: bytes, digest: str) -> bytes:
    """The page with the script that keeps it up to date, the words of that, and its digest for it to start from."""
    lang = _LANG.search(page)
    words = words_of(lang[1].decode() if lang else "", AUTHOR)
    told = f'<script type="application/json" id="qd-author">{script_json({"words": words})}</script>'
    script = f'<script src="/-/author.js" data-digest="{digest}" defer></script>'
    tags = f'<link rel="stylesheet" href="/-/live.css">{told}{script}'.encode()
    head, end, body = page.partition(b"</head>")
    return head + tags + end + body if end else tags + page


def file_response(path: Path) -> Response:
    if not path.is_file():  # deleted, and not yet noticed
        return Response("this file is gone\n", 404, media_type="text/plain")
    return FileResponse(path, media_type=type_of(path.name))


def type_of(name: str) -> str:
    return TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"


class Asked(Struct, frozen=True, kw_only=True):
    file: Path
    line: int


async def _asked(request: Request) -> Asked | None:
    """The file and line that a request names; nothing where it does not say so."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            return None
    try:
        told = json.loads(body)
        file, line = told["file"], told["line"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(file, str) or "\0" in file or type(line) is not int or line < 1:
        return None
    return Asked(file=Path(file), line=line)
