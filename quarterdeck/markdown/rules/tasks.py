"""`- [ ] to do` and `- [x] done`."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.elements import annotate

_BOXES = {"[ ] ": "", "[x] ": " checked", "[X] ": " checked"}


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("tasks", tasks)


def tasks(state: StateCore) -> None:
    for item, paragraph, text in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not text.children:
            continue
        first = text.children[0]
        state_of_box = _BOXES.get(first.content[:4]) if first.type == "text" else None
        if state_of_box is None:
            continue
        box = Token("html_inline", "", 0)
        box.content = f'<input type="checkbox" disabled{state_of_box}> '
        first.content = first.content[4:]
        text.children.insert(0, box)
        annotate(item.attrs, "class", "qd-task")
