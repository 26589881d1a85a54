"""Stands between Quarterdeck and one program on a terminal, and ends everything that came of it.

`process.spawn` starts this file as a script with `python -I -S`, so it needs the standard library only. The program is
its child; orphans of the program become its children too (Linux), so that a daemon with a session and an environment
of its own is still found. It ends all of them when told, and when its control pipe closes, which is what happens when
Quarterdeck itself dies. A process of its own, because a subreaper must reap, and no thread may fork safely.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

if sys.platform != "win32":
    import fcntl
    import resource
    import termios

MARK = "QUARTERDECK_SESSION"
"""Variable in the environment of all that a run starts; its value is the run's nonce."""
HANDLED = (signal.SIGINT, signal.SIGTERM, *((signal.SIGCHLD, signal.SIGHUP) if sys.platform != "win32" else ()))
PATIENCE_S = 5.0
"""How long processes are killed again and again before the reaper gives up on them."""


class Process(NamedTuple):
    pid: int
    parent: int
    group: int
    session: int
    dead: bool
    """A zombie."""


def processes() -> list[Process]:
    """Every process of the machine that can be seen."""
    return _from_proc() if Path("/proc/self/stat").exists() else _from_ps()


def _from_proc() -> list[Process]:
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - names only, thousands of them, many times a second
        if name.isdecimal():
            # after the name of the program, which may hold blanks and brackets: state, parent, group, session
            words = _read(f"/proc/{name}/stat").rpartition(b")")[2].split()
            if len(words) > 3:
                found.append(Process(int(name), int(words[1]), int(words[2]), int(words[3]), words[0] in (b"Z", b"X")))
    return found


def _from_ps() -> list[Process]:
    answer = subprocess.run(["ps", "-axo", "pid=,ppid=,pgid=,stat="], capture_output=True, check=False, timeout=5)
    found = []
    for line in answer.stdout.decode("ascii", "replace").splitlines():
        pid, parent, group, state = line.split()[:4]
        # `sess` of BSD's ps is an address; asking the kernel tells the number
        try:
            session = os.getsid(int(pid))
        except OSError:
            session = 0
        found.append(Process(int(pid), int(parent), int(group), session, state.startswith("Z")))
    return found


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""  # it has ended meanwhile, or is another user's
    try:
        parts = []
        while part := os.read(descriptor, 65536):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def marked(nonce: str) -> set[int]:
    """Processes that were born into the run `nonce`, whatever became of their parents."""
    entry = f"{MARK}={nonce}".encode()
    if Path("/proc/self/environ").exists():
        names = (name for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208
        return {int(name) for name in names if entry in _read(f"/proc/{name}/environ").split(b"\0")}
    answer = subprocess.run(["ps", "eww", "-axo", "pid=,command="], capture_output=True, check=False, timeout=5)
    return {int(line.split()[0]) for line in answer.stdout.splitlines() if entry in line.split()}


def descendants(of: int, every: Iterable[Process]) -> set[int]:
    """Children of the process `of`, their children and so on."""
    children: dict[int, list[int]] = {}
    for process in every:
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [of]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in found:
                found.add(pid)
                waiting.append(pid)
    return found


def belonging(nonce: str, *, leader: int, reaper: int) -> set[int]:
    """Living processes of a run: those below its reaper, in its terminal's session, or with its mark."""
    every = processes()
    known = descendants(reaper, every) | marked(nonce)
    living = {process.pid for process in every if not process.dead}
    sessions = {process.pid for process in every if leader and process.session == leader}
    return (known | sessions) & living - {reaper, os.getpid()}


def signal_all(pids: Iterable[int], *numbers: int) -> None:
    for pid in pids:
        for number in numbers:
            try:
                os.kill(pid, number)
            except OSError:  # gone, or not ours
                break


def end_all(nonce: str, *, leader: int, reaper: int, grace_s: float, hang_up: bool = False) -> set[int]:
    """Asks all of a run to end, then kills what is left; gives what could not be killed."""
    left = belonging(nonce, leader=leader, reaper=reaper)
    if left and grace_s > 0:
        signal_all(left, signal.SIGTERM, signal.SIGCONT)
        signal_all({leader} & left if hang_up else (), signal.SIGHUP)
        left = _until_gone(nonce, leader, reaper, grace_s)
    give_up = time.monotonic() + PATIENCE_S
    while left and time.monotonic() < give_up:
        signal_all(left, signal.SIGKILL)
        left = _until_gone(nonce, leader, reaper, 0.05)
    return left


def _until_gone(nonce: str, leader: int, reaper: int, within_s: float) -> set[int]:
    deadline = time.monotonic() + within_s
    pause_s = 0.002
    while True:
        reap()
        left = belonging(nonce, leader=leader, reaper=reaper)
        if not left or time.monotonic() >= deadline:
            return left
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.05)


def reap() -> dict[int, int]:
    """Raw wait statuses of this process's children that ended or stopped; in the reaper, every child is the run's."""
    found: dict[int, int] = {}
    if not _is_reaper:
        return found
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found[pid] = status
        if not os.WIFSTOPPED(status):
            _ended[pid] = os.waitstatus_to_exitcode(status)


_ended: dict[int, int] = {}
"""Exit statuses of what was reaped, negative for a signal."""
_is_reaper = False
"""True in the script only: elsewhere, the children belong to others."""


def _main() -> None:
    global _is_reaper
    _is_reaper = True
    control, report, tty = (int(word) for word in sys.argv[1:4])
    for descriptor in (control, report, tty):
        os.set_inheritable(descriptor, False)
    order = _read_order(control)
    if order is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    for number in HANDLED:
        signal.signal(number, lambda *_: None)  # not SIG_IGN: the program would inherit that
    # a signal that comes before the program is there waits for it, instead of ending in a handler of ours
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    pid = os.fork()
    if pid == 0:
        _become(order, tty, report)
    signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    os.close(tty)
    _tell(report, pid=pid)
    _watch(pid, control=control, report=report, wake=wake_read)
    # the control pipe has closed, or said how long to be patient
    how = {"grace_s": order["grace_s"], "hang_up": order["hang_up"]}
    end_all(order["nonce"], leader=pid, reaper=os.getpid(), **how)
    reap()
    if pid in _ended:
        _tell(report, status=_ended[pid])
    if order["remove"]:
        shutil.rmtree(order["remove"], ignore_errors=True)


def _read_order(control: int) -> dict[str, Any] | None:
    parts = bytearray()
    while not parts.endswith(b"\n"):
        part = os.read(control, 65536)
        if not part:
            return None
        parts += part
    order: dict[str, Any] = json.loads(parts)
    return order


def _tell(report: int, **what: object) -> None:
    try:
        os.write(report, json.dumps(what).encode() + b"\n")
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise


def _watch(pid: int, *, control: int, report: int, wake: int) -> None:
    """Reaps and reports until the control pipe closes."""
    while True:
        for dead, status in reap().items():
            if dead != pid:
                continue
            if os.WIFSTOPPED(status):
                os.kill(pid, signal.SIGCONT)  # `suspend`: nobody else could ever wake it
            else:
                _tell(report, status=os.waitstatus_to_exitcode(status))
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
        if control in ready and not os.read(control, 4096):
            return


def _become(order: dict[str, Any], tty: int, report: int) -> None:
    """Turns the forked child into the program; never returns."""
    try:
        os.setsid()
        fcntl.ioctl(tty, termios.TIOCSCTTY, 0)
        stdin = os.open(os.devnull, os.O_RDONLY) if order["stdin"] == "none" else tty
        for source, target in ((stdin, 0), (tty, 1), (tty, 2)):
            os.dup2(source, target)
        _limit(resource.RLIMIT_CORE, 0)
        if order["largest_file_bytes"] is not None:
            _limit(resource.RLIMIT_FSIZE, order["largest_file_bytes"])
        signal.set_wakeup_fd(-1)
        for number in (*HANDLED, signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores the last, and programs inherit that
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        try:
            os.chdir(order["cwd"])
        except OSError as error:
            _tell(report, failed=f"{order['cwd']}: {error.strerror}")
            return
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606
    except OSError as error:
        _tell(report, failed=f"{order['argv'][0]}: {error.strerror}")
    finally:
        os._exit(127)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    _main()
