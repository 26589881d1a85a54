"""`serve --run`: a save is recorded beside the talk, in a real server with a real bash; and what it must never run."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from asking import DEADLINE_S
from test_serve import Events, Server, launch, without_a_screen

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets run where there is a POSIX terminal")

TALK = """\
# Hello

```console {#first run}
$ echo one
```

---

## Alone

```console {#alone run session=alone}
$ echo apart
```
"""
HEADER = "---\nsessions:\n  alone: {}\n---\n"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Trust, caches and notes are the test's own."""
    private = {name: str(tmp_path / "own" / name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME")}
    (tmp_path / "own").mkdir()
    return without_a_screen(tmp_path / "own") | private


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path, environ: dict[str, str]) -> Iterator[Start]:
    servers: list[Server] = []

    def run(*words: str) -> Server:
        servers.append(launch(tmp_path, environ, *words))
        return servers[-1]

    yield run
    for server in servers:
        if server.process.poll() is None:
            sys.stderr.write(server.stop()[1])  # what it runs ends with it; pytest shows what it said
        server.close()


class Author:
    """Writes the talk and watches the server."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self.talk = folder / "talks/hello.md"
        self.ran = folder / "own/ran"
        self.events: Events | None = None

    def save(self, text: str) -> None:
        self.talk.parent.mkdir(exist_ok=True)
        fresh = self.talk.with_name(".hello.md.swp")
        fresh.write_text(text)
        fresh.replace(self.talk)

    def edit(self, old: str, new: str) -> None:
        text = self.talk.read_text()
        assert old in text
        self.save(text.replace(old, new, 1))

    def watch(self, server: Server) -> None:
        self.events = server.events()

    def hears(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state of the server that is so."""
        assert self.events is not None
        return self.events.until(lambda told: told["kind"] == "state" and wanted(told))

    def until_recorded(self) -> dict[str, Any]:
        return self.hears(lambda told: not told["findings"])

    def cast(self, id_: str) -> str:
        path = self.talk.parent / f"recordings/hello/{id_}.cast"
        return path.read_text() if path.exists() else ""

    def stands(self, id_: str) -> str:
        """A line of a snippet that leaves a word in a file each time it runs, wherever its session lies."""
        return f"$ echo {id_} >> {self.ran}"

    def runs(self) -> list[str]:
        return self.ran.read_text().split() if self.ran.exists() else []

    def quarterdeck(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "quarterdeck", *words]
        return subprocess.run(
            line,
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def git(self, *words: str) -> None:
        named = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *named, *words], cwd=self.folder, check=True, capture_output=True)


def until(wanted: Callable[[], bool]) -> None:
    ends = time.monotonic() + DEADLINE_S
    while not wanted():
        assert time.monotonic() < ends


@pytest.fixture
def author(tmp_path: Path, environ: dict[str, str]) -> Author:
    author = Author(tmp_path, environ)
    author.save(HEADER + TALK)
    return author


@pytest.fixture
def recorded(author: Author) -> Author:
    done = author.quarterdeck("record", "--yes", "talks")
    assert done.returncode == 0, done.stderr
    return author


def is_gone(word: str) -> bool:
    """No process of this machine has the word in its command line."""
    lines = (path / "cmdline" for path in Path("/proc").iterdir() if path.name.isdecimal())
    for line in lines:
        try:
            if word.encode() in line.read_bytes():
                return False
        except OSError:
            continue
    return True


# Trust


def test_it_asks_as_record_does_and_says_so_where_nobody_can_be_asked(author: Author) -> None:
    author.edit("$ echo one", author.stands("first"))
    done = author.quarterdeck("serve", "talks", "--run", "--no-open", "--port", "0")
    assert done.returncode == 2
    assert "talks is not trusted to run this, and there is no terminal to ask on" in done.stderr
    assert author.runs() == []
    assert "http://" not in done.stdout


def test_a_save_is_the_authors_own_edit_and_stays_trusted(recorded: Author, start: Start) -> None:
    server = start("talks", "--run")
    recorded.watch(server)
    recorded.edit("echo one", "echo uno")
    recorded.hears(lambda told: any(found["code"] == "X201" for found in told["findings"]))
    recorded.until_recorded()
    assert server.stop()[0] == 0
    done = recorded.quarterdeck("record", "talks")
    assert (done.returncode, done.stdout) == (0, "talks/hello.md: nothing to run\n")


def test_the_first_snippet_of_a_talk_is_an_edit_too(author: Author, start: Start) -> None:
    author.save("# Hello\n")
    author.watch(start("talks", "--run"))
    author.save("# Hello\n\n```console {#first run}\n$ echo one\n```\n")
    author.hears(lambda told: bool(told["findings"]))
    author.until_recorded()
    assert "one" in author.cast("first")


def test_what_changed_before_is_asked_about(recorded: Author) -> None:
    recorded.edit("echo one", "echo uno")
    done = recorded.quarterdeck("serve", "talks", "--run", "--no-open", "--port", "0")
    assert done.returncode == 2
    assert "has changed since you trusted it" in done.stderr


def test_a_talk_that_is_not_shown_is_not_trusted_on_the_way(recorded: Author, start: Start) -> None:
    server = start("talks/hello.md", "--run")
    recorded.watch(server)
    (recorded.talk.parent / "other.md").write_text(f"# Other\n\n```console {{run}}\n{recorded.stands('other')}\n```\n")
    recorded.edit("echo one", "echo uno")
    recorded.hears(lambda told: bool(told["findings"]))
    recorded.until_recorded()
    server.stop()
    assert recorded.quarterdeck("record", "talks").returncode == 2
    assert recorded.runs() == []


def test_when_git_moved_nothing_runs_until_it_is_looked_at(author: Author, start: Start) -> None:
    author.git("init")
    author.git("add", "talks")
    author.git("commit", "-m", "one")
    author.git("checkout", "-b", "other")
    author.edit("$ echo one", author.stands("other"))
    author.git("commit", "-a", "-m", "two")
    author.git("checkout", "main")
    server = start("talks", "--run", "--yes")
    author.watch(server)
    author.until_recorded()
    author.git("checkout", "other")
    told = author.hears(lambda told: bool(told["trouble"]))
    assert told["trouble"]["what"] == "git moved since the last save: nothing runs"
    assert "quarterdeck record" in told["trouble"]["fix"]
    author.edit("# Hello", "# Hello you")
    author.hears(lambda told: "Hello you" in json.dumps(told["patches"]))
    assert author.runs() == []
    author.edit("# Hello you", "# Hello")
    author.git("checkout", "main")  # what was trusted is back
    author.hears(lambda told: not told["trouble"])
    author.edit("echo one", "echo uno")
    author.hears(lambda told: bool(told["findings"]))
    author.until_recorded()
    assert "uno" in author.cast("first")
    _, said = server.stop()
    assert said.count("git moved since the last save") == 1
    assert author.runs() == []


def test_after_git_moved_a_new_start_asks_and_goes_on(author: Author, start: Start) -> None:
    author.git("init")
    author.git("commit", "--allow-empty", "-m", "none")
    server = start("talks", "--run", "--yes")
    author.watch(server)
    author.until_recorded()
    author.git("commit", "--allow-empty", "-m", "moved")
    author.edit("$ echo one", author.stands("first"))
    author.hears(lambda told: bool(told["trouble"]))
    server.stop()
    words = ("serve", "talks", "--run", "--no-open", "--port", "0")
    assert author.quarterdeck(*words).returncode == 2
    assert author.runs() == []
    author.watch(start("talks", "--run", "--yes"))
    author.until_recorded()
    assert author.runs() == ["first"]


def test_after_git_moved_a_yes_on_the_terminal_goes_on(author: Author, environ: dict[str, str]) -> None:
    author.git("init")
    author.git("commit", "--allow-empty", "-m", "none")
    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "quarterdeck", "serve", "talks", "--run", "--yes", "--no-open", "--port", "0"]
    process = subprocess.Popen(
        line, cwd=author.folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said = b""

    def says(wanted: bytes) -> None:
        nonlocal said
        while wanted not in said:
            said += os.read(ours, 4096)

    try:
        says(b"2 recordings written")
        author.git("commit", "--allow-empty", "-m", "moved")
        author.edit("$ echo one", author.stands("first"))
        says(b"Run it? [y/N]:")
        assert b"git moved since the last save" in said
        assert author.runs() == []
        os.write(ours, b"y\n")
        until(lambda: bool(author.runs()))
        says(b"1 recording written")
    finally:
        process.terminate()
        process.wait(DEADLINE_S)
        os.close(ours)


# What runs, and when


def test_only_the_session_that_changed_runs(author: Author, start: Start) -> None:
    author.edit("$ echo one", author.stands("first"))
    author.edit("$ echo apart", author.stands("alone"))
    author.watch(start("talks", "--run", "--yes"))
    author.until_recorded()
    assert sorted(author.runs()) == ["alone", "first"]
    author.edit(author.stands("first"), "$ echo eins")
    told = author.hears(lambda told: bool(told["findings"]))
    assert [found["line"] for found in told["findings"]] == [7]
    author.until_recorded()
    author.edit("## Alone", "## By itself")
    author.hears(lambda told: "By itself" in json.dumps(told["patches"]))
    author.edit("echo eins", "echo zwei")
    author.hears(lambda told: bool(told["findings"]))
    author.until_recorded()
    assert sorted(author.runs()) == ["alone", "first"]


def test_the_page_hears_what_runs_and_then_gets_its_output(recorded: Author, start: Start) -> None:
    server = start("talks", "--run")
    recorded.watch(server)
    recorded.edit("echo one", "printf '%s-%s\\n' now here")
    assert recorded.events is not None
    first = recorded.hears(lambda told: bool(told["patches"]))
    assert "now-here" not in json.dumps(first["patches"])
    told = recorded.events.until(lambda told: bool(told["running"]))
    assert told["running"] == {"/hello/": ["first"]}
    told = recorded.until_recorded()
    assert "now-here" in json.dumps(told["patches"])
    ends = recorded.events.until(lambda told: not told["running"])
    assert ends["kind"] == "running"
    assert "now-here" in server.get("/hello/").text


def test_a_newer_save_ends_what_runs_and_counts(author: Author, start: Start) -> None:
    server = start("talks", "--run", "--yes")
    author.watch(server)
    author.until_recorded()
    author.edit("$ echo one", f"{author.stands('first')}\n$ sleep 6173.25")
    until(lambda: not is_gone("6173.25"))
    author.edit("$ sleep 6173.25", "$ echo two")
    author.until_recorded()
    assert is_gone("6173.25")
    assert "two" in author.cast("first")
    assert author.runs() == ["first", "first"]
    _, said = server.stop()
    assert "X101" not in said


def test_prose_leaves_what_runs_alone_and_a_snippet_that_goes_is_ended(author: Author, start: Start) -> None:
    author.watch(start("talks", "--run", "--yes"))
    author.until_recorded()
    author.edit("$ echo one", f"{author.stands('first')}\n$ sleep 6174.25")
    until(lambda: not is_gone("6174.25"))
    author.edit("# Hello", "# Hello\n\nSome prose.")
    author.hears(lambda told: "Some prose." in json.dumps(told["patches"]))
    assert not is_gone("6174.25")
    text = author.talk.read_text()
    author.save(text[: text.index("```console {#first")] + text[text.index("---\n\n## Alone") :])
    assert author.events is not None
    author.events.until(lambda told: not told["running"])
    assert author.runs() == ["first"]
    until(lambda: is_gone("6174.25"))


def test_a_failure_shows_at_its_line_and_goes_when_it_is_mended(recorded: Author, start: Start) -> None:
    before = recorded.cast("first")
    server = start("talks", "--run")
    recorded.watch(server)
    recorded.edit("$ echo one", f"$ echo one\n{recorded.stands('first')}; ls /nowhere-at-all")

    def failure(told: dict[str, Any]) -> list[dict[str, Any]]:
        return [found for found in told["findings"] if found["code"] == "X101"]

    found = failure(recorded.hears(lambda told: bool(failure(told))))
    assert [(each["file"], each["line"]) for each in found] == [("talks/hello.md", 9)]
    assert "'first' ended with status 2" in found[0]["message"]
    assert "/nowhere-at-all" in found[0]["hint"]
    assert recorded.cast("first") == before
    recorded.edit("# Hello", "# Hello\n\nSome prose.")
    moved = recorded.hears(lambda told: any(each["line"] == 11 for each in failure(told)))
    assert failure(moved)[0]["source"].endswith("ls /nowhere-at-all")
    assert recorded.runs() == ["first"]  # nothing about it changed
    recorded.save(recorded.talk.read_text())  # as it is, once more
    recorded.hears(lambda _: recorded.runs() == ["first", "first"])
    recorded.edit("; ls /nowhere-at-all", "")
    told = recorded.until_recorded()
    assert failure(told) == []
    assert "nowhere" not in recorded.cast("first")
    _, said = server.stop()
    assert "talks/hello.md:9:1: error[X101]" in said


def test_prose_around_a_fence_leaves_its_recording_and_an_edited_fence_has_one(author: Author, start: Start) -> None:
    author.save("# Hello\n\n```console {run}\n$ echo one\n```\n")
    assert author.quarterdeck("record", "--yes", "talks").returncode == 0
    folder = author.talk.parent / "recordings/hello"
    (before,) = folder.iterdir()
    author.watch(start("talks", "--run"))
    author.edit("# Hello", "# Hello there\n\nand a sentence")
    for text in ("echo one tw", "echo one two"):
        author.save(author.talk.read_text().replace(author.talk.read_text().split("$ ")[1].split("\n")[0], text))
        author.hears(lambda told: {found["code"] for found in told["findings"]} == {"X201"})
        author.hears(lambda told: told["findings"] == [])
    (after,) = folder.iterdir()
    assert (before.name.rpartition("-")[0], after.name.rpartition("-")[0]) == ("echo-one", "echo-one-two")


def test_a_snippet_with_a_mistake_in_its_options_does_not_run(recorded: Author, start: Start) -> None:
    server = start("talks", "--run")
    recorded.watch(server)
    recorded.edit("{#first run}\n$ echo one", "{#first run tiemout=3s}\n" + recorded.stands("first"))
    recorded.hears(lambda told: any(found["code"] == "S101" for found in told["findings"]))
    recorded.edit("tiemout=3s", "timeout=3s")
    recorded.until_recorded()
    assert recorded.runs() == ["first"]


def test_another_record_at_work_is_told_and_waited_for(author: Author, start: Start) -> None:
    import fcntl

    author.watch(start("talks", "--run", "--yes"))
    author.until_recorded()
    folder = os.open(author.talk.parent / "recordings/hello", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    author.edit("echo one", "echo uno")
    told = author.hears(lambda told: bool(told["trouble"]))
    assert "another record is running" in told["trouble"]["what"]
    os.close(folder)
    author.edit("# Hello", "# Hello again")
    author.until_recorded()
    assert "uno" in author.cast("first")


# The end


def test_the_end_of_the_server_is_the_end_of_what_runs(author: Author, start: Start, tmp_path: Path) -> None:
    teardown = f"\n```bash {{#last teardown hide}}\necho teardown >> {author.ran}\n```\n"
    author.save(HEADER + TALK + teardown)
    server = start("talks", "--run", "--yes")
    author.watch(server)
    author.hears(lambda told: all(found["code"] not in ("X201", "X202") for found in told["findings"]))
    before = len(author.runs())
    where = tmp_path / "own/where"
    author.edit("$ echo one", f"$ pwd > {where}\n{author.stands('first')}\n$ sleep 6175.25")
    until(lambda: not is_gone("6175.25"))
    status, said = server.stop()
    assert status == 0
    assert "stopping, and cleaning up" in said
    assert author.runs()[before:] == ["first", "teardown"]
    assert is_gone("6175.25")
    session = Path(where.read_text().strip())
    assert session.is_relative_to(tmp_path / "own/XDG_CACHE_HOME")
    assert not session.exists()


# Without --run


def test_serve_alone_starts_no_program(author: Author, environ: dict[str, str], start: Start, tmp_path: Path) -> None:
    wires = tmp_path / "own/wires"
    wires.mkdir()
    for name in ("bash", "sh", "env", "git", "docker", "podman", "python", "python3", "node", "bwrap", "ls", "uname"):
        (wires / name).write_text(f"#!/bin/sh\necho {name} >> {author.ran}\n")
        (wires / name).chmod(0o755)
    environ["PATH"] = str(wires)
    text = "```python {run}\nprint(1)\n```\n\n```console {run requires=docker}\n$ docker version\n```\n"
    author.save(HEADER + TALK + text)
    server = start("talks")
    author.watch(server)
    assert author.hears(lambda told: bool(told["findings"]))["running"] == {}
    author.edit("echo one", "echo uno")
    author.hears(lambda told: bool(told["patches"]))
    assert server.get("/hello/").status == 200
    server.stop()
    assert author.runs() == []
    assert not (author.talk.parent / "recordings").exists()
    assert not (tmp_path / "own/XDG_CACHE_HOME").exists()


# In the browser


def test_the_open_page_shows_that_it_runs_and_then_the_new_output(
    recorded: Author, start: Start, page: Page, faults: Faults
) -> None:
    page.goto(start("talks", "--run").address)
    page.wait_for_function("() => document.querySelector('#qd-live') && Reveal.isReady()")
    page.evaluate("window.untouched = true")
    terminal = page.locator('[data-cast="first"]')
    gate = recorded.folder / "own/gate"
    os.mkfifo(gate)
    recorded.edit("$ echo one", f"$ cat {gate}")
    page.wait_for_function("() => document.querySelector('[data-cast=first] .qd-running')?.textContent === 'running…'")
    assert not terminal.locator(".qd-term-state").is_visible()
    assert page.locator('[data-cast="alone"] .qd-running').count() == 0
    recorded.edit("# Hello", "# Hello *all*")  # editing goes on
    page.wait_for_function("() => document.querySelector('h1 em')?.textContent === 'all'")
    assert terminal.locator(".qd-running").is_visible()
    gate.write_text("through the gate\n")
    page.wait_for_function(
        "() => document.querySelector('[data-cast=first] .qd-screen').textContent.includes('through the gate')"
    )
    page.wait_for_function("() => !document.querySelector('.qd-running')")
    assert terminal.locator(".qd-term-state").is_visible()
    assert terminal.get_attribute("data-state") == "fresh"
    assert page.evaluate("window.untouched") is True
    assert faults.all() == []
