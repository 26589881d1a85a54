"""What tests of servers share: one request over HTTP, what a process says first, and what it has started."""

from __future__ import annotations

import http.client
import json
import selectors
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DEADLINE_S = 15.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """With the headers of a program unless others are given; underscores in their names stand for dashes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    if content is not None:
        named.setdefault("Content-Type", "application/json")
    try:
        connection.putrequest(method, path, skip_host="Host" in named, skip_accept_encoding=True)
        for name, value in named.items():
            connection.putheader(name, value)
        if content is not None:
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def line_of(process: subprocess.Popen[Any], *, aside: bool = False) -> str:
    """The next line that a process says; with `aside`, on standard error."""
    stream = process.stderr if aside else process.stdout
    assert stream is not None
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        assert selector.select(DEADLINE_S), "it says nothing"
    line = stream.readline()
    return line if isinstance(line, str) else line.decode()


def processes_below(pid: int) -> list[int]:
    """All that a process has started and that lives, whoever its parents are."""
    rows = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for child, parent in (map(int, row.split()) for row in rows.splitlines()):
        children.setdefault(parent, []).append(child)
    found, waiting = [], [pid]
    while waiting:
        new = children.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def eventually(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not wanted():
        assert time.monotonic() < deadline
