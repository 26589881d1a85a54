"""Links: where they stand, the definitions that other slides have, and which words are addresses."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import html_inline, link

from quarterdeck.markdown.rules.support.slide_draft import KEY, SlideDraft, draft_of, located


def deck_references(state: StateCore) -> None:
    """Lets the slide use the definitions of the others; its own come first."""
    draft = draft_of(state.env)
    known = state.env.setdefault("references", {})
    own: dict[str, Any] = {KEY: SlideDraft(lines=("",), definitions_only=True)}
    state.md.block.parse(draft.beyond, state.md, own, [])
    for source in (own.get("references", {}), draft.references):
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
