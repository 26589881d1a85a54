"""Writes `assets/ts/stage/messages.ts` from the messages that the stage's server knows. `make docs` runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import inspect

from quarterdeck.execute.engine.containers import Container
from quarterdeck.execute.problems import AnyProblem
from quarterdeck.markdown.pace import Section
from quarterdeck.serve.stage import messages

FILE = Path(__file__).resolve().parent.parent / "assets/ts/stage/messages.ts"
HEAD = """\
// Written by `make docs` from quarterdeck/serve/stage/messages.py; a test fails when it is behind.
"""
WIDTH = 120
SIMPLE = {
    inspect.StrType: "string",
    inspect.BytesType: "string",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.NoneType: "null",
    inspect.AnyType: "unknown",
}
UNIONS = {"Problem": AnyProblem, "FromServer": messages.FromServer, "FromWindow": messages.FromWindow}
"""By the name that they have there."""
PARTS = (messages.SnippetConfig, Section, messages.StageConfig, Container)
"""What stands in messages, or in the page."""


def page() -> str:
    types = [*PARTS, *(each for union in UNIONS.values() for each in _members(union))]
    return "\n".join([HEAD, *map(_interface, types), *(_union(*each) for each in UNIONS.items()), ""])


def _members(union: Any) -> tuple[type, ...]:
    found: tuple[type, ...] = union.__args__
    return found


def _interface(of: type) -> str:
    info = inspect.type_info(of)
    assert isinstance(info, inspect.StructType | inspect.DataclassType)  # noqa: S101 - for mypy
    lines = []
    if isinstance(info, inspect.StructType) and info.tag is not None:
        lines.append(f'  readonly {info.tag_field}: "{info.tag}";')
    for field in info.fields:  # the server sends all of them; a page may leave out what has a default
        optional = not field.required and of in _members(messages.FromWindow)
        lines.append(f"  readonly {field.name}{'?' * optional}: {_type(field.type, optional=optional)};")
    return "\n".join([f"export interface {of.__name__} {{", *lines, "}\n"])


def _type(info: inspect.Type, *, optional: bool = False) -> str:
    match info:
        case inspect.StructType(cls=cls) | inspect.DataclassType(cls=cls):
            return cls.__name__
        case inspect.UnionType(types=types):
            if {each.cls for each in types if isinstance(each, inspect.StructType)} >= {*_members(AnyProblem)}:
                rest = (each for each in types if not isinstance(each, inspect.StructType))
                return " | ".join(["Problem", *map(_type, rest)])
            return " | ".join(_type(each) for each in types if not (optional and isinstance(each, inspect.NoneType)))
        case inspect.LiteralType(values=values):
            return " | ".join(f'"{value}"' for value in values)
        case inspect.VarTupleType(item_type=item):
            return f"readonly {_type(item)}[]"
        case inspect.DictType(value_type=value):
            return f"Readonly<Record<string, {_type(value)}>>"
        case _:
            return SIMPLE[type(info)]


def _union(name: str, of: Any) -> str:
    names = [each.__name__ for each in _members(of)]
    line = f"export type {name} = {' | '.join(names)};"
    return line if len(line) <= WIDTH else f"export type {name} ={''.join(f'{chr(10)}  | {each}' for each in names)};"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
