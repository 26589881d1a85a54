"""The lines of a block state: their text, those inside of a block that is open, and those that are code or comments."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.shields import Shield, scan

_SHIELDS = "shields"


def line_text(state: StateBlock, line: int) -> str:
    """Without its indentation, and without blanks at its end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def read_within(state: StateBlock, first: int, last: int, *, starts: int = -1, stops: int = -1) -> None:
    """Reads the lines from `first` to `last` as blocks inside of the block that is open.

    `starts` and `stops` are where in the first and the last of them its content begins and ends, where that is not
    where the line does.
    """
    kept = (state.bMarks[first], state.tShift[first], state.sCount[first], state.eMarks[last])
    around = (state.blkIndent, state.parentType, state.lineMax, state.tight)
    if starts >= 0:
        state.bMarks[first], state.tShift[first] = starts, blanks(state.src, starts, state.eMarks[first])
        state.sCount[first] = -1 if starts < state.eMarks[first] else state.blkIndent  # settled below
    if stops >= 0:
        state.eMarks[last] = max(stops, state.bMarks[last])
        state.eMarks[last] = state.bMarks[last] + len(state.src[state.bMarks[last] : state.eMarks[last]].rstrip())
    end = last if stops >= 0 and _is_blank(state, last) else last + 1
    indents = [
        state.sCount[line] for line in range(first, end) if not _is_blank(state, line) and state.sCount[line] >= 0
    ]
    state.blkIndent = max(min(indents, default=0), state.blkIndent)
    if state.sCount[first] < 0:
        state.sCount[first] = state.blkIndent
    count = len(state.tokens)
    state.parentType, state.lineMax = "box", end
    if first < end:
        state.md.block.tokenize(state, first, end)
    if stops >= 0:
        for token in state.tokens[count:]:
            # markdown-it takes the character behind the last line for a newline
            if token.type == "html_block" and token.map and token.map[1] > last:
                token.content = token.content.removesuffix("<")
    state.bMarks[first], state.tShift[first], state.sCount[first], state.eMarks[last] = kept
    state.blkIndent, state.parentType, state.lineMax, state.tight = around


def shields_of(state: StateBlock) -> Sequence[Shield]:
    """The lines of code and comments, counted as the state counts them."""
    known: tuple[str, Sequence[Shield]] | None = state.env.get(_SHIELDS)
    if known is None or known[0] is not state.src:
        known = state.env[_SHIELDS] = (state.src, scan(state.src.split("\n"))[0])
    return known[1]


def _is_blank(state: StateBlock, line: int) -> bool:
    return not state.src[state.bMarks[line] : state.eMarks[line]].strip()


def blanks(text: str, start: int, end: int) -> int:
    rest = text[start:end]
    return len(rest) - len(rest.lstrip(" \t"))
