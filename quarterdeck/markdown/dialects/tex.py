r"""`\begin{align}` … `\end{align}` by itself in the text, as pandoc and Quarto take it: a formula."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

_BEGIN = re.compile(
    r"\\begin\{(?P<name>(?:align|alignat|aligned|equation|eqnarray|flalign|gather|gathered|math|displaymath|multline)\*?)\}"
)


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("fence", "tex", environment, {"alt": ["paragraph", "blockquote", "list"]})


def environment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""From a line that begins with `\begin` to the one that ends with its `\end`; text if there is none."""
    if state.is_code_block(start):
        return False
    found = _BEGIN.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if found is None:
        return False
    closer = f"\\end{{{found['name']}}}"
    last = start
    while not state.src[state.bMarks[last] : state.eMarks[last]].rstrip().endswith(closer):
        last += 1
        if last == end or state.sCount[last] < state.blkIndent:
            return False
    if not silent:
        token = state.push("math_block", "div", 0)
        token.map = [start, last + 1]
        token.attrs["class"] = "qd-math qd-display"
        token.content = f"$${state.getLines(start, last + 1, state.blkIndent, False).strip()}$$"
        state.line = last + 1
    return True
