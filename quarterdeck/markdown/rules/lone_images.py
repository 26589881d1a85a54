"""Pictures that stand alone in a grid, a split or a block are its children themselves, without a paragraph around."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_BOXES = frozenset(("box_open", "named_block_open", "callout_content_open"))


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("text_join", "lone_images", lone_images)


def lone_images(state: StateCore) -> None:
    around: list[str] = []
    opened = False
    for token in state.tokens:
        if token.type == "paragraph_open":
            opened = bool(around) and around[-1] in _BOXES and bool(token.meta.get("images")) and not token.attrs
            token.hidden = token.hidden or opened
        elif token.type == "paragraph_close" and opened:
            token.hidden, opened = True, False
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1 and around:
            around.pop()
