"""Bad days of `record`: whatever goes wrong, it is told, nothing hangs or is left, and no good recording is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from desk import Desk, commands_of_machine, fence, talk_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")


def is_clean(desk: Desk) -> bool:
    """Whether no folder of a session is left, no half file, and no lock."""
    return not list((desk.cache / "sessions").glob("*")) and not list(desk.folder.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("bad", "options", "told"),
    [
        ("(exit 4)", "", "ended with status 4, and expect=ok was wanted"),
        ("sleep 66.1", "timeout=200ms", "did not end within 0.2 s"),
        ("exit 3", "", "the shell ended"),
        ("kill -9 $$", "", "the shell ended"),
        ("echo 'never closed", "", "ended with status"),
        ("set -e; false", "", "the shell ended"),
    ],
    ids=["status", "timeout", "exit", "killed", "quote", "set-e"],
)
def test_a_failed_run_replaces_no_good_recording_and_is_kept_apart(
    desk: Desk, bad: str, options: str, told: str
) -> None:
    talk = desk.write(talk_of(fence("echo good", "#it run"), fence("echo after", "#after run")))
    desk.recorded()
    before = desk.files(desk.folder / "recordings")
    talk.write_text(talk_of(fence(f"echo {'bad'}\n{bad}", f"#it run {options}"), fence("echo after", "#after run")))
    done = desk.record()
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("talk.md:") >= 1
    first = next(line for line in done.stderr.splitlines() if line.startswith("talk.md:"))
    assert first.partition(":1: ")[0] in ("talk.md:4", "talk.md:5")
    assert f"error[X101]: the snippet 'it' {told}" in first
    assert desk.files(desk.folder / "recordings") == before
    (apart,) = (desk.cache / "failed").rglob("it.cast")
    assert b"bad" in apart.read_bytes()
    assert str(apart.parent) in done.stdout
    assert is_clean(desk)


def test_what_follows_a_failed_snippet_is_not_taken_for_good(desk: Desk) -> None:
    (desk.root / "up").touch()
    first = fence(f"test -e {desk.root}/up && MODE=well", "#first run")
    desk.write(talk_of(first, fence("echo mode $MODE", "#next run")))
    desk.recorded()
    before = desk.files(desk.folder / "recordings")
    (desk.root / "up").unlink()
    done = desk.record("--all")
    assert done.returncode == 1
    assert desk.files(desk.folder / "recordings") == before
    assert "not recorded, because a snippet before it failed: next" in done.stdout


def test_a_bad_snippet_does_not_keep_other_sessions_from_being_recorded(desk: Desk) -> None:
    desk.write(talk_of(fence("exit 9", "#bad run session=one"), fence("echo fine", "#good run session=two")))
    assert desk.record().returncode == 1
    assert desk.casts() == ["good.cast"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_run_that_is_broken_off_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    pipe = desk.fifo("pipe")
    desk.write(talk_of(fence("echo one", "#one run"), fence("echo two", "#two run")))
    desk.recorded()
    before = desk.files(desk.folder / "recordings")
    busy = f"setsid sleep 61.{os.getpid()} & sleep 62.{os.getpid()} & echo up > {pipe}; sleep 63.{os.getpid()}"
    down = fence(f"echo down > {desk.root}/down", "teardown")
    desk.write(talk_of(fence("echo one; true", "#one run"), fence(busy, "#two run"), down))
    process = desk.start("record", "--yes")
    assert pipe.read_text() == "up\n"
    process.send_signal(number)
    _out, said = process.communicate()
    assert process.returncode == (130 if number == signal.SIGINT else 143), said
    assert f".{os.getpid()}" not in commands_of_machine()
    after = desk.files(desk.folder / "recordings")
    assert after["talk/two.cast"] == before["talk/two.cast"]
    assert set(after) == set(before)
    assert (desk.root / "down").read_text() == "down\n"
    assert is_clean(desk)
    if number == signal.SIGINT:
        assert "the snippet 'two' was cancelled" in said


def test_waiting_for_a_server_is_broken_off_too(desk: Desk) -> None:
    pipe = desk.fifo("pipe")
    desk.write(talk_of(fence(f"echo up > {pipe}; sleep 64.{os.getpid()}", "#serve run bg wait=file:never timeout=90s")))
    process = desk.start("record", "--yes")
    assert pipe.read_text() == "up\n"
    process.send_signal(signal.SIGINT)
    _out, said = process.communicate(timeout=15)
    assert process.returncode == 130, said
    assert f"64.{os.getpid()}" not in commands_of_machine()


def test_a_killed_run_leaves_no_process_and_its_folder_is_cleaned(desk: Desk) -> None:
    pipe = desk.fifo("pipe")
    desk.write(talk_of(fence(f"sleep 65.{os.getpid()} & echo up > {pipe}; cat {pipe}", "#one run")))
    process = desk.start("record", "--yes")
    assert pipe.read_text() == "up\n"
    process.kill()
    process.communicate()
    pipe_is_closed_by_the_end_of_all(pipe)
    while f"65.{os.getpid()}" in commands_of_machine():  # what is ended is not all gone at once
        pass
    assert len(list((desk.cache / "sessions").iterdir())) == 1
    done = desk.run("clean")
    assert done.returncode == 0, done.stderr
    assert is_clean(desk)


def pipe_is_closed_by_the_end_of_all(pipe: Path) -> None:
    """Waits until nobody reads the pipe any more."""
    while True:
        try:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return


def test_only_one_records_at_a_time(desk: Desk) -> None:
    up, go = desk.fifo("up"), desk.fifo("go")
    desk.write(talk_of(fence(f"echo up > {up}; cat {go}", "#one run")))
    first = desk.start("record", "--yes")
    assert up.read_text() == "up\n"
    second = desk.record()
    assert second.returncode == 1
    assert "another record is running in" in second.stderr
    assert desk.run("clean").returncode == 0  # and this does not take the first one's folder away
    go.write_text("on\n")
    out, said = first.communicate()
    assert first.returncode == 0, out + said
    assert desk.output("one") == "on\n"


def test_the_first_failure_leaves_no_empty_folder(desk: Desk) -> None:
    desk.write(talk_of(fence("false", "#one run")))
    before = sorted(desk.folder.rglob("*"))
    assert desk.record().returncode == 1
    assert sorted(desk.folder.rglob("*")) == before


@pytest.fixture
def small(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of 256 kB, where the test says."""
    place = desk.root / request.param
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a disk in memory is made as Linux does")
@pytest.mark.parametrize("small", ["talks/recordings"], indirect=True)
def test_a_full_disk_below_the_recordings_loses_none(desk: Desk, small: Path) -> None:
    talk = desk.write(talk_of(fence("echo old", "#one run"), fence("echo old", "#two run")))
    desk.recorded()
    before = desk.files(small)
    fill(small)
    talk.write_text(talk_of(fence("seq 20000", "#one run"), fence("seq 9", "#two run")))
    done = desk.record()
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "what was recorded before is still there" in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.files(small)["talk/one.cast"] == before["talk/one.cast"]
    assert is_clean(desk)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a disk in memory is made as Linux does")
@pytest.mark.parametrize("small", ["cache"], indirect=True)
def test_a_full_disk_below_the_cache_is_told_at_the_line(desk: Desk, small: Path) -> None:
    big = fence("x" * 300_000, "file=big.txt", "text")
    desk.write(talk_of(fence("echo one", "#one run"), big, fence("echo two", "#two run")))
    done = desk.record()
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "talk.md:19:1: error[X101]: the snippet 'two' did not run: cannot write" in done.stderr
    assert "No space left on device" in done.stderr
    assert is_clean(desk)
    fill(small)
    done = desk.record("--all")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr


def test_without_bash_shell_snippets_say_so_and_programs_run(desk: Desk) -> None:
    programs = desk.root / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    desk.write(talk_of(fence("echo one", "#one run"), fence("print(2)", "#two run session=b", "python")))
    done = desk.record(env={"PATH": str(programs)})
    if done.returncode == 0:
        pytest.skip("there is a bash where Homebrew puts it")
    assert done.returncode == 1
    assert "talk.md:3:1: error[X101]: the snippet 'one' did not run: running shell snippets needs bash" in done.stderr
    assert desk.casts() == ["two.cast"]


def test_without_an_engine_docker_is_told_as_absent_and_the_word_is_only_a_word(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence("$ docker run busybox", "#engine run", "console"),
            fence("echo docker is a word", "#word run session=words"),
        )
    )
    done = desk.record(env={"DOCKER_HOST": f"unix://{desk.root}/nowhere.sock"})
    assert done.returncode == 1
    assert "talk.md:3:1: error[X101]: the snippet 'engine' did not run: " in done.stderr
    assert desk.casts() == ["word.cast"]


def test_output_that_no_slide_could_hold_is_capped_and_said_so(desk: Desk) -> None:
    big = "yes 0123456789012345678901234567890123456789 | head -c 50000000"
    binary = "head -c 3000 /dev/urandom; printf '\\n\\xff\\xfe end\\n'"  # a line's end also ends control strings
    desk.write(talk_of(fence(big, "#big run"), fence(binary, "#binary run")))
    desk.recorded()
    assert desk.cast("big").stat().st_size < 512_000
    assert desk.recording("big").cut_bytes > 49_000_000
    assert desk.output("binary").endswith(" end\n")


def test_mistakes_in_options_keep_everything_from_running(desk: Desk) -> None:
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "#one run expct=3")))
    done = desk.record()
    assert done.returncode == 2
    assert "talk.md:3: nothing runs while options of snippets are wrong: unknown option 'expct'" in done.stderr
    assert "did you mean 'expect'?" in done.stderr
    assert not (desk.root / "ran").exists()


def test_a_program_that_a_snippet_requires_and_nobody_has_is_named(desk: Desk) -> None:
    desk.write(talk_of(fence("echo here", "#one run requires=no-such-program"), fence("echo too", "#two run")))
    done = desk.run("record", "--yes")
    assert done.returncode == 1
    assert "it requires 'no-such-program', which is not installed here" in done.stderr


def test_a_snippet_cannot_fill_the_disk_with_one_file(desk: Desk) -> None:
    desk.write(talk_of(fence("ulimit -f", "#limit run")))
    desk.recorded()
    assert "4194304" in desk.output("limit")
