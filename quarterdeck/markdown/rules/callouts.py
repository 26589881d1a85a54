"""`> [!tip] Title`: a quotation that is a callout; with `+` or `-` behind the bracket it folds."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.icons import icon_tokens
from quarterdeck.markdown.rules.sheet import sheet_of

_HEAD = re.compile(r"\[!(?P<type>[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\](?P<fold>[+-]?)(?:[ \t]+|(?=\n|$))(?P<title>[^\n]*)\n?")
_COMMENTS = re.compile(r"(?:\s*<!--(?:(?!-->).)*-->)+\s*", re.DOTALL)
_TYPES = {
    # names: colour, icon
    "note": ("default", "pencil"),
    "abstract summary tldr": ("2", "clipboard-list"),
    "info": ("1", "circle-info"),
    "todo": ("1", "circle-check"),
    "tip hint important": ("2", "fire"),
    "success check done": ("3", "check"),
    "question help faq": ("4", "circle-question"),
    "warning caution attention": ("5", "triangle-exclamation"),
    "failure fail missing": ("6", "xmark"),
    "danger error": ("7", "bolt"),
    "bug": ("7", "bug"),
    "example": ("8", "list"),
    "quote cite": ("9", "quote-left"),
}
_KNOWN = {name: look for names, look in _TYPES.items() for name in names.split()}


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
                sheet_of(state.env).needs.add("obsidian")
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


def look_of(kind: str) -> tuple[str, str]:
    """Colour and icon."""
    return _KNOWN.get(kind.strip().lower(), ("default", "pencil"))


def classes_of(kind: str) -> str:
    colour, _ = look_of(kind)
    return f"callout callout-color{'-' * colour.isalpha()}{colour}"


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
