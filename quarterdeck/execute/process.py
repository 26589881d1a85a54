"""One program on a terminal of its own, in a clean environment, with limits; ended as a whole.

Standard library only. Linux and macOS; on Windows importing works and `spawn` says that running does not.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Literal, Protocol

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper

if sys.platform != "win32":
    import fcntl
    import pty
    import termios

READ_BYTES = 1 << 16
LAST_OUTPUT_S = 1.0
SILENCE_S = 0.1
LARGEST_FILE_BYTES = 4 << 30
"""A snippet that writes without end must not fill the disk; `timeout` bounds its time, `OutputBuffer` its output."""
CLOSE_GRACE_S = 0.4
"""Between asking and killing when a terminal is closed."""

ENGINE_VARIABLES = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST",
    "XDG_RUNTIME_DIR",
)
KEPT_VARIABLES = ("USER", "LOGNAME", "TMPDIR", *ENGINE_VARIABLES)
FIXED_VARIABLES = {
    "TERM": "xterm-256color",
    "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",  # macOS has no C.UTF-8
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "BUILDKIT_PROGRESS": "plain",
}


class Size(Struct, frozen=True, kw_only=True):
    cols: int = 100
    rows: int = 24


def ensure_running_works(platform: str = sys.platform) -> None:
    """Raises where snippets cannot run at all."""
    if platform == "win32":
        raise SurroundingsError(
            "snippets do not run on Windows (build, serve and replay do)",
            fix="record in WSL, or in CI, and commit the recordings",
        )


def environment(
    *,
    home: Path,
    base: Mapping[str, str],
    extra: Mapping[str, str] | None = None,
    first_on_path: Iterable[Path] = (),
) -> dict[str, str]:
    """What a run sees: PATH, its own HOME, what an engine needs, and `extra`; nothing else of the author's.

    The engine's settings stay those of the author although the home is another.
    """
    path = [str(folder) for folder in first_on_path]
    path += [part for part in base.get("PATH", os.defpath).split(os.pathsep) if Path(part).is_absolute()]
    kept = {name: base[name] for name in KEPT_VARIABLES if base.get(name)}
    docker = Path(base.get("HOME", "/nonexistent")) / ".docker"
    if "DOCKER_CONFIG" not in kept and docker.is_dir():
        kept["DOCKER_CONFIG"] = str(docker)
    return {"PATH": os.pathsep.join(path), "HOME": str(home)} | kept | FIXED_VARIABLES | dict(extra or {})


class Pumped(Protocol):
    """What `pump` waits for, and lets take in what has come."""

    def watch(self, selector: selectors.BaseSelector) -> None: ...

    def serve(self, descriptor: int, events: int) -> None: ...


class Terminal:
    """A program on a PTY, and the reaper that ends all that came of it. Used by one thread at a time."""

    def __init__(
        self, *, master: int, name: str, control: int, report: int, child: subprocess.Popen[bytes], nonce: str
    ) -> None:
        self.fd = master
        self.name = name
        """Of the device."""
        self.nonce = nonce
        self.pid = 0
        """Of the program; it leads the terminal's session."""
        self.failed = ""
        """Why the program could not be started."""
        self.status: int | None = None
        """Of the program once it has ended: 128 + n where signal n ended it."""
        self.eof = False
        """Nothing has the terminal open any more."""
        self.receive: Callable[[bytes], None] = lambda _: None
        self._control, self._report, self._reaper = control, report, child
        self._told = b""
        self._outgoing = bytearray()
        self._reporting = True
        self._closed = False
        self._modes: list[int | list[bytes | int]] = []

    def start(self, order: Mapping[str, object], *, within_s: float) -> None:
        """Tells the reaper what to run, and waits until it has begun, or could not: then `failed` says why."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._control, json.dumps(order).encode() + b"\n")
        deadline = time.monotonic() + within_s
        while self.pid == 0 and self.status is None and time.monotonic() < deadline:
            with selectors.DefaultSelector() as selector:
                selector.register(self._report, selectors.EVENT_READ)
                selector.select(0.2)
            self._read_report()

    def write(self, data: bytes) -> None:
        """Types `data`; what the terminal does not take at once goes out while pumping."""
        if self._closed:
            return
        self._outgoing += data
        self._send()

    def resize(self, size: Size) -> None:
        with contextlib.suppress(OSError, ValueError):  # a closed terminal has no size
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.cols, 0, 0))

    def set_echo(self, on: bool) -> None:
        """Puts the modes of the terminal back to those of its birth, whatever a program left, with or without echo.

        Keys that nobody has read are forgotten.
        """
        try:
            tty = os.open(self.name, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:  # it has been hung up
            return
        try:
            if not self._modes:
                self._modes = termios.tcgetattr(tty)
            modes = list(self._modes)
            assert isinstance(modes[3], int)  # noqa: S101 - flags, unlike the list of control characters
            modes[3] = modes[3] | termios.ECHO if on else modes[3] & ~termios.ECHO
            termios.tcsetattr(tty, termios.TCSANOW, modes)
            termios.tcflush(tty, termios.TCIFLUSH)
        except termios.error:
            pass
        finally:
            os.close(tty)

    def turns_keys_into_signals(self) -> bool:
        """False while a program reads raw keys, Ctrl-C among them."""
        try:
            flags = termios.tcgetattr(self.fd)[3]
        except (termios.error, OSError, ValueError):
            return False
        return bool(isinstance(flags, int) and flags & termios.ISIG)

    def foreground(self) -> int:
        """Process group that has the terminal, or 0."""
        try:
            return max(os.tcgetpgrp(self.fd), 0)
        except OSError:
            return 0

    def signal_foreground(self, *numbers: int) -> None:
        group = self.foreground()
        for number in numbers if group > 1 else ():
            with contextlib.suppress(OSError):
                os.killpg(group, number)

    def close(self, *, grace_s: float = CLOSE_GRACE_S) -> tuple[int, ...]:
        """Ends everything that the program started; gives the processes that could not be ended."""
        if self._closed:
            return ()
        self._closed = True
        if grace_s <= 0:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL) if self.pid else None
        os.close(self._control)
        left: set[int] = set()
        # the terminal stays open and is drained: a program that writes its last words must not block on them
        deadline = time.monotonic() + grace_s + reaper.PATIENCE_S + 2
        while self._reaper.poll() is None and time.monotonic() < deadline:
            self._wait_for_reaper()
        if self._reaper.poll() != 0:  # it was killed, or is stuck: do its work from here
            self._reaper.kill()
            self._reaper.wait(5)
            left = reaper.end_all(self.nonce, leader=self.pid, reaper=self._reaper.pid, grace_s=0)
        self._read_report()
        if self.status is None:
            self.status = 128 + signal.SIGKILL
        for descriptor in (self.fd, self._report):
            os.close(descriptor)
        self.fd, self.eof, self._reporting = -1, True, False
        return tuple(sorted(left))

    def _wait_for_reaper(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._report, selectors.EVENT_READ)
            if not self.eof:
                selector.register(self.fd, selectors.EVENT_READ)
            selector.select(0.05)
        self._read_report()
        self.drain()
        if not self._reporting:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._reaper.wait(0.2)

    # the parts of `pump`

    def watch(self, selector: selectors.BaseSelector) -> None:
        if not self.eof:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
            selector.register(self.fd, events, self)
        if self._reporting:
            selector.register(self._report, selectors.EVENT_READ, self)

    def serve(self, descriptor: int, events: int) -> None:
        if descriptor == self._report:
            self._read_report()
        else:
            if events & selectors.EVENT_WRITE:
                self._send()
            if events & selectors.EVENT_READ:
                self.drain()

    def drain(self, most_bytes: int = 1 << 20) -> None:
        """Takes in what has been printed so far, at most about `most_bytes` of it."""
        taken = 0
        while taken < most_bytes and not self.eof:
            try:
                part = os.read(self.fd, READ_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.EIO:  # Linux says so when nothing has the terminal open
                    raise
                part = b""
            if not part:
                self.eof = True
                return
            taken += len(part)
            self.receive(part)

    def drain_last_output(self) -> None:
        """What the program printed before its end may still be on its way; a daemon that holds the terminal may not."""
        deadline = time.monotonic() + LAST_OUTPUT_S
        while not self.eof and time.monotonic() < deadline and pump([self], SILENCE_S):
            pass

    def _send(self) -> None:
        while self._outgoing:
            try:
                sent = os.write(self.fd, self._outgoing[:1024])
            except BlockingIOError:
                return
            except OSError:
                self._outgoing.clear()
                return
            del self._outgoing[:sent]

    def _read_report(self) -> None:
        while self._reporting:
            try:
                part = os.read(self._report, 4096)
            except BlockingIOError:
                return
            if not part:
                self._reporting = False
                if self.status is None:
                    self.status = 128 + signal.SIGKILL  # the reaper was killed, and its program is on its own
                return
            *lines, self._told = (self._told + part).split(b"\n")
            for line in lines:
                told = json.loads(line)
                self.pid = told.get("pid", self.pid)
                self.failed = told.get("failed", self.failed)
                if "status" in told:
                    status = int(told["status"])
                    self.status = status if status >= 0 else 128 - status


def spawn(
    argv: tuple[str, ...],
    *,
    cwd: Path,
    env: Mapping[str, str],
    size: Size,
    largest_file_bytes: int | None = LARGEST_FILE_BYTES,
    stdin: Literal["tty", "none"] = "tty",
    nonce: str = "",
    hang_up: bool = False,
    remove: Path | None = None,
    grace_s: float = CLOSE_GRACE_S,
    within_s: float = 10.0,
) -> Terminal:
    """Starts `argv`; a program that cannot be started is told by `failed` of the terminal.

    `hang_up`: the program is an interactive shell, which ends when its terminal is hung up and not when asked to.
    `remove`: a folder of ours that is to go with the program, also when Quarterdeck dies.
    """
    ensure_running_works()
    nonce = nonce or token_hex(16)
    terminal = _terminal_with_reaper(nonce)
    terminal.resize(size)
    terminal.set_echo(False)
    order = {
        "argv": argv,
        "cwd": str(cwd),
        "env": {**env, reaper.MARK: nonce},
        "largest_file_bytes": largest_file_bytes,
        "stdin": stdin,
        "nonce": nonce,
        "hang_up": hang_up,
        "remove": str(remove or ""),
        "grace_s": grace_s,
    }
    try:
        terminal.start(order, within_s=within_s)
    except BaseException:
        terminal.close(grace_s=0)
        raise
    return terminal


def _terminal_with_reaper(nonce: str) -> Terminal:
    """A new terminal, whose reaper waits to be told what to start."""
    master, tty = pty.openpty()
    name = os.ttyname(tty)
    control_read, control_write = os.pipe()
    report_read, report_write = os.pipe()
    theirs = (control_read, report_write, tty)
    try:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, *map(str, theirs)],
            pass_fds=theirs,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        for descriptor in (master, control_write, report_read):
            os.close(descriptor)
        raise SurroundingsError(
            f"no process can be started: {error.strerror}", fix="end other programs, then try again"
        ) from None
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    for descriptor in (master, report_read):
        os.set_blocking(descriptor, False)
    return Terminal(master=master, name=name, control=control_write, report=report_read, child=child, nonce=nonce)


def pump(terminals: Iterable[Pumped], within_s: float) -> bool:
    """Waits at most `within_s` for something to happen on the terminals and takes it in; False if nothing did."""
    with selectors.DefaultSelector() as selector:
        for terminal in terminals:
            terminal.watch(selector)
        if not selector.get_map():
            return False
        ready = selector.select(max(within_s, 0))
        for key, events in ready:
            key.data.serve(key.fd, events)
    return bool(ready)
