"""`<grid drag="60 55" drop="5 10">` … `</grid>` and `<split even>` … `</split>`: boxes with Markdown in them.

A box begins with its tag at the start of a line and ends with its closing tag wherever that is; what stands in a box is
Markdown, blank lines or not, and may be moved in like its tag. Closing tags in code and comments close nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.fences import Shield, scan, shield_at
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.shared import shared_attributes
from quarterdeck.markdown.rules.sheet import sheet_of
from quarterdeck.markdown.rules.tags import Tag, read_tag

_TAG = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=ticks)(?!`)|\\."
    r"|<(?P<close>/?)(?P<name>grid|split)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(r"<(?:grid|split)(?=[\s/>])", re.IGNORECASE)
_INSIDE = "boxes"
"""In `env`: how many boxes are open."""
_SHIELDS = "shields"
_RATIO = re.compile(r"\d{1,2}(?:\.\d+)?")


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "boxes", box, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    pos = state.bMarks[start] + state.tShift[start]
    if not _OPENING.match(state.src, pos, state.eMarks[start]):
        return False
    if state.is_code_block(start) and not state.env.get(_INSIDE):
        return False
    if silent:
        return read_tag(state.src, pos) is not None
    while (tag := _opening_at(state, start, pos)) is not None:
        line = _read(state, start, pos, tag, end)
        if line > start:
            return True
        pos = state.bMarks[start] + state.tShift[start]
    return False  # what is left of the line is for the other rules


def _opening_at(state: StateBlock, line: int, pos: int) -> Tag | None:
    return read_tag(state.src, pos) if _OPENING.match(state.src, pos, state.eMarks[line]) else None


def _read(state: StateBlock, start: int, pos: int, tag: Tag, end: int) -> int:
    """Reads the box, and gives the line at which to go on; that is `start` where something is left of it."""
    after = pos + len(tag.text)
    first = _line_of(state, after, start, end)
    closed = (after, after) if tag.empty else _closing(state, after, state.eMarks[end - 1], tag.name)
    last = _line_of(state, closed[0], first, end) if closed else end - 1
    opened = state.push("box_open", "div", 1)
    opened.map = [start, last + 1]
    opened.meta["box"] = tag.name
    for name, value in _attributes(state, tag, pos):
        annotate(opened.attrs, name, value)
    if closed is None:
        message = f"<{tag.name}> is never closed; it was closed where its surroundings end"
        place = sheet_of(state.env).at(state.src, pos, len(tag.text))
        sheet_of(state.env).report("M210", message, place, f"write </{tag.name}>")
    if not tag.empty:
        state.env[_INSIDE] = state.env.get(_INSIDE, 0) + 1
        read_within(state, first, last, starts=after, stops=closed[0] if closed else -1)
        state.env[_INSIDE] -= 1
    state.push("box_close", "div", -1)
    rest = closed[1] if closed else state.eMarks[last]
    if not state.src[rest : state.eMarks[last]].strip():
        state.line = last + 1
        return last + 1
    state.bMarks[last], state.tShift[last] = rest, _blanks(state.src, rest, state.eMarks[last])
    state.sCount[last] = state.blkIndent
    state.line = last
    return last


def _attributes(state: StateBlock, tag: Tag, pos: int) -> list[tuple[str, str]]:
    """The box's attributes as HTML; what cannot be read is reported."""
    sheet = sheet_of(state.env)
    sheet.needs.add("obsidian")
    given = [(name, value or "") for name, value in tag.attributes]
    if tag.name == "split":
        return split_attributes(given)
    meant = shared_attributes(given, box=True)
    sheet.boxed = sheet.boxed or meant.placed
    if meant.unreadable:
        at = tag.text.lower().find(meant.unreadable)
        value = next(value for name, value in given if name.lower() == meant.unreadable)
        sheet.report_place(
            meant.unreadable, value, sheet.at(state.src, pos + at, tag.text.find(value, at) + len(value) - at)
        )
    return meant.attributes


def split_attributes(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The columns of a split as classes, and as the custom properties that the stylesheet reads."""
    found = [("class", "qd-split")]
    rest: list[tuple[str, str]] = []
    for name, value in given:
        key = name.lower()
        if key in ("even", "no-margin"):
            found.append(("class", key))
        elif key in ("gap", "left", "middle", "right", "wrap") and _RATIO.fullmatch(value):
            shown = f"{value}em" if key == "gap" else value
            found += [("class", key), ("style", f"--qd-{key}: {shown}")]
        elif key not in ("gap", "left", "middle", "right", "wrap"):
            rest.append((name, value))
    return found + shared_attributes(rest).attributes


def read_within(state: StateBlock, first: int, last: int, *, starts: int = -1, stops: int = -1) -> None:
    """Reads the lines from `first` to `last` as blocks inside of the block that is open.

    `starts` and `stops` are where in the first and the last of them its content begins and ends, where that is not
    where the line does.
    """
    kept = (state.bMarks[first], state.tShift[first], state.sCount[first], state.eMarks[last])
    around = (state.blkIndent, state.parentType, state.lineMax, state.tight)
    if starts >= 0:
        state.bMarks[first], state.tShift[first] = starts, _blanks(state.src, starts, state.eMarks[first])
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


def _closing(state: StateBlock, pos: int, limit: int, name: str) -> tuple[int, int] | None:
    """Where the closing tag begins and ends that belongs to a box of that name."""
    depth = 1
    shields = shields_of(state)
    while found := _TAG.search(state.src, pos, limit):
        pos = found.end()
        if found["name"] is None or found["name"].lower() != name:
            continue
        shield = shield_at(shields, state.src.count("\n", 0, found.start()))
        if shield is not None:
            pos = max(pos, _end_of_line(state, shield.last))
            continue
        tag = read_tag(state.src, found.start())
        if tag is None:
            continue
        pos = found.start() + len(tag.text)
        depth += -1 if tag.closes else 0 if tag.empty else 1
        if not depth:
            return found.start(), pos
    return None


def _end_of_line(state: StateBlock, line: int) -> int:
    return state.eMarks[line] if line < len(state.eMarks) else len(state.src)


def _line_of(state: StateBlock, pos: int, line: int, end: int) -> int:
    """The line of a position that is not before `line`."""
    while line < end - 1 and state.eMarks[line] < pos:
        line += 1
    return line


def _is_blank(state: StateBlock, line: int) -> bool:
    return not state.src[state.bMarks[line] : state.eMarks[line]].strip()


def _blanks(text: str, start: int, end: int) -> int:
    rest = text[start:end]
    return len(rest) - len(rest.lstrip(" \t"))
