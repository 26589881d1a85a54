"""remark's content classes: `.class[…]` is a box, in a line or over several; a left and a right one are two columns."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.block_lines import read_within
from quarterdeck.markdown.rules.support.elements import annotate, closing
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.regex import regex

_BOX = regex(r"(?:\.(?P<names>[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)|#(?P<id>[A-Za-z][\w-]*))\[")
_CLOSINGS = "closings of content classes"
"""In `env`: by text and end of what is around, for places behind an opening bracket where the closing one stands."""
_LEFT = frozenset(("left", "left-column", "pull-left"))
_RIGHT = frozenset(("right", "right-column", "pull-right"))


def install(md: MarkdownIt) -> None:
    md.block.ruler.before(
        "table", "content_class", block_box, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.inline.add_terminator_char(".")
    md.inline.ruler.before("link", "content_class", text_box)
    md.core.ruler.after("block", "columns_of_boxes", columns)


def block_box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`.left-column[` over several lines, with Markdown inside."""
    begin = state.bMarks[start] + state.tShift[start]
    found = _BOX.match(state.src, begin, state.eMarks[start]) if not state.is_code_block(start) else None
    if found is None:
        return False
    closed = _closing_bracket(state, found.end(), state.eMarks[end - 1])
    if closed < 0 or closed <= state.eMarks[start]:
        return False
    last = next(line for line in range(start, end) if state.eMarks[line] >= closed)
    if state.src[closed + 1 : state.eMarks[last]].strip():
        return False
    if silent:
        return True
    draft = draft_of(state.env)
    names = " ".join((found["names"] or "").split("."))
    draft.note(f".{found['names']}[…]" if names else "#id[…]", draft.span(start))
    token = state.push("div_open", "div", 1)
    token.map = [start, last + 1]
    token.attrs = {"class": names} if names else {"id": found["id"]}
    read_within(state, start, last, starts=found.end(), stops=closed)
    state.push("div_close", "div", -1)
    state.line = last + 1
    return True


def text_box(state: StateInline, silent: bool) -> bool:
    """`.red[words]`."""
    found = _BOX.match(state.src, state.pos, state.posMax)
    if found is None or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    closed = _closing_bracket(state, found.end(), state.posMax)
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


def _closing_bracket(state: StateBlock | StateInline, start: int, stop: int) -> int:
    """Index of the bracket that closes the one before `start`; -1 where none does. Code spans are passed over."""
    known: dict[int, int] = state.env.setdefault(_CLOSINGS, {}).setdefault((state.src, stop), {})
    if start not in known:
        known |= _closing_brackets(state.src, start, stop)
    return known[start]


def _closing_brackets(text: str, start: int, stop: int) -> dict[int, int]:
    """The same for that bracket and all that open behind it."""
    closings = {start: -1}
    opened = [start]
    at = start
    while at < stop:
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == "`":
            ticks = _run(text, at)
            closed = text.find("`" * ticks, at + ticks, stop)
            at = closed + ticks - 1 if closed >= 0 else at + ticks - 1
        elif letter == "[":
            closings[at + 1] = -1
            opened.append(at + 1)
        elif letter == "]" and opened:
            closings[opened.pop()] = at
        at += 1
    return closings


def _run(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] == "`":
        end += 1
    return end - at


def columns(state: StateCore) -> None:
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
