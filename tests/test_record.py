"""`record` and `status` as an author types them: what is asked, what runs, what is written, and what is then stale."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from desk import Desk, fence, talk_of

from quarterdeck.diagnostics import CODES
from quarterdeck.execute.engine.find import Absence
from quarterdeck.execute.engine.find import find as find_engine
from quarterdeck.model import Severity
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request as build_request
from quarterdeck.trust.question import runnable_digest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

HELLO = "# Hello\n\n```bash {#hello run}\necho hello\n```\n"
THIRD = fence("A=$((A + 1)); echo $A", "#three run")
FIVE = talk_of(
    fence("A=1; touch one", "#one run"),
    fence("A=$((A + 1)); echo $A", "#two run"),
    THIRD,
    fence("A=$((A + 1)); echo $A", "#four run"),
    fence("echo apart", "#apart run session=other"),
)
FAILING = Path(__file__).parent / "decks/failing"


def on_terminal(desk: Desk, *words: str, answer: bytes) -> tuple[int, str]:
    """Types a command on a terminal, and an answer once it asks; its exit status and all that it said."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        desk.line(*words), cwd=desk.folder, env=desk.env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 4096):
            said += block
            if b"[y/N]" in said and answer:
                os.write(ours, answer)
                answer = b""
    except OSError:  # Linux ends a pseudo-terminal's output with EIO
        pass
    finally:
        os.close(ours)
    return process.wait(), said.decode()


# asking


@pytest.mark.parametrize("words", [("record",), ("check", "--run")], ids=" ".join)
def test_without_a_terminal_nothing_runs_before_the_author_has_said_yes(desk: Desk, words: tuple[str, ...]) -> None:
    docker = fence("$ docker run -p 8080:80 -v ./src:/app nginx", "run requires=docker", "console")
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "run"), docker))
    before = desk.files()
    done = desk.run(*words)
    assert done.returncode == 2
    for told in (f"    touch {desk.root}/ran", "images: nginx", "ports: 8080:80", "folders: ./src", "container engine"):
        assert told in done.stderr
    assert "there is no terminal to ask on" in done.stderr
    assert "--yes" in done.stderr.splitlines()[-1]
    assert not (desk.root / "ran").exists()
    assert desk.files() == before


def test_nobody_is_asked_where_nothing_would_run(desk: Desk) -> None:
    desk.write(HELLO)
    desk.recorded()
    shutil.rmtree(desk.root / "state")
    done = desk.run("record")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to run" in done.stdout
    assert desk.run("record", "--only", "hello").returncode == 2


def test_yes_is_remembered_for_this_folder_and_no_other(desk: Desk) -> None:
    desk.write(HELLO)
    desk.write(HELLO, "other/talk.md")
    assert desk.record("talk.md").returncode == 0
    again = desk.run("record", "--all", "talk.md")
    assert (again.returncode, again.stderr.splitlines()[0].split()[0]) == (0, "ok")
    assert desk.run("record", "other").returncode == 2
    (record,) = (path for path in (desk.root / "state").rglob("*") if path.is_file())
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert not (desk.folder / ".quarterdeck").exists()


@pytest.mark.parametrize(
    ("answer", "status", "recorded"),
    [(b"y\n", 0, ["hello.cast"]), (b"n\n", 1, []), (b"\n", 1, []), (b"\x04", 130, [])],
    ids=["yes", "no", "enter", "end of input"],
)
def test_on_a_terminal_the_author_is_asked(desk: Desk, answer: bytes, status: int, recorded: list[str]) -> None:
    desk.write(HELLO)
    ended, said = on_terminal(desk, "record", answer=answer)
    assert "    echo hello" in said
    assert (ended, desk.casts()) == (status, recorded)


def replaced(name: str, old: str, new: str) -> Callable[[Desk], object]:
    def change(desk: Desk) -> None:
        path = desk.folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change


RICH = """---
scripts: [deck.js]
theme: own
snippets: {env: {WHO: me}}
---
# Hello

Some words.

```bash {#hello run deps=data.txt}
cat data.txt
```

```ini {file=app.ini}
[one]
```

```bash {setup}
true
```

<div>raw</div>

Words with <b title="one">inline</b> HTML.
"""
CHANGES = {
    "snippet": replaced("talk.md", "cat data.txt", "cat ./data.txt"),
    "setup": replaced("talk.md", "true", "true # now"),
    "file": replaced("talk.md", "[one]", "[two]"),
    "option": replaced("talk.md", "WHO: me", "WHO: you"),
    "dependency": replaced("data.txt", "data", "other"),
    "runner": replaced("quarterdeck.toml", "{file}", "-v {file}"),
    "raw HTML": replaced("talk.md", "raw</div>", "raw<script>alert(1)</script></div>"),
    "inline HTML": replaced("talk.md", 'title="one"', 'onclick="alert(1)"'),
    "script": replaced("deck.js", "1", "2"),
    "script's name": replaced("talk.md", "deck.js", "data.txt"),
    "script of a theme": replaced("themes/own/own.js", "1", "2"),
    "template": lambda desk: desk.write("<p>", "templates/index.html"),
}


@pytest.fixture
def rich(desk: Desk) -> Desk:
    desk.write(RICH)
    desk.write("data\n", "data.txt")
    desk.write("let a = 1\n", "deck.js")
    desk.write('[run.runners]\nperl = ["perl", "{file}"]\n', "quarterdeck.toml")
    desk.write("let b = 1\n", "themes/own/own.js")
    return desk


def trusted(desk: Desk) -> str:
    """The digest that a yes to the talks as they are now would be kept with."""
    asked = build_request([], cwd=desk.folder, output=None, overrides={})
    return runnable_digest(Builder().read(asked), asked)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_yes_does_not_hold_for_what_can_run_and_has_changed(rich: Desk, change: Callable[[Desk], object]) -> None:
    before = trusted(rich)
    assert trusted(rich) == before
    change(rich)
    assert trusted(rich) != before


def test_a_yes_holds_while_prose_changes(rich: Desk) -> None:
    before = trusted(rich)
    replaced("talk.md", "Some words.", "Other *words*,\n\n- and **more**.\n")(rich)
    assert trusted(rich) == before


def test_it_is_asked_again_when_a_snippet_has_changed(desk: Desk) -> None:
    talk = desk.write(HELLO)
    desk.recorded()
    assert desk.run("record").stdout == "talk.md: nothing to run\n"
    talk.write_text(HELLO.replace("echo", "printf"))
    done = desk.run("record")
    assert done.returncode == 2
    assert "talk.md has changed since you trusted it and would run" in done.stderr
    assert desk.output("hello") == "hello\n"


# recordings


def test_a_recording_is_a_cast_that_any_player_plays(desk: Desk) -> None:
    session = fence("$ echo one\n$ (exit 3)\n$ printf 'no end'", "#all run expect=3", "console")
    desk.write(talk_of(session))
    desk.recorded()
    header, *events = map(json.loads, desk.cast("all").read_text("utf-8").splitlines())
    assert (header["version"], header["term"]["cols"], header["term"]["rows"]) == (3, 100, 24)
    own = header["quarterdeck"]
    assert own["commands"] == [
        {"text": "echo one", "status": 0},
        {"text": "(exit 3)", "status": 3},
        {"text": "printf 'no end'", "status": 0},
    ]
    assert len(own["key"]) == 64
    assert {"bash", "platform", "python"} <= own["fingerprint"].keys()
    assert [(kind, text) for _, kind, text in events] == [
        ("m", "echo one"),
        ("o", "$ echo one\r\n"),
        ("o", "one\r\n"),
        ("m", "(exit 3)"),
        ("o", "$ (exit 3)\r\n"),
        ("m", "printf 'no end'"),
        ("o", "$ printf 'no end'\r\n"),
        ("o", "no end"),
        ("x", "0"),
    ]


def test_nothing_is_written_where_nothing_changed(desk: Desk) -> None:
    changing = "date; echo took $((RANDOM % 50)).1s; head -c 32 /dev/urandom | sha256sum | cut -c 1-64"
    desk.write(talk_of(fence(changing, "#changing run"), fence("echo same", "#same run")))
    desk.recorded()
    before = desk.files()
    assert desk.record().stdout == "talk.md: nothing to run\n"
    assert desk.record("--all").stdout == "talk.md: 2 snippets ran, 0 recordings written\n"
    assert desk.files() == before


def test_what_is_printed_now_is_shown_beside_what_was(desk: Desk) -> None:
    (desk.root / "said").write_text("one\n")
    desk.write(talk_of(fence(f"echo first; cat {desk.root}/said", "#say run")))
    desk.recorded()
    (desk.root / "said").write_text("two\n")
    done = desk.record("--only", "say")
    assert done.returncode == 0
    assert "say: what it prints has changed" in done.stdout
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("    ") and "@@" not in line] == [
        "--- recorded",
        "+++ now",
        "first",
        "-one",
        "+two",
    ]
    assert desk.output("say") == "first\ntwo\n"


def test_an_edit_makes_its_snippet_and_those_after_it_stale_and_no_other(desk: Desk) -> None:
    talk = desk.write(FIVE)
    desk.recorded()
    before = desk.files(desk.folder / "recordings")
    talk.write_text(FIVE.replace(THIRD, THIRD.replace("+ 1", "+ 10")))
    assert desk.status() == {
        "one": "fresh",
        "two": "fresh",
        "three": "stale text changed",
        "four": "stale predecessor #three changed",
        "apart": "fresh",
    }
    done = desk.record()
    assert done.stdout.splitlines()[-1] == "talk.md: 4 snippets ran, 2 recordings written"
    assert (desk.output("three"), desk.output("four")) == ("12\n", "13\n")
    after = desk.files(desk.folder / "recordings")
    assert {name for name in after if after[name] != before[name]} == {"talk/three.cast", "talk/four.cast"}


def test_prose_layout_and_looks_make_nothing_stale(desk: Desk) -> None:
    talk = desk.write(FIVE)
    assert set(desk.status().values()) == {"missing not recorded yet"}
    desk.recorded()
    text = FIVE.replace("## Slide 3", "## Another title\n\nMore words, and `code`.")
    text = text.replace("#three run", '#three .big run out=fragment lines=5 title="x" timeout=9s')
    talk.write_text(f"---\ntitle: New\ntheme: black\n---\n# First\n\nNote:\nSay it.\n\n---\n\n{text}")
    assert set(desk.status().values()) == {"fresh"}
    assert desk.run("status").returncode == 0


def test_only_runs_what_leads_to_it_and_touches_nothing_else(desk: Desk) -> None:
    desk.write(FIVE)
    desk.recorded()
    before = desk.files(desk.folder / "recordings")
    done = desk.record("--only", "three")
    assert done.returncode == 0, done.stderr
    assert [line.split()[:3] for line in done.stderr.splitlines()] == [
        ["ok", "talk", "one"],
        ["ok", "talk", "two"],
        ["ok", "talk", "three"],
    ]
    assert done.stdout == "talk.md: 3 snippets ran, 0 recordings written\n"
    assert desk.files(desk.folder / "recordings") == before


def test_only_is_looked_for_in_all_talks(desk: Desk) -> None:
    desk.write(HELLO)
    desk.write(FIVE, "five.md")
    done = desk.record("--only", "hello")
    assert done.returncode == 0, done.stderr
    assert (desk.casts(), desk.casts("five")) == (["hello.cast"], [])
    done = desk.record("--only", "thre")
    assert done.returncode == 2
    assert "no snippet has the id 'thre'" in done.stderr
    assert "did you mean 'three'?" in done.stderr


def test_recordings_whose_snippet_is_gone_are_told_and_pruned(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("echo a", "#a run"), fence("echo b", "#b run")))
    desk.recorded()
    talk.write_text(talk_of(fence("echo a", "#a run")))
    status = desk.run("status")
    assert status.returncode == 1
    assert "extra   recordings/talk/b.cast" in status.stdout
    assert desk.casts() == ["a.cast", "b.cast"]
    done = desk.record("--prune")
    assert (done.returncode, desk.casts()) == (0, ["a.cast"])
    assert "removed b.cast: its snippet is gone" in done.stdout


def test_a_recording_whose_status_is_not_wanted_any_more_is_stale(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("(exit 3)", "#three run expect=3")))
    desk.recorded()
    talk.write_text(talk_of(fence("(exit 3)", "#three run expect=ok")))
    assert desk.status() == {"three": "stale status 3 no longer meets expect=ok"}


def test_the_authors_folder_gets_recordings_and_nothing_else(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence("print(1)", "run file=app/main.py", "python"),
            fence("ls data.txt && echo more >> data.txt && mkdir -p made/here && touch ~/x made/here/y", "#shell run"),
        ).replace("#shell run", "#shell run deps=data.txt")
    )
    desk.write("data\n", "data.txt")
    before = desk.files()
    desk.recorded()
    after = desk.files()
    assert set(after) - set(before) == {"recordings/talk/print-1-d153f258.cast", "recordings/talk/shell.cast"}
    assert {name: after[name] for name in before} == before
    assert not (desk.cache / "sessions").exists() or not list((desk.cache / "sessions").iterdir())
    assert not list((desk.root / "home").iterdir())


# the codes that only running shows


CASES = [
    pytest.param(case, id=case.name, marks=[pytest.mark.engine] if case.name.startswith("X102") else [])
    for case in sorted(FAILING.iterdir())
]
TAKEN = 18099
"""The port that is taken while these talks run."""


@pytest.fixture
def taken_port() -> Iterator[None]:
    with socket.socket() as holder:
        with suppress(OSError):  # held already, by another worker of this run or by anyone: taken all the same
            holder.bind(("127.0.0.1", TAKEN))
            holder.listen()
        yield


@pytest.mark.usefixtures("taken_port")
@pytest.mark.parametrize("case", CASES)
def test_what_only_running_shows_is_told_with_its_line(case: Path, desk: Desk) -> None:
    """`command.txt` holds the words of the command, `expected.txt` what it says of the mistake."""
    code = case.name.partition("-")[0]
    if code == "X102" and isinstance(found := find_engine(os.environ), Absence):
        pytest.skip(f"{found.what}; {found.fix}")
    shutil.copytree(case, desk.folder, dirs_exist_ok=True)
    done = desk.run(*(case / "command.txt").read_text("utf-8").split())
    kind, expected = CODES[code][0], (case / "expected.txt").read_text("utf-8")
    assert done.returncode == (1 if kind is Severity.ERROR else 0), done.stdout + done.stderr
    told = done.stderr[done.stderr.index("talk.md:") :]
    count = told.count(f" {kind}[{code}]: ")
    assert told == f"{expected}{count} {kind}{'s' if count > 1 else ''}\n"
    assert count
