"""Items that appear one by one: `+ item`, `1) item`, and every item where the talk says `incremental`."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of

_MARKS = ("+", ")")


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "fragments", fragments)


def install_incremental(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "incremental", incremental)


def incremental(state: StateCore) -> None:
    if draft_of(state.env).incremental:
        for token in state.tokens:
            if token.type == "list_item_open":
                annotate(token.attrs, "class", "fragment")


def fragments(state: StateCore) -> None:
    draft = draft_of(state.env)
    for token in state.tokens:
        if token.type == "list_item_open" and token.markup in _MARKS:
            annotate(token.attrs, "class", "fragment")
    state.tokens = _one_list(state.tokens, draft)


def _one_list(tokens: list[Token], draft: SlideDraft) -> list[Token]:
    """Neighbours that differ only in whether their items are fragments are one list to the author, not two."""
    out: list[Token] = []
    for token in tokens:
        if out and token.type in ("bullet_list_open", "ordered_list_open") and _goes_on(out[-1], token, draft):
            out.pop()
        else:
            out.append(token)
    return out


def _goes_on(closing: Token, opening: Token, draft: SlideDraft) -> bool:
    marks = {closing.markup, opening.markup}
    neighbours = closing.nesting == -1 and closing.tag == opening.tag and closing.level == opening.level
    if not neighbours or len(marks) != 2 or not marks & set(_MARKS) or opening.map is None:
        return False
    return bool(draft.line(opening.map[0] - 1).strip(" \t>"))
