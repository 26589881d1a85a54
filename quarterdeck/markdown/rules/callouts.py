"""`> [!tip] Title`: a quotation that is a callout; with `+` or `-` behind the bracket it folds."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.callout_types import classes_of, look_of
from quarterdeck.markdown.rules.support.icon_tags import icon_tokens
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.regex import regex

_HEAD = regex(r"\[!(?P<type>[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\](?P<fold>[+-]?)(?:[ \t]+|(?=\n|$))(?P<title>[^\n]*)\n?")
_COMMENTS = regex(r"(?:\s*<!--(?:(?!-->).)*-->)+\s*", re.DOTALL)


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("inline", "callouts", callouts)


def callouts(state: StateCore) -> None:
    """Turns quotations that begin with a type into callouts; the rest of their first paragraph is content."""
    out: list[Token] = []
    closers: list[Token | None] = []
    skip = 0
    for index, token in enumerate(state.tokens):
        if skip:
            skip -= 1
            continue
        if token.type == "blockquote_open":
            head = _head(state.tokens, index)
            closers.append(_open(token, head) if head else None)
            out.append(token)
            if head:
                draft_of(state.env).needs.add("obsidian")
                out += _title(token, state.tokens[index + 2], head)
                out += _content(token, state.tokens[index + 1 : index + 4], head)
                skip = 3
            continue
        if token.type == "blockquote_close" and (closer := closers.pop() if closers else None):
            out.append(_token("callout_content_close", "div", -1, token.level))
            token.type, token.tag = "callout_close", closer.tag
        out.append(token)
    state.tokens = out


def _head(tokens: list[Token], index: int) -> re.Match[str] | None:
    if len(tokens) <= index + 3 or tokens[index + 1].type != "paragraph_open":
        return None
    return _HEAD.match(tokens[index + 2].content)


def _open(token: Token, head: re.Match[str]) -> Token:
    kind = head["type"].strip().lower()
    token.type, token.tag = "callout_open", "details" if head["fold"] else "div"
    token.attrs = {"class": classes_of(kind), "data-type": kind}
    if head["fold"] == "+":
        token.attrs["open"] = ""
    return token


def _look(head: re.Match[str]) -> tuple[str, str]:
    return look_of(head["type"])


def _title(callout: Token, text: Token, head: re.Match[str]) -> list[Token]:
    """The title line; without words of its own it is the type."""
    tag = "summary" if head["fold"] else "div"
    opened = _token("callout_title_open", tag, 1, callout.level + 1, "callout-title", parents=1)
    icon = _token("inline", "", 0, callout.level + 2)
    icon.map, icon.children = text.map, []
    icon.meta["ready"] = icon_tokens("fas", _look(head)[1], "callout-icon")
    inner = _token("callout_title_open", "div", 1, callout.level + 2, "callout-title-inner", parents=2)
    words = _token("inline", "", 0, callout.level + 3)
    title = head["title"].strip()
    bare = not _COMMENTS.sub("", title).strip()
    words.content = (head["type"].strip().capitalize() + (f" {title}" if title else "")) if bare else title
    words.children = []
    line = text.map[0] if text.map else 0
    words.map = opened.map = inner.map = [line, line + 1]
    return [
        opened, icon, inner, words,
        _token("callout_title_close", "div", -1, callout.level + 2),
        _token("callout_title_close", tag, -1, callout.level + 1),
    ]  # fmt: skip


def _content(callout: Token, paragraph: list[Token], head: re.Match[str]) -> list[Token]:
    opened = _token("callout_content_open", "div", 1, callout.level + 1, "callout-content", parents=1)
    opened.map = callout.map
    start, text, end = paragraph
    rest = text.content[head.end() :]
    line = (text.map[0] if text.map else 0) + text.content.count("\n", 0, head.end())
    if _COMMENTS.fullmatch(rest):
        comment = _token("html_block", "", 0, callout.level + 2)
        comment.content, comment.map = rest, [line, line + rest.count("\n") + 1]
        return [opened, comment]
    if not rest.strip():
        return [opened]
    text.content = rest
    text.map = start.map = [line, text.map[1] if text.map else line + 1]
    return [opened, start, text, end]


def _token(kind: str, tag: str, nesting: int, level: int, name: str = "", *, parents: int = 0) -> Token:
    token = Token(kind, tag, nesting, level=level, block=True)  # type: ignore[arg-type]
    if name:
        token.attrs = {"class": name}
    if parents:
        token.meta["stands_for"] = parents  # an annotation of it is meant for the callout
    return token
