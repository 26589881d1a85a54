"""Where a project begins: the folders above a talk that may have a say in it, and what marks them. Reads no file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from quarterdeck.project.files import children, is_file, may_enter

OURS_IN_TEMPLATES = (
    "deck.html",
    "frame.html",
    "outputs.html",
    "slide.html",
    "snippet.html",
    "terminal.html",
    "thumbnail.html",
)
"""Not `index.html`, which the templates of any web site have."""
_PARTS_OF_THEME = ("tokens.css", "theme.css", "templates", "layouts")


def home_folder() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # an account without one
        return None


def upwards(folder: Path, *, home: Path | None) -> tuple[Path, ...]:
    """The folder and those above it whose files are its owner's: below the home directory, and on the same disk.

    The home directory itself, one that everybody may write to and the root of the disk count only if they are the
    folder that was given.
    """
    found = [folder]
    for parent in folder.parents:
        if folder == home or parent == home or parent == parent.parent or not _same_owner(parent, found[-1]):
            break
        found.append(parent)
    return tuple(found)


def _same_owner(parent: Path, folder: Path) -> bool:
    """Where anybody may put a file, whoever comes first decides what is run; across a mount it is another machine's."""
    if os.name == "nt":
        return parent.drive == folder.drive
    try:
        above, below = parent.stat(), folder.stat()
    except OSError:
        return False
    return above.st_dev == below.st_dev and not above.st_mode & stat.S_IWOTH


def has_themes(folder: Path) -> bool:
    """Whether the folder has `themes/` with a theme of our kind in it."""
    themes = (theme for theme in children(folder / "themes") if may_enter(theme))
    return any((theme / part).exists() for theme in themes for part in _PARTS_OF_THEME)


def has_templates(folder: Path) -> bool:
    """Whether the folder has `templates/` with one of ours in it."""
    return any(is_file(folder / "templates" / name) for name in OURS_IN_TEMPLATES)


def is_marked(folder: Path) -> bool:
    """Whether a folder without settings and without git looks like the top of a project."""
    return (folder / ".obsidian").is_dir() or has_themes(folder) or has_templates(folder)


def nearest(places: Iterable[Path], name: str, *, counts: Callable[[Path], bool]) -> Path | None:
    """The folder `name` in the first of the places for which it counts."""
    return next((place / name for place in places if counts(place)), None)
