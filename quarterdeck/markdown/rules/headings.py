"""`## Title {#id .class key=value}`: attributes of a heading, and `minutes`, which is the slide's."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from quarterdeck.markdown.attributes import read_info
from quarterdeck.markdown.pace import ATTRIBUTE
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.regex import regex

_GROUP = regex(r"(?:^|\s)(?P<group>\{(?:[#.]|minutes=)[^{}]*\})\s*$")


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("inline", "heading_attributes", heading_attributes)


def heading_attributes(state: StateCore) -> None:
    draft = draft_of(state.env)
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        text = state.tokens[index + 1]
        found = _GROUP.search(text.content)
        if found is None:
            continue
        info = read_info(" " + found["group"])
        if info.mistake:
            continue  # words in braces, not attributes
        for each in info.group:
            start = found.start("group") + each.start - 1
            name, value = each.as_html
            if name == "minutes":  # of the section that begins with the slide
                place = draft.in_content(text, text.content, start, each.end - each.start)
                draft.attrs.append((ATTRIBUTE, value, place))
                continue
            if name == "id":
                draft.heading_ids.append((value, draft.in_content(text, text.content, start, each.end - each.start)))
                token.meta["id"] = value
            annotate(token.attrs, name, value)
        text.content = text.content[: found.start()].rstrip()
