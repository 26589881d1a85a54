"""Quarto's shortcodes, `{{< video x.mp4 >}}`: those that show something, and those of other formats, which do not."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from quarterdeck.markdown.rules.support.slide_draft import located
from quarterdeck.regex import regex

_CODE = regex(r"\{\{<\s*(?P<name>[\w-]+)\s*(?P<rest>[^\n]*?)\s*/?>\}\}")
_WORD = regex(r"(?:(?P<key>[\w-]+)=)?(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'=]+))")
_TUBE = regex(r"https?://(?:www\.)?(?:youtube(?:-nocookie)?\.com/(?:watch\?v=|embed/)|youtu\.be/)([\w-]+)")
_VIMEO = regex(r"https?://(?:www\.)?(?:player\.)?vimeo\.com/(?:video/)?(\d+)")

Words = list[str]
Given = dict[str, str]


def _video(words: Words, given: Given) -> str:
    address = words[0] if words else given.get("src", "")
    size = "".join(f' {name}="{escape(given[name])}"' for name in ("width", "height") if name in given)
    if tube := _TUBE.match(address):
        address = f"https://www.youtube-nocookie.com/embed/{tube[1]}"
    elif vimeo := _VIMEO.match(address):
        address = f"https://player.vimeo.com/video/{vimeo[1]}"
    elif not address.startswith("http") or re.search(r"\.(?:mp4|webm|ogv|mov)$", address):
        return f'<video src="{escape(address)}" controls{size}></video>'
    size = size or ' width="720" height="405"'
    return f'<iframe src="{escape(address)}"{size} allowfullscreen></iframe>'


def _icon(words: Words, _given: Given) -> str:
    style = "fab" if "brands" in words[:-1] else "fas"
    return f'<i class="{style} fa-{escape(words[-1])}"></i>' if words else ""


def _nothing(_words: Words, _given: Given) -> str:
    return ""


def _key(words: Words, _given: Given) -> str:
    return f"<kbd>{escape(words[0])}</kbd>" if words else ""


SHOWN: dict[str, Callable[[Words, Given], str]] = {
    "fa": _icon,
    "kbd": _key,
    "pagebreak": _nothing,
    "placeholder": _nothing,
    "version": _nothing,
    "video": _video,
}


def is_shown(written: str) -> bool:
    found = _CODE.fullmatch(written)
    return found is not None and found["name"] in SHOWN


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "shortcode", located(shortcode))


def shortcode(state: StateInline, silent: bool) -> bool:
    """One that is known; others stay text, and are told of as such."""
    if not state.src.startswith("{{<", state.pos):
        return False
    found = _CODE.match(state.src, state.pos, state.posMax)
    if found is None or found["name"] not in SHOWN:
        return False
    if not silent:
        words, given = [], {}
        for word in _WORD.finditer(found["rest"]):
            value = word["double"] or word["single"] or word["bare"] or ""
            if word["key"]:
                given[word["key"]] = value
            else:
                words.append(value)
        html = SHOWN[found["name"]](words, given)
        for part in re.findall(r"<[^>]*>|[^<]+", html):
            state.push("html_inline" if part[0] == "<" else "text", "", 0).content = part
    state.pos = found.end()
    return True
