"""The ways in which other tools write talks, a folder each, and how a talk's own is found."""

from __future__ import annotations

from quarterdeck.markdown.dialects.base import Dialect, Evidence
from quarterdeck.markdown.dialects.marp.dialect import MARP
from quarterdeck.markdown.dialects.obsidian.dialect import OBSIDIAN
from quarterdeck.markdown.dialects.pandoc.dialect import PANDOC
from quarterdeck.markdown.dialects.remark.dialect import REMARK
from quarterdeck.markdown.dialects.reveal.dialect import HTML, REVEAL
from quarterdeck.markdown.dialects.reveal.mkslides import MKSLIDES
from quarterdeck.markdown.dialects.reveal.reveal_md import REVEAL_MD
from quarterdeck.markdown.dialects.slidev.dialect import SLIDEV

__all__ = ["DIALECTS", "Dialect", "Evidence", "recognise"]

QUARTERDECK = Dialect(name="quarterdeck", title="Quarterdeck", below="--", embeds=True)
"""Ours: everything of the guide; `---` goes right, `--` goes down, `+` and `1)` are fragments."""

DIALECTS: dict[str, Dialect] = {
    # the first whose marks a talk bears is its own; those with the surest marks stand first
    each.name: each
    for each in (MKSLIDES, MARP, SLIDEV, REMARK, PANDOC, OBSIDIAN, REVEAL_MD, REVEAL, QUARTERDECK, HTML)
}


def recognise(evidence: Evidence) -> Dialect:
    """The dialect that a talk is written in, by its marks; ours where it bears none."""
    plain = OBSIDIAN if "obsidian" in evidence.beside else QUARTERDECK
    return next((each for each in DIALECTS.values() if each.marks(evidence)), plain)
