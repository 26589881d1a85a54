"""What Obsidian reads in raw HTML too: `![[pictures]]`, `[[links]]`, `==marks==`, icons, and `%%hidden%%` text.

The plugin reads these before anybody looks for HTML. In code and scripts all is as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.annotations import read_annotation
from quarterdeck.markdown.rules.support.html_tags import RAW_TEXT, Piece, Tag, read_pieces
from quarterdeck.regex import regex

_READ = regex(
    r"!\[\[[^\[\]\n]+\]\]|!\[[^\[\]\n]*\]\((?:[^()\n]|\([^()\n]*\))+\)|(?<!\[)\[\[[^\[\]\n]+\]\](?![(\[])|==[^=\n]+=="
    r"|:fa[srlbdt]?[_-][a-z0-9_-]+:"
)
_HIDDEN = regex(r"%%[^%]*%%")
_CODE = regex(r"<(pre|code|script|textarea)(?=[\s>]).*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_LEFT = RAW_TEXT | {"pre", "code", "svg", "math"}


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "html_text", html_text)


def html_text(state: StateCore) -> None:
    out: list[Token] = []
    for token in state.tokens:
        if token.type != "html_block":
            out.append(token)
            continue
        if "%%" in token.content:
            token.content = _without_hidden(token.content)
        out += _parts(token) if _READ.search(token.content) else [token]
    state.tokens = out


def _without_hidden(html: str) -> str:
    """With blanks in place of hidden text, so that the rest is where it was."""
    code = [found.span() for found in _CODE.finditer(html)]

    def blank(found: re.Match[str]) -> str:
        in_code = any(start <= found.start() < end for start, end in code)
        return found[0] if in_code else re.sub(r"[^\n]", " ", found[0])

    return _HIDDEN.sub(blank, html)


def _parts(token: Token) -> Iterator[Token]:
    """The HTML as it falls apart at what is Markdown."""
    at = 0
    for start, end in _texts(token.content):
        if token.content[at:start].strip():
            yield _cut(token, at, start)
            at = start
        text = _cut(token, at, end)  # with the blanks before it
        text.type, text.tag, text.children = "inline", "", []
        yield text
        at = end
    if token.content[at:].strip():
        yield _cut(token, at, len(token.content))


def _cut(token: Token, start: int, end: int) -> Token:
    first = (token.map or [0, 0])[0] + token.content.count("\n", 0, start)
    content = token.content[start:end]
    return token.copy(content=content, map=[first, first + content.rstrip("\n").count("\n") + 1], meta={**token.meta})


def _texts(html: str) -> Iterator[tuple[int, int]]:
    """Where Markdown begins and ends; an annotation behind it is part of it."""
    left: list[str] = []
    pieces = read_pieces(html)
    for index, piece in enumerate(pieces):
        if isinstance(piece, Tag):
            if piece.name in _LEFT and not piece.empty:
                left = left[:-1] if piece.closes else [*left, piece.name]
            continue
        if left or piece.is_comment:
            continue
        for found in _READ.finditer(piece.text):
            end = found.end()
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            if not piece.text[end:].strip(" \t") and isinstance(following, Piece) and read_annotation(following.text):
                yield piece.start + found.start(), following.start + len(following.text)
                continue
            yield piece.start + found.start(), piece.start + end
