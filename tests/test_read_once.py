"""What a command reads it reads once: the opens of a talk's file are counted in the process of a real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk, fence, talk_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

COUNTING = """
import atexit, os, sys
talk, opened = os.path.realpath(sys.argv.pop(1)), []
def count(event, given):
    if event == "open" and isinstance(given[0], str | os.PathLike) and os.path.realpath(given[0]) == talk:
        opened.append(given[0])
sys.addaudithook(count)
atexit.register(lambda: print(f"opened {len(opened)}", file=sys.stderr))
from quarterdeck.cli import main
main()
"""


def opens(desk: Desk, talk: Path, *words: str) -> int:
    """How often a command opens the talk's file; it must succeed."""
    command = [sys.executable, "-c", COUNTING, str(talk), *words]
    done = subprocess.run(command, cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stderr.rpartition("opened ")[2])


def test_a_command_reads_a_talk_once(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("echo one", "#one run"), fence("echo two", "run session=other")))
    assert opens(desk, talk, "record", "--yes", "talk.md") == 1
    assert opens(desk, talk, "record", "--yes", "--all") == 1
    assert opens(desk, talk, "check", "--run", "--yes") == 1
    assert opens(desk, talk, "rehearse", "--yes") == 1
    assert opens(desk, talk, "status") == 1
    assert opens(desk, talk, "check") == 1
    assert opens(desk, talk, "build", "-o", "site") == 1


def test_the_question_of_trust_reads_the_other_talks_of_a_folder_once(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("echo one", "#one run")))
    other = desk.write(talk_of(fence("echo two", "#two run")), "other.md")
    assert opens(desk, other, "record", "--yes", str(talk)) == 1
