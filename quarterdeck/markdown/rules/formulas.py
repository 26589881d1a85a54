r"""`$…$` and `$$…$$`: formulas are left as they are written, so that no other rule reads their `_`, `*` and quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

# "costs $5 and $6" has a blank before the second sign, "$5/$6" a digit after it
_INLINE = re.compile(r"\$\$(?=\S)[^$\n]*?\S\$\$|\$(?=[^\s$])(?:\\.|[^$\\\n])*?(?<=[^\s\\])\$(?![\w$])")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("escape", "formula", formula)
    md.block.ruler.before("fence", "math_block", math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
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
        last = next((line for line in range(start + 1, end) if _closes(state, line)), end)
        if last == end:
            return False
    if not silent:
        token = state.push("math_block", "div", 0)
        token.map = [start, last + 1]
        token.content = state.getLines(start, last + 1, state.blkIndent, False).strip()
        state.line = last + 1
    return True


def _closes(state: StateBlock, line: int) -> bool:
    if state.sCount[line] < state.blkIndent:
        return False
    return state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith("$$")


def _render_inline(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return escapeHtml(tokens[index].content)


def _render_block(self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    return f"<div{self.renderAttrs(token)}>{escapeHtml(token.content)}</div>\n"
