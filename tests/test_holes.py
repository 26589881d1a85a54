"""Captured values with real shells: recorded, compared, run again for others, and live on stage."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import pytest
from audience import House, Window, present
from desk import Desk, fence, talk_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]
MAKE = "echo made-$RANDOM$RANDOM | tee -a ~/made"
"""Another value each time."""
START = fence(f"$ {MAKE}", "#start run capture=made", "console")
USE = fence("$ echo the <made>", "#use run verify=output", "console")
FAR = fence('echo "far: <made>"', "#far run session=far verify=output")


def value(desk: Desk) -> str:
    (made,) = desk.recording("start").captured
    assert made[0] == "made"
    return made[1]


# Recorded


def test_a_value_goes_into_later_commands_also_of_another_session(desk: Desk) -> None:
    desk.write(talk_of(FAR.replace("far", "early").replace("<made>", "x"), START, USE, FAR))
    desk.recorded()
    made = value(desk)
    assert re.fullmatch(r"made-\d+", made)
    assert desk.output("use") == f"the {made}\n"
    assert desk.output("far") == f"far: {made}\n"
    use = desk.recording("use")
    assert [command.text for command in use.commands] == ["echo the <made>"]
    assert use.filled == (("made", made),)
    assert desk.output("early") == "early: x\n"


def test_another_value_is_no_contradiction_and_nothing_to_write(desk: Desk) -> None:
    desk.write(talk_of(START, USE, FAR))
    desk.recorded()
    before = desk.files()
    assert desk.run("check", "--run").returncode == 0
    desk.recorded("--all")
    assert desk.files() == before


def test_what_is_recorded_alone_shows_the_value_that_all_others_show(desk: Desk) -> None:
    desk.write(talk_of(START, USE, FAR))
    desk.recorded()
    before = value(desk)
    desk.write(talk_of(START, USE.replace("the", "a"), FAR))
    desk.recorded()
    made = value(desk)
    assert made != before
    assert desk.output("use") == f"a {made}\n"
    assert desk.output("far") == f"far: {before}\n"  # it did not run
    desk.recorded("--only", "far")
    made = value(desk)
    assert desk.output("far") == f"far: {made}\n"
    assert dict(desk.recording("far").filled) == {"made": made}


def test_an_author_may_expect_a_value_by_its_name(desk: Desk) -> None:
    start = fence(f"$ {MAKE}\n<made>", "#start run capture=made verify=output", "console")
    use = fence("$ echo the <made>\nthe <made>", "#use run verify=output", "console")
    desk.write(talk_of(start, use))
    desk.recorded()
    assert desk.run("check", "--run").returncode == 0
    desk.write(talk_of(start, use.replace("\nthe", "\na")))
    done = desk.run("check", "--run")
    assert done.returncode == 1
    assert "error[X301]" in done.stderr


def test_many_sessions_wait_for_one_and_none_for_ever(desk: Desk) -> None:
    fences = [fence("echo up", f"#up{n} run session=s{n}") for n in range(5)]
    fences += [START.replace("run", "run session=last")]
    fences += [fence("echo <made>", f"#use{n} run session=s{n}") for n in range(5)]
    desk.write(talk_of(*fences))
    desk.recorded()
    assert {desk.output(f"use{n}") for n in range(5)} == {f"{value(desk)}\n"}


@pytest.mark.parametrize("start", ["false", "echo 'a; touch ~/hacked'", "true"])
def test_without_a_value_what_uses_it_does_not_run(desk: Desk, start: str) -> None:
    desk.write(talk_of(fence(f"$ {start}", "#start run capture=made", "console"), USE, FAR))
    done = desk.record()
    assert done.returncode == 1
    assert done.stderr.count("did not run: nothing has captured '<made>'") == 2
    assert not (desk.folder / "recordings/talk/use.cast").exists()


def test_a_value_is_put_into_steps_and_programs(desk: Desk) -> None:
    talk = fence("#| steps:\n#|   - send: echo <made>\n#|   - key: ctrl-d\n$ cat", "#talk run", "console")
    program = fence("print('<made>'.upper())", "#program run", "python")
    desk.write(talk_of(START, talk, program))
    desk.recorded()
    assert f"echo {value(desk)}\n" in desk.output("talk")
    assert desk.output("program") == f"{value(desk).upper()}\n"


# On stage


@pytest.fixture
def begin(desk: Desk) -> Iterator[Begin]:
    """Writes a talk of these fences and presents it."""
    houses: list[House] = []

    def start(*fences: str) -> House:
        desk.write(talk_of(*fences))
        houses.append(present(desk, "--no-open"))
        return houses[-1]

    yield start
    for house in houses:
        house.close()


def captured(window: Window) -> str | None:
    """The value that the window was told last."""
    value: str | None = next(told for told in reversed(window.heard) if told["type"] == "captured")["value"]
    return value


def test_a_live_value_is_told_to_every_window_and_filled_into_later_runs(begin: Begin) -> None:
    house = begin(START, USE, FAR)
    window, other = house.window(), house.window()
    window.whole("start")
    told = other.until(type="captured")
    assert told["name"] == "made"
    _, printed = window.whole("use")
    assert printed == f"the {told['value']}\r\n"
    command = next(each for each in reversed(window.heard) if each["type"] == "command")
    assert command["text"] == f"echo the {told['value']}"
    _, printed = window.whole("far")
    assert printed == f"far: {told['value']}\r\n"
    late = house.window()
    assert next(each for each in late.heard if each["type"] == "hello")["captured"] == {"made": told["value"]}


def test_nothing_runs_with_a_value_that_is_not_there(begin: Begin) -> None:
    window = begin(START, USE, FAR).window()
    for name in ("use", "far"):
        digest = window.stage["snippets"][name]["digest"]
        window.send(type="run", id=name, digest=digest)
        told = window.until(type="refused")
        assert (told["code"], told["what"], told["fix"]) == ("empty", "'<made>' has no value yet", "run #start first")


def test_a_value_is_gone_with_its_session(begin: Begin) -> None:
    window = begin(START, USE, FAR).window()
    window.whole("start")
    first = captured(window)
    window.send(type="restart", session="main")
    assert window.until(type="captured")["value"] is None
    digest = window.stage["snippets"]["far"]["digest"]
    assert window.refused(type="run", id="far", digest=digest) == "empty"
    window.whole("start")
    assert captured(window) not in (first, None)


def test_a_run_that_waits_behind_the_capture_has_its_value(begin: Begin) -> None:
    slow = fence("$ sleep 0.5; echo made-1", "#start run capture=made", "console")
    window = begin(slow, USE).window()
    window.run("start")
    window.send(type="run", id="use", digest=window.stage["snippets"]["use"]["digest"])
    run = window.until(type="snippet", id="use", state="running")["run"]
    assert window.until_printed(run, b"\n") == b"the made-1\r\n"


@pytest.mark.parametrize("said", ["$(touch hacked)", "a b", "-rf"])
def test_what_a_live_program_prints_is_never_run(begin: Begin, said: str) -> None:
    window = begin(fence(f"$ printf %s '{said}'", "#start run capture=made", "console"), USE).window()
    end, _ = window.whole("start")
    assert end["ok"] is False
    assert "gave no value for '<made>'" in end["problem"]["why"]
    assert window.refused(type="run", id="use", digest=window.stage["snippets"]["use"]["digest"]) == "empty"


def test_making_the_state_runs_the_capture_in_another_session(begin: Begin) -> None:
    far = fence("x=<made>", "#far run session=far")
    show = fence("echo x is $x", "#show run session=far")
    window = begin(START, far, show).window()
    window.send(type="make", slide=window.stage["snippets"]["show"]["slide"])
    made = window.until(type="made")
    assert (sorted(made["ran"]), made["problem"]) == (["far", "start"], None)
    known = captured(window)
    _, printed = window.whole("show")
    assert printed == f"x is {known}\r\n"


def test_making_the_state_runs_what_captures_for_the_slide_itself(begin: Begin) -> None:
    window = begin(START, FAR).window()
    window.send(type="make", slide=window.stage["snippets"]["far"]["slide"])
    assert window.until(type="made")["ran"] == ["start"]
    end, printed = window.whole("far")
    assert end["ok"] is True, end
    assert printed.startswith("far: made-")
