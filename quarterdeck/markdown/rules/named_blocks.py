"""`::: name` … `:::`: a block with a class, and with the attributes of a comment behind its first or its last line."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.rules.support.annotations import read_annotation
from quarterdeck.markdown.rules.support.block_lines import line_text, read_within, shields_of
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.markdown.shields import shield_at, shielded
from quarterdeck.regex import regex

_COMMENT = r"(?P<comment>(?:[ \t]*<!--(?:(?!-->).)*-->)*)[ \t]*"
OPENS = regex(rf"(?P<mark>:{{3,}})[ \t]*(?P<name>[A-Za-z_][\w-]*(?:[ \t]+[A-Za-z_][\w-]*)*){_COMMENT}")
CLOSES = regex(rf":{{3,}}{_COMMENT}")
_NOTHING = "<!-- .element: -->"
"""In place of a comment that is not there."""
_CLOSINGS = "closings of named blocks"
"""In `env`: by text and last line of what is around, for lines that open a block the ones that close it."""


def install(md: MarkdownIt) -> None:
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("table", "named_block", named_block, {"alt": alt})
    md.block.ruler.after("named_block", "stray_end", stray_end, {"alt": alt})


def named_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    opening = OPENS.fullmatch(line_text(state, start))
    if opening is None:
        return False
    last = _closing(state, start, end)
    if last is None:
        return False  # three colons and a word, and nothing that ends: text
    if silent:
        return True
    draft_of(state.env).needs.add("obsidian")
    token = state.push("named_block_open", "div", 1)
    token.map = [start, last + 1]
    token.attrs = {"class": " ".join(opening["name"].split())}
    _comment(state, start, opening["comment"])
    if start + 1 < last:
        read_within(state, start + 1, last - 1)
    state.push("named_block_close", "div", -1)
    closing = CLOSES.fullmatch(line_text(state, last))
    _comment(state, last, closing["comment"] if closing else "")
    state.line = last + 1
    return True


def stray_end(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Leaves out colons that close nothing; a comment behind them is for the element before."""
    if state.is_code_block(start):
        return False
    line = line_text(state, start)
    closing = CLOSES.fullmatch(line) if line.startswith(":::") else None
    if closing is None or read_annotation(closing["comment"].strip() or _NOTHING) is None:
        return False
    if not silent:
        span = draft_of(state.env).span(start)
        draft_of(state.env).report("M209", "':::' closes nothing and was left out", span, "remove it, or open a block")
        _comment(state, start, closing["comment"])
        state.line = start + 1
    return True


def _comment(state: StateBlock, line: int, comment: str) -> None:
    if comment.strip():
        token = state.push("html_block", "", 0)
        token.map = [line, line + 1]
        token.content = comment.strip()
        token.meta["glued"] = True


def _closing(state: StateBlock, start: int, end: int) -> int | None:
    """The line that closes the block which opens at `start`."""
    shield = shield_at(shields_of(state), start)
    first = shield.last if shield else start  # what opens inside of a shield is closed behind it
    known: dict[int, int | None] = state.env.setdefault(_CLOSINGS, {}).setdefault((state.src, end), {})
    if first not in known:
        known |= _closings(state, first, end)
    return known[first]


def _closings(state: StateBlock, start: int, end: int) -> dict[int, int | None]:
    """For the block that opens at `start` and all that open behind it, the lines that close them."""
    found: dict[int, int | None] = {start: None}
    opened = [start]
    shields = shields_of(state)
    for number in range(start + 1, end):
        line = line_text(state, number)
        if not line.startswith(":::") or shielded(shields, number):
            continue
        if OPENS.fullmatch(line):
            found[number] = None
            opened.append(number)
        elif opened and CLOSES.fullmatch(line):
            found[opened.pop()] = number
    return found
