"""Programs on terminals of their own, and the end of all that they start."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper
from quarterdeck.execute.process import Size, Terminal, ensure_running_works, pump, spawn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets do not run on Windows")


def start(folder: Path, *argv: str, **options: object) -> tuple[Terminal, bytearray]:
    env = {"PATH": os.environ["PATH"]}
    terminal = spawn(argv, cwd=folder, env=env, size=Size(), **options)  # type: ignore[arg-type]
    printed = bytearray()
    terminal.receive = printed.extend
    return terminal, printed


def finish(terminal: Terminal, within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not (terminal.status is not None and terminal.eof) and time.monotonic() < deadline:
        pump([terminal], 0.1)
    assert terminal.close() == ()


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = descriptors()
    yield
    assert descriptors() == before
    assert reaper.descendants(os.getpid(), reaper.processes()) & reapers() == set()


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208


def reapers() -> set[int]:
    def command(pid: int) -> bytes:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""

    return {process.pid for process in reaper.processes() if b"reaper.py" in command(process.pid)}


def test_a_program_prints_on_its_terminal_and_ends_with_its_status(tmp_path: Path) -> None:
    terminal, printed = start(tmp_path, "sh", "-c", "tty; pwd; exit 3")
    finish(terminal)
    assert terminal.status == 3
    assert bytes(printed) == f"{terminal.name}\r\n{tmp_path}\r\n".encode()


def test_a_signal_shows_in_the_status(tmp_path: Path) -> None:
    terminal, _ = start(tmp_path, "sh", "-c", "kill -TERM $$")
    finish(terminal)
    assert terminal.status == 143


@pytest.mark.parametrize("program", ["/nonexistent/program", "/etc/hostname"])
def test_a_program_that_cannot_start_is_told_and_is_no_exception(program: str, tmp_path: Path) -> None:
    terminal, _ = start(tmp_path, program)
    finish(terminal)
    assert terminal.failed.startswith(f"{program}: ")
    assert terminal.status == 127


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    terminal, _ = start(tmp_path / "gone", "true")
    finish(terminal)
    assert terminal.failed == f"{tmp_path / 'gone'}: No such file or directory"


def test_signals_that_python_ignores_are_not_ignored_by_programs(tmp_path: Path) -> None:
    terminal, printed = start(tmp_path, "sh", "-c", "yes | head -1; grep SigIgn /proc/self/status || true")
    finish(terminal)
    assert printed.startswith(b"y\r\n")
    if sys.platform == "linux":
        # whoever started the tests, make or a shell in the background, may ignore others on its own account
        ignored = int(printed.split()[-1], 16)
        assert [number for number in (signal.SIGPIPE, signal.SIGXFSZ) if ignored >> (number - 1) & 1] == []


def test_without_input_a_program_still_has_its_terminal(tmp_path: Path) -> None:
    terminal, printed = start(
        tmp_path, "sh", "-c", "cat; [ -t 0 ] || echo no input; [ -t 1 ] && echo x >/dev/tty", stdin="none"
    )
    finish(terminal)
    assert bytes(printed) == b"no input\r\nx\r\n"


def test_more_typing_than_a_terminal_takes_at_once_arrives(tmp_path: Path) -> None:
    terminal, printed = start(tmp_path, "sh", "-c", "stty raw -echo; echo go; head -c 300000 | wc -c")
    deadline = time.monotonic() + 10
    while b"go" not in printed and time.monotonic() < deadline:
        pump([terminal], 0.1)
    terminal.write(b"x" * 300_000)
    finish(terminal)
    assert printed.split()[-1] == b"300000"


def test_a_closed_terminal_can_be_asked_and_does_nothing(tmp_path: Path) -> None:
    terminal, _ = start(tmp_path, "cat")
    assert terminal.close() == ()
    assert terminal.close() == ()
    terminal.write(b"x")
    terminal.resize(Size(cols=1, rows=1))
    terminal.set_echo(True)
    assert (terminal.foreground(), terminal.turns_keys_into_signals(), pump([terminal], 0)) == (0, False, False)
    assert terminal.status == 143


def test_closing_gives_programs_the_time_to_say_goodbye(tmp_path: Path) -> None:
    script = "trap 'echo bye >bye; exit' TERM; echo ready; while :; do sleep 0.02; done"
    terminal, printed = start(tmp_path, "sh", "-c", script, grace_s=5)
    deadline = time.monotonic() + 10
    while b"ready" not in printed and time.monotonic() < deadline:
        pump([terminal], 0.1)
    terminal.close()
    assert (tmp_path / "bye").read_text() == "bye\n"


def test_a_family_of_many_is_ended(tmp_path: Path) -> None:
    stubborn = "(setsid sh -c 'trap \"\" HUP TERM; sleep 1000; sleep 1000' &)"
    script = f"for i in 1 2 3 4 5 6 7 8; do {stubborn}; done; echo up; wait"
    terminal, printed = start(tmp_path, "sh", "-c", script)
    deadline = time.monotonic() + 10
    while b"up" not in printed and time.monotonic() < deadline:
        pump([terminal], 0.1)
    assert terminal.close() == ()
    assert reaper.marked(terminal.nonce) == set()


def test_windows_is_told_that_running_does_not_work() -> None:
    with pytest.raises(SurroundingsError, match="do not run on Windows") as caught:
        ensure_running_works("win32")
    assert "WSL" in caught.value.fix
