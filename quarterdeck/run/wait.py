"""When is a background job ready? Conditions as authors write them after `wait=`, and the wait for one."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

TRY_S = 2.0
"""For one attempt to connect."""
PAUSE_S = 0.1
CANCELLED = "cancelled"
"""Why a wait was given up, where nobody wants its end any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A URL on this machine answers with success or a redirect."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Something listens."""

    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The output of the job, or of a container, has a match."""

    pattern: str
    container: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file exists; relative to the session's folder."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthy:
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


def _ask_url(url: str, within_s: float) -> str:
    """An empty string when the address answers well, else what it does."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # no proxy, and no proof of who answers: it is this machine
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=within_s, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=within_s)
    try:
        connection.request("GET", path, headers={"User-Agent": "quarterdeck", "Connection": "close"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return _reason(error)
    finally:
        connection.close()
    return "" if status < 400 else f"it answers {status}"


def _ask_port(port: int, within_s: float) -> str:
    try:
        socket.create_connection(("localhost", port), timeout=within_s).close()
    except OSError as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def _no_engine(_container: str) -> str:
    return "no container engine was asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """How the world is asked. `url` and `port` give an empty string for ready, else why not."""

    url: Callable[[str, float], str] = _ask_url
    port: Callable[[int, float], str] = _ask_port
    health: Callable[[str], str] = _no_engine
    """Of a container: `healthy`, or what it is instead."""
    log: Callable[[str], str] = lambda _container: ""
    """All that a container has printed."""


def why_not(condition: Condition, *, probes: Probes, folder: Path, output: Callable[[], str], within_s: float) -> str:
    """Why `condition` does not hold right now, or an empty string."""
    match condition:
        case Address(url=url):
            return (why := probes.url(url, within_s)) and f"{url}: {why}"
        case Port(port=port):
            return (why := probes.port(port, within_s)) and f"port {port}: {why}"
        case Log(pattern=pattern, container=container):
            text = probes.log(container) if container else output()
            where = f"the log of container '{container}'" if container else "its output"
            return "" if re.search(pattern, text, re.MULTILINE) else f"nothing in {where} matches /{pattern}/"
        case File(path=path):
            return "" if (folder / path).exists() else f"there is no file '{path}'"
        case Healthy(container=container):
            health = probes.health(container)
            return "" if health == "healthy" else f"container '{container}': {health or 'has no health check'}"


def until_ready(
    condition: Condition,
    *,
    timeout_s: float,
    probes: Probes,
    folder: Path,
    output: Callable[[], str],
    ended: Callable[[], str],
    pump: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
    cancel: threading.Event | None = None,
) -> str:
    """Waits until `condition` holds: an empty string, or why it did not in time.

    `pump` waits for a given time and lets output in; `ended` says how the job ended, and nothing while it runs. A job
    may end and leave what it started: the condition is asked once more after its end.
    """
    deadline = clock() + timeout_s
    while True:
        over = ended()
        left_s = max(deadline - clock(), 0.0)
        why = why_not(condition, probes=probes, folder=folder, output=output, within_s=min(TRY_S, max(left_s, 0.1)))
        if not why:
            return ""
        if over:
            return f"{over} before it was ready ({why})"
        if cancel is not None and cancel.is_set():
            return CANCELLED
        if clock() >= deadline:
            return f"not ready within {timeout_s:g} s: {why}"
        pump_until = min(clock() + PAUSE_S, deadline)
        while (rest_s := pump_until - clock()) > 0 and not ended():
            pump(rest_s)


def all_ready(
    conditions: Iterable[Condition],
    *,
    timeout_s: float,
    probes: Probes,
    folder: Path,
    output: Callable[[], str],
    pump: Callable[[float], None],
    cancel: threading.Event | None = None,
) -> str:
    """Waits for all of them, after a job that has ended and left something running; empty, or why it is not ready."""
    deadline = time.monotonic() + timeout_s
    for condition in conditions:
        why = until_ready(
            condition,
            timeout_s=max(deadline - time.monotonic(), TRY_S),
            probes=probes,
            folder=folder,
            output=output,
            ended=lambda: "",
            pump=pump,
            cancel=cancel,
        )
        if why:
            return why
    return ""
