"""Who may talk to the stage: its own pages, in a browser on this machine. Stricter than the author's server.

The one name is 127.0.0.1, so that pages that snippets serve, framed from localhost, are of another site. A WebSocket is
held to the same rules as a POST: browsers let any page open one, and say by Origin which it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from quarterdeck.serve.author.guard import EVENTS, HEADERS, HTTP_PORT, STATE, is_own_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "127.0.0.1"
READING = frozenset({"GET", "HEAD"})
FILES_POLICY = "script-src 'none'; object-src 'none'; frame-ancestors 'self'"
"""Of all that is no page of a deck: a picture that is opened by itself runs no script with our origin."""
OWN_PAGES_POLICY = "sandbox allow-scripts allow-forms allow-popups; frame-ancestors 'self'"
"""Of web pages that lie beside a talk: they may run, as a page of nobody."""


def policy(nonce: str, *, host: str, inline: str = "", frames: Iterable[str] = ()) -> str:
    """For a page of a deck: scripts run that carry the nonce, those that these load, and `inline`, by its hash.

    Of this machine it may frame the pages of the stage, and `frames`, which are origins that the deck serves.
    """
    rules = (
        f"script-src 'nonce-{nonce}' 'strict-dynamic'{f' {inline}' if inline else ''}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "worker-src 'none'",
        f"connect-src 'self' ws://{host}",
        f"frame-src 'self' https: {' '.join(frames)}".rstrip(),
        "frame-ancestors 'self'",
    )
    return "; ".join(rules)


def hosts(port: int) -> tuple[str, ...]:
    """What Host may say, letter for letter."""
    return (f"{NAME}:{port}", *((NAME,) if port == HTTP_PORT else ()))


def refusal(kind: str, method: str, path: str, headers: Headers, *, port: int) -> str:
    """Why a request gets no answer; empty if it gets one."""
    named = headers.getlist("host")
    if len(named) != 1 or named[0] not in hosts(port):
        return f"the stage is http://{NAME}:{port}/ and nothing else"
    ours = f"http://{named[0]}"
    if kind == "websocket":
        return "" if headers.getlist("origin") == [ours] else "only pages of the stage may do this"
    if method in READING:
        news = path in (EVENTS, STATE) and not is_own_page(headers, ours=ours)
        return "this is for pages of the stage" if news else ""
    if method != "POST":
        return "the stage knows no such method"
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "send JSON, with Content-Type: application/json"
    return "" if headers.getlist("origin") == [ours] else "only pages of the stage may do this"


class StageGuard:
    """Refuses what `refusal` refuses before anything else looks at it; puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        self.app = app
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return

        async def send_safe(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                given = headers.get("content-security-policy")
                headers.update({**HEADERS, "Content-Security-Policy": given or FILES_POLICY})
            await send(message)

        reason = refusal(scope["type"], scope.get("method", ""), scope["path"], Headers(scope=scope), port=self.port)
        if reason:
            await refuse(scope, receive, send_safe, reason=reason, status=403)
        else:
            await self.app(scope, receive, send_safe)


async def refuse(scope: Scope, receive: Receive, send: Send, *, reason: str, status: int) -> None:
    """An answer that says no, to a request or to the wish for a WebSocket."""
    if scope["type"] == "http":
        await PlainTextResponse(f"{reason}\n", status_code=status)(scope, receive, send)
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{reason}\n".encode()})
