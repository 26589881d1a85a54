"""A new talk in a new folder. Writes new files only: nothing that exists is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.project.files import RESERVED
from quarterdeck.project.resources import templates_folder

FILES = {
    "deck.md": "deck/{name}.md",
    "quarterdeck.toml": "quarterdeck.toml",
    "gitignore": ".gitignore",
    "pages.yml": ".github/workflows/pages.yml",
    "hello.cast": "deck/recordings/{name}/hello.cast",
}
"""File of `templates/starter/` to its place in the new folder."""


_NO_TALK = {"readme", "index", *(name.casefold() for name in RESERVED)}
"""Names of files that are no talk, or not one that a site can have."""


def create(folder: Path) -> tuple[Path, ...]:
    """Fills the folder with a starter talk named after it and returns the files; refuses a folder that is in use."""
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"'{folder}' is a file", fix="name a folder that does not exist yet")
        if folder.is_dir() and any(folder.iterdir()):
            where = "this folder" if folder == Path() else f"the folder '{folder}'"
            fix = "name a folder that does not exist yet; a talk for a project that is there is any .md file in it"
            raise UsageError(f"{where} is not empty", fix=fix)
        return tuple(_write(folder))
    except OSError as error:
        what = f"cannot make '{folder}': {error.strerror}"
        raise SurroundingsError(what, fix="name a folder where you may write") from None


def _write(folder: Path) -> Iterator[Path]:
    title = re.sub(r"[-_\s]+", " ", folder.resolve().name).strip() or "Talk"
    name = re.sub(r"[^\w-]+", "-", title).strip("-_") or "talk"
    if name.casefold() in _NO_TALK:
        name = f"{name}-talk"
    title = (title[:1].upper() + title[1:]).replace("\\", "\\\\").replace('"', '\\"')
    for template, place in FILES.items():
        target = folder / place.format(name=name)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (templates_folder() / "starter" / template).read_text("utf-8")
        target.write_text(text.replace("{{title}}", title), "utf-8")
        yield target
