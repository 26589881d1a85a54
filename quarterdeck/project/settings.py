"""Finds a project and reads its settings: `quarterdeck.toml`, or `[tool.quarterdeck]` of `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError
from quarterdeck.model import Diagnostic, Source, Span
from quarterdeck.project.deck_options import DeckOptions, Lang, field_types
from quarterdeck.project.files import is_folder, shown
from quarterdeck.project.key_check import Clean, WrittenKey, check_deck, check_fields, check_known, places_of
from quarterdeck.project.roots import has_templates, has_themes, home_folder, is_marked, nearest, upwards
from quarterdeck.regex import regex

Argv = Annotated[tuple[str, ...], Meta(min_length=1)]
Patterns = Annotated[list[str], Meta(extra={"expects": "a list of regular expressions"})]
Runners = Annotated[dict[str, Argv], Meta(extra={"expects": "for each language, a list of words"})]


class _Site(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    source: Annotated[str, Meta(description="Folder of the talks, for commands that name none.")] = ""
    output: Annotated[str, Meta(description="Folder of the site.")] = "site"
    allow: Annotated[
        tuple[str, ...], Meta(description="Folders outside of the project whose files talks may use, as `--allow`.")
    ] = ()
    title: Annotated[str, Meta(description="Title of the page that lists all talks.")] = ""
    lang: Annotated[Lang, Meta(description="Language of that page.")] = "en"


class _Serve(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    follow: Annotated[bool, Meta(description="Whether the deck moves to the slide that was edited.")] = True
    editor: Annotated[
        str,
        Meta(description="Name of the editor that `e` in the deck opens; else yours, or one that is there."),
    ] = ""


class _RunSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    runners: Annotated[
        Runners, Meta(description="For each language the words of its program, among them `{file}`.")
    ] = {}
    redact: Annotated[Patterns, Meta(description="What no recording may hold.")] = []


_KEY = "[A-Za-z0-9]|Escape|Esc|Enter|Space|Tab|Backspace|Delete|Insert|Home|End|PageUp|PageDown|F[1-9]|F1[0-2]"
_MODIFIER = "Ctrl|Alt|Meta|Shift"
Shortcut = Annotated[
    str,
    Meta(
        pattern=rf"^(?:(?:{_MODIFIER})\+)*(?:Ctrl|Alt|Meta)\+(?:(?:{_MODIFIER})\+)*(?:{_KEY})$",
        extra={"expects": "keys such as Ctrl+Shift+Escape, with Ctrl, Alt or Meta among them"},
    ),
]


RELEASE = "Ctrl+Shift+Escape"


class _Stage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    release: Annotated[
        Shortcut, Meta(description="Keys that give the keyboard back to the deck while one types into a terminal.")
    ] = RELEASE


TABLES: dict[str, Any] = {"site": _Site, "deck": DeckOptions, "serve": _Serve, "run": _RunSettings, "stage": _Stage}
"""The tables of a settings file; `[deck]` holds defaults for the front matter of every talk."""


class Project(Struct, frozen=True, kw_only=True):
    """Where things are, and what holds for all talks. Every path is absolute."""

    root: Path
    """Folder of the settings file; without one, the nearest folder with `.git`; else the nearest one that is a vault or
    has themes or templates; else the folder that was given. Nothing outside of it is read but what is in the vault."""
    source: Path
    """Where the talks are when a command names none."""
    output: Path | None
    """Where settings say that the site goes; None without settings: into the folder that the command runs in."""
    vault: Path
    """Where `![[name]]` is looked up: the nearest folder upwards with `.obsidian`, else the root."""
    allowed: tuple[Path, ...] = ()
    """Folders beside the root and the vault whose files talks may use."""
    title: str = ""
    """Of the page that lists all talks."""
    lang: str = "en"
    deck: Mapping[str, Any] = field(default_factory=dict)
    """Checked defaults for front matter."""
    places: Mapping[tuple[str, ...], Span] = field(default_factory=dict)
    """Where each of those stands: `("theme",)`."""
    themes: Path | None = None
    """Folder of the project's own themes, where there is one: the nearest one up to the root."""
    templates: Path | None = None
    """Folder of templates that replace built-in ones, where there is one: the nearest one up to the root."""
    looks: tuple[Path, ...] = ()
    """Folders that would be one of the two if they were there."""
    follow: bool = True
    """Whether `serve` moves the deck to the slide that was edited."""
    editor: str = ""
    release: str = RELEASE
    """Keys that give the keyboard back to the deck while one types into a terminal."""
    runners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language of a snippet to the program that runs it."""
    redact: tuple[str, ...] = ()
    """Regular expressions of what no recording may hold."""
    settings: Source | None = None
    """The settings file, where there is one."""
    files: tuple[Path, ...] = ()
    """Files of settings, those that are not there but would count too."""


class _File(Struct, frozen=True, kw_only=True):
    """A settings file as it was found."""

    path: Path
    text: str
    table: tuple[str, ...] = ()
    """Where in the file our settings are."""


def load_project(folder: Path, *, base: Path | None = None) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The project that a folder belongs to. Paths in diagnostics are relative to `base`."""
    folder = folder.absolute()
    above = upwards(folder, home=home_folder())
    repository = next((place for place in above if (place / ".git").exists()), None)
    inside = above if repository is None else above[: above.index(repository) + 1]
    file = next((found for place in inside if (found := _settings_in(place))), None)
    marked = next(filter(is_marked, above), folder)
    root = file.path.parent if file else repository or marked
    own = inside[: inside.index(root) + 1]
    name = shown(file.path, base=base or root) if file else ""
    tables, places, diagnostics = _read(file, name=name) if file else ({}, {}, ())
    certain = [root] if file else []  # where there are settings, nobody has to guess what a folder is for

    site = msgspec.convert(tables.get("site", {}), _Site)
    serve = msgspec.convert(tables.get("serve", {}), _Serve)
    run = msgspec.convert(tables.get("run", {}), _RunSettings)
    stage = msgspec.convert(tables.get("stage", {}), _Stage)
    named = {"lang": site.lang} if "lang" in tables.get("site", {}) else {}
    source = root / site.source if site.source else _folder(root / "deck") or root
    project = Project(
        root=root,
        source=source,
        output=root / site.output if file else None,
        vault=next((place for place in above if (place / ".obsidian").is_dir()), root),
        allowed=tuple(root / Path(name).expanduser() for name in site.allow),
        title=site.title,
        lang=site.lang,
        deck={**named, **tables.get("deck", {})},
        places=places,
        themes=nearest(own, "themes", counts=lambda place: has_themes(place) or _is_certain(place / "themes", certain)),
        templates=nearest(
            own, "templates", counts=lambda place: has_templates(place) or _is_certain(place / "templates", certain)
        ),
        looks=tuple(place / name for place in own for name in ("themes", "templates")),
        follow=serve.follow,
        editor=serve.editor,
        release=stage.release,
        runners=run.runners,
        redact=tuple(run.redact),
        settings=Source(path=file.path, name=name, text=file.text, digest=digest_of(file.text)) if file else None,
        files=tuple(place / name for place in inside for name in _NAMES),
    )
    return project, diagnostics


def _is_certain(folder: Path, parents: Collection[Path]) -> bool:
    return folder.parent in parents and is_folder(folder)


def _folder(path: Path) -> Path | None:
    return path if is_folder(path) else None


_NAMES = ("quarterdeck.toml", "pyproject.toml")


def _settings_in(folder: Path) -> _File | None:
    own, shared = (folder / name for name in _NAMES)
    if own.is_file():
        return _File(path=own, text=_text(own))
    if shared.is_file() and re.search(r"^\[tool\.quarterdeck[.\]]", text := _text(shared), re.MULTILINE):
        return _File(path=shared, text=text, table=("tool", "quarterdeck"))
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SurroundingsError(f"cannot read {path}: {error}", fix="make it readable, and save it as UTF-8") from None


Places = dict[tuple[str, ...], Span]


def _read(file: _File, *, name: str) -> tuple[dict[str, Clean], Places, tuple[Diagnostic, ...]]:
    """The settings that are right, by table, where those of [deck] stand, and a diagnostic for each that is wrong."""
    try:
        document: Any = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        return {}, {}, (_no_toml(error, file.text, name),)
    for part in file.table:
        document = document.get(part, {})  # not there: what looked like our table is text over several lines
    places: dict[tuple[str, ...], Span] = {}
    for place, span in toml_places(file.text, path=name):
        places.setdefault(place[len(file.table) :], span)
    top = Span(path=name, line=1)
    tables, found = check_known(_entries(document, (), places, top), TABLES, where="the settings")
    clean: dict[str, Clean] = {}
    told: Places = {}
    for table in tables:
        if not isinstance(table.value, dict):
            message = f"'{table.key}' expects a table, not '{table.text}'"
            found.append(Diagnostic(code="F104", message=message, span=table.span, hint=f"[{table.key}]"))
        elif table.key == "deck":
            clean["deck"], wrong = check_deck(table.children, where="[deck]")
            told = {keys: span for keys, span in places_of(table.children) if keys[0] in clean["deck"]}
            found += wrong
        else:
            types = field_types(TABLES[table.key])
            known, unknown = check_known(table.children, types, where=f"[{table.key}]")
            clean[table.key], wrong = check_fields(known, types)
            found += [*unknown, *wrong]
    return clean, told, tuple(sorted(found, key=lambda diagnostic: (diagnostic.span.line, diagnostic.span.col)))


def _no_toml(error: tomllib.TOMLDecodeError, text: str, name: str) -> Diagnostic:
    at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line, col = (int(at[1]), int(at[2])) if at else (text.count("\n") + 1, 1)
    problem = str(error).partition(" (at ")[0]
    return Diagnostic(
        code="F108",
        message=f"the settings cannot be read: {problem[:1].lower()}{problem[1:]}",
        span=Span(path=name, line=line, col=col),
        hint="a line is [table], or a key, '=' and its value, which has quotes if it is text",
    )


def _entries(
    table: Mapping[str, Any], path: tuple[str, ...], places: Mapping[tuple[str, ...], Span], above: Span
) -> tuple[WrittenKey, ...]:
    """`above` is the place of the table, for keys whose own place the scan did not find."""
    made = []
    for key, value in table.items():
        here = (*path, key)
        span = places.get(here, above)
        mapping = isinstance(value, dict)
        made.append(
            WrittenKey(
                key=key,
                value=_plain(value),
                text="" if mapping or isinstance(value, list) else _scalar_text(value),
                span=span,
                value_span=span,
                children=_entries(value, here, places, span) if mapping else (),
            )
        )
    return tuple(made)


def _plain(value: Any) -> Any:
    """Dates and the like are text to us, and so are numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)) else str(value)


def _scalar_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_TOML_LINE = regex(
    r"""[ \t]*(?:
        \[\[?(?P<table>[^\]\n]+)\]
      | (?P<key>(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)[ \t]*=
    )""",
    re.VERBOSE,
)
_TOML_PART = regex(r"""[\w-]+|"[^"]*"|'[^']*'""")


def toml_places(text: str, *, path: str) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Where tables and keys stand, which `tomllib` does not tell; the first place of several is the key's own.

    Keys in inline tables are not found.
    """
    table: tuple[str, ...] = ()
    quote = ""  # of the text over several lines that is open
    for number, line in enumerate(text.split("\n"), 1):
        if not quote and (found := _TOML_LINE.match(line)):
            kind = "table" if found["table"] else "key"
            parts = tuple(part.strip("\"'") for part in _TOML_PART.findall(found[kind]))
            place = parts if kind == "table" else (*table, *parts)
            table = parts if kind == "table" else table
            start = found.start(kind)
            for length in range(1, len(place) + 1):
                yield place[:length], Span(path=path, line=number, col=start + 1, end_col=found.end(kind) + 1)
        for mark in re.findall(r'"""|' + "'''", line):
            quote = mark if not quote else "" if mark == quote else quote
