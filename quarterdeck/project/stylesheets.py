"""CSS changed where its grammar says so; all else keeps its bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct
from tinycss2 import ast, parse_component_value_list

from quarterdeck.regex import regex

Edit = tuple[int, int, str]
"""Start and end of what changes, and its new text."""
_MENTIONS = regex(r"url\((?!\s*[\"']?(?:data:|#))|@import", re.IGNORECASE)
"""Of a file; what has none of these is not read by its grammar, which takes as long as a slide."""
_REMOTE = regex(r"(?:https?:)?//", re.IGNORECASE)
_OPENING = regex(r"""(?:url\(\s*)?(["']?)""", re.IGNORECASE)
_LINE_END = regex(r"\r\n|[\r\n\f]")


class _Reference(Struct, frozen=True, kw_only=True):
    """A file that a stylesheet names, between two indexes of its text."""

    start: int
    end: int
    target: str
    quote: str
    imported: tuple[int, int] | None
    """Of the whole statement, where it is an import."""


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
    gone = 0
    """Up to here an import is left out."""
    for each in _references(css):
        if each.start < gone:
            continue
        if each.imported and not remote_imports and _REMOTE.match(each.target):
            start, gone = each.imported
            yield start, gone, ""
        elif (name := rename(each.target)) is not None:
            yield each.start, each.end, f"url({each.quote}{name}{each.quote})"


@lru_cache(maxsize=64)
def _references(css: str) -> tuple[_Reference, ...]:
    """In order. Remembered: the decks of a site share their stylesheets."""
    return tuple(_found(parse_component_value_list(css), len(css), css, places(css)))


def _found(nodes: Sequence[ast.Node], end: int, css: str, place: Callable[[ast.Node], int]) -> Iterator[_Reference]:
    importing: int | None = None
    for number, (start, stop) in enumerate(pairwise([*map(place, nodes), end])):
        node = nodes[number]
        if isinstance(node, (ast.WhitespaceToken, ast.Comment)):
            continue
        target = _target(node, alone=importing is not None)
        if target is None:
            inner, closing = _inside(node)
            yield from _found(inner, stop - css.endswith(closing, start, stop), css, place)
        else:
            statement = None if importing is None else (importing, _end_of_statement(nodes[number:], end, place))
            yield _Reference(start=start, end=stop, target=target, quote=_quote(css[start:stop]), imported=statement)
        importing = start if isinstance(node, ast.AtKeywordToken) and node.lower_value == "import" else None


def _end_of_statement(nodes: Iterable[ast.Node], end: int, place: Callable[[ast.Node], int]) -> int:
    semicolons = (place(each) + 1 for each in nodes if isinstance(each, ast.LiteralToken) and each.value == ";")
    return next(semicolons, end)


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
