"""A line that makes what follows it appear one step later: `. . .` of pandoc, `--` of remark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import draft_of

_LISTS = ("bullet_list", "ordered_list")


def install(md: MarkdownIt, *, pattern: str, name: str) -> None:
    line_of_pause = re.compile(pattern)

    def pause(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
        begin = state.bMarks[start] + state.tShift[start]
        if state.is_code_block(start) or not line_of_pause.fullmatch(state.src, begin, state.eMarks[start]):
            return False
        if not silent:
            token = Token("pause", "", 0)
            token.level = state.level
            token.map = [start, start + 1]
            state.tokens.append(token)
            state.line = start + 1
        return True

    def in_steps(state: StateCore) -> None:
        pauses = [token for token in state.tokens if token.type == "pause"]
        if not pauses:
            return
        draft = draft_of(state.env)
        for token in pauses:
            draft.note(name, draft.span(token.map[0] if token.map else 0))
        state.tokens = _stepped(_one_list(state.tokens))

    md.block.ruler.before("table", "pause", pause, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.core.ruler.after("inline", "pauses", in_steps)


def _one_list(tokens: Sequence[Token]) -> list[Token]:
    """A list that goes on behind a pause is one list."""
    out: list[Token] = []
    for token in tokens:
        kind = token.type.removesuffix("_open")
        before = [each.type for each in out[-2:]]
        if kind in _LISTS and before == [f"{kind}_close", "pause"] and out[-2].markup == token.markup:
            del out[-2]
        else:
            out.append(token)
    return out


def _stepped(tokens: Sequence[Token]) -> list[Token]:
    """Without the pauses; every block behind one is a fragment, and all fragments have their number."""
    out: list[Token] = []
    step = inside = group = 0
    for index, token in enumerate(tokens):
        if token.type == "pause":
            step += 1
            group = step
            continue
        out.append(token)
        if "fragment" in str(token.attrs.get("class", "")).split() and token.nesting >= 0:
            step += not group or inside > 0
            token.attrs.setdefault("data-fragment-index", step)
        if inside:
            inside += token.nesting
        elif group and token.nesting >= 0 and token.type != "notes_open":
            _appears(tokens, index, group)
            inside = token.nesting
    return out


def _appears(tokens: Sequence[Token], index: int, step: int) -> None:
    """Gives a block, or the pictures of a paragraph that is nothing else, the step at which it appears."""
    token = tokens[index]
    attrs = [token.attrs] if token.tag else []
    if token.type == "paragraph_open":
        children = tokens[index + 1].children or []
        pictures = [child for child in children if child.type == "image"]
        if pictures and all(child.type in ("image", "softbreak") or not child.content.strip() for child in children):
            attrs = [child.meta.setdefault("attrs", {}) for child in pictures]
    for each in attrs:
        annotate(each, "class", "fragment")
        each["data-fragment-index"] = str(step)
