r"""Extensions of pandoc: `H~2~O` and `x^2^`, `\begin{align}` by itself in the text, and captions of tables."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.regex import regex

_SCRIPT = regex(r"(?P<mark>[~^])(?P<words>(?:\\.|(?!(?P=mark))[^\s\\\[])+)(?P=mark)(?!(?P=mark))")
_TAGS = {"~": "sub", "^": "sup"}
_TEX = regex(
    r"\\begin\{(?P<name>(?:align|alignat|aligned|equation|eqnarray|flalign|gather|gathered|math|displaymath|multline)\*?)\}"
)
_CAPTION_ATTRIBUTES = regex(r"[ \t]*\{[^{}]*\}[ \t]*$")


def install(md: MarkdownIt) -> None:
    md.inline.add_terminator_char("~")
    md.inline.add_terminator_char("^")
    md.inline.ruler.before("strikethrough", "scripts", scripts)
    md.block.ruler.before("fence", "tex_environment", tex_environment, {"alt": ["paragraph", "blockquote", "list"]})
    md.core.ruler.after("block", "table_captions", table_captions)


def scripts(state: StateInline, silent: bool) -> bool:
    """Letters below and above the line."""
    mark = state.src[state.pos]
    if mark not in _TAGS or state.src.startswith(mark, state.pos + 1):
        return False
    found = _SCRIPT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        name = _TAGS[mark]
        state.push(f"{name}_open", name, 1)
        end = state.posMax
        state.pos, state.posMax = found.start("words"), found.end("words")
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push(f"{name}_close", name, -1)
    state.pos = found.end()
    return True


def tex_environment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""From a line that begins with `\begin` to the one that ends with its `\end`; text if there is none."""
    if state.is_code_block(start):
        return False
    found = _TEX.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
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


def table_captions(state: StateCore) -> None:
    """`: Words {#tbl-x}` below a table or above it."""
    draft = draft_of(state.env)
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type != "paragraph_open" or not tokens[index + 1].content.startswith((": ", "Table: ")):
            continue
        beside = [tokens[index - 1].type] if index else []
        beside += [tokens[index + 3].type] if index + 3 < len(tokens) else []
        if not {"table_close", "table_open"} & set(beside):
            continue
        text = tokens[index + 1]
        text.content = _CAPTION_ATTRIBUTES.sub("", text.content.partition(":")[2]).strip()
        annotate(token.attrs, "class", "qd-caption")
        draft.note("caption of a table", draft.span(token.map[0] if token.map else 0))
