"""Boxes between lines of colons: `::: {.columns}`, `::: notes`, `:::`, as pandoc and Quarto have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.attributes import read_group
from quarterdeck.markdown.rules.support.callout_types import classes_of, look_of
from quarterdeck.markdown.rules.support.elements import annotate, closing
from quarterdeck.markdown.rules.support.icon_tags import icon_tokens
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome, Span
from quarterdeck.regex import regex

_OPENS = regex(r":{3,}[ \t]*(?:(?P<group>\{[^{}\n]*\})|(?P<name>[\w.-]+))[ \t]*:*[ \t]*")
_CLOSES = regex(r":{3,}[ \t]*")
_CALLOUT = regex(r"callout-([a-z]+)")


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "div", div, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.core.ruler.after("incremental", "divs", divs)


def div(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """One line that opens or closes a box; what is between them is parsed as if they were not there."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(":::", begin) or state.is_code_block(start):
        return False
    opens = _OPENS.fullmatch(state.src, begin, state.eMarks[start])
    if opens is None and not _CLOSES.fullmatch(state.src, begin, state.eMarks[start]):
        return False
    if silent:
        return True
    token = Token("div_open", "div", 1) if opens else Token("div_close", "div", -1)
    token.block = True
    token.level = state.level
    token.map = [start, start + 1]
    if opens:
        token.meta["written"] = opens[0].strip(": \t")
        _give(token, opens)
    state.tokens.append(token)
    state.line = start + 1
    return True


def _give(token: Token, opens: re.Match[str]) -> None:
    if opens["name"]:
        annotate(token.attrs, "class", opens["name"].lstrip("."))
        return
    for name, value in read_group(opens["group"]):
        annotate(token.attrs, name, value)


def divs(state: StateCore) -> None:
    draft = draft_of(state.env)
    tokens = _balanced(state.tokens, draft)
    for index, token in enumerate(tokens):
        if token.type == "div_open" and "written" in token.meta:
            _mean(index, tokens, draft)
    state.tokens = [token for token in tokens if "gone" not in token.meta]


def _balanced(tokens: Sequence[Token], draft: SlideDraft) -> list[Token]:
    """Every box ends, inside of what it began in; an end without a beginning is left out."""
    out: list[Token] = []
    open_now: list[Token] = []
    for token in tokens:
        if token.type == "div_close" and token.map:
            if not open_now or open_now[-1].type != "div_open":
                draft.note("::: that ends nothing", draft.span(token.map[0]), ConstructOutcome.LEFT_OUT, "remove it")
                continue
            open_now.pop()
        elif token.nesting == 1:
            open_now.append(token)
        elif token.nesting == -1:
            out += _ends(open_now, draft)
            if open_now:
                open_now.pop()
        out.append(token)
    return [*out, *_ends(open_now, draft)]


def _ends(open_now: list[Token], draft: SlideDraft) -> Iterator[Token]:
    while open_now and open_now[-1].type == "div_open":
        opened = open_now.pop()
        span = draft.span(opened.map[0] if opened.map else 0)
        draft.note("::: that is never ended", span, ConstructOutcome.APPROXIMATED, "end it with a line of ':::'")
        yield Token("div_close", "div", -1, block=True)


def _mean(index: int, tokens: list[Token], draft: SlideDraft) -> None:
    token = tokens[index]
    classes = str(token.attrs.get("class", "")).split()
    span = draft.span(token.map[0] if token.map else 0)
    if any(name.startswith("layout") for name in token.attrs):
        _grid(index, closing(tokens, index), tokens, draft, span)
        return
    if "absolute" in classes:
        place_absolutely(token.attrs)
    for name in classes:
        if name in MEANINGS:
            MEANINGS[name](index, closing(tokens, index), tokens, draft, span)
            return
        if kind := _CALLOUT.fullmatch(name):
            _callout(kind[1], index, tokens, draft, span)
            return
    draft.note(f"::: {' '.join(classes)}".rstrip(), span)


def place_absolutely(attrs: dict[str, str | int | float]) -> None:
    """`top`, `left`, `width` and the like of what has the class `absolute`, as its style."""
    placed = [
        f"{name}: {value}px" if re.fullmatch(r"[\d.]+", value) else f"{name}: {value}"
        for name in ("top", "left", "bottom", "right", "width", "height")
        if name in attrs and (value := str(attrs.pop(name)))
    ]
    annotate(attrs, "style", "; ".join(["position: absolute", "margin: 0", *placed]))


def _notes(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    draft.note("::: notes", span)
    for number, kind in ((index, "notes_open"), (end, "notes_close")):
        tokens[number].type, tokens[number].tag = kind, "aside"


def _incremental(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    draft.note("::: incremental", span)
    for token in tokens[index:end]:
        if token.type == "list_item_open":
            annotate(token.attrs, "class", "fragment")


def _at_once(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    draft.note("::: nonincremental", span)
    for token in tokens[index:end]:
        if token.type == "list_item_open" and token.attrs.get("class") == "fragment":
            del token.attrs["class"]


def _columns(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    draft.note("columns", span)
    widths: list[str] = []
    number = index + 1
    while number < end:
        token = tokens[number]
        if token.type == "div_open" and "column" in str(token.attrs.get("class", "")).split():
            widths.append(str(token.attrs.pop("width", "")))
            annotate(token.attrs, "class", "qd-col")
            token.meta.pop("written", None)
        number = closing(tokens, number) + 1 if token.nesting == 1 else number + 1
    annotate(tokens[index].attrs, "class", "qd-cols")
    tokens[index].attrs["data-count"] = str(len(widths))
    if any(widths):
        annotate(tokens[index].attrs, "style", f"grid-template-columns: {' '.join(map(_share, widths))}")


def _share(width: str) -> str:
    found = re.fullmatch(r"([\d.]+)%", width)
    return f"minmax(0, {found[1]}fr)" if found else width if re.fullmatch(r"[\d.]+[a-z]+", width) else "minmax(0, 1fr)"


def _callout(kind: str, index: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    """The same boxes as `> [!note]` makes."""
    draft.note("callout", span)
    draft.needs.add("obsidian")
    token = tokens[index]
    title = str(token.attrs.pop("title", "")) or _heading(index, tokens) or kind.capitalize()
    kept: dict[str, str | int | float] = {"class": classes_of(kind), "data-type": kind}
    token.attrs = kept | {name: value for name, value in token.attrs.items() if name in ("id", "style")}
    icon = Token("inline", "", 0, children=[], block=True, map=token.map)
    icon.meta["ready"] = icon_tokens("fas", look_of(kind)[1], "callout-icon")
    words = Token("inline", "", 0, content=title, children=[], block=True, map=token.map)
    end = closing(tokens, index)
    tokens[end:end] = [_div(-1)]
    tokens[index + 1 : index + 1] = [
        _div(1, "callout-title"), icon, _div(1, "callout-title-inner"), words, _div(-1), _div(-1),
        _div(1, "callout-content"),
    ]  # fmt: skip


def _heading(index: int, tokens: list[Token]) -> str:
    """The words of the heading that a box begins with, which is taken out of it."""
    if index + 3 < len(tokens) and tokens[index + 1].type == "heading_open":
        words = tokens[index + 2].content
        del tokens[index + 1 : index + 4]
        return words
    return ""


def _div(nesting: Literal[1, -1], name: str = "") -> Token:
    return Token(
        "div_open" if nesting > 0 else "div_close", "div", nesting, block=True, attrs={"class": name} if name else {}
    )


def _tabs(_index: int, _end: int, _tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    draft.note("tabs", span, ConstructOutcome.APPROXIMATED, "they stand below each other; make a slide of each")


Meaning = Callable[[int, int, list[Token], SlideDraft, Span], None]


def _footer(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    """It stands at the edge of the slide, and not among its words."""
    draft.note("::: footer", span)
    for number, kind in ((index, "edge_open"), (end, "edge_close")):
        tokens[number].type, tokens[number].tag = kind, "footer"
    tokens[index].attrs = {"class": "qd-band"}


def _hidden(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    """`content-hidden` for these slides, or `content-visible` for something else."""
    token = tokens[index]
    classes = str(token.attrs.get("class", "")).split()
    formats = {name: str(token.attrs.pop(name)) for name in ("when-format", "unless-format") if name in token.attrs}
    ours = any(each in _SLIDES for each in formats.values())
    holds = ours == ("when-format" in formats) if formats else True
    draft.note("content for some formats", span)
    if ("content-hidden" in classes) == holds:
        for each in tokens[index : end + 1]:
            each.meta["gone"] = True


_SLIDES = ("revealjs", "html", "html:js")


def _grid(index: int, end: int, tokens: list[Token], draft: SlideDraft, span: Span) -> None:
    """`layout-ncol` and `layout`: each block is a cell."""
    attrs = tokens[index].attrs
    written = str(attrs.pop("layout", ""))
    count = str(attrs.pop("layout-ncol", ""))
    rows = str(attrs.pop("layout-nrow", ""))
    for name in [name for name in attrs if name.startswith("layout-")]:
        del attrs[name]
    first = re.match(r"\s*\[?\s*\[?([-\d.,\s]+)\]", written)
    shares = [share.strip() for share in first[1].split(",") if share.strip()] if first else []
    cells = sum(tokens[at].level == tokens[index].level and tokens[at].nesting >= 0 for at in range(index + 1, end))
    if not shares:
        number = int(count) if count.isdecimal() else -(-cells // int(rows)) if rows.isdecimal() and int(rows) else 1
        shares = ["1"] * max(number, 1)
    columns = " ".join(
        f"minmax(0, {abs(float(share)):g}fr)" if re.fullmatch(r"-?[\d.]+", share) else "1fr" for share in shares
    )
    annotate(attrs, "class", "qd-cells")
    annotate(attrs, "style", f"grid-template-columns: {columns}")
    draft.note("layout in columns", span)


MEANINGS: dict[str, Meaning] = {
    # class of a box, and what it makes of the tokens from its beginning to its end
    "columns": _columns,
    "content-hidden": _hidden,
    "content-visible": _hidden,
    "footer": _footer,
    "incremental": _incremental,
    "nonincremental": _at_once,
    "notes": _notes,
    "panel-tabset": _tabs,
}
