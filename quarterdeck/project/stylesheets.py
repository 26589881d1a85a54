"""References of a stylesheet to other files, found by the grammar of CSS; all else keeps its bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from tinycss2 import ast, parse_component_value_list

_MENTIONS = re.compile(r"url\(|@import", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


def rewritten(css: str, rename: Callable[[str], str | None]) -> str:
    """The stylesheet with the files named that `rename` gives; nothing leaves a name as it is.

    Imports from another host are left out: a talk must not wait for a network that is not there.
    """
    if _MENTIONS.search(css) is None:  # most name no files, and to read one takes as long as a slide
        return css
    done = []
    at = 0
    for start, end, text in _edits(css, rename):
        done += [css[at:start], text]
        at = end
    return "".join([*done, css[at:]])


def _edits(css: str, rename: Callable[[str], str | None]) -> Iterator[tuple[int, int, str]]:
    """Start, end and new text of what changes, in order."""
    lines = [0, *(found.end() for found in re.finditer(r"[\n\f]", css))]
    imported = 0
    """Up to here an import is gone."""

    def place(node: ast.Node) -> int:
        return lines[node.source_line - 1] + node.source_column - 1

    def walk(nodes: Sequence[ast.Node], end: int) -> Iterator[tuple[int, int, str]]:
        nonlocal imported
        importing: ast.Node | None = None
        for number, (start, stop) in enumerate(pairwise([*map(place, nodes), end])):
            node = nodes[number]
            if start < imported or isinstance(node, (ast.WhitespaceToken, ast.Comment)):
                continue
            target = _target(node, alone=importing is not None)
            if target is not None and importing is not None and _REMOTE.match(target):
                rest = (
                    place(each) + 1
                    for each in nodes[number:]
                    if isinstance(each, ast.LiteralToken) and each.value == ";"
                )
                imported = next(rest, end)
                yield place(importing), imported, ""
            elif target is not None and (name := rename(target)) is not None:
                yield start, stop, f'url("{name}")'
            elif target is None:
                inner, closing = _inside(node)
                yield from walk(inner, stop - css.endswith(closing, start, stop))
            importing = node if isinstance(node, ast.AtKeywordToken) and node.lower_value == "import" else None

    yield from walk(parse_component_value_list(css), len(css))


def _target(node: ast.Node, *, alone: bool) -> str | None:
    """What `url()` names; where it stands `alone`, a string too."""
    if isinstance(node, ast.URLToken) or (alone and isinstance(node, ast.StringToken)):
        return str(node.value)
    if isinstance(node, ast.FunctionBlock) and node.lower_name == "url":
        return next((str(each.value) for each in node.arguments if isinstance(each, ast.StringToken)), None)
    return None


def _inside(node: ast.Node) -> tuple[Sequence[ast.Node], str]:
    """What a block holds, and the mark that closes it, unless the file ends before."""
    match node:
        case ast.FunctionBlock():
            return node.arguments, ")"
        case ast.CurlyBracketsBlock():
            return node.content, "}"
        case ast.ParenthesesBlock():
            return node.content, ")"
        case ast.SquareBracketsBlock():
            return node.content, "]"
        case _:
            return (), ""
