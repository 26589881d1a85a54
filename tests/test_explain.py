"""`quarterdeck explain`: every code has a page, and its example really gives the code."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk
from pages import fences
from permissions import BOUND, closed

from quarterdeck.cli.explain import explanation
from quarterdeck.diagnostics import CODES
from quarterdeck.execute.engine.find import Absence, find
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

DECKS = Path(__file__).parent / "decks"
TALKS = {path.name.partition("-")[0]: path for path in sorted(DECKS.glob("*/*-*"))}
"""For each code a folder with a talk that gives it, and with what that needs."""
ENGINE = ("X102", "X502")
"""Codes that only a container engine can give."""
TAKEN = 18099
PAGES = sorted((Path(__file__).parent.parent / "quarterdeck/codes").iterdir())


def command_for(code: str) -> tuple[str, ...]:
    """What gives a code that building does not."""
    folder = TALKS[code]
    if folder.parent.name == "rehearsed":
        return ("rehearse", "--yes")
    command = folder / "command.txt"
    return tuple(command.read_text("utf-8").split()) if command.is_file() else ()


def with_example(code: str, folder: Path) -> None:
    """The folder of the talk that gives a code, with the example of its explanation in place of the talk."""
    shutil.copytree(TALKS[code], folder, dirs_exist_ok=True)
    (folder / "quarterdeck.toml").touch()  # the project ends here
    (folder.parent / "outside.png").touch()
    written = [fence for fence in fences(explanation(code)) if fence.file]
    assert written
    for fence in written:
        fence.write(folder)


@pytest.mark.parametrize("code", [code for code in CODES if not command_for(code)])
def test_the_example_of_a_code_gives_it(code: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with_example(code, folder)
    built = Builder().build(request([Path("talk.md")], cwd=folder, output=None, overrides={}))
    assert code in {diagnostic.code for diagnostic in built.diagnostics}


@pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")
@pytest.mark.parametrize(
    "code",
    [pytest.param(code, marks=[pytest.mark.engine] if code in ENGINE else []) for code in CODES if command_for(code)],
)
def test_the_example_of_a_code_gives_it_when_it_runs(code: str, desk: Desk) -> None:
    if code in ENGINE and isinstance(found := find(os.environ), Absence):
        pytest.skip(f"{found.what}; {found.fix}")
    if code == "X501" and shutil.which("docker") is None:
        pytest.skip("there is no docker on PATH")
    with_example(code, desk.folder)
    unreadable = [desk.folder / "secret"] if TALKS[code].parent.name == "unreadable" else []
    bound = replace(desk, through=BOUND) if unreadable else desk
    with socket.socket() as holder, closed(*unreadable):
        if code == "X102":
            with suppress(OSError):  # held by another worker: taken all the same
                holder.bind(("127.0.0.1", TAKEN))
                holder.listen()
        done = bound.run(*command_for(code), env={"DOCKER_HOST": "unix:///nowhere.sock"} if code == "X501" else None)
    assert f"[{code}]" in done.stderr


def test_every_code_is_explained_once_and_in_three_parts() -> None:
    headings = {page.stem: re.findall(r"^## ([A-Z]\d{3})$", page.read_text("utf-8"), re.MULTILINE) for page in PAGES}
    assert headings == {page.stem: [code for code in CODES if code[0] == page.stem] for page in PAGES}
    assert {code[0] for code in CODES} == headings.keys()
    for code in CODES:
        told = explanation(code)
        examples = list(fences(told))
        assert not told.startswith("```")
        assert examples
        assert not told.endswith("```"), f"{code} does not say what to do"


def test_an_explanation_is_made_for_terminals(desk: Desk) -> None:
    told = desk.run("explain", "m204").stdout
    assert told.startswith(
        "M204  warning words behind the language of a code fence are not used\n\nBehind the language"
    )
    assert '\n    talk.md\n\n        ```js title="main.js"\n        run()\n        ```\n' in told
    assert "Options stand in braces" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "said"), [("M1011", "did you mean M111?"), ("M99", "there are M101"), ("Z9", "lists all of them")]
)
def test_an_unknown_code_gets_the_nearest(code: str, said: str, desk: Desk) -> None:
    done = desk.run("explain", code)
    assert done.returncode == 2
    assert said in done.stderr
