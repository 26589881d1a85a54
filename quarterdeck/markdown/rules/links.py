"""Which addresses are files of the talk, and where links stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, html_inline, link

from quarterdeck.markdown.rules.sheet import KEY, Sheet, sheet_of

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

Rule = Callable[[StateInline, bool], bool]


def is_local(url: str) -> bool:
    """Whether a file may answer the address: it has no scheme but `file:` and no host, and is no place on the page."""
    written = url.strip().lower()
    return written.startswith("file:") or bool(
        written and not written.startswith(("#", "//", "?")) and not _SCHEME.match(written)
    )


def located(rule: Rule) -> Rule:
    """The rule, noting in its first token where in the text it stands."""

    def with_place(state: StateInline, silent: bool) -> bool:
        at, index = state.pos, len(state.tokens) + bool(state.pending)
        found = rule(state, silent)
        if found and not silent and len(state.tokens) > index:
            token = state.tokens[index]
            token.meta["at"] = at
            token.meta["width"] = state.pos - at
        return found

    return with_place


def deck_references(state: StateCore) -> None:
    """Lets the slide use the definitions of the others; its own come first."""
    sheet = sheet_of(state.env)
    known = state.env.setdefault("references", {})
    own: dict[str, Any] = {KEY: Sheet(lines=("",), definitions_only=True)}
    state.md.block.parse(sheet.beyond, state.md, own, [])
    for source in (own.get("references", {}), sheet.references):
        for label, definition in source.items():
            known.setdefault(label, definition)


def _any_link(url: str) -> bool:  # noqa: ARG001
    """`file:` and `javascript:` are allowed: the talk is the author's own."""
    return True


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("inline", "deck_references", deck_references)
    md.inline.ruler.at("link", located(link))
    md.inline.ruler.at("html_inline", located(html_inline))
    md.validateLink = _any_link  # type: ignore[method-assign]
    encoded = md.normalizeLink
    # a picture in the text is as long as a book, and has nothing to encode
    md.normalizeLink = lambda url: url if url.startswith("data:") else encoded(url)  # type: ignore[method-assign]
    if md.linkify is not None:
        # `main.py` and `docker.io` are no addresses
        md.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
        thorough = md.linkify.pretest
        # what is left has two slashes or this word; the pattern of all schemes is tried at every letter
        md.linkify.pretest = lambda text: ("//" in text or "mailto:" in text.lower()) and thorough(text)
