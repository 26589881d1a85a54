"""remark: properties at the head of a slide, `--` for the next step, `???` for notes, `.class[…]` for boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import OF_OBSIDIAN, Dialect, Evidence
from quarterdeck.markdown.rules import pauses
from quarterdeck.markdown.rules.divs import closing
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import sheet_of
from quarterdeck.model import Attrs, Outcome

_PROPERTY = re.compile(
    r"(?P<name>class|name|template|layout|background-[a-z]+|count|exclude|continued|title)[ \t]*:(?P<value>.*)"
)
_BOX = re.compile(r"(?:\.(?P<names>[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)|#(?P<id>[A-Za-z][\w-]*))\[")
_OWN_WORDS = re.compile(
    r"^\?\?\?[ \t]*$"
    r"|(?:\A|^---[ \t]*\n)(?:(?:class|count|layout|name|template)[ \t]*:[ \t]*\w[\w, -]*\n)+(?!---|\.\.\.|[\w-]+:)"
    r"|^\.(?:left|right|pull-left|pull-right|footnote)(?:-column)?\[",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    if "xaringan" in str(evidence.front.get("output", "")):
        return True
    return "remark" in evidence.beside or _OWN_WORDS.search(evidence.body) is not None


Given = tuple[list[tuple[str, str]], str]


def _url(value: str) -> str:
    found = re.fullmatch(r"""url\(\s*["']?(.*?)["']?\s*\)""", value)
    return found[1] if found else value


def _visibility(kind: str, wanted: str) -> Callable[[str], Given]:
    return lambda value: ([("data-visibility", kind)] if value == wanted else [], "")


PROPERTIES: dict[str, Callable[[str], Given]] = {
    # property of a slide: what it gives to the section, and a remedy where that is not all of it
    "background-color": lambda value: ([("data-background-color", value)], ""),
    "background-image": lambda value: ([("data-background-image", _url(value))], ""),
    "background-position": lambda value: ([("data-background-position", value)], ""),
    "background-repeat": lambda value: ([("data-background-repeat", value)], ""),
    "background-size": lambda value: ([("data-background-size", value)], ""),
    "class": lambda value: ([("class", " ".join(re.split(r"[,\s]+", value)))], ""),
    "continued": lambda _value: ([], "its content stands on the slide before; repeat it where it is wanted"),
    "count": _visibility("uncounted", "false"),
    "exclude": _visibility("hidden", "true"),
    "layout": lambda value: (
        [("data-visibility", "hidden")] if value == "true" else [],
        "what this slide shows is not repeated on the next ones; put it into a theme's template",
    ),
    "name": lambda value: ([("id", value)], ""),
    "template": lambda _value: ([], "the content of that slide is not repeated; copy it here"),
    "title": lambda _value: ([], ""),
}


def _properties(md: MarkdownIt) -> None:
    def properties(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        """The lines `name: value` at the head of a slide."""
        sheet = sheet_of(state.env)
        if silent or state.level or sheet.first or sheet.definitions_only or state.env.get("headed"):
            return False
        state.env["headed"] = True
        line = start
        while line < end and (found := _PROPERTY.fullmatch(state.src, state.bMarks[line], state.eMarks[line])):
            name, value = found["name"], found["value"].strip()
            span = sheet.span(line)
            attributes, remedy = PROPERTIES[name](value)
            sheet.attrs += [(key, each, span) for key, each in attributes if each]
            whole = not remedy or (name in ("layout", "template", "continued") and value == "false")
            sheet.note(
                f"property {name}", span, Outcome.UNDERSTOOD if whole else Outcome.APPROXIMATED, "" if whole else remedy
            )
            line += 1
        state.line = line
        return line > start

    md.block.ruler.before("table", "properties", properties)


def _carried(_front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """The classes and backgrounds of each slide's `template`, or of the last slide with `layout: true`."""
    layout: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {}
    for text in texts:
        own = dict(_own(text))
        if own.get("layout") == "false":
            layout = {}
        base = named.get(own.get("template", ""), layout)
        passed = [
            pair
            for name, value in base.items()
            if name not in own or name == "class"
            for pair in PROPERTIES[name](value)[0]
        ]
        yield tuple(passed)
        kept = {name: value for name, value in own.items() if name == "class" or name.startswith("background-")}
        if "name" in own:
            named[own["name"]] = kept
        if own.get("layout") == "true":
            layout = kept


def _own(text: str) -> Iterator[tuple[str, str]]:
    for line in text.lstrip("\n").split("\n"):
        found = _PROPERTY.fullmatch(line)
        if not found:
            return
        yield found["name"], found["value"].strip()


def _boxes(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "box", box, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.add_terminator_char(".")
    md.inline.ruler.before("link", "box_in_text", box_in_text)
    md.core.ruler.after("block", "box_pairs", box_pairs)


_LEFT = frozenset(("left", "left-column", "pull-left"))
_RIGHT = frozenset(("right", "right-column", "pull-right"))


def box_pairs(state: StateCore) -> None:
    """A left box and the right one behind it are two columns."""
    out: list[Token] = []
    tokens = state.tokens
    at = 0
    while at < len(tokens):
        end = closing(tokens, at) if _is_box(tokens[at], _LEFT) else 0
        if end and end + 1 < len(tokens) and _is_box(tokens[end + 1], _RIGHT):
            last = closing(tokens, end + 1)
            for index in (at, end + 1):
                annotate(tokens[index].attrs, "class", "qd-col")
            around = Token("div_open", "div", 1, block=True, attrs={"class": "qd-cols", "data-count": "2"})
            around.map = tokens[at].map
            out += [around, *tokens[at : last + 1], Token("div_close", "div", -1, block=True)]
            at = last + 1
        else:
            out.append(tokens[at])
            at += 1
    state.tokens = out


def _is_box(token: Token, names: frozenset[str]) -> bool:
    return (
        token.type == "div_open" and token.level == 0 and bool(names & set(str(token.attrs.get("class", "")).split()))
    )


def _ends(text: str, start: int, stop: int) -> int:
    """Index of the bracket that closes the one before `start`; -1 where none does. Code spans are passed over."""
    depth, at = 1, start
    while at < stop:
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == "`":
            ticks = _run(text, at)
            closed = text.find("`" * ticks, at + ticks, stop)
            at = closed + ticks - 1 if closed >= 0 else at + ticks - 1
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def _run(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] == "`":
        end += 1
    return end - at


def box(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`.left-column[` over several lines, with Markdown inside."""
    begin = state.bMarks[start] + state.tShift[start]
    found = _BOX.match(state.src, begin, state.eMarks[start]) if not state.is_code_block(start) else None
    if found is None:
        return False
    closed = _ends(state.src, found.end(), state.eMarks[end - 1])
    if closed < 0 or closed <= state.eMarks[start]:
        return False
    last = next(line for line in range(start, end) if state.eMarks[line] >= closed)
    if state.src[closed + 1 : state.eMarks[last]].strip():
        return False
    if silent:
        return True
    sheet = sheet_of(state.env)
    names = " ".join((found["names"] or "").split("."))
    sheet.note(f".{found['names']}[…]" if names else "#id[…]", sheet.span(start))
    token = state.push("div_open", "div", 1)
    token.map = [start, last + 1]
    token.attrs = {"class": names} if names else {"id": found["id"]}
    opening = state.bMarks[start], state.tShift[start]
    ending = state.eMarks[last], state.lineMax
    state.bMarks[start], state.tShift[start] = found.end(), 0
    state.eMarks[last], state.lineMax = closed, last + 1
    parent, state.parentType = state.parentType, "root"
    state.md.block.tokenize(state, start, last + 1)
    state.parentType = parent
    state.bMarks[start], state.tShift[start] = opening
    state.eMarks[last], state.lineMax = ending
    state.push("div_close", "div", -1)
    state.line = last + 1
    return True


def box_in_text(state: StateInline, silent: bool) -> bool:
    """`.red[words]`."""
    found = _BOX.match(state.src, state.pos, state.posMax)
    if found is None or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    closed = _ends(state.src, found.end(), state.posMax)
    if closed < 0:
        return False
    if not silent:
        token = state.push("span_open", "span", 1)
        token.attrs = {"class": " ".join(found["names"].split("."))} if found["names"] else {"id": found["id"]}
        stop = state.posMax
        state.pos, state.posMax = found.end(), closed
        state.md.inline.tokenize(state)
        state.posMax = stop
        state.push("span_close", "span", -1)
    state.pos = closed + 1
    return True


REMARK = Dialect(
    name="remark",
    title="remark",
    marks=_marks,
    notes=r"\?\?\?[ \t]*$",
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        _properties,
        lambda md: pauses.install(md, pattern=r"--[ \t]*", name="-- for the next step"),
        _boxes,
    ),
    tolerant=True,
    carried=_carried,
)
