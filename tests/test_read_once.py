"""What a command reads it reads once: opens of a talk's file are counted in the process of a real command."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import pytest
from asking import eventually, line_of
from desk import Desk, fence, talk_of

from quarterdeck.memo import Memo
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

T = TypeVar("T")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

COUNTING = """
import os, sys
talk, counted = os.path.realpath(sys.argv.pop(1)), os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def count(event, given):
    if event == "open" and isinstance(given[0], str | os.PathLike) and os.path.realpath(given[0]) == talk:
        os.write(counted, b".")
sys.addaudithook(count)
from quarterdeck.cli import main
main()
"""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\S+")


def counting(desk: Desk, talk: Path, *words: str) -> tuple[list[str], Path]:
    """A command, and a file that has a byte for each time that it has opened the talk's file."""
    opened = desk.root / "opened"
    opened.write_bytes(b"")
    return [sys.executable, "-c", COUNTING, str(talk), str(opened), *words], opened


def opens(desk: Desk, talk: Path, *words: str) -> int:
    """How often a command opens the talk's file; it must succeed."""
    command, opened = counting(desk, talk, *words)
    done = subprocess.run(command, cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return len(opened.read_bytes())


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


@pytest.mark.parametrize("words", ["serve", "serve --run --yes", "present --yes"])
def test_a_server_reads_a_talk_once_for_each_save(desk: Desk, words: str) -> None:
    text = "Words 0\n\n" + fence("echo one", "#one run")
    talk = desk.write(text)
    desk.recorded()
    command, opened = counting(desk, talk, *words.split(), "talk.md", "--no-open", "--port", "0")
    with subprocess.Popen(
        command, cwd=desk.folder, env=desk.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as server:
        while not (address := ADDRESS.search(line_of(server))):
            pass
        counts = []
        for number in range(1, 4):  # whatever comes after a save is over when the next one is shown
            other = desk.write(text.replace("Words 0", f"Words {number}"), ".talk.md.swp")
            other.replace(talk)
            eventually(lambda: f"Words {number}" in urlopen(address[0]).read().decode())  # noqa: B023
            counts.append(len(opened.read_bytes()))
        server.terminate()
    assert (counts[1] - counts[0], counts[2] - counts[1]) == (1, 1)


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
