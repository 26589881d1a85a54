"""remark: properties at the head of a slide, `--` for the next step, `???` for notes, `.class[…]` for boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, lheading

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence, Key, no_effect
from quarterdeck.markdown.dialects.common import code_cells, dark_slides, headers_footers, pauses, styles, title_slide
from quarterdeck.markdown.dialects.remark import code, content_classes, properties, templates
from quarterdeck.regex import regex

_OWN_WORDS = regex(
    r"^\?\?\?[ \t]*$|^class:[ \t]*(?:center|middle|inverse|top|bottom)\b"
    r"|(?:\A|^---[ \t]*\n)"
    r"(?:(?:(?:class|name|template)[ \t]*:[ \t]*\w[\w, -]*|(?:count|layout)[ \t]*:[ \t]*(?:true|false))\n)+"
    r"(?!---|\.\.\.|[\w-]+:)"
    r"|^\.(?:left|right|pull-left|pull-right|footnote)(?:-column)?\[",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    if "xaringan" in str(evidence.front.get("output", "")):
        return True
    return "remark" in evidence.beside or _OWN_WORDS.search(evidence.body) is not None


def _is_titled(front: Mapping[str, Any]) -> bool:
    """xaringan makes a title slide, unless it is told not to."""
    output = front.get("output")
    options = output.get("xaringan::moon_reader") if isinstance(output, dict) else None
    sealed = isinstance(options, dict) and options.get("seal") is False
    return "xaringan" in str(output) and bool(front.get("title")) and not sealed


def _headings(md: MarkdownIt) -> None:
    md.block.ruler.before("heading", "close_heading", close_heading, {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("lheading", underlined)


def underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """As in CommonMark, but `--` under words is a step and no underline."""
    line = start + 1
    while line < end and not state.isEmpty(line):
        if state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip() == "--":
            return False
        line += 1
    return bool(lheading(state, start, end, silent))


def close_heading(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """`#Words`, without a blank between."""
    begin = state.bMarks[start] + state.tShift[start]
    found = _CLOSE.match(state.src, begin, state.eMarks[start])
    if found is None or state.is_code_block(start):
        return False
    if not silent:
        level = len(found[1])
        state.push("heading_open", f"h{level}", 1).map = [start, start + 1]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = found[2].rstrip("# \t"), [start, start + 1], []
        state.push("heading_close", f"h{level}", -1)
        state.line = start + 1
    return True


_CLOSE = regex(r"(#{1,6})([^\W\d_].*)")


REMARK = Dialect(
    name="remark",
    title="remark",
    marks=_marks,
    notes=r"\?\?\?[ \t]*$",
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        dark_slides.install,
        headers_footers.install,
        title_slide.install,
        properties.install,
        properties.install_later,
        code_cells.install,
        code.install,
        styles.install,
        lambda md: pauses.install(md, pattern=r"--[ \t]*", name="-- for the next step"),
        content_classes.install,
        _headings,
        styles.install_pixels,
    ),
    keys={
        **{name: no_effect() for name in ("output", "institute", "header-includes", "params", "bibliography", "csl")},
        **title_slide.KEYS,
        "subtitle": Key(),
    },
    tolerant=True,
    opens_with_title=_is_titled,
    repeated=templates.repeated,
)
