"""pandoc and Quarto: headings begin slides, boxes between colons, attributes in braces, a title slide of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Separator
from quarterdeck.markdown.dialects.common import code_cells, headers_footers, pauses, speaker_notes, styles, title_slide
from quarterdeck.markdown.dialects.common.blocks import blocks
from quarterdeck.markdown.dialects.pandoc import attributes, divs, extensions, front_matter, shortcodes
from quarterdeck.markdown.shields import shielded
from quarterdeck.regex import regex

_OWN_KEYS = frozenset(
    {
        *("format", "slide-level", "slideLevel", "bibliography", "csl", "header-includes", "revealjs-url", "output"),
        *("institute", "filters", "execute", "jupyter", "engine", "documentclass", "aspectratio", "subtitle"),
    }
)
_OWN_WORDS = regex(
    r"^:{3,}[ \t]*\{[^}\n]*\.(?:column|columns|incremental|notes|fragment|r-stack)\b"
    r"|^:{3,}[ \t]*(?:columns|notes|incremental)\b|\A%[ \t]+\S"
    r"|^\. \. \.[ \t]*$|^```[ \t]*\{(?:python|r|julia|ojs)\b[^}\n]*\}",
    re.MULTILINE,
)
_INCLUDE = regex(r"^[ \t]*\{\{<[ \t]*include[ \t]+[\"']?(?P<path>[^\s\"'>]+)[\"']?[ \t]*>\}\}[ \t]*$", re.MULTILINE)
_DASHES = regex(r"^---[ \t]*$", re.MULTILINE)


def _marks(evidence: Evidence) -> bool:
    if evidence.suffix in (".qmd", ".rmd"):
        return True
    if _OWN_KEYS & evidence.keys and not _DASHES.search(evidence.body):
        return True
    return bool({"format", "slide-level"} & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterable[Separator]:
    """Headings down to the slide level begin slides, rules too; a heading above that level opens a stack."""
    boxed = _boxed(cutting)
    found = [token for token in blocks(cutting) if not (token.map and token.map[0] in boxed)]
    level = _slide_level(cutting, found)
    stacked = False
    behind_rule = -1
    for token in found:
        line = token.map[0] if token.map else 0
        if token.type == "hr":
            yield Separator(first=line, last=line, below=stacked)
            behind_rule = line
        elif token.type == "heading_open" and int(token.tag[1:]) <= level:
            above = int(token.tag[1:]) < level
            between = cutting.lines[behind_rule + 1 : line] if behind_rule >= 0 else ["x"]
            if not any(each.strip() for each in between):
                continue  # the rule above it has begun the slide
            yield Separator(first=line, last=line - 1, below=stacked and not above)
            stacked = above or stacked


def _boxed(cutting: Cutting) -> frozenset[int]:
    """The lines inside of boxes between colons: what stands there begins no slide."""
    inside: set[int] = set()
    opened: list[int] = []
    for number, line in enumerate(cutting.lines):
        if not line.lstrip().startswith(":::") or shielded(cutting.shields, number):
            continue
        if line.strip(": \t"):
            opened.append(number)
        elif opened:
            first = opened.pop()
            if not opened:
                inside.update(range(first, number + 1))
    return frozenset(inside)


def _slide_level(cutting: Cutting, found: list[Token]) -> int:
    """What the front matter says, else the highest level of heading that has text directly below it somewhere."""
    given = cutting.front.get("slide-level", cutting.front.get("slideLevel", _below(cutting.front, "slide-level")))
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if "format" in cutting.front:
        return 2
    levels = [
        int(token.tag[1:])
        for token, following in pairwise(found)
        if token.type == "heading_open" and following.type not in ("heading_open", "hr")
    ]
    return min(levels, default=6)


def _below(front: Mapping[str, Any], name: str) -> Any:
    """The value that one of the formats has."""
    formats = front.get("format")
    if isinstance(formats, dict):
        for each in formats.values():
            if isinstance(each, dict) and name in each:
                return each[name]
    return None


PANDOC = Dialect(
    name="pandoc",
    title="pandoc and Quarto",
    marks=_marks,
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments", "headings"},
    rules=(
        title_slide.install,
        attributes.install,
        code_cells.install,
        shortcodes.install,
        extensions.install,
        divs.install,
        lambda md: headers_footers.install(md, after="divs"),
        styles.install_pixels,
        lambda md: pauses.install(md, pattern=r"\.[ ]\.[ ]\.[ \t]*", name=". . . for the next step"),
        speaker_notes.install,
    ),
    keys=front_matter.KEYS,
    tolerant=True,
    opens_with_title=lambda front: bool(front.get("title")),
    carried=front_matter.carried,
    includes=_INCLUDE,
)
