"""The blocks of a whole talk, for dialects whose slides begin at blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import Cutting
from quarterdeck.markdown.shields import Shield, shield_at
from quarterdeck.regex import regex

_MAY_CUT = regex(r"^ {0,3}(?:#|(?:[-*_=][ \t]*)+$)", re.MULTILINE)


def blocks(cutting: Cutting) -> Iterator[Token]:
    """The outermost blocks that are headings or rules, with their lines, and one token for each stretch of others.

    Only stretches of lines without a blank one between them that have such a line are parsed.
    """
    md = MarkdownIt("commonmark").enable("table")
    for first, last in _stretches(cutting.lines, cutting.shields):
        text = "\n".join(cutting.lines[first:last])
        if not _MAY_CUT.search(text):
            yield Token("paragraph_open", "p", 1, map=[first, last])
            continue
        tokens: list[Token] = []
        md.block.parse(text, md, {}, tokens)
        for token in tokens:
            if token.level == 0 and token.nesting >= 0 and token.map:
                token.map = [token.map[0] + first, token.map[1] + first]
                yield token


def _stretches(lines: Sequence[str], shields: Sequence[Shield]) -> Iterator[tuple[int, int]]:
    """First line and the one behind the last of what blank lines divide; indented lines go on with what is above."""
    start = -1
    at = 0
    blank = True
    while at < len(lines):
        line = lines[at]
        if not line or line.isspace():
            blank = True
            at += 1
            continue
        if start < 0:
            start = at
        elif blank and line[0] not in " \t":
            yield start, at
            start = at
        blank = False
        shield = shield_at(shields, at)
        at = shield.last + 1 if shield else at + 1
    if start >= 0:
        yield start, len(lines)
