"""CSS changed where its grammar says so; all else keeps its bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from tinycss2 import ast, parse_component_value_list

Edit = tuple[int, int, str]
"""Start and end of what changes, and its new text."""
_MENTIONS = re.compile(r"url\((?!\s*[\"']?(?:data:|#))|@import", re.IGNORECASE)
"""Of a file; what has none of these is not read by its grammar, which takes as long as a slide."""
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_OPENING = re.compile(r"""(?:url\(\s*)?(["']?)""", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|[\r\n\f]")


def with_files_renamed(css: str, rename: Callable[[str], str | None], *, remote_imports: bool = False) -> str:
    """The stylesheet with the files named that `rename` gives; None leaves a name as it is, as it has to `data:`.

    Imports from another host are left out unless `remote_imports`: a talk must not wait for a network that is missing.
    """
    if _MENTIONS.search(css) is None:
        return css
    return edited(css, _renamings(css, rename, remote_imports=remote_imports))


def edited(css: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made, which come in order and do not overlap."""
    done = []
    at = 0
    for start, end, text in edits:
        done += [css[at:start], text]
        at = end
    return "".join([*done, css[at:]])


def places(css: str) -> Callable[[ast.Node], int]:
    """The index in the text at which a node of it begins."""
    lines = [0, *(found.end() for found in _LINE_END.finditer(css))]
    return lambda node: lines[node.source_line - 1] + node.source_column - 1


def _renamings(css: str, rename: Callable[[str], str | None], *, remote_imports: bool) -> Iterator[Edit]:
    place = places(css)
    imported = 0
    """Up to here an import is gone."""

    def walk(nodes: Sequence[ast.Node], end: int) -> Iterator[Edit]:
        nonlocal imported
        importing: ast.Node | None = None
        for number, (start, stop) in enumerate(pairwise([*map(place, nodes), end])):
            node = nodes[number]
            if start < imported or isinstance(node, (ast.WhitespaceToken, ast.Comment)):
                continue
            target = _target(node, alone=importing is not None)
            if target is not None and importing is not None and not remote_imports and _REMOTE.match(target):
                rest = (
                    place(each) + 1
                    for each in nodes[number:]
                    if isinstance(each, ast.LiteralToken) and each.value == ";"
                )
                imported = next(rest, end)
                yield place(importing), imported, ""
            elif target is not None and (name := rename(target)) is not None:
                quote = _quote(css[start:stop])
                yield start, stop, f"url({quote}{name}{quote})"
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


def _quote(written: str) -> str:
    """That of a string, alone or in `url()`: a style may itself stand in quotes of the other kind."""
    opening = _OPENING.match(written)
    return opening[1] if opening else ""


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
