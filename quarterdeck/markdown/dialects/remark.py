"""remark: properties at the head of a slide, `--` for the next step, `???` for notes, `.class[…]` for boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, lheading
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.dialects import (
    bands,
    cells,
    inverse,
    lengths,
    remark_code,
    remark_properties,
    remark_templates,
    stylesheets,
    title_slide,
)
from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.rules import pauses
from quarterdeck.markdown.rules.divs import closing
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import sheet_of

_BOX = re.compile(r"(?:\.(?P<names>[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)|#(?P<id>[A-Za-z][\w-]*))\[")
_OWN_WORDS = re.compile(
    r"^\?\?\?[ \t]*$|^class:[ \t]*(?:center|middle|inverse|top|bottom)\b"
    r"|(?:\A|^---[ \t]*\n)"
    r"(?:(?:(?:class|name|template)[ \t]*:[ \t]*\w[\w, -]*|(?:count|layout)[ \t]*:[ \t]*(?:true|false))\n)+"
    r"(?!---|\.\.\.|[\w-]+:)"
    r"|^\.(?:left|right|pull-left|pull-right|footnote)(?:-column)?\[",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    if "xaringan" in str(evidence.front.get("output", "")):
        return True
    return "remark" in evidence.beside or _OWN_WORDS.search(evidence.body) is not None


def _is_titled(front: Mapping[str, Any]) -> bool:
    """xaringan makes a title slide, unless it is told not to."""
    output = front.get("output")
    options = output.get("xaringan::moon_reader") if isinstance(output, dict) else None
    sealed = isinstance(options, dict) and options.get("seal") is False
    return "xaringan" in str(output) and bool(front.get("title")) and not sealed


def _headings(md: MarkdownIt) -> None:
    md.block.ruler.before("heading", "close_heading", close_heading, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("lheading", underlined)


def underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """As in CommonMark, but `--` under words is a step and no underline."""
    line = start + 1
    while line < end and not state.isEmpty(line):
        if state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip() == "--":
            return False
        line += 1
    return bool(lheading(state, start, end, silent))


def close_heading(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """`#Words`, without a blank between."""
    begin = state.bMarks[start] + state.tShift[start]
    found = _CLOSE.match(state.src, begin, state.eMarks[start])
    if found is None or state.is_code_block(start):
        return False
    if not silent:
        level = len(found[1])
        state.push("heading_open", f"h{level}", 1).map = [start, start + 1]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = found[2].rstrip("# \t"), [start, start + 1], []
        state.push("heading_close", f"h{level}", -1)
        state.line = start + 1
    return True


_CLOSE = re.compile(r"(#{1,6})([^\W\d_].*)")


def _boxes(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "box", box, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.add_terminator_char(".")
    md.inline.ruler.before("link", "box_in_text", box_in_text)
    md.core.ruler.after("block", "box_pairs", box_pairs)


_LEFT = frozenset(("left", "left-column", "pull-left"))
_RIGHT = frozenset(("right", "right-column", "pull-right"))


def box_pairs(state: StateCore) -> None:
    """A left box and the right one behind it are two columns."""
    out: list[Token] = []
    tokens = state.tokens
    at = 0
    while at < len(tokens):
        end = closing(tokens, at) if _is_box(tokens[at], _LEFT) else 0
        if end and end + 1 < len(tokens) and _is_box(tokens[end + 1], _RIGHT):
            last = closing(tokens, end + 1)
            for index in (at, end + 1):
                annotate(tokens[index].attrs, "class", "qd-col")
            around = Token("div_open", "div", 1, block=True, attrs={"class": "qd-cols", "data-count": "2"})
            around.map = tokens[at].map
            out += [around, *tokens[at : last + 1], Token("div_close", "div", -1, block=True)]
            at = last + 1
        else:
            out.append(tokens[at])
            at += 1
    state.tokens = out


def _is_box(token: Token, names: frozenset[str]) -> bool:
    return (
        token.type == "div_open" and token.level == 0 and bool(names & set(str(token.attrs.get("class", "")).split()))
    )


def _ends(text: str, start: int, stop: int) -> int:
    """Index of the bracket that closes the one before `start`; -1 where none does. Code spans are passed over."""
    depth, at = 1, start
    while at < stop:
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == "`":
            ticks = _run(text, at)
            closed = text.find("`" * ticks, at + ticks, stop)
            at = closed + ticks - 1 if closed >= 0 else at + ticks - 1
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def _run(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] == "`":
        end += 1
    return end - at


def box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`.left-column[` over several lines, with Markdown inside."""
    begin = state.bMarks[start] + state.tShift[start]
    found = _BOX.match(state.src, begin, state.eMarks[start]) if not state.is_code_block(start) else None
    if found is None:
        return False
    closed = _ends(state.src, found.end(), state.eMarks[end - 1])
    if closed < 0 or closed <= state.eMarks[start]:
        return False
    last = next(line for line in range(start, end) if state.eMarks[line] >= closed)
    if state.src[closed + 1 : state.eMarks[last]].strip():
        return False
    if silent:
        return True
    sheet = sheet_of(state.env)
    names = " ".join((found["names"] or "").split("."))
    sheet.note(f".{found['names']}[…]" if names else "#id[…]", sheet.span(start))
    token = state.push("div_open", "div", 1)
    token.map = [start, last + 1]
    token.attrs = {"class": names} if names else {"id": found["id"]}
    inner = [
        line
        for line in range(start + 1, last + 1)
        if state.bMarks[line] + state.tShift[line] < closed and not state.isEmpty(line)
    ]
    outer, state.blkIndent = state.blkIndent, min((state.sCount[line] for line in inner), default=state.blkIndent)
    state.sCount[start] = state.blkIndent
    opening = state.bMarks[start], state.tShift[start]
    ending = state.eMarks[last], state.lineMax
    state.bMarks[start], state.tShift[start] = found.end(), 0
    state.eMarks[last], state.lineMax = closed, last + 1
    parent, state.parentType = state.parentType, "root"
    state.md.block.tokenize(state, start, last + 1)
    state.parentType = parent
    state.blkIndent = state.sCount[start] = outer
    state.bMarks[start], state.tShift[start] = opening
    state.eMarks[last], state.lineMax = ending
    state.push("div_close", "div", -1)
    state.line = last + 1
    return True


def box_in_text(state: StateInline, silent: bool) -> bool:
    """`.red[words]`."""
    found = _BOX.match(state.src, state.pos, state.posMax)
    if found is None or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    closed = _ends(state.src, found.end(), state.posMax)
    if closed < 0:
        return False
    if not silent:
        token = state.push("span_open", "span", 1)
        token.attrs = {"class": " ".join(found["names"].split("."))} if found["names"] else {"id": found["id"]}
        stop = state.posMax
        state.pos, state.posMax = found.end(), closed
        state.md.inline.tokenize(state)
        state.posMax = stop
        state.push("span_close", "span", -1)
    state.pos = closed + 1
    return True


REMARK = Dialect(
    name="remark",
    title="remark",
    marks=_marks,
    notes=r"\?\?\?[ \t]*$",
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        inverse.install,
        bands.install,
        title_slide.install,
        remark_properties.install,
        remark_properties.install_later,
        cells.install,
        remark_code.install,
        stylesheets.install,
        lambda md: pauses.install(md, pattern=r"--[ \t]*", name="-- for the next step"),
        _boxes,
        _headings,
        lengths.install,
    ),
    keys={
        **{name: no_effect() for name in ("output", "institute", "header-includes", "params", "bibliography", "csl")},
        **title_slide.KEYS,
        "subtitle": Key(),
    },
    tolerant=True,
    opens_with_title=_is_titled,
    repeated=remark_templates.repeated,
)
