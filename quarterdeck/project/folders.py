"""The user's own folders for what is no part of a project. Gives paths and makes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "quarterdeck"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What can be made again: `$XDG_CACHE_HOME`, `~/Library/Caches` or `%LOCALAPPDATA%`."""
    return _folder(environ, xdg="XDG_CACHE_HOME", linux=".cache", mac="Library/Caches")


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What must last, such as trust: `$XDG_STATE_HOME`, `~/Library/Application Support` or `%LOCALAPPDATA%`."""
    return _folder(environ, xdg="XDG_STATE_HOME", linux=".local/state", mac="Library/Application Support")


def _folder(environ: Mapping[str, str], *, xdg: str, linux: str, mac: str) -> Path:
    named = environ.get(xdg) or (environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    if named and Path(named).is_absolute():  # a relative one is to be ignored, says the XDG specification
        return Path(named) / NAME
    return Path.home() / (mac if sys.platform == "darwin" else linux) / NAME
