"""Blocks of raw HTML, comments among them: where they begin and end on a slide.

As in CommonMark, but a comment that is never closed is text, speaker notes end a block of HTML, a comment, `<script>`
or `<pre>` inside of one is never cut by a blank line, and an annotation does not break a list in two.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import html_block as commonmark_html_block

from quarterdeck.markdown.rules.support.annotations import read_annotation
from quarterdeck.markdown.rules.support.note_lines import begins_notes, notes_pattern
from quarterdeck.regex import regex

_COMMENTS = regex(r"[ \t]*(?:<!--(?:-?>|(?:(?!-->).)*-->)[ \t]*)+", re.DOTALL)
_OPENED = regex(r"<!--|<(script|style|textarea|pre)(?=[\s>])", re.IGNORECASE)
_TO_ITS_END = regex(r"<(?:[?!]|(?:script|style|textarea|pre)(?=[\s>]|$))", re.IGNORECASE)


def install(md: MarkdownIt, *, separator: str) -> None:
    pattern = notes_pattern(separator)

    def html(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        pos = state.bMarks[start] + state.tShift[start]
        if not state.src.startswith("<", pos, state.eMarks[start]) or state.is_code_block(start):
            return False
        if state.src.startswith("<!--", pos):
            return _comment(state, start, end, silent)
        if not commonmark_html_block(state, start, end, silent):
            return False
        if not silent and not _TO_ITS_END.match(state.src, pos):
            _settle_end(state, start, end, pattern)
        return True

    md.block.ruler.before("table", "annotation", _annotation_before_text)
    md.block.ruler.at("html_block", html, {"alt": ["paragraph", "reference", "blockquote"]})


def _annotation_before_text(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Takes annotations from the start of a line whose rest is Markdown, and leaves the rest to the other rules."""
    pos = state.bMarks[start] + state.tShift[start]
    if silent or not state.src.startswith("<!--", pos, state.eMarks[start]) or state.is_code_block(start):
        return False
    found = _COMMENTS.match(state.src, pos, state.eMarks[start])
    if found is None or found.end() >= state.eMarks[start] or read_annotation(_first_comment(state.src, pos)) is None:
        return False
    token = state.push("html_block", "", 0)
    token.map = [start, start + 1]
    token.content = found[0]
    token.meta["ahead"] = True
    state.bMarks[start] = found.end()
    state.tShift[start] = 0
    return False


def _comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    pos = state.bMarks[start] + state.tShift[start]
    if "-->" not in state.src[pos + 2 : state.eMarks[end - 1]]:
        return False
    if silent:
        in_item = 0 <= state.sCount[start] < state.blkIndent
        return not (in_item and read_annotation(_first_comment(state.src, pos)))
    return bool(commonmark_html_block(state, start, end, False))


def _first_comment(text: str, pos: int) -> str:
    return text[pos : text.find("-->", pos + 2) + 3]


def _settle_end(state: StateBlock, start: int, end: int, pattern: re.Pattern[str]) -> None:
    """Moves the end of a block that CommonMark ends at a blank line: earlier for notes, later for what is open."""
    token = state.tokens[-1]
    stop = state.line
    while (closer := _still_open(token.content)) is not None:
        begin = state.bMarks[stop] if stop < end else len(state.src)
        closed = closer.search(state.src, begin, state.eMarks[end - 1])
        if closed is None:
            break
        while stop < end and state.eMarks[stop] < closed.end():
            stop += 1
        stop += 1
        while stop < end and not state.isEmpty(stop) and state.sCount[stop] >= state.blkIndent:
            stop += 1
        stop = min(stop, end)
        token.content = state.getLines(start, stop, state.blkIndent, True)
    for line in range(start + 1, stop):
        if begins_notes(state, line, pattern):
            stop = line
            token.content = state.getLines(start, stop, state.blkIndent, True)
            break
    state.line = stop
    token.map = [start, stop]


def _still_open(html: str) -> re.Pattern[str] | None:
    """What would close the comment or raw element that the HTML leaves open."""
    pos = 0
    while opened := _OPENED.search(html, pos):
        closer = re.compile(rf"</{opened[1]}\s*>" if opened[1] else "-->", re.IGNORECASE)
        closed = closer.search(html, opened.end())
        if closed is None:
            return closer
        pos = closed.end()
    return None
