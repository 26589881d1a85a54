"""pandoc's attributes in braces: of headings, which are those of their slide, of words, pictures, links and code."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.attributes import read_group
from quarterdeck.markdown.dialects.pandoc import shortcodes
from quarterdeck.markdown.dialects.pandoc.divs import place_absolutely
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome, Span
from quarterdeck.regex import regex

_INLINE_GROUP = regex(r"\{[ \t]*(?:[#.][\w-]|[\w-]+=)[^{}\n]*\}")
_GROUP = regex(r"[ \t]*(?P<group>\{[^{}]*\})[ \t]*$")
_OF_WORDS = regex(r"\]$|\]\([^()\n]*\)$|`$")
"""What has the braces directly behind it for its own: words in brackets, a link, a picture, code."""
_CROSSED = regex(r"\{\{<.*?>\}\}|\[[^\[\]]*@[\w:][^\]]*\]|(?<![\w@])@(?!\w+\.\w)[A-Za-z_][\w:-]*\d{4}\w*")

SECTION = {
    # attribute of a heading: that of its section
    **{
        f"background-{name}": f"data-background-{name}"
        for name in ("color", "gradient", "iframe", "image", "interactive", "opacity", "position", "repeat", "size")
    },
    "background-video": "data-background-video",
    "background-video-loop": "data-background-video-loop",
    "background-video-muted": "data-background-video-muted",
    "auto-animate": "data-auto-animate",
    "auto-animate-id": "data-auto-animate-id",
    "autoslide": "data-autoslide",
    "menu-title": "data-menu-title",
    "notes": "data-notes",
    "state": "data-state",
    "transition": "data-transition",
    "transition-speed": "data-transition-speed",
    "visibility": "data-visibility",
}


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "span", bracketed)
    md.inline.ruler.push("attributes", attributes)
    md.core.ruler.after("block", "section_attributes", section_attributes)
    md.core.ruler.after("inline", "pandoc_words", words)


def bracketed(state: StateInline, silent: bool) -> bool:
    """`[words]{.class}`."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    group = _INLINE_GROUP.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if group is None:
        return False
    if not silent:
        token = state.push("span_open", "span", 1)
        for name, value in read_group(group[0]):
            annotate(token.attrs, name, value)
        start, stop = state.pos + 1, state.posMax
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.posMax = stop
        state.push("span_close", "span", -1)
    state.pos = group.end()
    return True


def attributes(state: StateInline, silent: bool) -> bool:
    """`{…}` directly behind a picture, a link or code."""
    if state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    group = _INLINE_GROUP.match(state.src, state.pos, state.posMax)
    last = len(state.tokens) - 1
    if state.tokens[last].type == "link_close":
        level = state.tokens[last].level
        last = next(
            (
                at
                for at in range(last, -1, -1)
                if state.tokens[at].type == "link_open" and state.tokens[at].level == level
            ),
            last,
        )
    if group is None or state.tokens[last].type not in ("image", "code_inline", "link_open"):
        return False
    if not silent:
        for name, value in read_group(group[0]):
            annotate(state.tokens[last].attrs, name, value)
    state.pos = group.end()
    return True


def section_attributes(state: StateCore) -> None:
    """Attributes of a heading are the heading's own, those of the first one the slide's."""
    draft = draft_of(state.env)
    first = not draft.first
    empty: list[int] = []
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        text = state.tokens[index + 1]
        found = _GROUP.search(text.content)
        if found and not _OF_WORDS.search(text.content, 0, found.start("group")):
            span = draft.in_content(text, text.content, found.start("group"), len(found["group"]))
            for name, value in read_group(found["group"].replace("{-", "{.unnumbered ")):
                _give(name, value, token, draft, span, of_slide=first and token.level == 0)
            text.content = text.content[: found.start()].rstrip()
            draft.note("attributes of a heading", span)
        if not text.content.strip():
            empty.append(index)
        first = False
    for index in reversed(empty):
        del state.tokens[index : index + 3]


def _give(name: str, value: str, heading: Token, draft: SlideDraft, span: Span, *, of_slide: bool) -> None:
    if not of_slide:
        annotate(heading.attrs, name, value)
    elif name == "id":
        draft.attrs.append(("id", value, span))
    elif name == "class" and value in ("unnumbered", "unlisted"):
        return
    elif name == "class" and value == "center":
        draft.attrs.append(("class", "middle", span))
    elif name == "class" and value == "incremental":
        draft.incremental = True
    else:
        attribute = SECTION.get(
            name, name if name.startswith("data-") or name in ("class", "style") else f"data-{name}"
        )
        draft.attrs.append((attribute, value, span))


def words(state: StateCore) -> None:
    """Attributes of pictures go to the picture; shortcodes and citations are told of."""
    draft = draft_of(state.env)
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "image":
                if "absolute" in str(child.attrs.get("class", "")).split():
                    place_absolutely(child.attrs)
                own = {name: value for name, value in child.attrs.items() if name not in ("src", "alt", "title")}
                for name, value in own.items():
                    del child.attrs[name]
                    size = name in ("width", "height")
                    given = ("style", f"{name}: {_length(str(value))}") if size else (name, str(value))
                    annotate(child.meta.setdefault("attrs", {}), *given)
            elif child.type == "text" and ("{{<" in child.content or "@" in child.content):
                for found in _CROSSED.finditer(token.content):
                    if shortcodes.is_shown(found[0]):
                        continue
                    span = draft.in_content(token, token.content, found.start(), len(found[0]))
                    what = "shortcode" if found[0].startswith("{") else "citation"
                    draft.note(what, span, ConstructOutcome.TEXT, "write out what it stands for")
                break


def _length(value: str) -> str:
    return f"{value}px" if re.fullmatch(r"[\d.]+", value) else value
