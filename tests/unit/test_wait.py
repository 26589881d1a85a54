"""What a background job is waited for, against real servers and a clock of the test's own."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quarterdeck.execute.readiness import Probes, until_ready
from quarterdeck.snippets.conditions import Address, Condition, File, Healthy, Log, Port, parse_condition


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/ok": 204, "/moved": 302}.get(self.path, 404))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
    return number


def wait(
    condition: Condition | str,
    *,
    tmp_path: Path,
    output: Callable[[], str] = lambda: "",
    ended: Callable[[], str] = lambda: "",
    probes: Probes | None = None,
    timeout_s: float = 3,
) -> str:
    """With a clock that moves only while the waiting lets output in."""
    assert not isinstance(condition, str)
    now = [0.0]

    def pump(within_s: float) -> None:
        now[0] += within_s

    return until_ready(
        condition,
        timeout_s=timeout_s,
        probes=probes or Probes(),
        folder=tmp_path,
        output=output,
        ended=ended,
        pump=pump,
        clock=lambda: now[0],
    )


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("http://localhost:8080/", Address(url="http://localhost:8080/")),
        ("https://127.0.0.1:8443/x?y", Address(url="https://127.0.0.1:8443/x?y")),
        ("http://[::1]:80/", Address(url="http://[::1]:80/")),
        ("tcp:8080", Port(port=8080)),
        ("tcp:localhost:8080", Port(port=8080)),
        ("log:/ready: \\d+/", Log(pattern="ready: \\d+")),
        ("log:web:/a/b/", Log(pattern="a/b", container="web")),
        ("file:out/done", File(path="out/done")),
        ("healthy:web", Healthy(container="web")),
    ],
)
def test_conditions_are_read(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://example.org/", "'example.org' is not this machine: only localhost, 127.0.0.1 and [::1]"),
        ("http://localhost.evil/", "'localhost.evil' is not this machine: only localhost, 127.0.0.1 and [::1]"),
        ("http:///", "'' is not this machine: only localhost, 127.0.0.1 and [::1]"),
        ("http://localhost:99999/", "'http://localhost:99999/' is no URL: Port out of range 0-65535"),
        ("tcp:0", "'0' is no port: a number from 1 to 65535"),
        ("tcp:x", "'x' is no port: a number from 1 to 65535"),
        ("tcp:db:5432", "'tcp:db:5432' is not on this machine: only tcp:PORT"),
        ("log:ready", "'log:ready' has no pattern: log:/ready/ or log:NAME:/ready/"),
        ("log:/", "'log:/' has no pattern: log:/ready/ or log:NAME:/ready/"),
        ("log:web/x/", "'log:web/x/' has no pattern: log:/ready/ or log:NAME:/ready/"),
        ("log:/(/", "'(' is no regular expression: missing ), unterminated subpattern at position 0"),
    ],
)
def test_what_is_wrong_with_a_condition_is_said(text: str, said: str) -> None:
    assert parse_condition(text) == said


@pytest.mark.parametrize("text", ["", "5s", "file:", "healthy:", "ftp://localhost/"])
def test_other_text_is_answered_with_the_forms(text: str) -> None:
    answer = parse_condition(text)
    assert isinstance(answer, str)
    assert answer.startswith(f"'{text}' says nothing to wait for; forms: http://localhost:8080/, tcp:8080")


def test_an_address_is_ready_when_it_answers_well(port: int, closed_port: int, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{port}"
    assert wait(parse_condition(f"{base}/ok"), tmp_path=tmp_path) == ""
    assert wait(parse_condition(f"{base}/moved"), tmp_path=tmp_path) == ""
    assert wait(parse_condition(f"{base}/no"), tmp_path=tmp_path) == (
        f"not ready within 3 s: {base}/no: it answers 404"
    )
    nobody = f"http://127.0.0.1:{closed_port}/"
    assert wait(parse_condition(nobody), tmp_path=tmp_path) == (
        f"not ready within 3 s: {nobody}: nothing listens there"
    )


def test_something_that_speaks_no_http_is_not_ready(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"220 mail\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert wait(Address(url=url), tmp_path=tmp_path, timeout_s=0).startswith(f"not ready within 0 s: {url}: ")
        thread.join()


def test_a_port_is_ready_when_something_listens(port: int, closed_port: int, tmp_path: Path) -> None:
    assert wait(Port(port=port), tmp_path=tmp_path) == ""
    assert wait(Port(port=closed_port), tmp_path=tmp_path) == (
        f"not ready within 3 s: port {closed_port}: nothing listens there"
    )


def test_output_is_searched_line_by_line_until_it_matches(tmp_path: Path) -> None:
    lines = iter(["", "starting\n", "starting\nready\n"])
    assert wait(Log(pattern="^ready$"), tmp_path=tmp_path, output=lambda: next(lines)) == ""


def test_a_file_is_looked_for_in_the_folder_of_the_session(tmp_path: Path) -> None:
    assert wait(File(path="done"), tmp_path=tmp_path) == "not ready within 3 s: there is no file 'done'"
    (tmp_path / "done").touch()
    assert wait(File(path="done"), tmp_path=tmp_path) == ""


def test_containers_are_asked_through_the_probes(tmp_path: Path) -> None:
    health = iter(["starting", "starting", "healthy"])
    probes = Probes(health=lambda name: next(health) if name == "web" else "", log=lambda name: f"{name} is up")
    assert wait(Healthy(container="web"), tmp_path=tmp_path, probes=probes) == ""
    assert wait(Healthy(container="db"), tmp_path=tmp_path, probes=probes) == (
        "not ready within 3 s: container 'db': has no health check"
    )
    assert wait(Log(pattern="is up", container="db"), tmp_path=tmp_path, probes=probes) == ""
    assert wait(Log(pattern="down", container="db"), tmp_path=tmp_path, probes=probes) == (
        "not ready within 3 s: nothing in the log of container 'db' matches /down/"
    )
    assert wait(Healthy(container="x"), tmp_path=tmp_path).endswith("no container engine was asked")


def test_the_end_of_the_job_ends_the_waiting_but_what_it_left_counts(tmp_path: Path) -> None:
    assert wait(File(path="done"), tmp_path=tmp_path, ended=lambda: "it ended with status 1") == (
        "it ended with status 1 before it was ready (there is no file 'done')"
    )
    (tmp_path / "done").touch()
    assert wait(File(path="done"), tmp_path=tmp_path, ended=lambda: "it ended with status 0") == ""
