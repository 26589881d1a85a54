"""Folders and files that may not be read, in whatever way a talk meets them: skipped and told, never a traceback."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from asking import line_of
from desk import Desk, fence
from permissions import BOUND, closed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX")
DECK = Path(__file__).parent / "decks/unreadable/R102-folder"
SKIPPED = "secret:1:1: warning[R102]: this folder may not be read, and was skipped"
COMMANDS = [
    *(["build"], ["build", "--strict"], ["check"], ["check", "--import"], ["status"]),
    *(["record", "--yes"], ["check", "--run", "--yes"], ["rehearse", "--yes"]),
]


@pytest.fixture
def bound(desk: Desk) -> Desk:
    """A talk that runs and one that does not, and beside them a folder of somebody else."""
    shutil.copytree(DECK, desk.folder, dirs_exist_ok=True)
    desk.write(fence("echo hi", "#hi run"), "runs.md")
    return replace(desk, through=BOUND)


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=oct)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_beside_the_talks_is_skipped_with_one_warning(bound: Desk, command: list[str], mode: int) -> None:
    with closed(bound.folder / "secret", mode=mode):
        done = bound.run(*command)
    assert done.stderr.count(SKIPPED) == 1
    assert "Traceback" not in done.stderr
    if command == ["build"]:
        assert (bound.folder / "site/talk/index.html").is_file()
    if command == ["record", "--yes"]:
        assert bound.casts("runs") == ["hi.cast"]


@pytest.mark.parametrize("command", [["serve"], ["present", "--recorded"]], ids=lambda words: words[0])
def test_a_server_starts_beside_it(bound: Desk, command: list[str]) -> None:
    with closed(bound.folder / "secret"):
        process = bound.start(*command, "--no-open", "--port", "0")
        try:
            assert line_of(process).startswith("http://127.0.0.1:")
        finally:
            process.terminate()
            _, told = process.communicate(timeout=15)
    assert told.count(SKIPPED) == 1
    assert "Traceback" not in told


def test_a_vault_is_searched_but_for_what_may_not_be_read(bound: Desk) -> None:
    (bound.folder / ".obsidian").mkdir()
    bound.write("---\ntheme: black\n---\n# Deep", "notes/deep/talk.md")
    bound.write("# Private", "notes/private/diary.md")
    with closed(bound.folder / "notes/private"):
        done = bound.run("build")
    assert "notes/private:1:1: warning[R102]" in done.stderr
    assert (bound.folder / "site/talk/index.html").is_file()


WAYS = """\
---
css: secret/a.css
scripts: [secret/a.js]
---
# Ways

![](secret/pic.png) <img src="secret/pic.png"> ![[secret/pic.png]] [note](secret/other.md)

---
<!-- .slide: data-background-image="secret/bg.png" -->

```bash {#deps run deps="secret/*"}
echo hi
```

```bash {#still run still=secret/p.png frame=http://localhost:9/}
echo hi
```
"""
SLIDEV = "---\ndialect: slidev\n---\n# A\n\n<<< secret/x.py\n\n---\nsrc: secret/a.md\n---\n"
PAGE = '<div class="reveal"><div class="slides"><section data-markdown="secret/a.md"></section></div></div>'


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [("ways.md", WAYS, 8), ("slidev.md", SLIDEV, 1), ("page.html", f'<link href="secret/a.css">{PAGE}', 1)],
)
def test_what_a_talk_names_in_it_is_missing(bound: Desk, name: str, text: str, found: int) -> None:
    bound.write(text, name)
    with closed(bound.folder / "secret"):
        done = bound.run("check", name)
    assert done.stderr.count(": error[") == found
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["themes/mine", "themes", "templates", "recordings/runs", "recordings"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_our_own_folders_may_be_closed_too(bound: Desk, folder: str, command: list[str]) -> None:
    bound.recorded()
    for name in ("themes/mine/theme.css", "templates/slide.html.jinja"):
        bound.write("", name)
    with closed(bound.folder / folder):
        done = bound.run(*command)
    assert "Traceback" not in done.stderr
    if folder.startswith("recordings") and command == ["check"]:
        told = "recordings/runs:1:1: error[X401]: no recording in this folder is known: it cannot be read: "
        assert f"{told}Permission denied" in done.stderr


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("talk.md", "cannot read talk.md: Permission denied"),
        ("quarterdeck.toml", "Permission denied"),
        ("secret/plan.png", "plan.png: Permission denied"),
        ("recordings/runs/hi.cast", "recordings/runs/hi.cast:1:1: error[X401]"),
    ],
)
def test_a_file_that_may_not_be_read_is_named(bound: Desk, file: str, told: str) -> None:
    bound.recorded()
    with closed(bound.folder / file):
        done = bound.run("check")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", ["secret", "secret/talk.md"])
def test_a_folder_that_is_named_and_may_not_be_read_is_an_error(bound: Desk, path: str) -> None:
    with closed(bound.folder / "secret", mode=0o444):
        done = bound.run("build", path)
    assert done.returncode == 2
    assert "you may not look into secret" in done.stderr
