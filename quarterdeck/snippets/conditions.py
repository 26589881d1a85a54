"""Conditions as authors write them after `wait=`: when a background job is ready. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct


class Address(Struct, frozen=True, kw_only=True):
    """A URL on this machine answers with success or a redirect."""

    url: str


class Port(Struct, frozen=True, kw_only=True):
    """Something listens."""

    port: int


class Log(Struct, frozen=True, kw_only=True):
    """The output of the job, or of a container, has a match."""

    pattern: str
    container: str = ""


class File(Struct, frozen=True, kw_only=True):
    """A file exists; relative to the session's folder."""

    path: str


class Healthy(Struct, frozen=True, kw_only=True):
    """A container's own health check says so."""

    container: str


Condition: TypeAlias = Address | Port | Log | File | Healthy
FORMS = "http://localhost:8080/, tcp:8080, log:/ready/, file:PATH, healthy:NAME, log:NAME:/ready/"


def parse_condition(text: str) -> Condition | str:
    """The condition that an author wrote, or what is wrong with it."""
    kind, _, rest = text.partition(":")
    match kind:
        case "http" | "https":
            return _address(text)
        case "tcp":
            number = rest.rpartition(":")[2]
            if rest.rpartition(":")[0] not in ("", "localhost", "127.0.0.1"):
                return f"'{text}' is not on this machine: only tcp:PORT"
            if not number.isascii() or not number.isdecimal() or not 0 < int(number) < 65536:
                return f"'{number}' is no port: a number from 1 to 65535"
            return Port(port=int(number))
        case "log":
            return _log(rest)
        case "file" if rest:
            return File(path=rest)
        case "healthy" if rest:
            return Healthy(container=rest)
        case _:
            return f"'{text}' says nothing to wait for; forms: {FORMS}"


def _address(text: str) -> Condition | str:
    try:
        url = urlsplit(text)
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        return f"'{text}' is no URL: {error}"
    if not is_loopback(host):
        return f"'{host}' is not this machine: only localhost, 127.0.0.1 and [::1]"
    return Address(url=text)


def _log(rest: str) -> Condition | str:
    container, slash, body = rest.partition("/")
    if not slash or not body.endswith("/") or len(body) < 2 or (container and not container.endswith(":")):
        return f"'log:{rest}' has no pattern: log:/ready/ or log:NAME:/ready/"
    try:
        re.compile(body[:-1])
    except re.error as error:
        return f"'{body[:-1]}' is no regular expression: {error}"
    return Log(pattern=body[:-1], container=container.removesuffix(":"))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
