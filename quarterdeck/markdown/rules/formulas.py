r"""`$…$` and `$$…$$`: formulas are left as they are written, so that no other rule reads their `_`, `*` and quotes.

The page's own script draws them; until then, and where there is none, their source is what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from quarterdeck.markdown.rules.support.html_tags import RAW_TEXT, Piece, Tag, html_of
from quarterdeck.regex import regex

# "costs $5 and $6" has a blank before the second sign, "$5/$6" a digit after it
_SHORT = r"\$(?=[^\s$])(?:\\.|[^$\\\n])*?(?<=[^\s\\])\$(?![\w$])"
_DISPLAY = r"\$\$(?!\$)(?:(?=\S)[^$]*?\S|(?=[^$]*[\\^_={])[^$]+?)\$\$(?!\$)"
_INLINE = regex(f"{_DISPLAY}|{_SHORT}")
_OPAQUE = RAW_TEXT | {"pre", "code"}
_UNCLOSED = "unclosed formulas"
"""In `env`: the line from which on no block of a formula is closed, by text, end and indentation of what is around."""


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("escape", "formula", formula)
    md.block.ruler.before("fence", "math_block", math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.core.ruler.push("formulas in html", in_html)
    md.add_render_rule("formula", _render_inline)
    md.add_render_rule("math_block", _render_block)


def formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found[0]
    state.pos = found.end()
    return True


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """From a line that begins with `$$` to one that ends with it; text if there is none."""
    pos = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", pos, state.eMarks[start]) or state.is_code_block(start):
        return False
    first = state.src[pos + 2 : state.eMarks[start]].rstrip()
    last = start
    if "$$" in first:
        if not first.endswith("$$") or first.count("$$") > 1:
            return False
    else:
        last = _closing(state, start, end)
        if last == end:
            return False
    if not silent:
        token = state.push("math_block", "div", 0)
        token.map = [start, last + 1]
        token.attrs["class"] = _classes("$$")
        token.content = state.getLines(start, last + 1, state.blkIndent, False).strip()
        state.line = last + 1
    return True


def _closing(state: StateBlock, start: int, end: int) -> int:
    """The line that ends the block which begins at `start`; `end` where none does, which holds for all behind it."""
    unclosed: dict[tuple[str, int, int], int] = state.env.setdefault(_UNCLOSED, {})
    surroundings = (state.src, end, state.blkIndent)
    if start >= unclosed.get(surroundings, end):
        return end
    last = next((line for line in range(start + 1, end) if _closes(state, line)), end)
    if last == end:
        unclosed[surroundings] = start
    return last


def _closes(state: StateBlock, line: int) -> bool:
    if state.sCount[line] < state.blkIndent:
        return False
    return state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith("$$")


def in_html(state: StateCore) -> None:
    """Formulas in the text of raw HTML blocks; runs when the tags of these are balanced."""
    for token in state.tokens:
        if token.type == "html_block" and "$" in token.content:
            token.meta["pieces"] = _drawn(token.meta.get("pieces", []))
            token.content = html_of(token.meta["pieces"])


def _drawn(pieces: Sequence[Piece | Tag]) -> list[Piece | Tag]:
    opaque: list[str] = []
    found: list[Piece | Tag] = []
    for piece in pieces:
        if isinstance(piece, Tag):
            if piece.closes and opaque and opaque[-1] == piece.name:
                opaque.pop()
            elif not piece.closes and not piece.empty and piece.name in _OPAQUE:
                opaque.append(piece.name)
        elif not opaque and not piece.is_comment:
            piece = Piece(
                _INLINE.sub(lambda each: f'<span class="{_classes(each[0])}">{each[0]}</span>', piece.text), piece.start
            )
        found.append(piece)
    return found


def _classes(source: str) -> str:
    return "qd-math qd-display" if source.startswith("$$") else "qd-math"


def _render_inline(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    source = tokens[index].content
    return f'<span class="{_classes(source)}">{escapeHtml(source)}</span>'


def _render_block(self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    return f"<div{self.renderAttrs(token)}>{escapeHtml(token.content)}</div>\n"
