"""reveal.js' own Markdown: `---` between slides, nothing below unless the page says so, plain bullets."""

from __future__ import annotations

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence
from quarterdeck.markdown.dialects.sections import cut_at_sections
from quarterdeck.markdown.page import begins_with_section


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
