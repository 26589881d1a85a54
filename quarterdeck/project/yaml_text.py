"""YAML text to plain data, and to entries with their places. Pure.

Only plain data exists here: the tags of Python objects are mistakes, `no` and `12:30` are text (the core scalars of
YAML 1.2), and what aliases multiply is counted before it is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import yaml

from quarterdeck.model import Diagnostic, Span
from quarterdeck.project.key_check import WrittenKey
from quarterdeck.regex import regex

MAX_NODES = 10_000
"""Values in one text, counted again at every alias."""
MAX_DEPTH = 50

_TAG = "tag:yaml.org,2002:"
_HINTS = (
    # what libyaml says, and what the author most often did
    ("mapping values are not allowed", "a value with a colon in it needs quotes"),
    ("cannot start any token", "a value that begins with @, %, ` or a tab needs quotes; indent with blanks, not tabs"),
    ("unexpected end of stream", "a quote is not closed"),
    ("did not find expected", "check the brackets and the indentation above this place"),
    ("could not find expected ':'", "a line of the front matter is 'key: value'"),
    ("undefined alias", "a value that begins with * needs quotes"),
)


class YamlMistakeError(ValueError):
    """What is wrong with a YAML text and where; `line` and `col` are 1-based in that text."""

    def __init__(self, message: str, *, line: int, col: int, hint: str = "", code: str = "F101") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.col = col
        self.hint = hint
        self.code = code


_SCALARS: dict[str, tuple[str, Callable[[str], Any]]] = {
    # the core schema of YAML 1.2: tag, what it looks like, and its value; everything else is text. Numbers are finite,
    # because a page's JSON knows no others
    "null": (r"|~|null|Null|NULL", lambda _: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", lambda text: int(text, 0 if text[1:2] in ("o", "x") else 10)),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", lambda text: _finite(float(text))),
    "str": (r"(?!)", str),
}


class _Loader(yaml.CSafeLoader):
    """Parses only. The scalars of YAML 1.1 would make dates, sexagesimal numbers and booleans of plain words."""


_Loader.yaml_implicit_resolvers = {
    None: [(_TAG + tag, regex(rf"(?:{looks})\Z")) for tag, (looks, _) in _SCALARS.items()]
}


def load_yaml(text: str) -> tuple[Any, yaml.Node | None]:
    """The text as plain data, and its nodes, which know their places; both None for an empty text.

    Raises `YamlMistakeError` for what is no YAML or no plain data.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is None or (mark.line > text.rstrip().count("\n") and error.context_mark):
            mark = error.context_mark  # at the end of the text one sees less than where the trouble began
        line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or "this is no YAML"
        hint = next((hint for part, hint in _HINTS if part in problem), "")
        raise YamlMistakeError(problem, line=line, col=col, hint=hint) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, col = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlMistakeError("a control character stands here", line=line, col=col, hint="remove it") from None
    if node is None:
        return None, None
    budget = iter(range(MAX_NODES))
    return _plain(node, budget, MAX_DEPTH), node


def _plain(node: yaml.Node, budget: Iterator[int], depth: int) -> Any:
    if next(budget, None) is None or depth == 0:
        raise _mistake(node, "too many values in one another", "aliases may repeat a value, but not multiply it")
    match node:
        case yaml.ScalarNode():
            return _scalar(node)
        case yaml.SequenceNode(tag=tag) if tag == f"{_TAG}seq":
            return [_plain(item, budget, depth - 1) for item in node.value]
        case yaml.MappingNode(tag=tag) if tag == f"{_TAG}map":
            return {_key(key): _plain(value, budget, depth - 1) for key, value in node.value}
    raise _tagged(node)


def _scalar(node: yaml.ScalarNode) -> Any:
    tag = node.tag.removeprefix(_TAG)
    if tag not in _SCALARS:
        raise _tagged(node)
    try:
        return _SCALARS[tag][1](node.value)
    except ValueError:
        raise _mistake(node, f"this is no value of the kind !!{tag}", "put the text in quotes") from None


def _finite(number: float) -> float:
    if not isfinite(number):
        raise ValueError(number)
    return number


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _mistake(node, "a key is a word, not a list or a mapping", "put a text that begins with [ or { in quotes")
    return str(node.value)


def _tagged(node: yaml.Node) -> YamlMistakeError:
    tag = node.tag.replace(_TAG, "!!")
    return _mistake(node, f"'{tag}' is no plain data", "write text, numbers, lists and mappings, without tags")


def _mistake(node: yaml.Node, message: str, hint: str) -> YamlMistakeError:
    mark = node.start_mark
    return YamlMistakeError(message, line=mark.line + 1, col=mark.column + 1, hint=hint, code="F107")


def entries(node: yaml.Node | None, *, path: str, line: int) -> tuple[tuple[WrittenKey, ...], tuple[Diagnostic, ...]]:
    """The keys of a mapping with their places, where line 1 of the YAML text is `line` of the file; none of other data.

    A key that stands twice is a diagnostic, and the later value holds. The node has come through `load_yaml`.
    """
    if not isinstance(node, yaml.MappingNode):
        return (), ()
    made: dict[str, WrittenKey] = {}
    found: list[Diagnostic] = []
    for key, value in node.value:
        span = _span(key, path, line)
        if (first := made.pop(key.value, None)) is not None:
            message = f"'{key.value}' stands twice; the first is in line {first.span.line}"
            found.append(Diagnostic(code="F105", message=message, span=span, hint="remove one of them"))
        children, wrong = entries(value, path=path, line=line)
        found += wrong
        made[key.value] = WrittenKey(
            key=key.value,
            value=_plain(value, iter(range(MAX_NODES)), MAX_DEPTH),
            text=value.value if isinstance(value, yaml.ScalarNode) else "",
            span=span,
            value_span=_span(value, path, line),
            children=children,
        )
    return tuple(made.values()), tuple(found)


def _span(node: yaml.Node, path: str, line: int) -> Span:
    start, end = node.start_mark, node.end_mark
    one_line = start.line == end.line
    return Span(path=path, line=start.line + line, col=start.column + 1, end_col=end.column + 1 if one_line else 0)
