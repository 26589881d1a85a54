"""The user's own folders for what is no part of a project. Gives paths and makes nothing."""

from __future__ import annotations

from pathlib import Path

import platformdirs

NAME = "quarterdeck"


def cache_folder() -> Path:
    """What can be made again: `$XDG_CACHE_HOME`, `~/Library/Caches` or `%LOCALAPPDATA%`."""
    return platformdirs.user_cache_path(NAME, appauthor=False, opinion=False)


def state_folder() -> Path:
    """What must last, such as trust: `$XDG_STATE_HOME`, `~/Library/Application Support` or `%LOCALAPPDATA%`."""
    return platformdirs.user_state_path(NAME, appauthor=False)
