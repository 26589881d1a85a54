"""Pictures, videos and sounds as slots: which files are such, and what the words of an image say of its size."""

from __future__ import annotations

from urllib.parse import unquote

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import ConstructOutcome, Image, Span
from quarterdeck.regex import regex

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".svg", ".avif"))
MEDIA = PICTURES | frozenset(
    (".avi", ".mp4", ".ogv", ".mov", ".m4v", ".webm", ".mkv", ".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus")
)
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]+:")
_SIZE = regex(r"\s*(\d{1,5})\s*(?:x\s*(\d{1,5}))?\s*(?:px)?\s*")


def is_local(url: str) -> bool:
    """Whether a file may answer the address: it has no scheme but `file:` and no host, and is no place on the page."""
    written = url.strip().lower()
    return written.startswith("file:") or bool(
        written and not written.startswith(("#", "//", "?")) and not _SCHEME.match(written)
    )


def read_image(token: Token, renderer: RendererHTML, draft: SlideDraft, span: Span) -> Image:
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
    if not target and draft.foreign:
        draft.note("picture without a file", span, ConstructOutcome.LEFT_OUT, "as in ![what it shows](picture.png)")
    elif not target:
        draft.report("M208", "this image names no file", span, "as in ![what it shows](picture.png)")
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
