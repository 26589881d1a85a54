"""Front matter that is a slide of its own, as pandoc and R Markdown make it: the title of the talk and its subtitle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import Key
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.regex import regex

_TITLE_LINE = regex(r"%[ \t]+(?P<text>\S.*)")


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "title_block", title_block)


def title_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Front matter, which is a slide of its own here: its title and subtitle."""
    draft = draft_of(state.env)
    if silent or start or state.level or draft.first or draft.definitions_only:
        return False
    lines = state.src.split("\n")
    if _TITLE_LINE.fullmatch(lines[0]):
        state.line = _title_lines(state, lines, draft)
        return True
    if not re.fullmatch(r"---[ \t]*", lines[0]):
        return False
    last = next((at for at in range(1, len(lines)) if re.fullmatch(r"(?:---|\.\.\.)[ \t]*", lines[at])), 0)
    try:
        values, _ = load_yaml("\n".join(lines[1:last]))
    except YamlMistakeError:
        values = None
    if not last or not isinstance(values, dict):
        return False
    for name, tag in (("title", "h1"), ("subtitle", "p")):
        if values.get(name):
            line = next((at for at, text in enumerate(lines) if text.startswith(f"{name}:")), 0)
            state.tokens += _text(tag, str(values[name]), line)
    draft.attrs.append(("layout", "title", draft.span(0)))
    draft.note("title slide", draft.span(0))
    state.line = min(last + 1, end)
    return True


def _title_lines(state: StateBlock, lines: Sequence[str], draft: SlideDraft) -> int:
    """`% Title`, `% Author`, `% Date`; the line behind them."""
    at = 0
    while at < min(3, len(lines)) and (found := _TITLE_LINE.fullmatch(lines[at])):
        state.tokens += _text("p" if at else "h1", found["text"], at)
        at += 1
    draft.attrs.append(("layout", "title", draft.span(0)))
    draft.note("title slide", draft.span(0))
    return at


def _text(tag: str, words: str, line: int) -> list[Token]:
    kind = "heading" if tag == "h1" else "paragraph"
    place = [line, line + 1]
    return [
        Token(f"{kind}_open", tag, 1, map=place, block=True),
        Token("inline", "", 0, content=words, children=[], map=place, block=True, level=1),
        Token(f"{kind}_close", tag, -1, block=True),
    ]


def people(value: Any) -> str | None:
    """The authors, as they may be written: a name, a list of names, or of what is known of each."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(people, value))) or None
    if isinstance(value, dict):
        name = value.get("name") or next(iter(value.values()), "")
        if isinstance(name, dict):
            name = " ".join(str(name[part]) for part in ("given", "family") if part in name) or name.get("literal", "")
        return str(name) or None
    return " ".join(re.sub(r"<[^<>]*>", " ", str(value)).split()) or None if value else None


def day(value: Any) -> Any:
    """A date that needs nothing to be run."""
    text = str(value)
    return None if "`" in text or text in ("today", "now", "last-modified") else value


KEYS = {"author": Key(to="author", value=people), "date": Key(to="date", value=day)}
