"""Writes `assets/ts/stage/messages.ts` from the messages that the stage's server knows. `make docs` runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct, inspect

from quarterdeck.execute.problems import AnyProblem, Problem
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
NAMED = {"Problem": AnyProblem, "FromServer": messages.FromServer, "FromWindow": messages.FromWindow}
"""Unions, by the name that they have there."""


def page() -> str:
    structs = [*_structs(AnyProblem), *_structs(messages.FromServer), *_structs(messages.FromWindow)]
    own = [value for value in vars(messages).values() if isinstance(value, type) and issubclass(value, Struct)]
    plain = [each for each in own if each.__module__ == messages.__name__ and each.__struct_config__.tag is None]
    wanted = [each for each in plain if each.__struct_fields__ and each not in structs]
    return "\n".join([HEAD, *map(_interface, [*wanted, *structs]), *(_union(*each) for each in NAMED.items()), ""])


def _structs(union: Any) -> tuple[type[Struct], ...]:
    found: tuple[type[Struct], ...] = union.__args__
    return found


def _interface(struct: type[Struct]) -> str:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - for mypy
    lines = [f'  readonly {info.tag_field}: "{info.tag}";'] if info.tag is not None else []
    sent = issubclass(struct, (Problem, messages.ToWindow)) or info.tag is None  # whole, whatever is left out is null
    for field in info.fields:
        optional = "" if field.required or sent else "?"
        lines.append(f"  readonly {field.name}{optional}: {_type(field.type, optional=bool(optional))};")
    return "\n".join([f"export interface {struct.__name__} {{", *lines, "}\n"])


def _type(info: inspect.Type, *, optional: bool = False) -> str:
    match info:
        case inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.UnionType(types=types):
            if {each.cls for each in types if isinstance(each, inspect.StructType)} >= {*_structs(AnyProblem)}:
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
    names = [each.__name__ for each in _structs(of)]
    line = f"export type {name} = {' | '.join(names)};"
    return line if len(line) <= WIDTH else f"export type {name} ={''.join(f'{chr(10)}  | {each}' for each in names)};"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
