"""The stage as its presenter has it: a real server, a real WebSocket, real shells, programs and kernels."""

from __future__ import annotations

import json
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asking import DEADLINE_S, eventually, line_of, processes_below
from audience import House, found_code, present, presented
from desk import Desk, fence, talk_of
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]


@pytest.fixture
def begin(desk: Desk) -> Iterator[Begin]:
    """Writes a talk of these fences and presents it."""
    houses: list[House] = []

    def start(*fences: str, words: tuple[str, ...] = ("--no-open",), **more: object) -> House:
        desk.write(talk_of(*fences))
        houses.append(present(desk, *words, **more))  # type: ignore[arg-type]
        return houses[-1]

    yield start
    for house in houses:
        house.close()


# What runs


def test_a_snippet_prints_into_the_page_and_says_how_it_ended(begin: Begin) -> None:
    window = begin(fence("echo hello; (exit 3)", "#one run expect=3"), fence("false", "#two run")).window()
    end, printed = window.whole("one")
    assert (end["status"], end["ok"], end["problem"], printed) == (3, True, None, "hello\r\n")
    end, _ = window.whole("two")
    assert (end["status"], end["ok"]) == (1, False)
    assert end["problem"] == {"kind": "wrong_status", "hint": "", "status": 1, "wanted": "expect=ok"}


def test_snippets_of_a_session_share_its_shell_and_other_sessions_do_not(begin: Begin) -> None:
    window = begin(
        fence("A=here", "#set run"), fence("echo $A", "#get run"), fence("echo $A", "#far run session=x")
    ).window()
    window.whole("set")
    assert window.whole("get")[1] == "here\r\n"
    assert window.whole("far")[1] == "\r\n"


def test_each_command_of_a_console_is_announced_before_its_output(begin: Begin) -> None:
    window = begin(fence("$ echo one\n$ echo two", "#c run", "console")).window()
    run = window.run("c")
    window.end_of(run)
    told = [(m["type"], m["index"], m.get("text")) for m in window.heard if m["type"] in ("command", "end")]
    assert told == [("command", 0, "echo one"), ("end", 0, None), ("command", 1, "echo two"), ("end", 1, None)]


def test_what_is_typed_reaches_shell_and_program_with_the_size_of_the_window(begin: Begin) -> None:
    shell = fence('read -p "name? " name; echo "I am $name"; stty size', "#ask run")
    program = fence("import os\nprint(input('age? ') + '!', os.get_terminal_size().columns)", "#py run", "python")
    window = begin(shell, program).window()
    run = window.run("ask", cols=72, rows=20)
    window.until_printed(run, b"name? ")
    window.send(type="resize", run=run, cols=91, rows=33)
    window.send(type="input", run=run, data="Zoë\r")
    window.end_of(run)
    assert window.printed[run].decode().endswith("I am Zoë\r\n33 91\r\n")
    run = window.run("py", cols=77)
    window.until_printed(run, b"age? ")
    window.send(type="input_bytes", run=run, data="NDIN")  # 42 and Enter
    assert window.end_of(run)["ok"]
    assert b"42! 77" in window.printed[run]


def test_a_run_is_cancelled_and_its_session_goes_on(begin: Begin) -> None:
    window = begin(fence("A=kept; echo begun; sleep 60", "#slow run"), fence("echo $A", "#after run")).window()
    run = window.run("slow")
    window.until_printed(run, b"begun")
    window.send(type="cancel", run=run)
    end = window.end_of(run)
    assert (end["ok"], end["problem"]["kind"]) == (False, "cancelled")
    assert window.whole("after")[1] == "kept\r\n"


def test_one_run_waits_and_a_third_is_refused(begin: Begin) -> None:
    house = begin(fence("read x", "#one run"), fence("echo two", "#two run"), fence("echo three", "#three run"))
    window = house.window()
    first = window.run("one")
    digests = {name: told["digest"] for name, told in window.stage["snippets"].items()}
    window.send(type="run", id="two", digest=digests["two"])
    assert window.until(id="two")["state"] == "waiting"
    assert window.refused(type="run", id="three", digest=digests["three"]) == "busy"
    window.send(type="input", run=first, data="\r")
    window.end_of(first)
    assert window.until(id="two", state="done")["ok"]


def test_a_paced_command_waits_until_it_has_been_shown(begin: Begin) -> None:
    window = begin(fence("$ echo one\n$ echo two", "#c run type", "console")).window()
    run = window.run("c", paced=True)
    for index in (0, 1):
        assert window.until(type="command", run=run)["index"] == index
        window.send(type="go", run=run)
        window.until(type="end", run=run)
    assert window.end_of(run)["ok"]
    assert window.printed[run] == b"one\r\ntwo\r\n"


def test_a_job_in_the_background_is_ready_goes_on_printing_and_is_stopped(begin: Begin) -> None:
    job = fence('echo ready; while read x; do echo "got $x"; done', "#bg run bg wait=log:/ready/")
    window = begin(job, fence("echo meanwhile", "#other run")).window()
    run = window.run("bg")
    assert window.until(type="snippet", run=run, state="ready")["ok"]
    assert window.whole("other")[1] == "meanwhile\r\n"
    window.send(type="input", run=run, data="more\r")
    window.until_printed(run, b"got more")
    window.send(type="cancel", run=run)
    assert window.end_of(run)["problem"]["kind"] == "stopped"


def test_the_cells_of_a_kernel_print_while_they_run(begin: Begin) -> None:
    pytest.importorskip("ipykernel")
    cell = "import time\nprint('first', flush=True)\ntime.sleep(60)"
    more = fence("print(6 * 7)", "#next run kernel", "python")
    window = begin(fence(cell, "#cell run kernel", "python"), more).window()
    run = window.run("cell")
    window.until_printed(run, b"first")
    window.send(type="cancel", run=run)
    assert window.end_of(run)["problem"]["kind"] == "cancelled"
    assert window.whole("next")[1] == "42\r\n"


def test_what_a_kernel_makes_is_told_as_markup_and_told_again_to_those_who_come(begin: Begin) -> None:
    pytest.importorskip("ipykernel")
    cell = "from IPython.display import HTML\nn = globals().get('n', 0) + 1\nHTML(f'<table><td onclick=x>{n}</table>')"
    house = begin(fence(cell, "#cell run kernel", "python"), fence("1 / 0", "#other run kernel", "python"))
    window = house.window()
    run = window.run("cell")
    told = window.until(type="outputs")
    assert (told["run"], told["id"]) == (run, "cell")
    assert '<div class="qd-output-table"><table><td>1</td></table></div>' in told["html"]
    window.end_of(run)
    run = window.run("cell")
    window.end_of(run)
    assert "<td>2</td>" in next(m for m in reversed(window.heard) if m["type"] == "outputs")["html"]
    late = house.window()
    told = late.until(type="outputs")
    assert told["run"] == run
    window.send(type="clear", id="cell")
    window.until(type="snippet", id="cell", state="idle")
    window.whole("other")
    another = house.window()
    another.until(type="end")
    assert not any(m["type"] == "outputs" for m in another.heard)


def test_hidden_commands_are_run_and_not_told(begin: Begin) -> None:
    code = (
        "$ kept=yes; echo silent\n$ echo kept: $kept; false\n$ read -t 1 -n 1 -s key; echo got $key # hide\n"
        "$ read -n 1 -s key; echo key: $key\n$ kept=after; echo after # hide"
    )
    house = begin(fence(code, "#one run hide=1", "console"), fence("$ echo now: $kept", "#two run", "console"))
    window = house.window()
    assert window.stage["snippets"]["one"]["commands"] == [
        "echo kept: $kept; false",
        "read -n 1 -s key; echo key: $key",
    ]
    run = window.run("one")
    window.until(type="end", run=run, index=0, status=1)
    window.send(type="input", run=run, data="k")
    end = window.end_of(run)
    commands = [(m["index"], m["text"], m["echo"]) for m in window.heard if m["type"] == "command"]
    assert commands == [(0, "echo kept: $kept; false", True), (1, "read -n 1 -s key; echo key: $key", True)]
    assert [m["index"] for m in window.heard if m["type"] == "end"] == [0, 1]
    # a key that comes before `read` has turned the echo off is echoed as well
    assert window.printed[run].decode().replace("kkey", "key") == "kept: yes\r\nkey: k\r\n"
    assert end["problem"]  # of the one that failed
    assert window.whole("two")[1] == "now: after\r\n"


def test_set_ups_come_first_unseen_and_tear_downs_last(begin: Begin, desk: Desk) -> None:
    house = begin(
        fence("A=ready; echo loud", "#before run setup"),
        fence("echo $A", "#one run"),
        fence(f"touch {desk.root}/over", "#after run teardown"),
    )
    window = house.window()
    window.send(type="run", id="one", digest=window.stage["snippets"]["one"]["digest"])
    assert window.until(id="before", state="done")["unseen"]
    end = window.until(id="one", state="done")
    assert window.printed == {end["run"]: b"ready\r\n"}
    assert not (desk.root / "over").exists()
    assert house.stop()[0] == 0
    assert (desk.root / "over").exists()


# Making the state


COUNTING = (
    fence("echo setup >>trace", "#setup run setup"),
    fence("echo one >>trace", "#one run"),
    fence("echo two >>trace", "#two run"),
    fence("cat trace", "#three run"),
)


def test_the_state_of_a_slide_is_made_from_what_comes_before_it(begin: Begin) -> None:
    window = begin(*COUNTING).window()
    window.send(type="make", slide=window.stage["snippets"]["three"]["slide"])
    made = window.until(type="made")
    assert (made["ran"], made["problem"]) == (["setup", "one", "two"], None)
    assert window.printed == {}
    assert window.whole("three")[1] == "setup\r\none\r\ntwo\r\n"


def test_a_warm_session_runs_only_what_is_missing_and_another_state_is_made_afresh(begin: Begin) -> None:
    window = begin(*COUNTING).window()
    slide = window.stage["snippets"]["three"]["slide"]
    window.whole("one")
    window.send(type="make", slide=slide)
    assert window.until(type="made")["ran"] == ["two"]
    window.whole("three")
    window.send(type="make", slide=slide)  # it has gone further than that
    assert window.until(type="made")["ran"] == ["setup", "one", "two"]


def test_making_stops_at_what_fails(begin: Begin) -> None:
    window = begin(fence("true", "#one run"), fence("false", "#two run"), fence("echo", "#three run")).window()
    window.send(type="make", slide=window.stage["snippets"]["three"]["slide"])
    made = window.until(type="made")
    assert (made["ran"], made["id"]) == (["one"], "two")
    assert (made["problem"]["kind"], made["problem"]["status"]) == ("wrong_status", 1)


# Sessions that end


def test_a_session_that_is_restarted_has_forgotten_everything(begin: Begin) -> None:
    window = begin(fence("A=kept; touch file", "#one run"), fence("echo $A; ls", "#two run")).window()
    window.whole("one")
    window.send(type="restart", session="main")
    window.until(type="session", state="cold")
    assert window.whole("two")[1] == "\r\n"


def test_a_session_whose_shell_ended_is_restarted_before_anything_runs_in_it(begin: Begin) -> None:
    window = begin(fence("exit 3", "#one run"), fence("echo back", "#two run")).window()
    run = window.run("one")
    assert not window.end_of(run)["ok"]
    assert "status 3" in window.until(type="session", state="lost")["problem"]
    digest = window.stage["snippets"]["two"]["digest"]
    assert window.refused(type="run", id="two", digest=digest) == "lost"
    window.send(type="restart", session="main")
    assert window.whole("two")[1] == "back\r\n"


# The safety net


def test_silence_beyond_patience_is_told_and_so_is_its_end(begin: Begin) -> None:
    window = begin(fence("echo begun; read x; echo $x; read y", "#quiet run patience=0.5s")).window()
    run = window.run("quiet")
    stalled = window.until(type="stall")
    assert (stalled["run"], stalled["id"]) == (run, "quiet")
    assert stalled["quiet_s"] >= 0.5
    window.send(type="input", run=run, data="go\r")
    assert window.until(type="stall")["quiet_s"] == 0
    window.send(type="cancel", run=run)
    window.end_of(run)


def test_without_an_engine_the_window_is_told_why(begin: Begin) -> None:
    nowhere = dict.fromkeys(("DOCKER_HOST", "CONTAINER_HOST"), "unix:///nowhere.sock")
    house = begin(fence("docker ps", "#d run requires=docker"), env=nowhere)
    window = house.window()
    window.send(type="run", id="d", digest=window.stage["snippets"]["d"]["digest"])
    end = window.until(id="d", state="done")
    assert not end["ok"]
    assert end["problem"]["kind"] == "not_run"


# Windows


def test_every_window_sees_every_run_and_one_that_is_loaded_again_what_was_printed(begin: Begin) -> None:
    house = begin(fence("echo hello", "#one run"))
    first, second = house.window(), house.window()
    end, printed = first.whole("one")
    assert second.end_of(end["run"])["ok"]
    assert second.printed[end["run"]].decode() == printed == "hello\r\n"
    third = house.window()
    assert third.until_printed(end["run"], b"hello\r\n")
    third.send(type="clear", id="one")
    assert first.until(type="snippet", id="one")["state"] == "idle"


def test_windows_tell_each_other_where_they_are(begin: Begin) -> None:
    house = begin(fence("echo", "#one run"))
    first, second = house.window(), house.window()
    assert first.until(type="windows")["count"] >= 1
    first.send(type="relay", value={"slide": "two", "step": 1})
    assert second.until(type="relay")["value"] == {"slide": "two", "step": 1}


def test_when_the_last_window_is_gone_what_runs_is_ended_and_its_session_is_not(begin: Begin) -> None:
    house = begin(fence("A=kept; echo begun; sleep 60", "#slow run"), fence("echo $A", "#after run"), grace=True)
    window = house.window()
    run = window.run("slow")
    window.until_printed(run, b"begun")
    eventually(lambda: "sleep 60" in commands_below(house))
    window.socket.close()
    eventually(lambda: "sleep 60" not in commands_below(house))
    assert house.window().whole("after")[1] == "kept\r\n"


def commands_below(house: House) -> str:
    pids = ",".join(map(str, processes_below(house.process.pid))) or "0"
    return subprocess.run(["ps", "-o", "command=", "-p", pids], capture_output=True, text=True, check=False).stdout


# Changing it on stage


@pytest.mark.parametrize(
    ("started", "option", "works"), [(True, "edit", True), (True, "", False), (False, "edit", False)]
)
def test_a_snippet_is_changed_only_where_fence_and_presenter_allow_it(
    begin: Begin, started: bool, option: str, works: bool
) -> None:
    words = ("--no-open", "--edit") if started else ("--no-open",)
    window = begin(fence("echo before", f"#one run {option}"), words=words).window()
    digest = window.stage["snippets"]["one"]["digest"]
    if not works:
        assert window.refused(type="run", id="one", digest=digest, text="echo after") == "edit"
    else:
        assert window.whole("one", text="echo after")[1] == "after\r\n"
        assert window.refused(type="run", id="one", digest=digest, text="#" * 17_000) == "edit"
    assert window.whole("one")[1] == "before\r\n"


# Held under load


def test_output_beyond_all_measure_loses_its_middle_and_holds_nothing_up(begin: Begin) -> None:
    noisy = "head -c 20000000 /dev/zero | tr '\\0' x | fold -w 99; echo the end"
    window = begin(fence(noisy, "#noisy run")).window()
    end, printed = window.whole("noisy")
    assert end["ok"]
    assert printed.endswith("the end\r\n")
    gaps = [told for told in window.heard if told["type"] == "gap"]
    assert len(printed) + sum(told["bytes"] for told in gaps) >= 20_000_000
    assert gaps
    assert max(window.frames) <= 64 * 1024


def test_a_window_that_writes_nothing_is_sent_no_more_than_half_a_megabyte(begin: Begin) -> None:
    house = begin(fence("head -c 5000000 /dev/zero | tr '\\0' x; echo", "#noisy run"))
    stuck, free = house.window(acks=False), house.window()
    run = free.run("noisy")
    assert free.end_of(run)["ok"]
    stuck.until(type="command", run=run)
    while stuck.seen < 512 * 1024:
        came = stuck.socket.recv(timeout=DEADLINE_S)
        if isinstance(came, bytes):  # else it says how much was left out
            stuck.take(came)
    assert stuck.seen == 512 * 1024
    stuck.send(type="ack", bytes=stuck.seen)
    assert stuck.end_of(run)["ok"]


@pytest.mark.timeout(90)  # on a machine that is busy
def test_fifty_runs_and_cancels_leave_no_process_and_no_descriptor(begin: Begin) -> None:
    house = begin(fence("sleep 60", "#slow run"), fence("print(input())", "#py run", "python"))
    window = house.window()
    files = Path(f"/proc/{house.process.pid}/fd")

    def cancelled(name: str) -> None:
        run = window.run(name)
        window.until(type="command", run=run)
        window.send(type="cancel", run=run)
        window.end_of(run)

    cancelled("slow")
    cancelled("py")
    processes, descriptors = (
        len(processes_below(house.process.pid)),
        len(list(files.iterdir())) if files.exists() else 0,
    )
    for turn in range(50):
        cancelled("py" if turn % 10 == 0 else "slow")
    eventually(lambda: len(processes_below(house.process.pid)) <= processes)
    if files.exists():
        eventually(lambda: len(list(files.iterdir())) <= descriptors)


def test_a_key_is_echoed_at_once(begin: Begin, record_property: Callable[[str, object], None]) -> None:
    window = begin(fence("cat >/dev/null", "#cat run")).window()
    run = window.run("cat")
    window.until(type="command", run=run)
    times = []
    window.send(type="input", run=run, data="!")
    window.until_printed(run, b"!")
    for number in range(20):
        began = time.monotonic()
        key = "abcdefghijklmnopqrst"[number]
        window.send(type="input", run=run, data=key)
        window.until_printed(run, key.encode())
        times.append(time.monotonic() - began)
    record_property("keystroke to echo, median in ms", round(statistics.median(times) * 1000, 1))
    window.send(type="cancel", run=run)
    window.end_of(run)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(begin: Begin, how: signal.Signals) -> None:
    house = begin(fence("sleep 61 & sleep 62", "#slow run"))
    window = house.window()
    run = window.run("slow")
    window.until(type="command", run=run)
    eventually(lambda: "sleep 62" in commands_below(house))
    pids = processes_below(house.process.pid)
    house.stop(how)
    eventually(lambda: not any(alive(pid) for pid in pids))
    with pytest.raises(ConnectionClosed):
        window.until(type="never")


def alive(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.startswith("Z")


# Letting the browser in


def test_the_browser_is_opened_through_a_private_file_that_is_gone_once_it_was_used(desk: Desk) -> None:
    desk.write(talk_of(fence("echo hello", "#one run")))
    told = desk.fifo("told")
    browser = desk.root / "browser"
    browser.write_text(f'#!/bin/sh\nps -axwwo command= >{desk.root}/ps; echo "$1" >{told}\n')
    browser.chmod(0o755)
    house = present(desk, env={"DISPLAY": ":9", "BROWSER": f"{browser} %s"})
    try:
        address = told.read_text().strip()
        assert address.startswith("file://")
        page = Path(address.removeprefix("file://"))
        assert page.stat().st_mode & 0o777 == 0o600
        assert page.parent.stat().st_mode & 0o777 == 0o700
        text = page.read_text()
        (code,) = set(re.findall(r"#qd-code=([A-Z0-9-]+)", text))
        seen = (desk.root / "ps").read_text()
        assert code not in seen
        assert address in seen
        assert house.enter(code).status == 200
        assert not page.parent.exists()
    finally:
        house.close()


def test_enter_shows_another_code_and_each_works_once(begin: Begin) -> None:
    house = begin(fence("echo", "#one run"))
    second = house.new_code()
    assert second != house.code
    assert [house.enter(code).status for code in (second, second.lower(), house.code)] == [200, 403, 200]


def test_a_talk_that_is_not_trusted_is_shown_and_runs_nothing(desk: Desk) -> None:
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "#one run")))
    with presented(desk, "--no-open", trusted=False) as house:
        stage = house.stage()
        assert (stage["trusted"], stage["live"]) == (False, "")
        assert house.ask("POST", "/-/stage/enter", {"code": "x"}, Origin=house.origin).status in (404, 405)
    assert not (desk.root / "ran").exists()


def test_codes_are_printed_where_no_window_can_appear(begin: Begin) -> None:
    house = begin(fence("echo", "#one run"), words=())
    assert found_code(house.said[0])
    assert house.process.stdin is not None
    house.process.stdin.write(b"c\n")
    assert found_code(line_of(house.process))


def test_the_page_says_what_it_may_do(begin: Begin) -> None:
    house = begin(
        fence("echo hello", "#one run=next type edit patience=4s"), fence("$ ls", "#two run session=x", "console")
    )
    told = house.stage()["snippets"]
    assert list(told) == ["one", "two"]
    assert [told["one"][key] for key in ("typed", "edit", "next")] == [True, True, True]
    assert (told["two"]["session"], told["two"]["kind"], told["two"]["commands"]) == ("x", "session", ["ls"])
    assert json.dumps(told)
