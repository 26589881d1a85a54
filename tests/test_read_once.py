"""What a command reads it reads once: the opens of a talk's file are counted in the process of a real command."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from desk import Desk, fence, talk_of

from quarterdeck.memo import Memo
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

T = TypeVar("T")

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


class CountingMemo(Memo):
    """Counts what is really made, by stage."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Counter[str] = Counter()

    def get(self, stage: str, digest: str, make: Callable[[], T]) -> T:
        def counted() -> T:
            self.made[stage] += 1
            return make()

        return super().get(stage, digest, counted)


def test_a_recording_is_parsed_and_its_replay_made_once_until_it_changes(desk: Desk) -> None:
    filled = '<div id="there"></div>\n'
    there = fence("echo three", "#three run out=#there")
    talk = desk.write(talk_of(fence("echo one", "#one run"), fence("echo two", "#two run"), there + filled))
    desk.recorded()
    memo = CountingMemo()
    builder = Builder(memo=memo)
    asked = request([talk], cwd=desk.folder, output=None, overrides={})
    builder.build(asked)
    assert (memo.made["recording"], memo.made["replay"], memo.made["parse"]) == (3, 3, 3)
    talk.write_text(talk.read_text().replace("## Slide 1", "## Another heading"))
    builder.build(asked)
    assert (memo.made["recording"], memo.made["replay"], memo.made["parse"]) == (3, 3, 4)
    desk.recorded("--all")
    builder.build(asked)
    assert memo.made["replay"] == 3  # it says the same, so that no file changed
    desk.cast("one").write_text(desk.cast("one").read_text().replace("one\\r", "uno\\r"))
    builder.build(asked)
    assert (memo.made["recording"], memo.made["replay"]) == (4, 4)
