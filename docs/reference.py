"""Writes `docs/reference.md` from the tables that the code itself uses. `make docs` runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
import msgspec

from quarterdeck.cli import cli
from quarterdeck.diagnostics import CODES
from quarterdeck.markdown.layout import LAYOUTS
from quarterdeck.project.deck_options import ALIASES, OTHER_TOOLS, REVEAL_OPTIONS, DeckOptions
from quarterdeck.project.key_check import expectation
from quarterdeck.project.settings import RELEASE, TABLES
from quarterdeck.render.words import words_of
from quarterdeck.snippets.options import OPTIONS, OptionSpec, RunOptions, value_of
from quarterdeck.snippets.runners import RUNNERS
from quarterdeck.snippets.steps import KEYS
from quarterdeck.snippets.values import Expect, OutputPlace, ShownLines, UnfitError

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference.md"
HEAD = """\
# Reference

Written by `make docs` from the tables that the code uses; a test fails when it is behind. What the syntax of slides is,
case by case, stands in [tests/spec](../tests/spec).
"""
SCOPES = {"fence": "fence", "session": "`sessions:`", "deck": "`snippets:`"}


def page() -> str:
    parts = (HEAD, *commands(), *front_matter(), *settings(), *fence_options(), *keys(), *codes())
    return "\n".join(parts)


def table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def commands() -> Iterator[str]:
    yield "## Commands\n"
    reading = [option for option in cli.commands["status"].params if isinstance(option, click.Option)]
    known = {option.name for option in reading}
    for name, command in sorted(cli.commands.items()):
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        yield f"### quarterdeck {name}\n\n    quarterdeck {name} {usage}\n\n{unwrapped(command.help or '')}\n"
        options = [each for each in command.params if isinstance(each, click.Option) and each.name not in known]
        if options:
            yield table(("option", "meaning"), map(option_row, options))
    readers = [f"`{name}`" for name, each in sorted(cli.commands.items()) if known <= {one.name for one in each.params}]
    yield f"### Options of all commands that read talks\n\n{', '.join(readers)}:\n"
    yield table(("option", "meaning"), map(option_row, reading))


def option_row(option: click.Option) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    return f"{names}{value}", option.help or ""


def unwrapped(text: str) -> str:
    return re.sub(r"(?<!\n)\n(?!\n)", " ", cleandoc(text))


def front_matter() -> Iterator[str]:
    yield "## Front matter\n"
    yield "Keys of a talk, between two lines of `---` at its top; under `[deck]` of the settings, for all talks.\n"
    yield table(("key", "value", "without it", "meaning"), struct_rows(DeckOptions))
    others = ", ".join(f"`{alias}` is `{key}`" for alias, key in ALIASES.items())
    yield f"Other names: {others}. Options of reveal.js may also stand at the top level. They are:\n"
    yield f"{', '.join(f'`{key}`' for key in REVEAL_OPTIONS)}.\n"
    yield f'Layouts, for `<!-- .slide: layout="…" -->`: {", ".join(f"`{name}`" for name in sorted(LAYOUTS))}.\n'
    yield "Keys of other tools that have no effect:\n"
    yield table(("key", "instead"), ((f"`{key}`", remedy) for key, remedy in OTHER_TOOLS.items()))


def struct_rows(struct: type[msgspec.Struct]) -> Iterator[tuple[str, str, str, str]]:
    for field in msgspec.structs.fields(struct):
        meaning = next(meta.description for meta in metas(field.type) if meta.description)
        yield f"`{field.encode_name}`", expected_value(field.type), written(field.default), str(meaning)


def metas(annotated: Any) -> Iterator[msgspec.Meta]:
    """What a type is annotated with, outermost last in the source and first here."""
    yield from reversed([meta for meta in getattr(annotated, "__metadata__", ()) if isinstance(meta, msgspec.Meta)])


def expected_value(kind: Any) -> str:
    return expectation(kind).replace("one of , ", "one of ")


def written(default: Any) -> str:
    """A default as an author would write it; nothing where that is nothing."""
    if default in (None, "", (), msgspec.NODEFAULT) or default == {} or default == []:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def settings() -> Iterator[str]:
    yield "## Settings\n"
    yield "`quarterdeck.toml`, or `[tool.quarterdeck]` of `pyproject.toml`, in the nearest folder up from a talk.\n"
    for name, struct in TABLES.items():
        if struct is DeckOptions:
            yield f"### [{name}]\n\nThe keys of the [front matter](#front-matter).\n"
        else:
            yield f"### [{name}]\n"
            yield table(("key", "value", "without it", "meaning"), struct_rows(struct))


def fence_options() -> Iterator[str]:
    yield "## Options of snippets\n"
    yield "In the braces of a fence, `{run timeout=60s}`, or in lines `#| timeout: 60s` at its top. Where the last"
    yield "column says so, also under `sessions:` (by session) or `snippets:` (for the talk) in the front matter; the"
    yield "nearer one holds. `#name` is the id of the snippet.\n"
    yield table(("option", "value", "without it", "meaning", "where"), map(spec_row, OPTIONS, OPTIONS.values()))
    yield f"Keys in `steps`: {', '.join(f'`{key}`' for key in KEYS)}.\n"
    yield f"Languages that a program runs: {', '.join(f'`{name}`' for name in RUNNERS)}.\n"


def spec_row(name: str, spec: OptionSpec) -> tuple[str, ...]:
    default = value_of(RunOptions(), spec.becomes or name)
    return (
        f"`{name}`",
        expected_by(spec),
        f"`{told}`" if (told := spelled(default)) else "",
        spec.means,
        ", ".join(SCOPES[scope] for scope in spec.scopes),
    )


def expected_by(spec: OptionSpec) -> str:
    try:
        spec.parse(object())
    except UnfitError as error:
        return re.sub(r"(tcp:|log:|http:|file:|healthy:)\S*[^\s,]", r"`\g<0>`", error.expected)
    raise AssertionError("an option that takes anything")


def spelled(default: object) -> str:
    match default:
        case float():
            return f"{default:g}s"
        case Expect() | OutputPlace():
            return default.kind
        case ShownLines():
            return f"{default.part} {default.count}"
        case (int() as columns, int() as rows):
            return f"{columns}x{rows}"
        case str():
            return default
        case _:
            return ""


def keys() -> Iterator[str]:
    """From the tables of the scripts: `["key_next", "→", "N"]` in the deck, `r: "run"` on stage."""
    tables = (ROOT / "assets/ts/keys.ts").read_text("utf-8")
    words = words_of("en")
    deck = re.findall(r'^ *\["key_(\w+)", (.*)\],$', tables, re.MULTILINE)
    stage = re.findall(r'^ *(\w): "(\w+)",$', tables, re.MULTILINE)
    yield "## Keys\n\n### In a deck\n"
    yield table(("key", "what it does"), ((caps(pressed), words[f"key_{word}"]) for word, pressed in deck))
    yield "`R` plays the recording of the slide. While `serve` runs, `E` opens your editor at the slide.\n"
    yield "### On stage, as well\n"
    rows = [(f"`{key}`", words[f"key_{act}"]) for key, act in stage if act != "speaker"]
    yield table(("key", "what it does"), [*rows, (f"`{RELEASE}`", words["key_release"])])


def caps(pressed: str) -> str:
    """`"Alt", "+", "→"` is one key, `"→", "N"` are two."""
    names = re.findall(r'"([^"]+)"', pressed)
    return f"`{''.join(names)}`" if "+" in names else ", ".join(f"`{name}`" for name in names)


def codes() -> Iterator[str]:
    yield "## Codes of findings\n"
    yield "`quarterdeck explain CODE` has an example of each, and what to do.\n"
    rows = (
        (f"[{code}](../quarterdeck/codes/{code[0]}.md#{code.lower()})", kind, text)
        for code, (kind, text) in CODES.items()
    )
    yield table(("code", "", "meaning"), rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
