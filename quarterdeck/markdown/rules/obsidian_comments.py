"""Comments of Obsidian, `%%hidden%%`, in a line or over several."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.support.block_lines import line_text
from quarterdeck.regex import regex

_INLINE = regex(r"%%(?P<text>[^%]*)%%", re.DOTALL)


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("escape", "obsidian_comment", obsidian_comment)
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("table", "obsidian_comment_block", obsidian_comment_block, {"alt": alt})


def obsidian_comment(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("%%", state.pos):
        return False
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent and state.pending.endswith(" ") and state.src[found.end() : found.end() + 1] in (" ", "\n", ""):
        state.pending = state.pending[:-1]
    state.pos = found.end()
    return True


def obsidian_comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """From a line that begins with `%%` to the next `%%`."""
    pos = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("%%", pos, state.eMarks[start]) or state.is_code_block(start):
        return False
    first = state.src[pos + 2 : state.eMarks[start]].rstrip()
    if first.endswith("%%") and first.count("%%") == 1:
        last = start
    elif "%%" in first:
        return False
    else:
        last = next((line for line in range(start + 1, end) if "%%" in line_text(state, line)), end)
        if last == end:
            return False
    if not silent:
        _go_on(state, last, start)
    return True


def _go_on(state: StateBlock, last: int, start: int) -> None:
    """Behind the comment: what is left of its last line is Markdown."""
    rest = state.src.index("%%", state.bMarks[last] + (2 + state.tShift[last]) * (last == start)) + 2
    left = state.src[rest : state.eMarks[last]]
    if last == start or not left.strip():
        state.line = last + 1
        return
    state.bMarks[last], state.tShift[last] = rest, len(left) - len(left.lstrip())
    state.sCount[last] = state.blkIndent
    state.line = last
