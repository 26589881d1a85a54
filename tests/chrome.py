"""Finds the machine's own Chrome or Chromium. As a script it prints the path, and exits with 1 where there is none."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
)
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    # it must not call home: a refused connection in the log would hide one of the deck's own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """The program to start: $CHROME, else the first known name on PATH, else a usual place of macOS or Windows."""
    named = os.environ.get("CHROME")
    if named:
        return shutil.which(named)
    on_path = (shutil.which(name) for name in NAMES)
    return next(filter(None, on_path), None) or next((place for place in PLACES if Path(place).is_file()), None)


def flags() -> list[str]:
    """Chrome's sandbox does not work for root, as which tests often run in containers."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if root else [])]


if __name__ == "__main__":
    program = find()
    print(program or "no Chrome or Chromium", file=sys.stdout if program else sys.stderr)
    sys.exit(0 if program else 1)
