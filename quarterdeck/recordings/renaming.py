"""Recordings that are called otherwise than their snippets get their names, with all that belongs to them."""

from __future__ import annotations

from pathlib import Path

from quarterdeck.recordings.cast import dump
from quarterdeck.recordings.folder import discard, exclusive, file_name, replace_file
from quarterdeck.recordings.outputs import read_outputs, write_outputs
from quarterdeck.recordings.pictures import picture_name, write_picture
from quarterdeck.recordings.recorded import Snippets, reread


def carry_over(snippets: Snippets) -> tuple[Snippets, tuple[tuple[str, str], ...]]:
    """The snippets with their recordings as they are stored now; and the names of casts, those of before and of now."""
    renamed = snippets.renamed
    if not renamed:
        return snippets, ()
    folder = snippets.folder
    with exclusive(folder):
        # all are read before any is written: two may have changed their names with each other
        outputs = {name: read_outputs(folder, stored)[0] for name, stored in renamed.items()}
        pictures = {name: _content(folder / picture_name(stored)) for name, stored in renamed.items()}
        for name in renamed:
            write_outputs(folder, name, outputs[name])
            if pictures[name]:
                write_picture(folder, name, pictures[name])
            replace_file(folder / file_name(name), dump(snippets.recordings[name]))
        left = [stored for stored in renamed.values() if stored not in renamed]
        for stored in left:
            (folder / picture_name(stored)).unlink(missing_ok=True)
        discard(folder, left)
    pairs = ((file_name(stored), file_name(name)) for name, stored in renamed.items())
    return reread(snippets), tuple(sorted(pairs))


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
