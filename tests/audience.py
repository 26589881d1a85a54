"""`quarterdeck present` as a process, and windows of its decks as a browser would open them."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from asking import DEADLINE_S, Answer, ask, line_of
from desk import Desk
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

SHORT_GRACE = (
    "import sys; from quarterdeck.cli import main; import quarterdeck.serve.stage.present as stage;"
    " stage.present.__kwdefaults__['grace_s'] = 0.3; sys.argv[0] = 'quarterdeck'; main()"
)


@dataclass
class Window:
    """An open page that was let in."""

    socket: ClientConnection
    stage: dict[str, Any]
    acks: bool = True
    heard: list[dict[str, Any]] = field(default_factory=list)
    printed: dict[int, bytearray] = field(default_factory=dict)
    frames: list[int] = field(default_factory=list)
    """Sizes of the binary ones."""
    seen: int = 0

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def hear(self, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """The next message; output is put aside, and said to have been written."""
        deadline = time.monotonic() + timeout_s
        while True:
            came = self.socket.recv(timeout=max(deadline - time.monotonic(), 0.001))
            if isinstance(came, str):
                told: dict[str, Any] = json.loads(came)
                self.heard.append(told)
                return told
            self.take(came)

    def take(self, frame: bytes) -> None:
        self.printed.setdefault(int.from_bytes(frame[:4], "big"), bytearray()).extend(frame[4:])
        self.frames.append(len(frame))
        self.seen += len(frame) - 4
        if self.acks:
            self.send(type="ack", bytes=self.seen)

    def until(self, wanted: Callable[[dict[str, Any]], bool] = lambda _told: True, **facts: Any) -> dict[str, Any]:
        while True:
            told = self.hear()
            if wanted(told) and facts.items() <= told.items():
                return told

    def until_printed(self, run: int, wanted: bytes) -> bytes:
        deadline = time.monotonic() + DEADLINE_S
        while wanted not in self.printed.get(run, b""):
            came = self.socket.recv(timeout=max(deadline - time.monotonic(), 0.001))
            if isinstance(came, bytes):
                self.take(came)
            else:
                self.heard.append(json.loads(came))
        return bytes(self.printed[run])

    def run(self, name: str, **more: Any) -> int:
        """Asks for a run and waits until it is under way; its number."""
        self.send(type="run", id=name, digest=self.stage["snippets"][name]["digest"], **more)
        told = self.until(lambda m: m["type"] == "refused" or (m.get("id") == name and m.get("state") == "running"))
        assert told["type"] == "snippet", told
        return int(told["run"])

    def end_of(self, run: int) -> dict[str, Any]:
        return self.until(type="snippet", run=run, state="done")

    def whole(self, name: str, **more: Any) -> tuple[dict[str, Any], str]:
        """Runs a snippet to its end: how it went, and what it printed."""
        run = self.run(name, **more)
        end = self.end_of(run)
        return end, self.printed.get(run, bytearray()).decode()

    def refused(self, **message: Any) -> str:
        """Says something that is refused; the code of the refusal."""
        self.send(**message)
        return str(self.until(type="refused")["code"])


@dataclass
class House:
    desk: Desk
    process: subprocess.Popen[bytes]
    port: int
    address: str
    said: list[str]
    windows: list[Window] = field(default_factory=list)
    let_in: tuple[str, str] = ("", "")
    exits: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def code(self) -> str:
        return found_code(self.said[-1])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return ask(self.port, method, path, body, **headers)

    def stage(self, deck: str = "talk") -> dict[str, Any]:
        """What the deck's page is told."""
        found = re.search(r'id="qd-stage">(.*?)</script>', self.ask("GET", f"/{deck}/").text)
        assert found, "the page knows nothing of a stage"
        told: dict[str, Any] = json.loads(found[1])
        return told

    def enter(self, code: str, **headers: str) -> Answer:
        return self.ask("POST", "/-/stage/enter", {"code": code}, **({"Origin": self.origin} | headers))

    def type(self, line: str = "") -> None:
        """In the terminal, with Enter."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    def new_code(self) -> str:
        """As the presenter asks for it, with Enter."""
        self.type()
        return found_code(line_of(self.process))

    def warned(self, last: str) -> list[str]:
        """What stands on the terminal beside the codes, up to a line that holds `last`."""
        lines = [line_of(self.process, aside=True)]
        while last not in lines[-1]:
            assert lines[-1], f"it has ended, and said {lines}"
            lines.append(line_of(self.process, aside=True))
        return [line.rstrip("\n") for line in lines]

    def passes(self) -> tuple[str, str]:
        """The cookie, as a header, and the token: of the first code, once."""
        if not self.let_in[0]:
            answer = self.enter(self.code)
            assert answer.status == 200, answer.text
            self.let_in = (answer.headers["set-cookie"].partition(";")[0], answer.json["token"])
        return self.let_in

    def socket(self, *, origin: str | None = None, cookie: str | None = None, path: str = "/live") -> ClientConnection:
        headers = {"Cookie": self.passes()[0] if cookie is None else cookie}
        opened: ClientConnection = self.exits.enter_context(
            connect(
                f"ws://{self.host}{path}",
                origin=Origin(self.origin if origin is None else origin),
                additional_headers={name: value for name, value in headers.items() if value},
                proxy=None,
                open_timeout=DEADLINE_S,
                max_size=None,
                close_timeout=1,
                compression=None,
            )
        )
        return opened

    def window(self, deck: str = "talk", *, acks: bool = True) -> Window:
        opened = Window(self.socket(), self.stage(deck), acks=acks)
        self.windows.append(opened)
        opened.send(type="hello", token=self.passes()[1], deck=deck)
        assert opened.until(type="hello")["deck"] == deck
        return opened

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Its exit status, and what it said last on both streams."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, out.decode(), err.decode()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.communicate(timeout=DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        with contextlib.suppress(ConnectionClosed):
            self.exits.close()
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate(timeout=DEADLINE_S)


def found_code(line: str) -> str:
    found = re.match(r"code: (\S+) ", line)
    assert found, f"said {line!r}"
    return found[1]


def present(
    desk: Desk, *words: str, trusted: bool = True, grace: bool = False, port: int = 0, env: dict[str, str] | None = None
) -> House:
    quiet = {name: value for name, value in desk.env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    start = [sys.executable, "-c", SHORT_GRACE] if grace else [sys.executable, "-m", "quarterdeck"]
    line = [*start, "present", *words, "--port", str(port), *(["--yes"] if trusted else ["--recorded"])]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        line, cwd=desk.folder, env=quiet | (env or {}), stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0
    )
    address = line_of(process)
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/.*\n", address)
    assert found, f"said {address!r} {process.communicate(timeout=DEADLINE_S) if not address else ''}"
    said = [line_of(process)] if trusted else []
    return House(desk, process, int(found[1]), address.strip(), said)


@contextlib.contextmanager
def presented(desk: Desk, *words: str, **more: Any) -> Iterator[House]:
    house = present(desk, *(words or ("--no-open",)), **more)
    try:
        yield house
    finally:
        house.close()
