"""Icons of Font Awesome as the `<i>` that all ways to write one become."""

from __future__ import annotations

from markdown_it.token import Token

from quarterdeck.markdown.rules.support.html_tags import Tag
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import Icon, Span
from quarterdeck.regex import regex

_STYLES = {
    "fa": "solid", "fas": "solid", "fal": "solid", "fat": "solid", "fad": "solid", "far": "regular", "fab": "brands",
    "fa-solid": "solid", "fa-light": "solid", "fa-thin": "solid", "fa-duotone": "solid", "fa-classic": "solid",
    "fa-regular": "regular", "fa-brands": "brands",
}  # fmt: skip
_MODIFIER = regex(
    r"fa-(?:\d+x|2xs|xs|sm|lg|xl|2xl|fw|li|ul|border|pull-(?:left|right|start|end)|spin(?:-pulse|-reverse)?|pulse"
    r"|beat(?:-fade)?|fade|bounce|shake|rotate-(?:90|180|270|by)|flip(?:-horizontal|-vertical|-both)?|stack(?:-[12]x)?"
    r"|inverse|layers(?:-[\w-]+)?|sharp|classic|solid|regular|brands|light|thin|duotone)"
)


def tag_tokens(opening: str) -> list[Token]:
    return [Token("html_inline", "", 0, content=content) for content in (opening, "</i>")]


def icon_tokens(style: str, name: str, *classes: str) -> list[Token]:
    return tag_tokens(f'<i class="{" ".join((style, f"fa-{name}", *classes))}">')


def icon_name(classes: list[str]) -> tuple[str, str] | None:
    """Style and name of the icon that the classes ask for."""
    styles = [_STYLES[each] for each in classes if each in _STYLES]
    names = [each[3:] for each in classes if each.startswith("fa-") and not _MODIFIER.fullmatch(each)]
    return (styles[-1], names[0]) if styles and names else None


def icon_in(tag: Tag, draft: SlideDraft, span: Span) -> str:
    """The mark of the icon that a raw tag asks for, else nothing; the tag is told that it holds one."""
    if tag.name not in ("i", "span") or tag.closes:
        return ""
    found = icon_name((tag.get("class") or "").split())
    if found is None:
        return ""
    draft.needs.add("obsidian")
    if colour := tag.get("color"):
        tag.attributes = [pair for pair in tag.attributes if pair[0].lower() != "color"]
        tag.set("style", f"color: {colour}")
    tag.set("class", "qd-icon")
    return draft.add(Icon(style=found[0], name=found[1], span=span))
