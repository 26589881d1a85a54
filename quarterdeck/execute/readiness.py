"""The wait until a background job is ready, as its condition says."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from quarterdeck.snippets.conditions import Address, Condition, File, Healthy, Log, Port

TRY_S = 2.0
"""For one attempt to connect."""
PAUSE_S = 0.1
CANCELLED = "cancelled"
"""Why a wait was given up, where nobody wants its end any more."""


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


class Probes(Struct, frozen=True, kw_only=True):
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
