"""`<grid drag="60 55" drop="5 10">` … `</grid>` and `<split even>` … `</split>`: boxes with Markdown in them.

A box begins with its tag at the start of a line and ends with its closing tag wherever that is; what stands in a box is
Markdown, blank lines or not, and may be moved in like its tag. Closing tags in code and comments close nothing.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.rules.support.block_lines import blanks, read_within, shields_of
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.html_tags import Tag, read_tag
from quarterdeck.markdown.rules.support.shorthands import read_shorthands
from quarterdeck.markdown.rules.support.slide_draft import draft_of, row_and_column
from quarterdeck.markdown.shields import shield_at
from quarterdeck.regex import regex

_TAG = regex(
    r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)*?(?<!`)(?P=ticks)(?!`)|\\."
    r"|<(?P<close>/?)(?P<name>grid|split)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = regex(r"<(?:grid|split)(?=[\s/>])", re.IGNORECASE)
_INSIDE = "grids"
"""In `env`: how many boxes are open."""
_CLOSINGS = "closings of grids"
"""In `env`: by text and end of what is around, for ends of opening tags where the tags stand that close them."""
_RATIO = regex(r"\d{1,2}(?:\.\d+)?")


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "grids", grid, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def grid(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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
        place = draft_of(state.env).at(state.src, pos, len(tag.text))
        draft_of(state.env).report("M210", message, place, f"write </{tag.name}>")
    if not tag.empty:
        state.env[_INSIDE] = state.env.get(_INSIDE, 0) + 1
        read_within(state, first, last, starts=after, stops=closed[0] if closed else -1)
        state.env[_INSIDE] -= 1
    state.push("box_close", "div", -1)
    rest = closed[1] if closed else state.eMarks[last]
    if not state.src[rest : state.eMarks[last]].strip():
        state.line = last + 1
        return last + 1
    state.bMarks[last], state.tShift[last] = rest, blanks(state.src, rest, state.eMarks[last])
    state.sCount[last] = state.blkIndent
    state.line = last
    return last


def _attributes(state: StateBlock, tag: Tag, pos: int) -> list[tuple[str, str]]:
    """The box's attributes as HTML; what cannot be read is reported."""
    draft = draft_of(state.env)
    draft.needs.add("obsidian")
    given = [(name, value or "") for name, value in tag.attributes]
    if tag.name == "split":
        return split_attributes(given)
    meant = read_shorthands(given, box=True)
    draft.boxed = draft.boxed or meant.placed
    if meant.unreadable:
        at = tag.text.lower().find(meant.unreadable)
        value = next(value for name, value in given if name.lower() == meant.unreadable)
        draft.report_place(
            meant.unreadable, value, draft.at(state.src, pos + at, tag.text.find(value, at) + len(value) - at)
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
    return found + read_shorthands(rest).attributes


def _closing(state: StateBlock, pos: int, limit: int, name: str) -> tuple[int, int] | None:
    """Where the closing tag begins and ends that belongs to the box of that name whose opening tag ends at `pos`."""
    known: dict[int, tuple[int, int] | None] = state.env.setdefault(_CLOSINGS, {}).setdefault((state.src, limit), {})
    if pos not in known:
        known |= _closings(state, pos, limit, name)
    return known[pos]


def _closings(state: StateBlock, pos: int, limit: int, name: str) -> dict[int, tuple[int, int] | None]:
    """The same for that box and all that open behind it."""
    closings: dict[int, tuple[int, int] | None] = {pos: None}
    opened: dict[str, list[int]] = {"grid": [], "split": []}
    opened[name].append(pos)
    shields = shields_of(state)
    while found := _TAG.search(state.src, pos, limit):
        pos = found.end()
        if found["name"] is None:
            continue
        shield = shield_at(shields, row_and_column(state.src, found.start())[0])
        if shield is not None:
            pos = max(pos, _end_of_line(state, shield.last))
            continue
        tag = read_tag(state.src, found.start())
        if tag is None:
            continue
        pos = found.start() + len(tag.text)
        if tag.closes and opened[tag.name]:
            closings[opened[tag.name].pop()] = (found.start(), pos)
        elif not tag.closes and not tag.empty:
            closings[pos] = None
            opened[tag.name].append(pos)
    return closings


def _line_of(state: StateBlock, pos: int, line: int, end: int) -> int:
    """The line of a position that is not before `line`."""
    while line < end - 1 and state.eMarks[line] < pos:
        line += 1
    return line


def _end_of_line(state: StateBlock, line: int) -> int:
    return state.eMarks[line] if line < len(state.eMarks) else len(state.src)
