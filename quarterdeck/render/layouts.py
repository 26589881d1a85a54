"""The blocks of a slide in the order and the boxes that its layout asks for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from quarterdeck.model import Block, BlockKind, Html

_MEDIA = frozenset({BlockKind.IMAGE, BlockKind.CODE})


def arrange(blocks: Sequence[Block], layout: str) -> Html:
    """The slide's body. A layout without boxes, and one that a theme added, gives the blocks as they are."""
    body = [block for block in blocks if block.kind not in (BlockKind.FOOTNOTES, BlockKind.EDGE)]
    notes = [block for block in blocks if block.kind in (BlockKind.FOOTNOTES, BlockKind.EDGE)]
    return _joined([_ARRANGED.get(layout, _joined)(body), *(block.html for block in notes)])


def _split(blocks: Sequence[Block]) -> Html:
    """Two columns: words and what they are about, in the author's order."""
    heads, rest = _heads(blocks)
    if len(rest) < 2:
        return _joined(blocks)
    media = [block for block in rest if block.kind in _MEDIA]
    words = [block for block in rest if block.kind not in _MEDIA]
    if not words:
        media, words = media[1:], media[:1]
    columns = [words, media] if rest and rest[0] in words else [media, words]
    return _columns(heads, columns)


def _compare(blocks: Sequence[Block]) -> Html:
    """A column for each heading below the slide's own."""
    heads, rest = _heads(blocks)
    if len(heads) > 1:  # the first column's heading follows the slide's heading at once
        heads, rest = heads[:-1], [heads[-1], *rest]
    elif heads and any(block.kind is BlockKind.HEADING and block.level <= heads[0].level for block in rest):
        heads, rest = [], [*heads, *rest]  # the slide has no heading of its own
    columns: list[list[Block]] = []
    lead: list[Block] = []
    for block in rest:
        if block.kind is BlockKind.HEADING:
            columns.append([])
        (columns[-1] if columns else lead).append(block)
    return _columns([*heads, *lead], columns)


def _quote(blocks: Sequence[Block]) -> Html:
    """The last paragraph of the quotation names its author when it begins with a dash."""
    return _joined([_attributed(block.html) if block.kind is BlockKind.QUOTE else block.html for block in blocks])


def _attributed(quote: Html) -> Html:
    for dash in ("—", "–"):
        before, found, name = quote.rpartition(f"<p>{dash}")
        if found:
            return Html(f'{before}<p class="qd-attribution">{dash}{name}')
    return quote


def _heads(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    heads = list(takewhile(lambda block: block.kind is BlockKind.HEADING, blocks))
    return heads, list(blocks[len(heads) :])


def _columns(heads: Sequence[Block], columns: Sequence[Sequence[Block]]) -> Html:
    boxes = "".join(f'<div class="qd-col">{_joined(column)}</div>\n' for column in columns)
    return Html(f'{_joined(heads)}<div class="qd-cols" data-count="{len(columns)}">\n{boxes}</div>\n')


def _joined(blocks: Sequence[Block | Html]) -> Html:
    return Html("".join(block.html if isinstance(block, Block) else block for block in blocks))


_ARRANGED: dict[str, Callable[[Sequence[Block]], Html]] = {
    "split": _split,
    "code-terminal": _split,
    "compare": _compare,
    "quote": _quote,
}
