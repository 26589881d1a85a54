"""Font Awesome: `:fas_envelope:`, `![](fas fa-envelope fa-4x)` and `<i class="fas fa-envelope"></i>`.

All three become the `<i>`, and the drawing is a slot in it.
"""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.icon_tags import icon_name, icon_tokens, tag_tokens
from quarterdeck.markdown.rules.support.slide_draft import located
from quarterdeck.regex import regex

_SHORT = regex(r":(?P<style>fa[srlbdt]?)[_-](?:fa[_-])?(?P<name>[a-z0-9]+(?:[_-][a-z0-9]+)*):")
_IMAGE = regex(r"!\[(?P<alt>[^\[\]\n]*)\]\([ \t]*(?P<classes>fa[\w-]*(?:[ \t]+[\w-]+)+)[ \t]*\)")


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "short_icon", located(short_icon))
    md.inline.ruler.before("image", "icon_image", located(icon_image))
    md.core.ruler.after("inline", "ready_icons", ready_icons)


def short_icon(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    found = _SHORT.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        _push(state, icon_tokens(found["style"], found["name"].replace("_", "-")))
    state.pos = found.end()
    return True


def icon_image(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("![", state.pos):
        return False
    found = _IMAGE.match(state.src, state.pos, state.posMax)
    if found is None or icon_name(found["classes"].split()) is None:
        return False
    if not silent:
        label = f' role="img" aria-label="{escape(found["alt"].strip())}"' if found["alt"].strip() else ""
        _push(state, tag_tokens(f'<i class="{" ".join(found["classes"].split())}"{label}>'))
    state.pos = found.end()
    return True


def ready_icons(state: StateCore) -> None:
    """Puts the children into texts that other rules made and that are nobody's Markdown."""
    for token in state.tokens:
        if token.type == "inline" and "ready" in token.meta:
            token.children = token.meta.pop("ready")


def _push(state: StateInline, tokens: list[Token]) -> None:
    for token in tokens:
        state.push("html_inline", "", 0).content = token.content
