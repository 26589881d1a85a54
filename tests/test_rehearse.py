"""`quarterdeck rehearse` as a presenter types it the evening before."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from desk import Desk, fence, talk_of

from quarterdeck.execute.engine.find import Absence, find

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

CASES = sorted((Path(__file__).parent / "decks/rehearsed").iterdir())
SURROUNDINGS = {"X501": {"DOCKER_HOST": "unix:///nowhere.sock"}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_would_go_wrong_is_told_with_its_line_and_what_mends_it(case: Path, desk: Desk) -> None:
    code = case.name.partition("-")[0]
    if code == "X502" and isinstance(found := find(os.environ), Absence):
        pytest.skip(f"{found.what}; {found.fix}")
    if code == "X501" and shutil.which("docker") is None:
        pytest.skip("there is no docker on PATH")
    shutil.copytree(case, desk.folder, dirs_exist_ok=True)
    done = desk.run("rehearse", "--yes", env=SURROUNDINGS.get(code))
    assert done.returncode == 1, done.stdout
    for told in (case / "expected.txt").read_text("utf-8").splitlines():
        assert told in done.stderr


def test_a_talk_in_which_all_is_well_is_said_to_be_so_and_nothing_is_written(desk: Desk) -> None:
    desk.write("---\nminutes: 20\n---\n\n" + talk_of(fence("echo hello", "#one run")))
    desk.recorded()
    before = desk.files()
    done = desk.run("rehearse")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "nothing stands in the way"
    assert "of 20 minutes" in done.stdout
    assert desk.files() == before


def test_failures_and_stale_recordings_are_told_together(desk: Desk) -> None:
    desk.write(talk_of(fence("echo hello", "#one run"), fence("true", "#two run session=x")))
    desk.recorded()
    desk.write(talk_of(fence("echo changed", "#one run"), fence("false", "#two run session=x")))
    done = desk.run("rehearse", "--yes")
    assert done.returncode == 1
    for told in ("warning[X201]", "record --only one", "error[X101]", "'two' ended with status 1"):
        assert told in done.stderr


EMBEDDING = "# Talk\n\na\n\nb\n\nc\n\n---\n\n![[_part]]\n"


@pytest.mark.parametrize("verb", [("rehearse",), ("check", "--run"), ("record",)], ids=lambda verb: verb[0])
def test_what_fails_in_an_embedded_note_is_told_at_its_line_there(verb: tuple[str, ...], desk: Desk) -> None:
    (desk.folder / ".obsidian").mkdir(parents=True)
    desk.write("# Part\n\n" + fence("true; false", "#part run"), "_part.md")
    desk.write(EMBEDDING)
    done = desk.run(*verb, "--yes", "talk.md")
    assert done.returncode == 1
    assert "_part.md:4:1: error[X101]: the snippet 'part' ended with status 1" in done.stderr
    assert "  4 | " in done.stderr


def test_what_an_embedded_note_no_longer_does_is_told_at_its_line_there(desk: Desk) -> None:
    (desk.folder / ".obsidian").mkdir(parents=True)
    world = desk.root / "world"
    world.write_text("old\n")
    desk.write("# Part\n\n" + fence(f"cat {world}", "#part run verify=output"), "_part.md")
    desk.write(EMBEDDING)
    desk.recorded("talk.md")
    world.write_text("new\n")
    done = desk.run("check", "--run", "talk.md")
    assert done.returncode == 1
    assert "_part.md:4:1: error[X301]" in done.stdout + done.stderr
