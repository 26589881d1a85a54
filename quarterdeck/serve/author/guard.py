"""Who may talk to the author's server: pages that it served itself, and programs of this machine.

The server listens on loopback only, yet every web page that the author has open can send requests there, and a name of
an attacker may be pointed at 127.0.0.1 (DNS rebinding). Hence:

- Host must be one of our own names with our port, on every request.
- The event stream and every POST must come from our own page: their Origin is exactly the host that was asked. Browsers
  send Origin with every POST and with every request to another origin, so a foreign page cannot leave it out. A
  same-origin GET carries none; there the browser vouches with Sec-Fetch-Site, which no script can set.
- `POST /goto` may come without an Origin, from editors and the command line. A browser never sends one so.
- POSTs are JSON. A form cannot send that, and a script of another origin would need a preflight, which is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "/-/events"
STATE = "/-/state"
GOTO = "/goto"
NAMES = ("127.0.0.1", "localhost", "[::1]")
HTTP_PORT = 80
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}


def hosts(port: int) -> frozenset[str]:
    """What Host may say, letter for letter; browsers leave out the port of HTTP."""
    bare = NAMES if port == HTTP_PORT else ()
    return frozenset((*(f"{name}:{port}" for name in NAMES), *bare))


def refusal(method: str, path: str, headers: Headers, *, port: int) -> str:
    """Why a request gets no answer; empty if it gets one."""
    named = headers.getlist("host")
    if len(named) != 1 or named[0] not in hosts(port):
        return "this server answers to its own names only"
    if method == "POST":
        return _refusal_of_post(path, headers, ours=f"http://{named[0]}")
    if path == EVENTS and not is_own_page(headers, ours=f"http://{named[0]}"):
        return "events are for pages of this server"
    return ""


def _refusal_of_post(path: str, headers: Headers, *, ours: str) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return "send JSON, with Content-Type: application/json"
    from_a_program = path == GOTO and "origin" not in headers and "sec-fetch-site" not in headers
    if not from_a_program and headers.getlist("origin") != [ours]:
        return "only pages of this server may do this"
    return ""


def is_own_page(headers: Headers, *, ours: str) -> bool:
    """Whether a browser vouches that a page of ours asks."""
    origins = headers.getlist("origin")
    return origins == [ours] if origins else headers.getlist("sec-fetch-site") == ["same-origin"]


class AuthorGuard:
    """Refuses what `refusal` refuses before anything else looks at it; puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        self.app = app
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # no WebSocket here: the server closes the connection

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = refusal(scope["method"], scope["path"], Headers(scope=scope), port=self.port)
        answer = PlainTextResponse(f"{reason}\n", status_code=403) if reason else self.app
        await answer(scope, receive, send_safe)
