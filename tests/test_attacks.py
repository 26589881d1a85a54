"""Attacks on the stage, one by one as the threat model numbers them: nothing may run, and nothing be told."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from asking import DEADLINE_S
from audience import House, present, presented
from desk import Desk, fence, talk_of
from websockets.exceptions import ConnectionClosed, InvalidStatus

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

EVIL = "https://evil.example"
OUTPUT = r"""printf '<img src=x onerror="window.pwned=1"></script><script>window.pwned=1</script>\n'
printf '\e]8;;javascript:window.pwned=1\aclick\e]8;;\a \e]52;c;cHduZWQ=\a \u202egnirts\n'
head -c 10000000 /dev/zero | tr '\0' x; echo end"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A stage that nobody changes; what any attack runs leaves a file behind."""
    desk = a_desk(tmp_path_factory.mktemp("attacked"))
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "#one run"), fence(OUTPUT, "#loud run session=loud")))
    (desk.folder / "secret.txt").write_text("kept to myself")
    (desk.folder / ".hidden").write_text("kept to myself")
    (desk.folder / "link").symlink_to("/etc/passwd")
    with presented(desk, "--no-open", "talk.md") as standing:
        standing.passes()
        yield standing


def a_desk(root: Path) -> Desk:
    made = Desk(root)
    made.write("", "quarterdeck.toml")
    for name in ("home", "runtime"):
        (root / name).mkdir(mode=0o700)
    return made


@pytest.fixture(autouse=True)
def _nothing_ran(house: House) -> Iterator[None]:
    yield
    assert not (house.desk.root / "ran").exists()


def hello(house: House, **more: Any) -> str:
    return json.dumps({"type": "hello", "token": house.passes()[1], "deck": "talk"} | more)


def closed_with(house: House, first: str | bytes, **more: Any) -> int:
    """How a socket that begins with this message is ended."""
    opened = house.socket(**more)
    with contextlib.suppress(ConnectionClosed):  # it may be closed already
        opened.send(first)
    with pytest.raises(ConnectionClosed) as ended:
        opened.recv(timeout=DEADLINE_S)
    return ended.value.rcvd.code if ended.value.rcvd else 0


def refused(house: House, **more: Any) -> int:
    """The status with which a socket is refused."""
    with pytest.raises(InvalidStatus) as answer:
        house.socket(**more)
    return answer.value.response.status_code


def handshake(house: House, *headers: str) -> int:
    """The status of a WebSocket's handshake with exactly these headers."""
    fixed = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    lines = ["GET /live HTTP/1.1", *headers, *fixed, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
    with socket.create_connection(("127.0.0.1", house.port), timeout=DEADLINE_S) as raw:
        raw.sendall("\r\n".join(lines).encode())
        answer = raw.recv(4096).decode("latin-1")
    return int(answer.split()[1]) if answer else 0


def test_01_there_is_no_run_to_post_to_and_a_socket_without_a_token_is_closed(house: House) -> None:
    for path in ("/run", "/live", "/-/stage/run"):
        assert house.ask("POST", path, {"id": "one"}, Origin=house.origin).status in (404, 405)
    assert closed_with(house, '{"type":"hello","deck":"talk"}') == 4400
    assert closed_with(house, json.dumps({"type": "run", "id": "one", "digest": "x"})) == 4401


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\u00e9", "\ud800"])
def test_02_a_wrong_token_opens_nothing(house: House, token: str) -> None:
    assert closed_with(house, hello(house, token=token)) == 4401


def test_03_the_right_cookie_without_the_token_opens_nothing_nor_the_token_without_the_cookie(house: House) -> None:
    assert closed_with(house, '{"type":"hello","deck":"talk","token":""}') == 4401
    assert closed_with(house, hello(house), cookie="quarterdeck=x") == 4401


def test_04_a_foreign_page_opens_no_socket_and_uses_no_code(house: House) -> None:
    assert refused(house, origin=EVIL) == 403
    assert house.enter(house.new_code(), Origin=EVIL).status == 403


def test_05_a_page_of_no_origin_opens_no_socket_and_uses_no_code(house: House) -> None:
    assert refused(house, origin="null") == 403
    assert house.enter(house.new_code(), Origin="null").status == 403


def test_06_pages_of_other_ports_and_names_of_this_machine_are_foreign(house: House) -> None:
    for origin in ("http://localhost:1", f"http://localhost:{house.port}", "http://127.0.0.1", f"https://{house.host}"):
        assert refused(house, origin=origin) == 403
        assert house.enter(house.new_code(), Origin=origin).status == 403


def test_07_a_socket_without_an_origin_is_refused(house: House) -> None:
    assert handshake(house, f"Host: {house.host}") == 403
    assert handshake(house, f"Host: {house.host}", f"Origin: {EVIL}", f"Origin: {house.origin}") in (400, 403)
    assert handshake(house, f"Host: {house.host}", f"Origin: {house.origin}") == 101


def test_08_a_name_that_is_pointed_here_gets_no_answer(house: House) -> None:
    host = f"evil.com:{house.port}"
    answer = house.ask("GET", "/talk/", Host=host)
    assert (answer.status, "qd-stage" in answer.text) == (403, False)
    assert handshake(house, f"Host: {host}", f"Origin: http://{host}") == 403


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1.nip.io:{port}",
            "localhost.evil:{port}",
            "127.0.0.1.:{port}",
            "LOCALHOST:{port}",
            "localhost:{port}",
        ),
        *(
            "127.0.0.1",
            "[::1]:{port}",
            "::1:{port}",
            "[::ffff:127.0.0.1]:{port}",
            "0.0.0.0:{port}",
            "2130706433:{port}",
            "",
        ),
        *("127.0.0.1:1", "127.1:{port}", "127.0.0.1:{port}@evil.example"),
    ],
)
def test_09_the_stage_has_one_name_letter_for_letter(house: House, host: str) -> None:
    named = host.format(port=house.port)
    assert house.ask("GET", "/talk/", Host=named).status in (400, 403)
    assert handshake(house, f"Host: {named}", f"Origin: http://{named}") in (400, 403)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_10_what_a_form_can_send_is_refused(house: House, kind: str) -> None:
    assert house.enter(house.new_code(), Content_Type=kind).status == 403


@pytest.mark.parametrize("path", ["/-/stage/enter", "/live", "/talk/"])
def test_11_a_preflight_gets_no_leave(house: House, path: str) -> None:
    answer = house.ask("OPTIONS", path, Origin=EVIL, Access_Control_Request_Method="POST")
    assert answer.status in (403, 404, 405)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/-/stage/enter?code={code}", "/live?token={token}", "/talk/?run=one", "/run?id=one"])
def test_12_a_get_does_nothing(house: House, path: str) -> None:
    code = house.new_code()
    answer = house.ask("GET", path.format(code=code, token=house.passes()[1]), Origin=house.origin)
    assert "set-cookie" not in answer.headers
    assert house.passes()[1] not in answer.text
    assert house.enter(code).status == 200


def test_13_the_stage_is_framed_by_nobody_else(house: House, page: Page, other_site: str) -> None:
    assert "frame-ancestors 'self'" in house.ask("GET", "/talk/").headers["content-security-policy"]
    page.goto(f"{other_site}/?{house.origin}/talk/")
    frame = page.frames[-1]
    page.wait_for_function("window.loaded")
    assert frame.evaluate("document.getElementById('qd-stage')") is None


def test_14_a_code_works_once_for_a_minute_and_is_not_found_by_trying(house: House) -> None:
    code = house.new_code()
    assert [house.enter(code).status, house.enter(code).status] == [200, 403]
    code = house.new_code()
    left = [house.enter("AAAAA-AAAAA").json["left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert house.enter(code).status == 403
    assert house.enter(house.new_code()).status == 200


def test_15_nothing_secret_is_in_pages_logs_answers_or_the_list_of_processes(desk: Desk) -> None:
    desk.write(talk_of(fence("env; echo; cat /proc/$PPID/cmdline", "#env run")))
    with presented(desk, "--no-open") as house:
        window = house.window()
        printed = window.whole("env")[1]
        cookie, token = house.passes()
        secrets = (cookie.partition("=")[2], token, house.code)
        page = house.ask("GET", "/talk/")
        processes = subprocess.run(["ps", "-axwweo", "command="], capture_output=True, text=True, check=True).stdout
        out, err = house.stop()[1:]
        said = [page.text, json.dumps(page.headers), processes, out, err, printed, json.dumps(window.heard)]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not [(number, text) for number, text in enumerate(said) for secret in secrets if secret in text]
        files = [path.read_bytes() for path in desk.root.rglob("*") if path.is_file()]
        assert not [secret for secret in secrets for content in files if secret.encode() in content]


def test_16_what_a_snippet_prints_is_bytes_for_a_terminal_and_never_part_of_a_page(house: House) -> None:
    window = house.window()
    end, printed = window.whole("loud")
    assert end["ok"]
    assert "<img src=x" in printed
    told = [message for message in window.heard if message["type"] != "command"]
    assert "onerror" not in json.dumps(told)
    page, again = (house.ask("GET", "/talk/") for _ in "12")
    assert "<img src=x" not in page.text
    rules = page.headers["content-security-policy"]
    assert re.search(r"script-src 'nonce-[\w-]{20,}' 'strict-dynamic'", rules)
    assert "unsafe" not in rules
    assert rules != again.headers["content-security-policy"]


NASTY = r"""printf '<img src=x onerror="window.pwned=1"></script><script>window.pwned=1</script>\n'
printf '\e]8;;javascript:window.pwned=1\aclick me\e]8;;\a \e]8;;https://evil.example/\aand me\e]8;;\a\n'
printf '\e]52;c;cHduZWQ=\a\e]52;p;cHduZWQ=\e\\'
printf '\e]0;pwned\a\e]2;pwned\e\\\e]1337;File=inline=1:cHduZWQ=\a'
printf '\u202egnirts\u202c \u2066isolated\u2069 \u200b\n'
printf '\eP+q544e\e\\\ePpwned\e\\\e_Gpwned\e\\\e^pwned\e\\\eXpwned\e\\'
printf '\xc2\x9b31mc1\xc2\x9d0;pwned\xc2\x9c \x9b31m \x90pwned\x9c\n'
printf '\e[99999999999999999999;99999999999A\e[4294967297b\e[2147483648@\e[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m\n'
printf '\e[8;9999;9999t\e[3;1;1t\e[20t\e[21t\e[?1000h\e[?1003h\e[?1006h\e[?2004h\e[?1004h\n'
head -c 10000000 /dev/zero | tr '\0' x
sleep 1
printf '\e[0m\nthe end\n'"""
ASKS = r"""printf '\e[c\e[>c\e[=c\e[5n\e[6n\e[?6n\eP$qm\e\\\eP+q544e\e\\'
printf '\e]10;?\a\e]11;?\a\e]4;1;?\a\e[18t\e[?25$p\e[?u'"""
HARMLESS = """() => {
  const found = document.querySelector('.slides')
  return [
    'pwned' in window, document.title.includes('pwned'),
    found.querySelectorAll('img[onerror], script, a:not([href^="#"], [href^="http"])').length,
  ]
}"""


@pytest.mark.timeout(60)  # it prints ten megabytes on one line, twice
def test_16_whatever_a_snippet_prints_does_nothing_in_a_browser_live_still_or_replayed(
    desk: Desk, page: Page, faults: Faults
) -> None:
    desk.write(talk_of(fence(NASTY, "#nasty run timeout=50s")))
    desk.recorded()
    with presented(desk, "--no-open") as house:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=house.origin)
        page.goto(f"{house.address}#qd-code={house.code}")
        page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=15_000)
        page.evaluate("navigator.clipboard.writeText('mine')")
        title = page.title()
        for key, over in (("r", "live"), ("X", "")):  # live, then from the recording
            page.keyboard.press(key)
            if not over:
                page.keyboard.press("r")
                page.wait_for_selector(".qd-play:not(.qd-live)")
                page.wait_for_selector('[data-cast="nasty"]:not(:has(.qd-play))', timeout=30_000)
            else:
                page.wait_for_selector('[data-cast="nasty"][data-live="done"]', timeout=30_000)
                page.wait_for_selector('.qd-live .qd-row:text-is("the end")', timeout=30_000)
            assert page.evaluate(HARMLESS) == [False, False, 0]
            assert page.evaluate("navigator.clipboard.readText()") == "mine"
            assert page.title() == title
        assert faults.all() == []


def test_16_what_a_program_asks_its_terminal_is_answered_to_it_alone_and_once(desk: Desk, page: Page) -> None:
    note = f"read -rsd z -t 2 told </dev/tty; printf '%q' \"$told\" >>{desk.root}/told"
    desk.write(
        talk_of(
            fence(f"stty raw -echo </dev/tty\n{ASKS}\n{note}", "#asks run"),
            fence(f"cat >{desk.root}/typed", "#after run"),
        )
    )
    with presented(desk, "--no-open") as house:
        page.goto(f"{house.address}#qd-code={house.code}")
        page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=15_000)
        page.keyboard.press("r")
        page.wait_for_selector('[data-cast="asks"][data-live="done"]', timeout=15_000)
        told = (desk.root / "told").read_text()
        assert "[?1;2c" in told  # who it is: so these are questions that a terminal answers
        page.reload()  # what it asked is in the backlog of the page that comes again, and nobody asks now
        page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=15_000)
        page.wait_for_selector(".present .qd-live", timeout=15_000)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("r")
        page.wait_for_selector('[data-cast="after"][data-live="running"]', timeout=15_000)
        page.keyboard.press("t")
        page.keyboard.type("mine\n")
        page.keyboard.press("Control+d")
        page.wait_for_selector('[data-cast="after"][data-live="done"]', timeout=15_000)
        assert (desk.root / "typed").read_text() == "mine\n"
        assert (desk.root / "told").read_text() == told


@pytest.mark.parametrize(
    ("name", "digest", "code"),
    [
        *(
            ("../one", None, "unknown"),
            ("one/../one", None, "unknown"),
            ("nowhere", None, "unknown"),
            ("", None, "unknown"),
        ),
        *(("one", "0" * 32, "stale"), ("one", "", "stale"), ("loud", "of one", "stale")),
    ],
)
def test_17_only_a_snippet_of_the_deck_as_it_stands_is_run(
    house: House, name: str, digest: str | None, code: str
) -> None:
    window = house.window()
    right = window.stage["snippets"]["one"]["digest"]
    given = right if digest in (None, "of one") else digest
    assert window.refused(type="run", id=name, digest=given) == code
    assert window.refused(type="run", id=name, digest=given, command="touch ran", argv=["touch"]) == code


def test_18_a_deck_that_is_not_trusted_has_no_way_to_run_anything(house: House, desk: Desk) -> None:
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "#one run")) + "\n<script>window.own = 1</script>\n")
    with presented(desk, "--no-open", trusted=False) as untrusted:
        for path in ("/-/stage/enter", "/live", "/run"):
            posted = untrusted.ask("POST", path, {"code": "x"}, Origin=untrusted.origin)
            assert posted.status in (404, 405)
        assert refused(untrusted, cookie="quarterdeck=x") == 404
        nonce = re.search(r"'nonce-([^']+)'", untrusted.ask("GET", "/talk/").headers["content-security-policy"])
        assert nonce
        assert "<script>window.own = 1</script>" in untrusted.ask("GET", "/talk/").text  # it has no nonce: it is dead
    assert not (desk.root / "ran").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("talk.md", talk_of(fence("echo else", "#one run"))),
        ("quarterdeck.toml", '[run.runners]\nbash = ["sh", "{file}"]\n'),
        ("part.txt", "changed"),
        ("new.md", talk_of(fence("echo new", "#new run"))),
    ],
)
def test_19_a_change_made_elsewhere_takes_trust_away(desk: Desk, name: str, text: str) -> None:
    desk.write("before", "part.txt")
    desk.write(talk_of(fence("echo one", "#one run deps=part.txt")))
    with presented(desk, "--no-open", "talk.md") as house:
        window = house.window()
        assert window.whole("one")[1] == "one\r\n"
        desk.write(text, name)
        digest = window.stage["snippets"]["one"]["digest"]
        assert window.refused(type="run", id="one", digest=digest) == "trust"
        assert window.refused(type="make", slide=window.stage["snippets"]["one"]["slide"]) == "trust"


@pytest.mark.parametrize(
    "path",
    [
        *("/../talks/talk.md", "/talk/../../talks/secret.txt", "/%2e%2e/talks/secret.txt", "/..%2ftalks%2fsecret.txt"),
        *("/secret.txt", "/.hidden", "/link", "//etc/passwd", "/assets/..%2f..%2fsecret.txt", "/talk.md", "/%00"),
        *("/-/stage/..%2f..%2fbundles%2fdeck.js", "/-/stage/../../talks/secret.txt", "/..\\talks\\secret.txt"),
    ],
)
def test_20_no_path_leads_out_of_the_site(house: House, path: str) -> None:
    answer = house.ask("GET", path)
    assert answer.status in (400, 404)
    assert "kept to myself" not in answer.text
    assert "root:" not in answer.text


def test_21_it_listens_on_loopback_and_nowhere_else(house: House) -> None:
    with socket.socket() as outside:
        outside.settimeout(1)
        assert outside.connect_ex(("127.0.0.2", house.port)) != 0
    for family, *_, address in socket.getaddrinfo(socket.gethostname(), house.port, type=socket.SOCK_STREAM):
        if address[0] != "127.0.0.1":
            with socket.socket(family) as outside:
                outside.settimeout(1)
                assert outside.connect_ex(address) != 0


def test_22_another_page_ends_nothing_without_a_token_of_its_own(house: House) -> None:
    window = house.window()
    run = window.run("loud")
    cancel = json.dumps({"type": "cancel", "run": run})
    assert closed_with(house, cancel) == 4401
    assert closed_with(house, cancel, cookie="quarterdeck=x") == 4401
    assert window.end_of(run)["ok"]


def test_23_frames_that_are_broken_too_long_or_no_text_end_the_conversation(house: House) -> None:
    assert closed_with(house, b"\x00\x01") == 4400
    assert closed_with(house, "[" * 30_000) == 4400
    assert closed_with(house, "no json") == 4400
    assert closed_with(house, "x" * 70_000) == 1009
    window = house.window()
    with contextlib.suppress(ConnectionClosed):
        window.socket.send(iter(["x" * 40_000, "x" * 40_000]))
    with pytest.raises(ConnectionClosed) as ended:
        window.until(type="never")
    assert ended.value.rcvd
    assert ended.value.rcvd.code == 1009
    raw = house.window()
    raw.socket.send(b"\xff\xfe", text=True)
    with pytest.raises(ConnectionClosed):
        raw.until(type="never")
    for broken in (
        b"\x00\x01",
        "no json",
        '{"type":"cancel","run":"x"}',
        '{"type":"resize","run":1,"cols":1,"rows":9}',
    ):
        told = house.window()
        told.socket.send(broken)
        with pytest.raises(ConnectionClosed) as ended:
            told.until(type="never")
        assert ended.value.rcvd
        assert ended.value.rcvd.code == 4400
        assert ended.value.rcvd.reason  # what was wrong with it
    assert house.window().stage


def test_24_building_and_presenting_recordings_start_no_program(desk: Desk) -> None:
    wires = desk.root / "wires"
    wires.mkdir()
    for name in ("bash", "sh", "docker", "podman", "python3", "git", "node"):
        (wires / name).write_text(f"#!/bin/sh\n/usr/bin/touch {desk.root}/tripped-{name}\n")
        (wires / name).chmod(0o755)
    desk.write(talk_of(fence("echo one", "#one run"), fence("$ docker ps", "#two run requires=docker", "console")))
    env = {"PATH": str(wires)}
    assert desk.run("build", "-o", str(desk.root / "site"), env=env).returncode == 0
    house = present(desk, "--no-open", trusted=False, env=env)
    try:
        assert house.ask("GET", "/talk/").status == 200
    finally:
        house.close()
    assert not list(desk.root.glob("tripped-*"))


def test_25_a_published_page_asks_nothing_of_this_machine(
    build: Callable[..., Path], page: Page, faults: Faults
) -> None:
    built = build(talk_of(fence("echo one", "#one run")))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    page.goto(built.as_uri())
    page.wait_for_function("window.Quarterdeck && window.Quarterdeck.reveal")
    assert not faults.foreign
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    for path in built.parents[1].rglob("*"):
        if path.suffix in (".html", ".js") and "licences" not in path.parts:
            assert b"qd-stage" not in path.read_bytes() or path.suffix == ".js"


@pytest.fixture
def other_site() -> Iterator[str]:
    """A web site of somebody else on this machine, which frames whatever it is asked to."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target = self.path.partition("?")[2]
            body = f"<iframe src='{target}' onload='window.loaded=1'></iframe>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()
