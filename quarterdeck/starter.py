"""A new talk in a new folder. Writes new files only: nothing that exists is touched."""

from __future__ import annotations

import re
from pathlib import Path

from quarterdeck.errors import UsageError
from quarterdeck.resources import templates_folder

FILES = {
    "deck.md": "deck/{name}.md",
    "quarterdeck.toml": "quarterdeck.toml",
    "gitignore": ".gitignore",
    "pages.yml": ".github/workflows/pages.yml",
    "hello.cast": "deck/recordings/{name}/hello.cast",
}
"""File of `templates/starter/` to its place in the new folder."""


def create(folder: Path) -> tuple[Path, ...]:
    """Fills the folder with a starter talk named after it and returns the files; refuses a folder that is in use."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"'{folder}' is there already and is not empty", fix="name a folder that does not exist yet")
    name = re.sub(r"[^\w-]+", "-", folder.resolve().name).strip("-_") or "talk"
    title = re.sub(r"[-_]+", " ", name)
    title = title[:1].upper() + title[1:]
    written = []
    for template, place in FILES.items():
        target = folder / place.format(name=name)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (templates_folder() / "starter" / template).read_text("utf-8")
        target.write_text(text.replace("{{title}}", title), "utf-8")
        written.append(target)
    return tuple(written)
