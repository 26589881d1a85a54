"""The blocks of a whole talk, for dialects whose slides begin at blocks."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token


def blocks(lines: Sequence[str]) -> list[Token]:
    """Tokens of CommonMark's blocks with tables; nothing inside of paragraphs is read."""
    md = MarkdownIt("commonmark").enable("table")
    tokens: list[Token] = []
    md.block.parse("\n".join(lines), md, {}, tokens)
    return tokens
