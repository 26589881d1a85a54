"""`python build.py [--watch]`: builds the talks of deck/ into site/, as `quarterdeck build deck -o site` does.

Runs with the Python of .venv/, which `make` sets up, unless quarterdeck is installed in the one it was started with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"


def main(words: list[str]) -> int:
    if is_installed():
        from quarterdeck.cli import main as quarterdeck

        base = Path() if Path.cwd() == ROOT else ROOT  # short paths in messages where they are true
        sys.argv = ["quarterdeck", "build", str(base / "deck"), "-o", str(base / "site"), *words]
        quarterdeck()
    if Path(sys.prefix).resolve() == VENV or not venv_python().exists():
        print("build.py: quarterdeck is not installed here; run `make` first", file=sys.stderr)
        return 1
    command = [str(venv_python()), str(Path(__file__).resolve()), *words]
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    return subprocess.call(command)


def is_installed() -> bool:
    """True where its dependencies are too; that the checkout can be imported says nothing about them."""
    try:
        distribution("quarterdeck")
    except PackageNotFoundError:
        return False
    return True


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
