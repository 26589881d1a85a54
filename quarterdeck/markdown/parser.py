"""Text of one slide to `Slide`. Pure: no files, no clock, no processes. Lines count from the slide's first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from unicodedata import category, combining, normalize

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from quarterdeck.markdown import rules
from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.rules.support.html_tags import joined
from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.rules.support.references import attribute_value
from quarterdeck.markdown.rules.support.slide_draft import KEY, SlideDraft
from quarterdeck.model import Attrs, Block, BlockKind, Html, Slide, Span

if TYPE_CHECKING:
    from quarterdeck.markdown.deck import DeckContext

_KINDS = {
    "heading_open": BlockKind.HEADING,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "dl_open": BlockKind.LIST,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "blockquote_open": BlockKind.QUOTE,
    "table_open": BlockKind.TABLE,
    "html_block": BlockKind.RAW,
    "div_open": BlockKind.RAW,
    "box_open": BlockKind.BOX,
    "named_block_open": BlockKind.BOX,
    "callout_open": BlockKind.BOX,
    "footnotes_open": BlockKind.FOOTNOTES,
    "edge_open": BlockKind.EDGE,
    "background_open": BlockKind.EDGE,
}
_BARE = frozenset((BlockKind.CODE, BlockKind.IMAGE))
"""Kinds whose HTML is nothing but a mark."""
_BOXES = frozenset(("box_open", "named_block_open"))
_DONE = ("skip", "template")
"""Attributes of a slide that say what to do with it."""
_HIDDEN = (("data-visibility", "hidden"),)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_AT_HOME = ("quarterdeck", "obsidian")
_DEEPEST = 100
"""Levels of nesting; nobody reads a slide that is nested more deeply."""


def parse_slide(text: str, *, context: DeckContext, given: Attrs = (), dialect: str = "") -> Slide:
    """The slide, with a diagnostic for each thing on it that cannot be meant as it is written.

    `given` are attributes that it has before its own; `dialect` is that of the talk where it is empty.
    """
    dialect = dialect or context.dialect
    draft = SlideDraft(
        lines=text.replace("\0", "\ufffd").split("\n"),
        incremental=context.incremental,
        footnotes=context.footnotes,
        foreign=dialect != "quarterdeck",
        files=context.files,
        references=_references(context.references) if context.references.strip() else {},
    )
    md, notes_mark = _grammar(context.lang, context.notes, dialect, context.vault)
    draft.attrs += [(name, value, draft.span(0)) for name, value in given]
    if dialect not in _AT_HOME:
        draft.needs |= {"imported", dialect}
    body, *notes = _parts(md, notes_mark, draft)
    notes = [*draft.asides, *notes]
    skipped = any(name == "skip" and value != "false" for name, value, _ in draft.attrs)
    attrs, layout, identity = _section(draft)
    index = _title_at(body)
    title = _plain(body[index + 1].children or ()) if index >= 0 else ""
    if identity is None and index >= 0 and (own := body[index].attrs.get("id")):
        identity = next((each for each in draft.heading_ids if each[0] == own), None)
        if identity is not None:
            del body[index].attrs["id"]  # the section has it
    slug, anchor = identity or (slug_of(title) or _digest(text), None)
    if skipped:
        return Slide(title=title, slug=slug, anchor=anchor, blocks=(), attrs=_HIDDEN)
    return Slide(
        title=title,
        slug=slug,
        anchor=anchor,
        blocks=tuple(_blocks(md, body)),
        notes=Html("".join(_rendered(md, part) for part in notes)),
        attrs=attrs,
        layout=layout,
        slots=tuple(draft.slots),
        diagnostics=tuple(sorted(draft.diagnostics, key=lambda each: (each.span.line, each.span.col, each.code))),
        needs=frozenset(draft.needs | ({dialect} & {"obsidian"})),
        constructs=tuple(sorted(draft.constructs, key=lambda each: (each.span.line, each.span.col))),
    )


def _title_at(tokens: Sequence[Token]) -> int:
    """Index of the first heading, one that stands in a box only where there is no other; -1 for none."""
    boxed = -1
    around: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and not around:
            return index
        if token.type == "heading_open" and boxed < 0 and set(around) <= _BOXES:
            boxed = index
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
    return boxed


def commonmark() -> MarkdownIt:
    """The parser with nothing of ours: plain CommonMark."""
    return MarkdownIt("commonmark", {"maxNesting": _DEEPEST})


def slug_of(title: str) -> str:
    """Letters and digits of any script in lower case, accents folded, hyphens between words."""
    folded = normalize("NFKD", title.casefold().translate(_LIGATURES))
    kept = (letter for letter in folded if not (combining(letter) and category(letter) == "Mn" and ord(letter) < 0x370))
    return re.sub(r"[\W_]+", "-", normalize("NFC", "".join(kept))).strip("-")


@lru_cache(maxsize=16)
def _grammar(lang: str, separator: str, dialect: str, vault: str) -> tuple[MarkdownIt, re.Pattern[str]]:
    """The parser of slides, and what begins speaker notes."""
    md = MarkdownIt("commonmark", {"maxNesting": _DEEPEST, "xhtmlOut": False, "linkify": True})
    spoken = DIALECTS[dialect]
    separator = separator or spoken.notes
    rules.install(md, lang=lang, separator=separator, vault=vault, without=spoken.without)
    for put_in in spoken.rules:
        put_in(md)
    return md, notes_pattern(separator)


@lru_cache(maxsize=64)
def _references(text: str) -> Mapping[str, Any]:
    """Link reference definitions, as markdown-it keeps them."""
    env: dict[str, Any] = {}
    commonmark().parse(text, env)
    found: Mapping[str, Any] = env.get("references", {})
    return found


def _parts(md: MarkdownIt, notes_mark: re.Pattern[str], draft: SlideDraft) -> Iterator[list[Token]]:
    """The tokens of the slide's body, then of each of its notes."""
    lines = list(draft.lines)
    number = 0
    while True:
        tokens = _tokens(md, lines, draft)
        yield tokens
        if draft.notes_at < 0:
            return
        lines = lines[draft.notes_at :]
        draft.first += draft.notes_at
        number += 1
        draft.prefix = f"n{number}-"
        mark = notes_mark.match(lines[0])
        lines[0] = lines[0][mark.end() if mark else 0 :].lstrip()


def _tokens(md: MarkdownIt, lines: Sequence[str], draft: SlideDraft) -> list[Token]:
    """The tokens of a part up to its notes, whose line is left in `draft.notes_at`."""
    end = len(lines)
    found = -1
    while True:
        counts = draft.counts()
        draft.notes_at = -1
        tokens = md.parse("\n".join(lines[:end]), {KEY: draft})
        if draft.notes_at < 0:
            draft.notes_at = found
            return tokens
        if not draft.notes_nested:
            return tokens
        # inside of a list: read again without them, so that they do not change its shape
        end = found = draft.notes_at
        draft.back_to(counts)


def _section(draft: SlideDraft) -> tuple[Attrs, str, tuple[str, Span] | None]:
    """Attributes of the `<section>`, the layout the author asked for, the id and where it is written."""
    found: dict[str, str] = {}
    spans: dict[str, Span] = {}
    for name, value, span in draft.attrs:
        found[name] = joined(name, found.get(name, ""), value)
        spans[name] = span
    layout = found.pop("layout", "drop" if draft.boxed else "").strip()
    for name in _DONE:
        found.pop(name, None)
    key = "-".join(found.pop("id", "").split())
    attrs = tuple((name, attribute_value(name, value, draft, spans[name])) for name, value in found.items())
    return attrs, layout, (key, spans["id"]) if key else None


def _blocks(md: MarkdownIt, tokens: Sequence[Token]) -> list[Block]:
    """The top-level blocks. Comments stay, in the block before or after them, and count for nothing."""
    found: list[Block] = []
    waiting = ""
    for group in _groups(tokens):
        first = group[0]
        if first.type == "html_block" and first.meta.get("comment"):
            if found and found[-1].kind not in _BARE:
                found[-1] = replace(found[-1], html=Html(found[-1].html + first.content))
            else:
                waiting += first.content
            continue
        if first.meta.get("images"):
            marks = (child.meta["mark"] for child in group[1].children or () if child.type == "image")
            found += [Block(kind=BlockKind.IMAGE, html=Html(mark)) for mark in marks]
            continue
        if first.type == "paragraph_open" and not group[1].children:
            continue
        kind = _KINDS.get(first.type, BlockKind.TEXT)
        html = _rendered(md, group)
        if kind in _BARE:
            found.append(Block(kind=kind, html=Html(html.strip())))
            continue
        kind = BlockKind.GRID if "qd-grid" in str(first.attrs.get("class", "")) else kind
        level = int(first.tag[1:]) if kind is BlockKind.HEADING else 0
        found.append(Block(kind=kind, html=Html(waiting + html), level=level))
        waiting = ""
    if "<style" in waiting.lower():  # which is of the whole talk, whatever else the slide shows
        found.append(Block(kind=BlockKind.RAW, html=Html(waiting)))
    return found


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each top-level block."""
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth <= 0:
            yield tokens[start : index + 1]
            start, depth = index + 1, 0


def _rendered(md: MarkdownIt, tokens: Sequence[Token]) -> str:
    return str(md.renderer.render(tokens, md.options, {}))


def _plain(children: Sequence[Token]) -> str:
    """The words of a text, without markup."""
    words = "".join(
        token.content
        if token.type in ("text", "code_inline", "formula")
        else " "
        if token.type.endswith("break")
        else ""
        for token in children
    )
    return " ".join(words.split())


def _digest(text: str) -> str:
    return f"s-{sha256(text.strip().encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
