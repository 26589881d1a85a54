"""The author's server as a process, asked over HTTP as browsers, editors and attackers would."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asking import DEADLINE_S, Answer, ask, line_of

TALK = "# Hello\n\n---\n\n## Second\n\n--\n\n## Below\n"
SAFE = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "frame-ancestors 'self'",
}


@dataclass
class Events:
    """An open event stream."""

    response: http.client.HTTPResponse
    connection: http.client.HTTPConnection

    def next(self) -> dict[str, Any]:
        """The next message; what only keeps the stream alive is passed over."""
        while True:
            line = self.response.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                told: dict[str, Any] = json.loads(line[6:])
                return told

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not wanted(told := self.next()):
            pass
        return told


@dataclass
class Server:
    process: subprocess.Popen[str]
    address: str
    port: int
    streams: list[Events] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return ask(self.port, method, path, body, **headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.ask("POST", path, body, **headers)

    def page_post(self, path: str, body: Any) -> Answer:
        """As a page of the server sends it."""
        return self.post(path, body, Origin=f"http://{self.host}")

    def events(self) -> Events:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        connection.request("GET", "/-/events", headers={"Sec-Fetch-Site": "same-origin"})
        response = connection.getresponse()
        assert response.status == 200
        assert response.getheader("content-type", "").startswith("text/event-stream")
        self.streams.append(Events(response, connection))
        return self.streams[-1]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit status, and what it said on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, said

    def close(self) -> None:
        for stream in self.streams:
            stream.response.close()
            stream.connection.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=DEADLINE_S)


Start = Callable[..., Server]


def without_a_screen(runtime: Path) -> dict[str, str]:
    """No window can appear, and the notes of running servers are the test's own."""
    quiet = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    return quiet | {"XDG_RUNTIME_DIR": str(runtime)}


def launch(folder: Path, environ: dict[str, str], *words: str) -> Server:
    line = [sys.executable, "-m", "quarterdeck", "serve", *words, "--no-open", "--port", "0"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(line, cwd=folder, stdout=pipe, stderr=pipe, text=True, env=environ)
    address = line_of(process)
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)\n", address)
    assert found, f"said {address!r} {process.communicate(timeout=DEADLINE_S) if not address else ''}"
    return Server(process, address.strip(), int(found[1]))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    return without_a_screen(runtime)


@pytest.fixture
def start(tmp_path: Path, environ: dict[str, str]) -> Iterator[Start]:
    servers: list[Server] = []

    def run(*words: str) -> Server:
        servers.append(launch(tmp_path, environ, *words))
        return servers[-1]

    yield run
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose talk nobody edits, for tests that only ask."""
    folder = tmp_path_factory.mktemp("standing")
    (folder / "hello.md").write_text(TALK)
    server = launch(folder, without_a_screen(folder), "hello.md")
    yield server
    server.close()


@pytest.fixture
def talk(write: Callable[[str, str], Path]) -> Path:
    return write("talks/hello.md", TALK)


@pytest.fixture
def server(start: Start, talk: Path) -> Server:
    return start("talks")


# Pages


def test_one_talk_is_announced_with_its_address(standing: Server) -> None:
    assert standing.address.endswith(f":{standing.port}/hello/")
    page = standing.get("/hello/")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'id="second"' in page.text


def test_several_talks_are_announced_with_the_page_of_cards(
    start: Start, talk: Path, write: Callable[[str, str], Path]
) -> None:
    write("talks/other.md", "# Other\n")
    server = start("talks")
    assert server.address.endswith(f":{server.port}/")
    cards = server.get("/").text
    assert "hello" in cards
    assert "other" in cards


def test_it_answers_under_the_paths_of_the_built_site(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "quarterdeck", "build", "talks", "-o", "site"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    site = tmp_path / "site"
    paths = [path for path in sorted(site.rglob("*")) if path.is_file() and path.name != ".quarterdeck"]
    assert len(paths) > 5
    for path in paths:
        answer = server.get(f"/{path.relative_to(site).as_posix()}")
        assert answer.status == 200, path
        built = path.read_bytes()
        assert answer.body == built or (path.suffix == ".html" and without_live(answer.body) == built)


def without_live(page: bytes) -> bytes:
    ours = rb'<link rel="stylesheet" href="/-/live.css"><script [^>]*>[^<]*</script>(<script src="/-/[^>]*></script>)+'
    return re.sub(ours, b"", page)


def test_serving_writes_no_file(start: Start, talk: Path, tmp_path: Path) -> None:
    server = start("talks")
    server.get("/hello/")
    server.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"talks", "runtime"}
    assert list(talk.parent.iterdir()) == [talk]


def test_pages_bring_the_live_scripts_and_the_built_site_does_not(standing: Server) -> None:
    page = standing.get("/hello/").text
    head = page.partition("</head>")[0]
    scripts = re.findall(r'<script src="(/-/[^"]*)"', head)
    assert scripts
    for path in [*scripts, "/-/live.css", "/-/live-panel.css"]:
        assert standing.get(path).status == 200
    assert b"/-/" not in without_live(page.encode())


def test_a_page_that_is_not_there_waits_for_it(standing: Server) -> None:
    missing = standing.get("/other/")
    assert missing.status == 404
    assert "/-/author.js" in missing.text


def test_a_path_without_its_slash_leads_to_the_page(standing: Server) -> None:
    answer = standing.get("/hello")
    assert (answer.status, answer.headers["location"]) == (307, "/hello/")


def test_head_gives_what_get_gives_but_the_body(standing: Server) -> None:
    whole, head = standing.get("/hello/"), standing.ask("HEAD", "/hello/")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_a_part_of_a_video_can_be_had(start: Start, write: Callable[[str, str], Path]) -> None:
    write("talks/film.mp4", "0123456789")
    write("talks/hello.md", "# Film\n\n![Film](film.mp4)\n")
    server = start("talks")
    source = re.search(r'\.\./(assets/film\.[^"]*)', server.get("/hello/").text)
    assert source
    part = server.get(f"/{source[1]}", Range="bytes=2-4")
    assert (part.status, part.text) == (206, "234")


@pytest.mark.parametrize("path", ["/", "/hello/", "/nowhere/", "/-/author.js", "/-/state", "/hello"])
def test_every_answer_has_the_safe_headers(standing: Server, path: str) -> None:
    headers = standing.get(path).headers
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "standing" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../talks/hello.md",
        "/hello/../../talks/hello.md",
        "/%2e%2e/talks/hello.md",
        "/..%2ftalks%2fhello.md",
        "/assets/..%2f..%2ftalks%2fhello.md",
        "/-/../css/live.css",
        "/-/..%2fbundles%2fauthor.js",
        "//etc/passwd",
        "/etc/passwd",
        "/hello.md",
        "/%00",
    ],
)
def test_no_path_leads_out_of_the_site(standing: Server, path: str) -> None:
    answer = standing.get(path)
    assert answer.status == 404
    assert "## Second" not in answer.text


# Who may ask


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.:{port}",
        "localhost.:{port}",
        "LOCALHOST:{port}",
        "localhost.evil.example:{port}",
        "127.0.0.1.nip.io:{port}",
        "127.0.0.1:{port}@evil.example",
        "[::]:{port}",
        "0.0.0.0:{port}",
        "::1:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/hello/", "/-/state", "/-/events", "/nowhere"])
def test_other_names_of_the_machine_get_no_answer(standing: Server, host: str, path: str) -> None:
    answer = standing.get(path, Host=host.format(port=standing.port))
    assert answer.status in (400, 403)
    assert "hello" not in answer.text.lower()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_its_own_names_get_an_answer(standing: Server, name: str) -> None:
    assert standing.get("/hello/", Host=f"{name}:{standing.port}").status == 200


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://localhost:{port}"},  # our own other name is another origin
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"},
)


def filled(headers: dict[str, str], server: Server) -> dict[str, str]:
    return {name: value.format(port=server.port) for name, value in headers.items()}


@pytest.mark.parametrize("headers", [*FOREIGN, {}, {"Sec_Fetch_Site": "none"}])
def test_events_are_for_its_own_pages(standing: Server, headers: dict[str, str]) -> None:
    assert standing.get("/-/events", **filled(headers, standing)).status == 403


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/goto", "/-/open"])
def test_a_foreign_page_moves_and_opens_nothing(standing: Server, path: str, headers: dict[str, str]) -> None:
    body = {"file": "/talks/hello.md", "line": 1}
    assert standing.post(path, body, **filled(headers, standing)).status == 403


def test_opening_an_editor_is_for_its_own_pages_alone(standing: Server) -> None:
    assert standing.post("/-/open", {"file": "hello.md", "line": 1}).status == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_refused(standing: Server, kind: str) -> None:
    body = {"file": "/talks/hello.md", "line": 1}
    assert standing.post("/goto", body, Content_Type=kind).status == 403


@pytest.mark.parametrize("path", ["/goto", "/-/open", "/-/events", "/hello/"])
def test_a_preflight_gets_no_leave(standing: Server, path: str) -> None:
    answer = standing.ask("OPTIONS", path, Origin="https://evil.example", Access_Control_Request_Method="POST")
    assert answer.status in (403, 405)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_do_nothing(standing: Server, method: str) -> None:
    assert standing.ask(method, "/hello/").status in (403, 405)


def test_no_websocket_is_opened(standing: Server) -> None:
    answer = standing.get(
        "/-/events",
        Connection="Upgrade",
        Upgrade="websocket",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="AAAAAAAAAAAAAAAAAAAAAA==",
    )
    assert answer.status == 403


def test_it_listens_on_loopback_only(standing: Server) -> None:
    with socket.socket() as outside:
        outside.settimeout(1)
        assert outside.connect_ex(("127.0.0.2", standing.port)) != 0


# Changes


def test_a_save_sends_the_changed_slide_and_nothing_else(server: Server, talk: Path) -> None:
    events = server.events()
    first = events.next()
    assert first["kind"] == "state"
    assert list(first["decks"]["/hello/"]["lines"]) == ["hello", "second", "below"]
    talk.write_text(TALK.replace("## Second", "## Second\n\nMore"))
    told = events.next()
    patch = told["patches"]["/hello/"]
    assert patch["before"] == first["pages"]["/hello/"]
    assert patch["after"] == told["pages"]["/hello/"]
    assert [change["index"] for change in patch["changes"]] == [1]
    assert "More" in patch["changes"][0]["after"]
    assert patch["shape"] is None
    assert patch["focus"] == 1
    assert "More" in server.get("/hello/").text


def test_two_hundred_rapid_saves_end_in_the_last(server: Server, talk: Path) -> None:
    events = server.events()
    digest = events.next()["pages"]["/hello/"]
    for number in range(200):
        fresh = talk.with_name("hello.md.tmp")
        fresh.write_text(f"# Hello\n\nNumber {number}.\n")
        fresh.replace(talk)
    last = ""
    while "Number 199." not in last:
        patch = events.next()["patches"].get("/hello/")
        if patch:
            assert patch["before"] == digest
            digest = patch["after"]
            last = patch["changes"][0]["after"] if patch["changes"] else last
    assert "Number 199." in server.get("/hello/").text


def test_a_new_talk_appears_and_one_that_is_deleted_goes(server: Server, talk: Path) -> None:
    events = server.events()
    assert "/new/" not in events.next()["pages"]
    fresh = talk.with_name("new.md")
    fresh.write_text("# New\n")
    events.until(lambda told: "/new/" in told["pages"])
    assert server.get("/new/").status == 200
    fresh.unlink()
    events.until(lambda told: "/new/" not in told["pages"])
    assert server.get("/new/").status == 404


def test_a_talk_that_goes_keeps_its_last_good_deck_until_it_is_back(server: Server, talk: Path) -> None:
    events = server.events()
    events.next()
    talk.unlink()
    told = events.until(lambda told: told["trouble"])
    assert told["trouble"]["what"]
    assert server.get("/hello/").status == 200
    talk.write_text("# Back\n")
    events.until(lambda told: told["trouble"] is None and "/hello/" in told["patches"])
    assert "Back" in server.get("/hello/").text


def test_a_mistake_comes_with_its_place_and_goes_when_it_is_mended(server: Server, talk: Path) -> None:
    events = server.events()
    assert events.next()["findings"] == []
    talk.write_text("# Hello\n\n![A cat](cat.png)\n")
    finding = events.next()["findings"][0]
    assert (finding["file"], finding["line"], finding["col"]) == ("talks/hello.md", 3, 1)
    assert finding["severity"] == "error"
    assert finding["code"] == "A101"
    assert finding["source"] == "![A cat](cat.png)"
    assert finding["mark"].strip("^ ") == ""
    talk.write_text("# Hello\n")
    assert events.next()["findings"] == []


def test_mistakes_are_also_told_in_the_terminal(server: Server, talk: Path) -> None:
    events = server.events()
    events.next()
    talk.write_text("# Hello\n\n![A cat](cat.png)\n")
    events.next()
    _, said = server.stop()
    assert "talks/hello.md:3:1: error[A101]" in said


def test_a_page_that_does_not_read_holds_up_nobody(server: Server, talk: Path) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        request = f"GET /-/events HTTP/1.1\r\nHost: {server.host}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        deaf.sendall(request.encode())
        events = server.events()
        events.next()
        padding = "word " * 20_000
        for number in range(20):
            talk.write_text(f"# Hello\n\n{padding}\n\nNumber {number}.\n")
            events.until(lambda told, said=f"Number {number}.": said in json.dumps(told))  # type: ignore[misc]
        assert server.get("/hello/").status == 200


def test_a_file_that_is_only_touched_is_no_news(server: Server, talk: Path) -> None:
    events = server.events()
    events.next()
    talk.touch()
    talk.write_text(TALK)
    talk.write_text("# Changed\n")
    assert "Changed" in json.dumps(events.next()["patches"])


# goto and the editor


def goto(tmp_path: Path, environ: dict[str, str], place: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "quarterdeck", "goto", place]
    return subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("line", "key"), [(1, "hello"), (3, "second"), (5, "second"), (7, "below"), (99, "below")])
def test_goto_moves_the_open_page_to_the_slide_at_the_line(
    server: Server, talk: Path, tmp_path: Path, environ: dict[str, str], line: int, key: str
) -> None:
    events = server.events()
    events.next()
    done = goto(tmp_path, environ, f"talks/hello.md:{line}")
    assert done.returncode == 0, done.stderr
    assert f"{server.address}#/{key}" in done.stdout
    told = events.until(lambda told: told["kind"] == "goto")
    assert told == {"kind": "goto", "path": "/hello/", "key": key}


def test_goto_finds_the_server_of_the_file_among_several(
    start: Start, talk: Path, write: Callable[[str, str], Path], tmp_path: Path, environ: dict[str, str]
) -> None:
    write("more/other.md", "# Other\n")
    servers = [start("talks"), start("more")]
    for server, place in zip(servers, ("talks/hello.md:1", "more/other.md:1"), strict=True):
        assert server.address in goto(tmp_path, environ, place).stdout


def test_goto_passes_over_servers_that_are_gone(server: Server, tmp_path: Path, environ: dict[str, str]) -> None:
    notes = Path(environ["XDG_RUNTIME_DIR"]) / "quarterdeck"
    note = next(notes.glob("*.json"))
    assert note.stat().st_mode & 0o777 == 0o600
    left = json.loads(note.read_text())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        (notes / "9.json").write_text(json.dumps(left | {"port": closed.getsockname()[1]}))
        (notes / "8.json").write_text("{")
        assert server.address in goto(tmp_path, environ, "talks/hello.md:1").stdout
    server.stop()
    assert not note.exists()
    done = goto(tmp_path, environ, "talks/hello.md:1")
    assert done.returncode == 1
    assert "quarterdeck serve" in done.stderr


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', {"file": "x"}, {"file": 1, "line": 1}, {"file": "x", "line": "1"}, b"[" * 9000]
)
def test_goto_without_a_file_and_a_line_is_no_goto(standing: Server, body: Any) -> None:
    assert standing.post("/goto", body).status == 400


def test_goto_to_a_file_that_is_not_shown_says_so(standing: Server, tmp_path: Path) -> None:
    assert standing.post("/goto", {"file": str(tmp_path / "other.md"), "line": 1}).status == 404


@pytest.fixture
def editor(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A program called `code` on PATH, which writes down what it was asked; gives the file it writes."""
    asked = tmp_path / "runtime" / "asked"
    program = tmp_path / "runtime" / "code"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {asked}.new && mv {asked}.new {asked}\n')
    program.chmod(0o755)
    environ |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "DISPLAY": ":99"}
    return asked


def test_a_click_opens_the_editor_at_the_line(editor: Path, start: Start, talk: Path) -> None:
    server = start("talks")
    assert server.page_post("/-/open", {"file": "talks/hello.md", "line": 5}).json == {"opened": True}
    ends = time.monotonic() + DEADLINE_S
    while not editor.exists():
        assert time.monotonic() < ends
    assert editor.read_text().splitlines() == ["--goto", f"{talk}:5"]


@pytest.mark.parametrize("file", ["/etc/passwd", "talks/../talks/hello.md", "talks/other.md", "", "--wait"])
def test_no_other_file_is_opened(editor: Path, start: Start, talk: Path, file: str) -> None:
    server = start("talks")
    assert server.page_post("/-/open", {"file": file, "line": 1}).status == 404
    assert not editor.exists()


def test_without_an_editor_with_a_window_nothing_opens(standing: Server) -> None:
    assert standing.page_post("/-/open", {"file": "hello.md", "line": 5}).json == {"opened": False}


# Beginning and end


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_whatever_is_open(server: Server, number: signal.Signals) -> None:
    for _ in range(3):
        server.events().next()
    assert server.stop(number) == (0, "")


def test_a_port_that_is_taken_is_told(start: Start, talk: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    server = start("talks")
    line = [sys.executable, "-m", "quarterdeck", "serve", "talks", "--no-open", "--port", str(server.port)]
    done = subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {server.port} is in use" in done.stderr
    assert "--port 0" in done.stderr


def test_what_stops_the_first_build_ends_the_command(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "empty").mkdir()
    line = [sys.executable, "-m", "quarterdeck", "serve", "empty", "--no-open", "--port", "0"]
    done = subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "quarterdeck new" in done.stderr


def test_a_talk_with_mistakes_is_served_all_the_same(start: Start, write: Callable[[str, str], Path]) -> None:
    write("talks/hello.md", "# Hello\n\n![A cat](cat.png)\n\n```nosuch\nx\n```\n")
    server = start("talks")
    assert "Hello" in server.get("/hello/").text
    assert len(server.get("/-/state").json["findings"]) == 2
