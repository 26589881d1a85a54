"""`note:` in the middle of a line, which Advanced Slides takes for the start of speaker notes: here it is text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.rules.sheet import sheet_of

_STRAY = re.compile(r"(?<=\S)[ \t]+note:(?=\s|$)", re.MULTILINE)


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("text_join", "stray_notes", stray_notes)


def stray_notes(state: StateCore) -> None:
    sheet = sheet_of(state.env)
    if sheet.first or "note:" not in state.src:
        return  # in the notes themselves it is a word like any other
    for token in state.tokens:
        if token.type != "inline" or "note:" not in token.content:
            continue
        if not any(child.type == "text" and _STRAY.search(f"x{child.content}") for child in token.children or ()):
            continue  # in code
        for found in _STRAY.finditer(token.content):
            at = found.end() - len("note:")
            span = sheet.in_content(token, token.content, at, len("note:"))
            message = "'note:' in the middle of a line is text, and begins no speaker notes"
            sheet.report("M212", message, span, "notes begin with it at the start of a line")
