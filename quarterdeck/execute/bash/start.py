"""How a shell of ours is started: the files that it reads, the walls around it, and the terminal that it is on."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper as keeper
from quarterdeck.execute.bash.find import find_bash
from quarterdeck.execute.bash.marks import BASH_SETUP, SH_SETUP
from quarterdeck.execute.isolation import Isolation, Launch, enclose
from quarterdeck.execute.process import Size, Terminal, spawn

IN_CONTAINER = (
    'if command -v bash >/dev/null 2>&1; then exec bash --noprofile --rcfile "$0/setup.bash" --noediting -i; '
    'else ENV="$0/setup.sh" exec sh -i; fi'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    terminal: Terminal
    launch: Launch
    control: Path
    """Folder of our files, which goes with the shell."""

    def clean(self) -> None:
        """What is left to do when the terminal has been closed."""
        for command in self.launch.cleanup:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    command, env=dict(self.launch.env), capture_output=True, stdin=subprocess.DEVNULL, timeout=20
                )
        shutil.rmtree(self.control, ignore_errors=True)


def open_shell(opening: Opening, *, size: Size) -> Opened:
    """A shell that has been started, and may not have read its files yet; raises where there is none."""
    control = Path(tempfile.mkdtemp(prefix="qd-", dir=opening.control_in))
    nonce = token_hex(16)
    try:
        _put_setup(opening.state, control, nonce)
        launch = _enclosed(opening, control)
        terminal = spawn(
            launch.argv,
            cwd=launch.cwd,
            env=launch.env,
            size=size,
            largest_file_bytes=opening.largest_file_bytes,
            nonce=nonce,
            hang_up=True,
            remove=control,
        )
    except BaseException:
        shutil.rmtree(control, ignore_errors=True)
        raise
    return Opened(terminal=terminal, launch=launch, control=control)


def _put_setup(state: str, control: Path, nonce: str) -> None:
    setup = ""
    if state:
        put(control / "state", state)
        setup = f". {shlex.quote(str(control / 'state'))} 2>/dev/null\nexport {keeper.MARK}={nonce}\n"
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


def _enclosed(opening: Opening, control: Path) -> Launch:
    if opening.isolation.kind == "image":
        argv: tuple[str, ...] = ("sh", "-c", IN_CONTAINER, str(control))
    else:
        bash = find_bash(opening.env.get("PATH", os.defpath))
        argv = (str(bash), "--noprofile", "--rcfile", str(control / "setup.bash"), "--noediting", "-i")
    return enclose(
        argv,
        isolation=opening.isolation,
        folder=opening.folder,
        cwd=opening.cwd,
        control=control,
        env=opening.env,
    )
