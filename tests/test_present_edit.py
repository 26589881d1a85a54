"""A talk that is edited while it is presented: what the page shows, what may run, and who says so."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asking import DEADLINE_S, eventually, line_of
from audience import House, Window, found_code, present
from desk import Desk, fence, talk_of

from quarterdeck.serve.stage.trust_watch import TrustChange, TrustWatch
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import Request, request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.question import question
from quarterdeck.trust.store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]
ASKED = "type t and Enter"
TRUSTED = "is trusted"


@pytest.fixture
def begin(desk: Desk) -> Iterator[Begin]:
    """Writes a talk and presents it."""
    houses: list[House] = []

    def start(text: str, *words: str, **more: object) -> House:
        desk.write(text)
        houses.append(present(desk, "--no-open", *words, **more))  # type: ignore[arg-type]
        return houses[-1]

    yield start
    for house in houses:
        house.close()


def edit(house: House, old: str, new: str, name: str = "talk.md") -> None:
    text = (house.desk.folder / name).read_text("utf-8")
    assert old in text
    house.desk.write(text.replace(old, new, 1), name)


def shows(house: House, words: str) -> None:
    eventually(lambda: words in house.ask("GET", "/talk/").text)


def state(house: House) -> dict[str, object]:
    told: dict[str, object] = house.ask("GET", "/-/state", Sec_Fetch_Site="same-origin").json
    return told


def trust(house: House) -> list[str]:
    """Waits for the question, says yes, and gives what was asked."""
    asked = house.warned(ASKED)
    house.type("t")
    house.warned(TRUSTED)
    return asked


def look_again(house: House, window: Window) -> None:
    """As a page does that has been patched."""
    window.stage = house.stage()


# What is shown


def test_prose_is_changed_in_the_open_deck_and_what_runs_is_not_disturbed(begin: Begin) -> None:
    slow = fence("A=kept; read x; echo got $x", "#slow run")
    house = begin(f"# One\n\nOld words\n\n{slow}\n---\n\n# Two\n\n{fence('echo $A', '#two run')}")
    window = house.window()
    run = window.run("slow")
    edit(house, "Old words", "New words\n\n---\n\n# Between")
    shows(house, "New words")
    window.send(type="input", run=run, data="it\r")
    assert window.end_of(run)["ok"]
    assert window.printed[run] == b"it\r\ngot it\r\n"
    look_again(house, window)
    assert window.whole("two")[1] == "kept\r\n"
    window.send(type="make", slide="between")
    assert window.until(type="made")["problem"] is None


def test_pages_are_sent_the_changed_slide_and_the_new_table_of_snippets(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    before = state(house)
    edit(house, "echo one", "echo two")
    eventually(lambda: state(house)["pages"] != before["pages"])
    told = state(house)
    digests = [each["stage"]["/talk/"]["snippets"]["one"]["digest"] for each in (before, told)]  # type: ignore[index]
    assert digests[0] != digests[1]
    assert house.stage()["snippets"]["one"]["digest"] == digests[1]
    assert told["follow"] is False


def test_a_mistake_keeps_the_last_good_deck_and_is_told_in_the_terminal(begin: Begin) -> None:
    house = begin("# One\n\nOld words\n", trusted=False)
    edit(house, "Old words", "New words\n\n```text\nnever closed")
    said = house.warned("1 error")
    assert any("M101" in line for line in said)
    eventually(lambda: bool(state(house)["findings"]))
    assert "Old words" in house.ask("GET", "/talk/").text
    edit(house, "never closed", "closed\n```")
    shows(house, "New words")
    assert state(house)["findings"] == []


def test_mistakes_that_were_there_from_the_beginning_hold_nothing_up(begin: Begin) -> None:
    house = begin("# One\n\n![](gone.png)\n\nOld words\n", trusted=False)
    edit(house, "Old words", "New words")
    shows(house, "New words")


def test_a_talk_that_is_gone_is_shown_as_it_was(begin: Begin, desk: Desk) -> None:
    house = begin("# One\n", trusted=False)
    (desk.folder / "talk.md").unlink()
    assert any("talk" in line for line in house.warned("quarterdeck new"))
    assert house.ask("GET", "/talk/").status == 200


def test_recordings_can_be_edited_too(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")), trusted=False)
    edit(house, "echo one", "echo two")
    shows(house, "echo two")
    assert house.stage()["trusted"] is False


# What may run


def test_an_edited_snippet_runs_once_its_presenter_has_typed_t(begin: Begin) -> None:
    house = begin(talk_of(fence("A=kept; echo one", "#one run"), fence("echo $A", "#two run")))
    window = house.window()
    window.whole("one")
    edit(house, "A=kept; echo one", "echo other")
    shows(house, "echo other")
    look_again(house, window)
    digest = window.stage["snippets"]["one"]["digest"]
    assert window.refused(type="run", id="one", digest=digest) == "trust"
    assert any(told["type"] == "trust" and told["what"] for told in window.heard)
    asked = trust(house)
    assert [line.strip() for line in asked if line.startswith(("    - ", "    + "))] == [
        "- A=kept; echo one",
        "+ echo other",
    ]
    window.until(type="trust", what="")
    assert window.whole("one")[1] == "other\r\n"
    assert window.whole("two")[1] == "kept\r\n"  # the session is the same one


def test_a_heading_is_prose_and_snippets_keep_their_names(begin: Begin) -> None:
    slides = (fence("A=kept; echo set up", "run setup"), fence("read x; echo got $x", "run"), fence("echo $A", "run"))
    house = begin("\n---\n\n".join(f"## Tpyo {number}\n\n{each}" for number, each in enumerate(slides)))
    window = house.window()
    setup, talked_to, last = names = list(window.stage["snippets"])
    run = window.run(talked_to)
    for number in range(3):
        edit(house, f"Tpyo {number}", f"Typo {number}")
    for number in range(3):
        shows(house, f"Typo {number}")
    window.send(type="input", run=run, data="it\r")
    assert window.end_of(run)["ok"]
    look_again(house, window)
    assert list(window.stage["snippets"]) == names
    assert window.whole(last)[1] == "kept\r\n"
    assert [told["id"] for told in window.heard if told["type"] == "snippet" and told["unseen"]][-1] == setup


def test_enter_alone_trusts_nothing(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    window = house.window()
    edit(house, "echo one", "echo two")
    house.warned(ASKED)
    house.type()
    assert found_code(line_of(house.process))
    look_again(house, window)
    assert window.refused(type="run", id="one", digest=window.stage["snippets"]["one"]["digest"]) == "trust"


def test_t_with_nothing_to_trust_says_so(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    house.type("t")
    assert "nothing has changed" in house.warned("trust")[-1]


def test_a_change_that_is_taken_back_needs_no_word(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    window = house.window()
    edit(house, "echo one", "echo two")
    house.warned(ASKED)
    edit(house, "echo two", "echo one")
    window.until(type="trust", what="")
    assert window.whole("one")[1] == "one\r\n"


def test_what_another_command_has_trusted_meanwhile_runs(begin: Begin, desk: Desk) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    window = house.window()
    edit(house, "echo one", "echo two")
    house.warned(ASKED)
    desk.recorded()
    shows(house, "echo two")
    look_again(house, window)
    assert window.whole("one")[1] == "two\r\n"


@pytest.mark.parametrize("kind", ["trust", "accept", "approve", "t"])
def test_nothing_that_a_browser_can_say_trusts_anything(begin: Begin, kind: str) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    window = house.window()
    edit(house, "echo one", "echo two")
    house.warned(ASKED)
    assert window.refused(type=kind, what="", folder=".", id="one") == "malformed"
    for path in ("/-/stage/trust", "/-/stage/accept", f"/-/stage/{kind}"):
        assert house.ask("POST", path, {}, Origin=house.origin).status in (404, 405)
    look_again(house, window)
    assert window.refused(type="run", id="one", digest=window.stage["snippets"]["one"]["digest"]) == "trust"


def test_a_session_starts_afresh_when_its_set_up_was_edited(begin: Begin) -> None:
    house = begin(talk_of(fence("A=old", "#before run setup"), fence("B=kept; echo $A", "#one run")))
    window = house.window()
    assert window.whole("one")[1] == "old\r\n"
    edit(house, "A=old", "A=new$B")
    trust(house)
    shows(house, "B=kept")
    eventually(lambda: house.stage()["snippets"]["one"]["digest"] != window.stage["snippets"]["one"]["digest"])
    look_again(house, window)
    assert window.whole("one")[1] == "new\r\n"


def test_the_state_of_a_slide_is_made_with_what_its_deck_says_now(begin: Begin) -> None:
    house = begin(talk_of(fence("A=old", "#one run"), fence("echo $A", "#two run")))
    window = house.window()
    window.whole("one")
    edit(house, "A=old", "A=new")
    trust(house)
    eventually(lambda: house.stage()["snippets"]["one"]["digest"] != window.stage["snippets"]["one"]["digest"])
    look_again(house, window)
    window.send(type="make", slide=window.stage["snippets"]["two"]["slide"])
    assert window.until(type="made")["ran"] == ["one"]
    assert window.whole("two")[1] == "new\r\n"


def test_a_snippet_that_is_new_runs_in_its_session(begin: Begin) -> None:
    house = begin(talk_of(fence("A=kept", "#one run")))
    window = house.window()
    window.whole("one")
    house.desk.write(
        talk_of(fence("A=kept", "#one run"), fence("echo $A", "#two run"), fence("ls", "#far run session=x"))
    )
    trust(house)
    eventually(lambda: "far" in house.stage()["snippets"])
    look_again(house, window)
    assert window.whole("two")[1] == "kept\r\n"
    assert window.whole("far")[0]["ok"]


def test_a_run_whose_snippet_is_gone_can_still_be_typed_into_and_ended(begin: Begin) -> None:
    house = begin(talk_of(fence("read x; echo got $x; sleep 60", "#slow run"), fence("echo", "#one run")))
    window = house.window()
    run = window.run("slow")
    house.desk.write(talk_of(fence("echo", "#one run")))
    trust(house)
    window.send(type="input", run=run, data="it\r")
    window.until_printed(run, b"got it")
    window.send(type="cancel", run=run)
    assert window.end_of(run)["problem"]["kind"] == "cancelled"


def test_what_a_talk_holds_gives_the_terminal_no_orders(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")))
    edit(house, "echo one", "rm -rf x\x1b[1A\x1b[2K; echo \u202eone")
    asked = "\n".join(house.warned(ASKED))
    assert r"rm -rf x\x1b[1A\x1b[2K; echo \u202eone" in asked
    assert not {"\x1b", "\u202e"} & set(asked)


def test_a_script_that_has_changed_is_not_served_before_it_is_trusted(begin: Begin, desk: Desk) -> None:
    desk.write("window.own = 1", "own.js")
    house = begin("---\nscripts: own.js\n---\n" + talk_of(fence("echo one", "#one run")))
    page = house.ask("GET", "/talk/").text
    (url,) = (each.partition('"')[0] for each in page.split('src="..') if each.startswith("/assets/own."))
    assert house.ask("GET", url).text == "window.own = 1"
    desk.write("window.own = 2", "own.js")
    asked = house.warned(ASKED)
    assert any("script own.js" in line for line in asked)
    assert house.ask("GET", url).status == 404
    eventually(lambda: "/assets/own." not in house.ask("GET", "/talk/").text)
    house.type("t")
    house.warned(TRUSTED)
    assert "/assets/own." in house.ask("GET", "/talk/").text


def test_news_are_for_pages_of_the_stage(begin: Begin) -> None:
    house = begin("# One\n", trusted=False)
    for path in ("/-/events", "/-/state"):
        assert house.ask("GET", path).status == 403
        assert house.ask("GET", path, Origin="https://evil.example").status == 403
        assert house.ask("GET", path, Sec_Fetch_Site="cross-site").status == 403


def test_what_is_trusted_is_what_was_shown_and_nothing_newer(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("echo one", "#one run")))
    told: list[TrustChange] = []
    learnt: list[tuple[Talk, ...]] = []

    def ask() -> Request:
        return request([talk], cwd=desk.folder, output=None, overrides={})

    store = Store(desk.root / "state")
    store.put(desk.folder, digest=question(Builder(), ask(), desk.folder, trusted=None).digest)
    watch = TrustWatch(
        ask=ask,
        store=store,
        folders=frozenset({desk.folder}),
        learn=lambda _folder, talks: learnt.append(talks),
        tell=told.append,
    )
    assert watch.look(desk.folder) == ""
    desk.write(talk_of(fence("echo shown", "#one run")))
    assert watch.look(desk.folder) != ""
    desk.write(talk_of(fence("echo worse", "#one run")))
    assert watch.accept() == (desk.folder,)
    assert learnt[-1][0].snippets.plan.jobs[0].commands[0].text == "echo shown"
    assert watch.look(desk.folder) != ""
    assert told[-1].lines == ("- echo shown", "+ echo worse")


# Without a terminal


def test_without_a_terminal_to_ask_on_nothing_is_presented_by_surprise(desk: Desk) -> None:
    desk.write(talk_of(fence("echo one", "#one run")))
    done = desk.run("present", "--no-open", "--port", "0")
    assert done.returncode == 2
    assert "is not trusted to run this, and there is no terminal to ask on" in done.stderr
    assert "--recorded" in done.stderr


@pytest.mark.parametrize("other", ["--edit", "--yes"])
def test_recordings_only_and_what_is_about_running_exclude_each_other(desk: Desk, other: str) -> None:
    desk.write("# One\n")
    done = desk.run("present", "--no-open", "--recorded", other)
    assert done.returncode == 2
    assert other in done.stderr


def test_recordings_need_no_trust_no_code_and_no_socket(begin: Begin) -> None:
    house = begin(talk_of(fence("echo one", "#one run")), trusted=False)
    assert house.stage()["live"] == ""
    assert house.ask("POST", "/-/stage/enter", {"code": "x"}, Origin=house.origin).status == 405
    code, out, err = house.stop()
    assert (code, out, err) == (0, "", err)
    assert "code:" not in out


def test_a_presenter_who_says_no_gets_the_recordings(desk: Desk) -> None:
    desk.write(talk_of(fence("echo one", "#one run")))
    ours, theirs = pty.openpty()
    line = desk.line("present", "--no-open", "--port", "0")
    process = subprocess.Popen(
        line, cwd=desk.folder, env=desk.env, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, bufsize=0
    )
    try:
        os.write(ours, b"n\n")
        address = line_of(process)
        assert address.startswith("http://127.0.0.1:")
        house = House(desk, process, int(address.split(":")[2].split("/")[0]), address.strip(), [])
        assert house.stage()["trusted"] is False
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE_S)
        os.close(ours)
        os.close(theirs)


def test_the_release_key_is_a_setting(begin: Begin, desk: Desk) -> None:
    desk.write('[stage]\nrelease = "Ctrl+Alt+Q"\n', "quarterdeck.toml")
    assert begin("# One\n", trusted=False).stage()["release"] == "Ctrl+Alt+Q"


@pytest.mark.parametrize("keys", ["Escape", "Ctrl+", "Ctrl-Escape", "Shift+A", "Ctrl+Escapade"])
def test_a_release_key_that_is_none_is_a_mistake(desk: Desk, keys: str) -> None:
    desk.write(f"[stage]\nrelease = {json.dumps(keys)}\n", "quarterdeck.toml")
    talk: Path = desk.write("# One\n")
    done = desk.run("check", str(talk))
    assert done.returncode == 1
    assert "quarterdeck.toml:2:1: error[F104]: 'release' expects keys such as Ctrl+Shift+Escape" in done.stderr
