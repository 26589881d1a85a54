"""reveal.js' own Markdown: `---` between slides, nothing below unless the page says so, plain bullets."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Dialect, Evidence
from quarterdeck.markdown.dialects.reveal.sections import cut_at_sections
from quarterdeck.markdown.html_page import begins_with_section


def _marks(evidence: Evidence) -> bool:
    return "reveal" in evidence.beside or begins_with_section(evidence.body)


REVEAL = Dialect(
    name="reveal",
    title="reveal.js",
    marks=_marks,
    without=OF_OBSIDIAN | {"fragments"},
    cut=cut_at_sections,
    tolerant=True,
)


def _all(md: MarkdownIt) -> None:
    """A slide of a page that is HTML and nothing else."""

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
