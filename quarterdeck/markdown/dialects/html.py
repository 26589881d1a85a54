"""A slide of a reveal.js page that is HTML and nothing else."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Dialect


def _all(md: MarkdownIt) -> None:
    def everything(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if silent or state.level:
            return False
        token = state.push("html_block", "", 0)
        token.map = [start, end]
        token.content = state.getLines(start, end, 0, True)
        state.line = end
        return True

    md.block.ruler.before(next(iter(md.block.ruler.get_active_rules())), "everything", everything)


HTML = Dialect(name="html", title="HTML", notes=NEVER, without=OF_OBSIDIAN | {"fragments", "notes"}, rules=(_all,))
