"""Which bash runs the snippets: found by asking, since macOS ships one that is too old."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.process import ensure_running_works

OLDEST_BASH = (4, 4)
BASH_PLACES = ("/opt/homebrew/bin", "/usr/local/bin")


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
