"""Slidev's components and utility classes: what they show without Vue, as far as HTML can show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from msgspec import Struct

from quarterdeck.markdown.dialects.slidev.utility_classes import declarations
from quarterdeck.markdown.rules.support.html_tags import Piece, Tag, html_of, read_pieces
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of, located
from quarterdeck.model import ConstructOutcome, Span
from quarterdeck.regex import regex

_RAW_NAME = regex(r"</?([A-Za-z][^\s/>]*)")
_ICON_SETS = frozenset(
    {
        *("carbon", "mdi", "logos", "fa", "fa6", "fa-solid", "fa-brands", "fa6-brands", "fa6-solid", "ph", "ri", "bi"),
        *("tabler", "twemoji", "noto", "simple-icons", "devicon", "vscode-icons", "material-symbols", "heroicons"),
        *("lucide", "uil", "ic", "bx", "bxl", "ant-design", "eva", "octicon", "akar-icons", "skill-icons", "line-md"),
        *("uim", "fluent", "iconoir", "mingcute", "cib", "fxemoji", "emojione", "flat-color-icons", "ion", "cil", "ep"),
    }
)
_BRANDS = frozenset(
    {
        *("android", "angular", "apple", "aws", "bluesky", "discord", "docker", "facebook", "figma", "github"),
        *("gitlab", "google", "html5", "instagram", "java", "linkedin", "linux", "mastodon", "medium", "microsoft"),
        *("npm", "php", "python", "react", "rust", "safari", "slack", "stack-overflow", "swift", "telegram", "twitch"),
        *("twitter", "ubuntu", "whatsapp", "windows", "wordpress", "x-twitter", "youtube", "reddit", "markdown"),
    }
)
_BRAND_NAMES = {"vue": "vuejs", "javascript": "js", "nodejs": "node-js", "css-3": "css3", "html-5": "html5"}
_SIGNS = {
    # word in the name of an icon: the drawing of Font Awesome
    "home": "house", "email": "envelope", "mail": "envelope", "close": "xmark", "search": "magnifying-glass",
    "warning": "triangle-exclamation", "alert": "triangle-exclamation", "edit": "pen-to-square", "phone": "phone",
    "information": "circle-info", "info": "circle-info", "check": "check", "checkmark": "check", "link": "link",
    "rocket": "rocket", "lightbulb": "lightbulb", "idea": "lightbulb", "book": "book", "code": "code", "bug": "bug",
    "user": "user", "account": "user", "users": "users", "star": "star", "heart": "heart", "calendar": "calendar",
    "clock": "clock", "time": "clock", "lock": "lock", "globe": "globe", "web": "globe", "earth": "globe",
    "arrow-right": "arrow-right", "arrow-left": "arrow-left", "arrow-up": "arrow-up", "arrow-down": "arrow-down",
    "terminal": "terminal", "database": "database", "cloud": "cloud", "download": "download", "fire": "fire",
    "settings": "gear", "cog": "gear", "location": "location-dot", "play": "play", "question": "circle-question",
}  # fmt: skip
_WORDS_SHOWN = "its words are shown; write out in Markdown or HTML what it draws"

Shown = Callable[[Tag], str]


class _Component(Struct, frozen=True, kw_only=True):
    opens: Shown
    """HTML in the place of its opening tag."""
    closes: str = ""
    outcome: ConstructOutcome = ConstructOutcome.UNDERSTOOD
    remedy: str = ""


def _given(tag: Tag, *names: str) -> str:
    for name in names:
        if value := tag.get(name) or (tag.get(f":{name}") or "").strip("'\"`"):
            return value
    return ""


def _youtube(tag: Tag) -> str:
    name, _, query = _given(tag, "id").partition("?")
    size = "".join(f' {each}="{escape(value)}"' for each in ("width", "height") if (value := _given(tag, each)))
    address = f"https://www.youtube-nocookie.com/embed/{name}{f'?{query}' if query else ''}"
    return f'<iframe src="{escape(address)}"{size or " width=560 height=315"} allowfullscreen></iframe>'


def _post(address: str, word: str) -> Shown:
    return lambda tag: f'<p><a href="{escape(address.format(_given(tag, "id")))}">{word}</a></p>'


def _link(tag: Tag) -> str:
    to = _given(tag, "to")
    title = _given(tag, "title")
    return f'<a href="{escape(f"#/{int(to) - 1}" if to.isdecimal() else f"#{to}")}">{escape(title)}'


def _transform(tag: Tag) -> str:
    scale = _given(tag, "scale")
    return f'<div style="zoom: {scale}">' if re.fullmatch(r"[\d.]+", scale) else "<div>"


def _video(tag: Tag) -> str:
    kept = "".join(
        f" {name}" + (f'="{escape(value)}"' if value else "")
        for name, value in tag.attributes
        if re.fullmatch(r"(?:controls|autoplay|loop|muted|poster|src|class|width|height)", name)
    )
    return f"<video{kept}>"


_LEFT = _Component(
    opens=lambda _tag: "", outcome=ConstructOutcome.LEFT_OUT, remedy="nothing here draws it; a picture may"
)
COMPONENTS: dict[str, _Component] = {
    # name without case and hyphens
    "arrow": _LEFT,
    "autofittext": _Component(opens=lambda _tag: '<div class="r-fit-text">', closes="</div>"),
    "bluesky": _Component(opens=_post("https://bsky.app/profile/{}", "Bluesky"), outcome=ConstructOutcome.APPROXIMATED),
    "lightordark": _Component(opens=lambda _tag: "<div>", closes="</div>", outcome=ConstructOutcome.APPROXIMATED),
    "link": _Component(opens=_link, closes="</a>"),
    "poweredbyslidev": _Component(opens=lambda _tag: ""),
    "renderwhen": _Component(opens=lambda _tag: "<div>", closes="</div>", outcome=ConstructOutcome.APPROXIMATED),
    "slidecurrentno": _Component(opens=lambda _tag: ""),
    "slidestotal": _Component(opens=lambda _tag: ""),
    "slidevvideo": _Component(opens=_video, closes="</video>"),
    "titlerenderer": _LEFT,
    "toc": _Component(
        opens=lambda _tag: "", outcome=ConstructOutcome.LEFT_OUT, remedy="the overview (o) shows all slides"
    ),
    "transform": _Component(opens=_transform, closes="</div>"),
    "tweet": _Component(
        opens=_post("https://twitter.com/i/status/{}", "Tweet"),
        outcome=ConstructOutcome.APPROXIMATED,
        remedy="a link to it is shown; nothing on a slide asks another site",
    ),
    "vdrag": _Component(
        opens=lambda _tag: "<div>",
        closes="</div>",
        outcome=ConstructOutcome.APPROXIMATED,
        remedy="it stands where it is written",
    ),
    "vdragarrow": _LEFT,
    "vswitch": _Component(opens=lambda _tag: '<div class="r-stack">', closes="</div>"),
    "youtube": _Component(opens=_youtube),
}


_LOOSE = regex(r"</?(?:(?P<family>[a-z][\w-]*):[\w-]+|v-clicks?(?:\.[\w-]+)+)(?:\s[^<>\n]*)?/?>")
"""Tags with names that HTML has not."""


def loose_tag(state: StateInline, silent: bool) -> bool:
    """`<carbon:edit />` and `<v-click.up>` in a text."""
    found = _LOOSE.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if found is None or (found["family"] and found["family"] not in _ICON_SETS):
        return False
    if not silent:
        state.push("html_inline", "", 0).content = found[0]
    state.pos = found.end()
    return True


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("autolink", "loose_tag", located(loose_tag))
    md.core.ruler.before("clicks", "components", components)


def components(state: StateCore) -> None:
    draft = draft_of(state.env)
    within: list[str] = []
    for token in state.tokens:
        html = [token] if token.type == "html_block" else [c for c in token.children or () if c.type == "html_inline"]
        for one in html:
            if one.content.startswith("<!--") or token.meta.get("ours"):
                continue
            at = int(one.meta.get("at", 0))
            pieces = _without_scripts(read_pieces(one.content), token, draft)
            out: list[Piece | Tag] = []
            for piece in pieces:
                span = draft.in_content(token, token.content, at + piece.start, len(piece.text))
                out += _shown(piece, within, draft, span) if isinstance(piece, Tag) else [piece]
            one.content = html_of(out)


def _without_scripts(pieces: list[Piece | Tag], token: Token, draft: SlideDraft) -> Iterator[Piece | Tag]:
    inside = False
    for piece in pieces:
        if isinstance(piece, Tag) and piece.name == "script":
            inside = not piece.closes
            if inside:
                span = draft.in_content(token, token.content, piece.start, len(piece.text))
                draft.note("<script>", span, ConstructOutcome.LEFT_OUT, "slides here have no Vue")
        elif not inside:
            yield piece


def _shown(tag: Tag, within: list[str], draft: SlideDraft, span: Span) -> list[Piece | Tag]:
    found = _RAW_NAME.match(tag.text)
    written = found[1] if found else tag.name
    plain = written.replace("-", "").lower()
    if written == "template":
        return _template(tag, within)
    if plain == "vswitch":
        _enter(tag, within, "switch")
    if (component := COMPONENTS.get(plain)) and (written != plain or plain not in ("link",)):
        if not tag.closes:
            draft.note(f"<{written}>", span, component.outcome, component.remedy)
        html = component.closes if tag.closes else component.opens(tag) + (component.closes if tag.empty else "")
        return _kept(tag, html)
    if _is_icon(written):
        return [] if tag.closes else _icon(tag, written, draft, span)
    if not tag.closes:
        drawn = next((name for name in _names(tag) if re.match(r"i-[a-z]", name)), "")
        if drawn:
            icon = _icon(tag, drawn.removeprefix("i-"), draft, span)
            return icon if tag.empty else [tag, *icon]
        _dress(tag)
        if written[:1].isupper() and not written.lower().startswith("v"):
            draft.note(f"<{written}>", span, ConstructOutcome.APPROXIMATED, _WORDS_SHOWN)
    return [tag]


def _kept(tag: Tag, html: str) -> list[Piece | Tag]:
    """Other tags in its place, with the clicks and classes that it had."""
    pieces = read_pieces(html)
    if not tag.closes and pieces and isinstance(pieces[0], Tag):
        for name, value in tag.attributes:
            if name.startswith("v-") or name in ("class", "style"):
                pieces[0].set(name, value or "")
        _dress(pieces[0])
    for piece in pieces:
        piece.start = tag.start
    return pieces


def _enter(tag: Tag, within: list[str], name: str) -> None:
    if tag.closes:
        del within[-1:]
    elif not tag.empty:
        within.append(name)


def _template(tag: Tag, within: list[str]) -> list[Piece | Tag]:
    """`<template #2>` of a switch is the step 2; any other one is a box."""
    if tag.closes:
        return read_pieces("</div>")
    slot = next((name[1:] for name, _ in tag.attributes if name.startswith("#")), "")
    if "switch" in within and slot[:1].isdecimal():
        first = int(re.match(r"\d+", slot)[0])  # type: ignore[index]
        kind = "fragment current-visible" if first else "fragment fade-out"
        return read_pieces(f'<div class="{kind}" data-fragment-index="{first}">')
    return read_pieces("<div>")


def _is_icon(name: str) -> bool:
    family = re.split(r"[-:]", name, maxsplit=1)[0]
    return name != family and (family in _ICON_SETS or name.startswith(("fa-", "fa6-")))


def _icon(tag: Tag, written: str, draft: SlideDraft, span: Span) -> list[Piece | Tag]:
    drawing = icon_of(written)
    if not drawing:
        draft.note(f"icon {written}", span, ConstructOutcome.LEFT_OUT, "icons of Font Awesome are drawn: :fas_NAME:")
        return []
    draft.note("icon", span)
    icon = read_pieces(f'<i class="{drawing}"></i>')
    if isinstance(icon[0], Tag) and tag.get("class"):
        icon[0].set("class", " ".join(name for name in _names(tag) if not name.startswith("i-")))
        _dress(icon[0])
    for piece in icon:
        piece.start = tag.start
    return icon


def icon_of(written: str) -> str:
    """The classes of the drawing for an icon such as `mdi-github` or `carbon:edit`; empty where there is none."""
    name = re.sub(r"^(?:brands|solid)-|-icon$", "", re.split(r"[-:]", written, maxsplit=1)[1])
    name = re.sub(r"^(?:logo|brand)-|-(?:outline|filled|fill|line|bold|alt|logo|20|24|16)$", "", name)
    name = _BRAND_NAMES.get(name, name)
    if name in _BRANDS or name in _BRAND_NAMES.values():
        return f"fab fa-{name}"
    sign = _SIGNS.get(name) or next((sign for word, sign in _SIGNS.items() if word in name.split("-")), "")
    return f"fas fa-{sign}" if sign else ""


def _names(tag: Tag) -> list[str]:
    """Its classes, and names without a value, which may be classes too."""
    return [*(tag.get("class") or "").split(), *(name for name, value in tag.attributes if value is None)]


def _dress(tag: Tag) -> None:
    """Classes that say how it looks, as its style."""
    names = _names(tag)
    style = declarations(names)
    if style:
        own = tag.get("style")
        tag.attributes = [each for each in tag.attributes if each[0] != "style"]
        tag.set("style", f"{style}; {own}" if own else style)
    if "grid" in names or "flex" in names:
        tag.set("class", "qd-laid")
