"""How a shell of ours is started: which bash it is, the files that it reads, its isolation, and its terminal.

A bash is found by asking it, since macOS ships one that is too old.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper
from quarterdeck.execute.bash.marks import BASH_SETUP, SH_SETUP
from quarterdeck.execute.isolation import Isolation, ProcessSpec, isolate
from quarterdeck.execute.process import Size, Terminal, ensure_running_works, spawn

OLDEST_BASH = (4, 4)
BASH_PLACES = ("/opt/homebrew/bin", "/usr/local/bin")
IN_CONTAINER = (
    'if command -v bash >/dev/null 2>&1; then exec bash --noprofile --rcfile "$0/setup.bash" --noediting -i; '
    'else ENV="$0/setup.sh" exec sh -i; fi'
)


class ShellSpec(Struct, frozen=True, kw_only=True):
    """What a shell is started with."""

    folder: Path
    """What an isolation lets it write."""
    cwd: Path
    env: Mapping[str, str]
    """All of its environment."""
    largest_file_bytes: int
    isolation: Isolation
    state: str = ""
    """Bash text that gives it variables and functions."""
    control_in: Path | None = None
    """Where its folder of our files lies."""


class StartedShell(Struct, frozen=True, kw_only=True):
    terminal: Terminal
    process_spec: ProcessSpec
    control: Path
    """Folder of our files, which goes with the shell."""

    def clean(self) -> None:
        """What is left to do when the terminal has been closed."""
        for command in self.process_spec.cleanup:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    command, env=dict(self.process_spec.env), capture_output=True, stdin=subprocess.DEVNULL, timeout=20
                )
        shutil.rmtree(self.control, ignore_errors=True)


def open_shell(spec: ShellSpec, *, size: Size) -> StartedShell:
    """A shell that has been started, and may not have read its files yet; raises where there is none."""
    control = Path(tempfile.mkdtemp(prefix="qd-", dir=spec.control_in))
    nonce = token_hex(16)
    try:
        _put_setup(spec.state, control, nonce)
        process_spec = _process_spec(spec, control)
        terminal = spawn(
            process_spec.argv,
            cwd=process_spec.cwd,
            env=process_spec.env,
            size=size,
            largest_file_bytes=spec.largest_file_bytes,
            nonce=nonce,
            hang_up=True,
            remove=control,
        )
    except BaseException:
        shutil.rmtree(control, ignore_errors=True)
        raise
    return StartedShell(terminal=terminal, process_spec=process_spec, control=control)


def _put_setup(state: str, control: Path, nonce: str) -> None:
    setup = ""
    if state:
        put(control / "state", state)
        setup = f". {shlex.quote(str(control / 'state'))} 2>/dev/null\nexport {reaper.MARK}={nonce}\n"
    for name, text in (("setup.bash", BASH_SETUP), ("setup.sh", SH_SETUP)):
        put(control / name, setup + text.replace("NONCE", nonce))


def put(path: Path, text: str) -> None:
    """A file of ours that the shell is to read."""
    try:
        path.write_text(text, "utf-8", "surrogateescape")
    except OSError as error:
        raise SurroundingsError(
            f"{path.parent} cannot be written: {error.strerror}",
            fix="make room there, or set TMPDIR to another folder",
        ) from None


def _process_spec(spec: ShellSpec, control: Path) -> ProcessSpec:
    if spec.isolation.kind == "image":
        argv: tuple[str, ...] = ("sh", "-c", IN_CONTAINER, str(control))
    else:
        bash = find_bash(spec.env.get("PATH", os.defpath))
        argv = (str(bash), "--noprofile", "--rcfile", str(control / "setup.bash"), "--noediting", "-i")
    return isolate(
        argv,
        isolation=spec.isolation,
        folder=spec.folder,
        cwd=spec.cwd,
        control=control,
        env=spec.env,
    )


def find_bash(path: str, *, places: Sequence[str] = BASH_PLACES) -> Path:
    """The first bash on `path` that is new enough, else one where Homebrew puts it."""
    ensure_running_works()
    met = []
    for folder in dict.fromkeys([*path.split(os.pathsep), *places]):
        program = Path(folder, "bash")
        if Path(folder).is_absolute() and os.access(program, os.X_OK):
            version = _bash_version(program)
            if version >= OLDEST_BASH:
                return program
            met.append(f"{program} is {'.'.join(map(str, version)) or 'no bash'}")
    raise SurroundingsError(
        f"running shell snippets needs bash 4.4 or newer: {'; '.join(met) or 'there is none on PATH'}",
        fix="brew install bash (macOS), or the package bash of your system",
    )


def _bash_version(program: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [str(program), "--noprofile", "--norc", "-c", 'echo "${BASH_VERSINFO[0]} ${BASH_VERSINFO[1]}"'],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            timeout=5,
            check=False,
        )
        return tuple(int(word) for word in answer.stdout.split())
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return ()
