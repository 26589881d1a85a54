"""Whatever an editor does to save, the change is seen, once; what nobody asked about is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from quarterdeck.serve.watch import Watcher, is_noise

DEADLINE_S = 10.0
QUIET_S = 0.3
"""Longer than a batch takes to settle: what has not come by then is not coming."""


class Seen:
    """A watcher in a thread of its own, and the batches it gave."""

    def __init__(self, watcher: Watcher, batches: SimpleQueue[frozenset[Path]]) -> None:
        self.watcher = watcher
        self.batches = batches

    def next(self) -> frozenset[Path]:
        return self.batches.get(timeout=DEADLINE_S)

    def until(self, path: Path) -> set[Path]:
        """Everything that was seen up to the batch that holds the path."""
        seen: set[Path] = set()
        while path not in seen:
            seen |= self.next()
        return seen

    def nothing(self) -> bool:
        try:
            return not self.batches.get(timeout=QUIET_S)
        except Empty:
            return True


Look = Callable[[Iterable[Path]], Seen]


@pytest.fixture
def look() -> Iterator[Look]:
    closing: list[tuple[Watcher, threading.Thread]] = []

    def start(paths: Iterable[Path]) -> Seen:
        watcher = Watcher()
        wanted = frozenset(paths)
        watcher.aim(wanted)
        batches: SimpleQueue[frozenset[Path]] = SimpleQueue()

        def work() -> None:
            while (batch := watcher.wait()) is not None:
                watcher.aim(wanted)
                batches.put(batch)

        thread = threading.Thread(target=work)
        thread.start()
        closing.append((watcher, thread))
        return Seen(watcher, batches)

    yield start
    for watcher, thread in closing:
        watcher.close()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talks" / "hello.md"
    path.parent.mkdir()
    path.write_text("# Hello\n")
    return path


def test_a_save_in_place_is_seen(look: Look, talk: Path) -> None:
    seen = look([talk])
    talk.write_text("# Hello again\n")
    assert seen.next() == {talk}


def test_a_save_by_rename_is_seen(look: Look, talk: Path) -> None:
    seen = look([talk])
    for number in range(3):
        fresh = talk.with_name(".hello.md.swp")
        fresh.write_text(f"# Hello {number}\n")
        fresh.replace(talk)
        assert seen.next() == {talk}


def test_a_save_that_keeps_the_old_file_as_a_backup_is_one_change(look: Look, talk: Path) -> None:
    seen = look([talk])
    talk.rename(talk.with_name("hello.md~"))
    talk.write_text("# Hello again\n")
    assert seen.next() == {talk}
    assert seen.nothing()


def test_files_that_are_saved_together_come_together(look: Look, talk: Path) -> None:
    others = [talk.with_name(f"{name}.md") for name in ("one", "two", "three")]
    for path in others:
        path.write_text("# Old\n")
    seen = look([talk, *others])
    for path in (talk, *others):
        path.write_text("# New\n")
    assert seen.next() == {talk, *others}


def test_a_file_that_goes_and_comes_back_is_seen_both_times(look: Look, talk: Path) -> None:
    seen = look([talk])
    talk.unlink()
    assert seen.next() == {talk}
    talk.write_text("# Back\n")
    assert seen.next() == {talk}


def test_a_file_that_is_replaced_at_leisure_is_one_change(look: Look, talk: Path) -> None:
    seen = look([talk])
    talk.unlink()
    gone = time.monotonic()
    while time.monotonic() - gone < 0.1:  # as `git checkout` of a large tree does
        talk.with_name("other.txt").write_text("x")
    talk.write_text("# Back\n")
    assert seen.next() == {talk}
    assert talk.exists()


def test_a_folder_that_goes_and_comes_back_is_still_watched(look: Look, talk: Path) -> None:
    seen = look([talk.parent, talk])
    away = talk.parent.with_name("away")
    talk.parent.rename(away)
    assert seen.next()
    away.rename(talk.parent)
    seen.until(talk.parent)
    talk.write_text("# Back\n")
    assert talk in seen.until(talk)


def test_a_new_file_in_the_folder_is_seen(look: Look, talk: Path) -> None:
    seen = look([talk.parent])
    fresh = talk.with_name("fresh.md")
    fresh.write_text("# Fresh\n")
    assert fresh in seen.next()


def test_a_file_that_was_looked_for_is_seen_when_it_comes(look: Look, talk: Path) -> None:
    wanted = talk.parent / "images" / "deep" / "cat.png"
    seen = look([wanted])
    wanted.parent.mkdir(parents=True)
    seen.next()
    wanted.write_bytes(b"cat")
    assert wanted in seen.until(wanted)


def test_what_editors_leave_for_a_moment_is_not_seen(look: Look, talk: Path) -> None:
    seen = look([talk.parent, talk])
    for name in (".hello.md.swp", "hello.md~", "4913", "#hello.md#", "hello.tmp"):
        talk.with_name(name).write_text("x")
        talk.with_name(name).unlink()
    assert seen.nothing()


def test_other_files_of_the_folder_of_a_watched_file_are_not_seen(look: Look, talk: Path) -> None:
    seen = look([talk])
    talk.with_name("other.md").write_text("x")
    assert seen.nothing()


def test_reading_is_no_change(look: Look, talk: Path) -> None:
    seen = look([talk.parent, talk])
    assert talk.read_text() == "# Hello\n"
    assert list(talk.parent.iterdir()) == [talk]
    assert seen.nothing()


def test_of_two_hundred_rapid_saves_the_last_is_not_lost(look: Look, talk: Path) -> None:
    seen = look([talk])
    for number in range(200):
        fresh = talk.with_name("hello.md.tmp")
        fresh.write_text(f"{number}")
        fresh.replace(talk)
    read = ""
    while read != "199":
        assert talk in seen.next()
        read = talk.read_text()
    assert seen.nothing() or talk.read_text() == "199"


def test_a_file_under_constant_change_is_seen_while_it_changes(look: Look, talk: Path) -> None:
    seen = look([talk])
    ends = time.monotonic() + DEADLINE_S
    while seen.batches.empty():
        talk.write_text(str(time.monotonic()))
        assert time.monotonic() < ends
    assert seen.next() == {talk}


def test_what_changed_while_the_caller_read_is_seen_after_all(talk: Path) -> None:
    began_ns = time.time_ns()
    talk.write_text("# Changed before anybody watched\n")
    with Watcher() as watcher:
        watcher.aim([talk], since_ns=began_ns)
        assert watcher.wait() == frozenset({talk})


def test_what_changed_before_the_caller_read_is_not_seen(talk: Path) -> None:
    long_ago = time.time_ns() + 3_600_000_000_000
    with Watcher() as watcher:
        watcher.aim([talk], since_ns=long_ago)
        talk.with_name("other.md").write_text("x")
        talk.write_text("# Now\n")
        assert watcher.wait() == frozenset({talk})


def test_closing_ends_a_wait(look: Look, talk: Path) -> None:
    seen = look([talk])
    seen.watcher.close()
    seen.watcher.close()
    assert seen.watcher.wait() is None


@pytest.mark.parametrize(
    "name", [".git", ".hello.md.swp", "hello.md~", "#hello.md#", "4913", "hello.tmp", "__pycache__"]
)
def test_noise_is_known_by_its_name(name: str) -> None:
    assert is_noise(name)


@pytest.mark.parametrize("name", ["hello.md", "cat.png", "theme.css", "index.html", "quarterdeck.toml"])
def test_work_is_no_noise(name: str) -> None:
    assert not is_noise(name)
