"""The ways in which other tools write talks, one file each, and how a talk's own is found."""

from __future__ import annotations

from quarterdeck.markdown.dialects.base import Dialect, Evidence
from quarterdeck.markdown.dialects.html import HTML
from quarterdeck.markdown.dialects.marp import MARP
from quarterdeck.markdown.dialects.mkslides import MKSLIDES
from quarterdeck.markdown.dialects.obsidian import OBSIDIAN
from quarterdeck.markdown.dialects.pandoc import PANDOC
from quarterdeck.markdown.dialects.quarterdeck import QUARTERDECK
from quarterdeck.markdown.dialects.remark import REMARK
from quarterdeck.markdown.dialects.reveal import REVEAL
from quarterdeck.markdown.dialects.reveal_md import REVEAL_MD
from quarterdeck.markdown.dialects.slidev import SLIDEV

__all__ = ["DIALECTS", "Dialect", "Evidence", "recognise"]

DIALECTS: dict[str, Dialect] = {
    # the first whose marks a talk bears is its own; those with the surest marks stand first
    each.name: each
    for each in (MKSLIDES, MARP, SLIDEV, REMARK, PANDOC, OBSIDIAN, REVEAL_MD, REVEAL, QUARTERDECK, HTML)
}


def recognise(evidence: Evidence) -> Dialect:
    """The dialect that a talk is written in, by its marks; ours where it bears none."""
    plain = OBSIDIAN if "obsidian" in evidence.beside else QUARTERDECK
    return next((each for each in DIALECTS.values() if each.marks(evidence)), plain)
