"""Permissions that bind root too, as which tests often run in containers. As a script: runs a command under them."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BOUND = (sys.executable, str(Path(__file__).resolve()))
"""Words in front of a command."""
DROP_FROM_BOUNDING_SET = 24
OVERRIDES = (1, 2)
"""Linux: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


@contextmanager
def closed(*paths: Path, mode: int = 0) -> Iterator[None]:
    """Nobody may read them for as long as this lasts."""
    before = [(path, path.stat().st_mode) for path in paths]
    for path in paths:
        path.chmod(mode)
    try:
        yield
    finally:
        for path, old in reversed(before):
            path.chmod(old)


if __name__ == "__main__":
    if sys.platform == "linux" and os.geteuid() == 0:
        for override in OVERRIDES:
            ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, override, 0, 0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
