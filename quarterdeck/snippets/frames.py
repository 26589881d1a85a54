"""Pages of what runs that a slide frames: their address as authors write it, and as people read it. Pure.

A frame is at `localhost` and nowhere else: the stage is at 127.0.0.1, so that the page is of another origin than the
deck, and cookies, which ignore ports, are not shared either.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from quarterdeck.regex import regex
from quarterdeck.snippets.values import UnfitError

HOST = "localhost"
SIZE = (640, 400)
"""CSS pixels of the page in its window, on stage as in its picture: nothing moves when one follows the other."""
EXPECTED = "the address of a page on this machine such as http://localhost:8080/"
_UNSAFE = regex(r"[\s\x00-\x1f\x7f\"'<>\\;,]")


def parse_frame(value: object) -> str:
    """The address with its path; raises `UnfitError` with what to write instead."""
    if not isinstance(value, str) or not value.strip():
        raise UnfitError(EXPECTED)
    text = value.strip()
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise UnfitError(why=f"'{text}' is no URL: {error}") from None
    if url.scheme not in ("http", "https") or not host or _UNSAFE.search(text) or "@" in url.netloc:
        raise UnfitError(EXPECTED)
    rest = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}{f'#{url.fragment}' if url.fragment else ''}"
    at = f"{url.scheme}://{HOST}{f':{port}' if port else ''}"
    if host == HOST:
        return f"{at}{rest}"
    if host in ("127.0.0.1", "::1", "0.0.0.0"):  # noqa: S104 - what authors write
        raise UnfitError(why=f"'{host}' is the host of the stage itself: write {at}{rest}")
    raise UnfitError(why=f"'{host}' is not what runs here: only localhost, as in {at if port else f'{at}:8080'}/")


def parse_still(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnfitError("a picture beside the talk such as images/nginx.png")
    return value.strip()


def origin(url: str) -> str:
    """As a Content-Security-Policy names it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def shown(url: str) -> str:
    """The address as a person says it."""
    parts = urlsplit(url)
    return parts.netloc + (parts.path if parts.path != "/" or parts.query else "") + (parts.query and f"?{parts.query}")
