"""What the cases of `dialect-*.md` show of a talk in another tool's dialect.

A line for each slide with its place and lines, then what `spec_slide` says of it; last, what was not fully understood.
Lines behind `@file NAME` are another file beside the talk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import spec_slide
from spec_split import told

from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.inventory import gathered, inventory
from quarterdeck.markdown.parser import parse_slide
from quarterdeck.model import Chunk, ConstructOutcome, Slide
from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.project.settings import load_project
from quarterdeck.talk.reading import Reading, read_chunks

_FILE = re.compile(r"^@file (.+)\n", re.MULTILINE)


def renderer(dialect: str) -> Callable[[str], str]:
    """Cases of the file `dialect-NAME.md` are read in that dialect."""
    return lambda text: "".join(f"{line}\n" for line in _lines(text, dialect))


RENDERERS = {f"dialect-{name}": renderer(name) for name in DIALECTS}


def parsed(folder: Path, path: Path, *, dialect: str = "") -> tuple[Reading, list[Slide]]:
    project, _ = load_project(folder, base=folder)
    overrides = {"dialect": dialect} if dialect else {}
    reading = read_chunks(path, project=project, cwd=folder, overrides=overrides)
    slides = [
        parse_slide(chunk.text, context=reading.context, given=chunk.given, dialect=chunk.dialect)
        for chunk in reading.chunks
    ]
    return reading, slides


def _lines(text: str, dialect: str) -> Iterator[str]:
    first, *others = _FILE.split(text)
    page = first.lstrip().startswith("<!doctype html>")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "quarterdeck.toml").write_text("")
        talk = folder / ("talk.html" if page else "talk.md")
        talk.write_text(first, "utf-8")
        for other, content in zip(others[::2], others[1::2], strict=True):
            (folder / other).parent.mkdir(parents=True, exist_ok=True)
            (folder / other).write_text(content, "utf-8")
        reading, slides = parsed(folder, talk, dialect="" if page else dialect)
        yield from _options(reading)
        for chunk, slide in zip(reading.chunks, slides, strict=True):
            yield f"— {_place(chunk)}"
            yield from spec_slide.lines(slide)
        found = inventory(reading.front.constructs, reading.chunks, slides, path=talk.name)
        for line in gathered(found):
            if line.outcome is not ConstructOutcome.UNDERSTOOD:
                yield f"{line.outcome} {line.name}: {', '.join(f'{each.path}:{each.line}' for each in line.places)}"
        yield from told(reading.diagnostics)


def _options(reading: Reading) -> Iterator[str]:
    given, silent = msgspec.to_builtins(reading.front.options), msgspec.to_builtins(DeckOptions())
    for key, value in given.items():
        if value != silent[key] and key != "dialect":
            yield f"{key}: {value}"


def _place(chunk: Chunk) -> str:
    last = chunk.line + chunk.text.rstrip("\n").count("\n")
    lines = f"line {last}" if last == chunk.line else f"lines {chunk.line}-{last}"
    where = f"{chunk.column + 1}.{chunk.row + 1}" if chunk.row else f"{chunk.column + 1}"
    return f"{where} {lines}" + (f" of {chunk.path}" if chunk.path else "")


__all__ = ["RENDERERS", "parsed", "renderer"]
