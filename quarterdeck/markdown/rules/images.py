"""Pictures, videos and sounds: `![alt|300x200](path "title")`, with blanks in the path, and `![[name.png|alt|300]]`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as commonmark_image
from markdown_it.token import Token

from quarterdeck.markdown.rules.links import is_local, located
from quarterdeck.markdown.rules.sheet import Sheet
from quarterdeck.model import ConstructOutcome, Image, Span

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".svg", ".avif"))
MEDIA = PICTURES | frozenset(
    (".avi", ".mp4", ".ogv", ".mov", ".m4v", ".webm", ".mkv", ".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus")
)
_SIZE = re.compile(r"\s*(\d{1,5})\s*(?:x\s*(\d{1,5}))?\s*(?:px)?\s*")
_WIKI = re.compile(r"!\[\[(?P<name>[^\[\]|\n]+)(?P<more>(?:\|[^\[\]|\n]*)*)\]\]")
_ADDRESS = re.compile(r"\s*https?://", re.IGNORECASE)
_SPACED = re.compile(
    r"""\(\s*(?P<path>[^()<>"\n]*(?:\([^()\n]*\)[^()<>"\n]*)*?)(?:\s+"(?P<title>[^"\n]*)"|\s+'(?P<other>[^'\n]*)')?\s*\)"""
)


def install(md: MarkdownIt) -> None:
    md.inline.ruler.at("image", located(_image))
    md.inline.ruler.before("link", "wiki_image", located(wiki_image))


def _image(state: StateInline, silent: bool) -> bool:
    """As in CommonMark, and if it is not, with a path that has blanks in it."""
    if not state.src.startswith("![", state.pos):
        return False
    return bool(commonmark_image(state, silent)) or _image_with_blanks(state, silent)


def _image_with_blanks(state: StateInline, silent: bool) -> bool:
    start = state.pos
    end = state.md.helpers.parseLinkLabel(state, start + 1, False)
    if end < 0:
        return False
    found = _SPACED.match(state.src, end + 1, state.posMax)
    if found is None or not found["path"].strip():
        return False
    if not silent:
        token = state.push("image", "img", 0)
        token.content = state.src[start + 2 : end]
        token.attrs = {"src": state.md.normalizeLink(found["path"].strip()), "alt": ""}
        title = found["title"] or found["other"]
        if title:
            token.attrs["title"] = title
        token.children = []
        state.md.inline.parse(token.content, state.md, state.env, token.children)
    state.pos = found.end()
    return True


def wiki_image(state: StateInline, silent: bool) -> bool:
    """`![[name]]` of a picture, video or sound; of anything else it stays text."""
    if not state.src.startswith("![[", state.pos):
        return False
    found = _WIKI.match(state.src, state.pos, state.posMax)
    if found is None or not (
        _suffix(found["name"]) in MEDIA or is_drawing(found["name"]) or _ADDRESS.match(found["name"])
    ):
        return False
    if not silent:
        token = state.push("image", "img", 0)
        token.attrs = {"src": found["name"].strip(), "alt": ""}
        token.content = found["more"].removeprefix("|")
        token.meta["wiki"] = True
    state.pos = found.end()
    return True


def read_image(token: Token, renderer: RendererHTML, sheet: Sheet, span: Span) -> Image:
    """The slot of an image token; the last part of its label may be its size."""
    wiki = bool(token.meta.get("wiki"))
    label = token.content if wiki else renderer.renderInlineAsText(token.children, {}, {})  # type: ignore[arg-type]
    parts = label.split("|")
    sizes = [found for part in (parts if wiki else parts[1:][-1:]) if (found := _SIZE.fullmatch(part))]
    if wiki:
        alt = "|".join(part for part in parts if not _SIZE.fullmatch(part))
    else:
        alt = "|".join(parts[:-1]) if sizes else label
    source = str(token.attrs.get("src", ""))
    target = source if wiki else unquote(source) if is_local(source) else source
    if not target and sheet.foreign:
        sheet.note("picture without a file", span, ConstructOutcome.LEFT_OUT, "as in ![what it shows](picture.png)")
    elif not target:
        sheet.report("M208", "this image names no file", span, "as in ![what it shows](picture.png)")
    size = sizes[-1] if sizes else None
    return Image(
        target=target,
        wiki=wiki,
        alt=" ".join(alt.split()),
        title=str(token.attrs.get("title", "")),
        width=int(size[1]) if size else None,
        height=int(size[2]) if size and size[2] else None,
        attrs=tuple((name, str(value)) for name, value in token.meta.get("attrs", {}).items()),
        span=span,
    )


def is_drawing(name: str) -> bool:
    """Whether a wiki name means a drawing of Excalidraw, of which an exported picture is shown."""
    return name.strip().lower().removesuffix(".md").endswith(".excalidraw")


def _suffix(name: str) -> str:
    return PurePosixPath(name.strip().replace("\\", "/")).suffix.lower()
