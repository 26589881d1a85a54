"""`| a | b | <!-- .element: … -->`: an annotation behind a row means the row."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.annotations import take_annotation
from quarterdeck.markdown.rules.support.elements import Element
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.regex import regex

_BEHIND = regex(r"\|\s*(?P<comment><!--(?:(?!-->).)*-->)\s*$")


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "table_rows", table_rows)


def table_rows(state: StateCore) -> None:
    """GFM leaves out what is more than the table's columns, and the annotation with it."""
    draft = draft_of(state.env)
    for index, token in enumerate(state.tokens):
        if token.type == "tr_open" and token.map:
            found = _BEHIND.search(draft.line(token.map[0]))
            if found and not _in_cell(state.tokens, index, found["comment"]):
                _give(token, found, token.map[0], draft)


def _in_cell(tokens: list[Token], row: int, comment: str) -> bool:
    for token in tokens[row + 1 :]:
        if token.type == "tr_close":
            return False
        if token.type == "inline" and comment in token.content:
            return True
    return False


def _give(row: Token, found: re.Match[str], line: int, draft: SlideDraft) -> None:
    span = draft.span(line, found.start("comment"), found.end("comment"))
    take_annotation(found["comment"], Element(name="tr", target=row, parent=None), draft, span)
