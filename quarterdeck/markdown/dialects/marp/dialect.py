"""Marp: rules between slides, directives and notes in comments, backgrounds as `![bg](…)`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Separator
from quarterdeck.markdown.dialects.common import dark_slides, headers_footers, speaker_notes, styles
from quarterdeck.markdown.dialects.common.blocks import blocks
from quarterdeck.markdown.dialects.marp import directives, images
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.project.yaml_text import load_yaml
from quarterdeck.regex import regex

_OWN_KEYS = frozenset(
    {"marp", "headingDivider", "paginate", "_paginate", "_class", "backgroundColor", "backgroundImage"}
)
_OWN_WORDS = regex(
    r"!\[[^\]\n]*\bbg\b[^\]\n]*\]\([^)\n]"
    r"|<!--\s*(?:_?(?:class|paginate|backgroundColor|backgroundImage|header|footer)\s*:|fit\s*-->)"
)


def _marks(evidence: Evidence) -> bool:
    return bool(_OWN_KEYS & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterable[Separator]:
    """Rules split, and with `headingDivider` headings too; a line under text is an underline, as in CommonMark."""
    levels = _dividers(cutting)
    for token in blocks(cutting):
        if token.level or token.map is None:
            continue
        if token.type == "hr":
            yield Separator(first=token.map[0], last=token.map[0])
        elif token.type == "heading_open" and int(token.tag[1:]) in levels:
            yield Separator(first=token.map[0], last=token.map[0] - 1)


def _dividers(cutting: Cutting) -> frozenset[int]:
    written = cutting.front.get("headingDivider")
    for line in cutting.lines:
        if "headingDivider" in line and (found := re.search(r"headingDivider:\s*(\[[\d,\s]*\]|\d)", line)):
            written = load_yaml(found[1])[0]
    if isinstance(written, int) and not isinstance(written, bool):
        return frozenset(range(1, written + 1))
    return frozenset(each for each in written if isinstance(each, int)) if isinstance(written, list) else frozenset()


def _lines(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "marp_steps", steps)
    md.core.ruler.before("element_tree", "marp_breaks", breaks)


def breaks(state: StateCore) -> None:
    """Lines of a paragraph end where the author ended them."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type, child.tag = "hardbreak", "br"


def steps(state: StateCore) -> None:
    """Items behind `*` and `1)` appear one by one."""
    if draft_of(state.env).first:
        return
    for token in state.tokens:
        if token.type == "list_item_open" and token.markup in ("*", ")"):
            annotate(token.attrs, "class", "fragment")


def _notes(md: MarkdownIt) -> None:
    speaker_notes.comments_are_notes(md, heard=directives.heard)


MARP = Dialect(
    name="marp",
    title="Marp",
    marks=_marks,
    separator="---",
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        # those that run behind the blocks run in the opposite order
        dark_slides.install,
        styles.install,
        headers_footers.install,
        _notes,
        _lines,
        images.install,
        styles.install_pixels,
        speaker_notes.install,
    ),
    keys=directives.KEYS,
    values=directives.loosely,
    tolerant=True,
    carried=directives.carried,
)
