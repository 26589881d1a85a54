"""Settings files of other tools that lie beside a talk or above it, down from the project's root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from quarterdeck.model import Diagnostic, Source, Span
from quarterdeck.project.files import read_source, shown
from quarterdeck.project.key_check import WrittenKey
from quarterdeck.project.yaml_text import YamlMistakeError, entries, load_yaml
from quarterdeck.regex import regex

FILES: dict[str, str] = {
    # name of a file: the dialect whose settings it holds
    "mkslides.yml": "mkslides",
    "mkslides.yaml": "mkslides",
    "reveal-md.json": "reveal-md",
    "reveal-md.json5": "reveal-md",
    "reveal.json": "reveal-md",
    "reveal.json5": "reveal-md",
}
_PAGE = "index.html"
_STRING_OR_COMMENT = regex(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/|\t', re.DOTALL)
_IN_PAGE = regex(r"""data-markdown\s*=\s*["']?([^"'\s>]+)""")


class OtherToolSettings(Struct, frozen=True, kw_only=True):
    """What stands around a talk."""

    dialects: frozenset[str] = frozenset()
    entries: Mapping[str, tuple[WrittenKey, ...]] = field(default_factory=dict)
    """The settings for each of those dialects that has some."""
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[Path, ...] = ()
    """Those that were looked for, whether they are there or not."""
    sources: tuple[Source, ...] = ()
    """Texts of the settings, for what is said of them."""


def find_beside(talk: Path, *, root: Path, vault: bool, base: Path) -> OtherToolSettings:
    """The settings of other tools for a talk; of two files for one dialect the nearer one wins, key by key."""
    folders = list(_upwards(talk.parent, root))
    looked = [folder / name for folder in folders for name in FILES]
    found: dict[str, dict[str, WrittenKey]] = {}
    problems: list[Diagnostic] = []
    sources: list[Source] = []
    for path in reversed([path for path in looked if path.is_file()]):
        origin, _ = read_source(path, name=shown(path, base=base))
        sources.append(origin)
        read, wrong = _read(origin)
        problems += wrong
        found.setdefault(FILES[path.name], {}).update({entry.key: entry for entry in read})
    names = {*found, *(["obsidian"] if vault else [])}
    page = talk.parent / _PAGE
    if page.is_file() and talk.name in _named_in(page):
        names.add("reveal")
    return OtherToolSettings(
        dialects=frozenset(names),
        entries={name: tuple(keys.values()) for name, keys in found.items()},
        diagnostics=tuple(problems),
        files=(*looked, page),
        sources=tuple(sources),
    )


def _upwards(folder: Path, root: Path) -> Iterator[Path]:
    yield folder
    if folder != root and folder.is_relative_to(root):
        yield from _upwards(folder.parent, root)


def _named_in(page: Path) -> Iterable[str]:
    text = page.read_bytes()[:1_000_000].decode("utf-8", "replace")
    return {name.rpartition("/")[2] for name in _IN_PAGE.findall(text)}


def _read(origin: Source) -> tuple[tuple[WrittenKey, ...], tuple[Diagnostic, ...]]:
    name, text = origin.name, origin.text
    if origin.path.suffix.startswith(".json"):
        text = as_yaml(text)
    try:
        _, node = load_yaml(text)
    except YamlMistakeError as mistake:
        message = f"the settings cannot be read: {mistake.message}"
        span = Span(path=name, line=mistake.line, col=mistake.col)
        return (), (Diagnostic(code="F101", message=message, span=span, hint=mistake.hint),)
    return entries(node, path=name, line=1)


def as_yaml(text: str) -> str:
    """JSON with comments as YAML, which it is but for those and for tabs; every character keeps its place."""

    def blank(found: re.Match[str]) -> str:
        part = found[0]
        return part if part[0] in "\"'" else re.sub(r"[^\n]", " ", part)

    return _STRING_OR_COMMENT.sub(blank, text)
