"""`| a | b | <!-- .element: … -->`: an annotation behind a row means the row. Cells that no column has are told."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.annotations import take_annotation
from quarterdeck.markdown.rules.support.elements import Element
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.regex import regex

_BAR = regex(r"(?<!\\)\|")
_BEHIND = regex(r"\|\s*(?P<comment><!--(?:(?!-->).)*-->)\s*$")


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "table_rows", table_rows)


def table_rows(state: StateCore) -> None:
    """GFM leaves out what is more than the table's columns, and the annotation with it."""
    draft = draft_of(state.env)
    columns = 0
    for index, token in enumerate(state.tokens):
        if token.type == "thead_open":
            columns = 0
        columns += token.type == "th_open"
        if token.type == "tr_open" and token.map:
            line = draft.line(token.map[0])
            found = _BEHIND.search(line)
            if found and not _in_cell(state.tokens, index, found["comment"]):
                _give(token, found, token.map[0], draft)
                line = line[: found.start("comment")]
            if columns:
                _tell_of_more(line, token.map[0], columns, draft)


def _tell_of_more(line: str, number: int, columns: int, draft: SlideDraft) -> None:
    """Reports the cells of a row that stand behind the table's last column."""
    bars = [found.start() for found in _BAR.finditer(line.rstrip())]
    begins = bars if bars and not line[: bars[0]].strip(" \t>") else [-1, *bars]
    ends = [*begins[1:], len(line)]
    more = [line[at + 1 : end].strip() for at, end in zip(begins, ends, strict=True)][columns:]
    if any(more):
        cells = columns + len(more) - (not more[-1])
        left_out = " | ".join(filter(None, more))
        draft.report(
            "M213",
            f"this row has {cells} cells, and the head of the table {columns}: '{left_out}' is not shown",
            draft.span(number, begins[columns], len(line.rstrip())),
            "add a column to the head, or write \\| for a bar inside of a cell",
        )


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
