"""Font Awesome: `:fas_envelope:`, `![](fas fa-envelope fa-4x)` and `<i class="fas fa-envelope"></i>`.

All three become the `<i>`, and the drawing is a slot in it.
"""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.rules.links import located
from quarterdeck.markdown.rules.sheet import Sheet
from quarterdeck.markdown.rules.tags import Tag
from quarterdeck.model import Icon, Span

_STYLES = {
    "fa": "solid", "fas": "solid", "fal": "solid", "fat": "solid", "fad": "solid", "far": "regular", "fab": "brands",
    "fa-solid": "solid", "fa-light": "solid", "fa-thin": "solid", "fa-duotone": "solid", "fa-classic": "solid",
    "fa-regular": "regular", "fa-brands": "brands",
}  # fmt: skip
_SHORT = re.compile(r":(?P<style>fa[srlbdt]?)[_-](?:fa[_-])?(?P<name>[a-z0-9]+(?:[_-][a-z0-9]+)*):")
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]\n]*)\]\([ \t]*(?P<classes>fa[\w-]*(?:[ \t]+[\w-]+)+)[ \t]*\)")
_MODIFIER = re.compile(
    r"fa-(?:\d+x|2xs|xs|sm|lg|xl|2xl|fw|li|ul|border|pull-(?:left|right|start|end)|spin(?:-pulse|-reverse)?|pulse"
    r"|beat(?:-fade)?|fade|bounce|shake|rotate-(?:90|180|270|by)|flip(?:-horizontal|-vertical|-both)?|stack(?:-[12]x)?"
    r"|inverse|layers(?:-[\w-]+)?|sharp|classic|solid|regular|brands|light|thin|duotone)"
)


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
        _push(state, _tokens(f'<i class="{" ".join(found["classes"].split())}"{label}>'))
    state.pos = found.end()
    return True


def icon_tokens(style: str, name: str, *classes: str) -> list[Token]:
    return _tokens(f'<i class="{" ".join((style, f"fa-{name}", *classes))}">')


def icon_name(classes: list[str]) -> tuple[str, str] | None:
    """Style and name of the icon that the classes ask for."""
    styles = [_STYLES[each] for each in classes if each in _STYLES]
    names = [each[3:] for each in classes if each.startswith("fa-") and not _MODIFIER.fullmatch(each)]
    return (styles[-1], names[0]) if styles and names else None


def icon_in(tag: Tag, sheet: Sheet, span: Span) -> str:
    """The mark of the icon that a raw tag asks for, else nothing; the tag is told that it holds one."""
    if tag.name not in ("i", "span") or tag.closes:
        return ""
    found = icon_name((tag.get("class") or "").split())
    if found is None:
        return ""
    sheet.needs.add("obsidian")
    if colour := tag.get("color"):
        tag.attributes = [pair for pair in tag.attributes if pair[0].lower() != "color"]
        tag.set("style", f"color: {colour}")
    tag.set("class", "qd-icon")
    return sheet.add(Icon(style=found[0], name=found[1], span=span))


def ready_icons(state: StateCore) -> None:
    """Puts the children into texts that other rules made and that are nobody's Markdown."""
    for token in state.tokens:
        if token.type == "inline" and "ready" in token.meta:
            token.children = token.meta.pop("ready")


def _tokens(opening: str) -> list[Token]:
    return [Token("html_inline", "", 0, content=content) for content in (opening, "</i>")]


def _push(state: StateInline, tokens: list[Token]) -> None:
    for token in tokens:
        state.push("html_inline", "", 0).content = token.content
