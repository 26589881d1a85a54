"""An author's desk: a folder with talks, and a user who has never run any of them. Commands are real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.model import Recording
from quarterdeck.recordings.cast import Damage, load
from quarterdeck.recordings.still import outputs

Done = subprocess.CompletedProcess[str]
NOT_INHERITED = ("GITHUB_ACTIONS", "NO_COLOR", "XDG_CONFIG_HOME", "TMPDIR")


@dataclass(frozen=True)
class Desk:
    root: Path
    """Holds the author's folder, and apart from it the user's home, cache and state."""
    through: tuple[str, ...] = ()
    """Words in front of each command, which give it other surroundings."""

    @property
    def folder(self) -> Path:
        return self.root / "talks"

    @property
    def cache(self) -> Path:
        return self.root / "cache/quarterdeck"

    @property
    def env(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return own | {
            "HOME": str(self.root / "home"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "XDG_STATE_HOME": str(self.root / "state"),
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
        }

    def write(self, text: str, name: str = "talk.md") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        return path

    def line(self, *words: str) -> list[str]:
        return [*self.through, sys.executable, "-m", "quarterdeck", *words]

    def run(self, *words: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Done:
        """Types a command in the author's folder, not on a terminal."""
        return subprocess.run(
            self.line(*words),
            cwd=cwd or self.folder,
            env=self.env | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def record(self, *words: str, env: dict[str, str] | None = None) -> Done:
        return self.run("record", "--yes", *words, env=env)

    def recorded(self, *words: str) -> None:
        """Records, and it works."""
        done = self.record(*words)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.line(*words),
            cwd=self.folder,
            env=self.env | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def fifo(self, name: str) -> Path:
        """A pipe with a name: whoever opens one end waits for the other."""
        path = self.root / name
        os.mkfifo(path)
        return path

    def status(self, *words: str) -> dict[str, str]:
        """State and reason of each snippet, by id, as `status` tells them."""
        lines = (line.split(maxsplit=3) for line in self.run("status", *words).stdout.splitlines())
        return {id_: " ".join([state, *reason]) for state, id_, _place, *reason in lines}

    def casts(self, talk: str = "talk") -> list[str]:
        return sorted(path.name for path in (self.folder / "recordings" / talk).glob("*"))

    def cast(self, id: str, talk: str = "talk") -> Path:  # noqa: A002
        return self.folder / "recordings" / talk / f"{id}.cast"

    def recording(self, id: str, talk: str = "talk") -> Recording:  # noqa: A002
        found = load(self.cast(id, talk).read_bytes(), id)
        assert not isinstance(found, Damage), found
        return found

    def output(self, id: str, talk: str = "talk") -> str:  # noqa: A002
        """What all commands of a snippet printed, one after the other."""
        return "".join(outputs(self.recording(id, talk).events)).replace("\r\n", "\n")

    def files(self, below: Path | None = None) -> dict[str, tuple[bytes, int]]:
        """Every file below a folder with its content and the time at which it was written."""
        folder = below or self.folder
        return {
            path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def fence(code: str, options: str, language: str = "bash") -> str:
    return f"```{language} {{{options}}}\n{code}\n```\n"


def talk_of(*fences: str) -> str:
    """A talk with one slide for each fence."""
    return "\n---\n\n".join(f"## Slide {number}\n\n{text}" for number, text in enumerate(fences, 1))


def commands_of_machine() -> str:
    """The command lines of all processes."""
    return subprocess.run(["ps", "-axo", "command="], capture_output=True, text=True, check=True).stdout
