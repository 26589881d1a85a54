"""Which layout a slide gets: the one its author names, else one by what is on it and where it stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from itertools import takewhile

from msgspec import Struct

from quarterdeck.model import DRAWN, Block, BlockKind, Slide, Snippet
from quarterdeck.regex import regex

LAYOUTS = frozenset(
    {
        *("title", "section", "statement", "bullets", "image", "split", "code", "code-terminal", "compare", "quote"),
        *("end", "plain", "raw", "drop"),
    }
)
"""The layouts that every theme has."""

STATEMENT = 120
"""Letters of a sentence that can stand alone in huge type."""
SUBTITLE = 200
"""Letters of a paragraph below the heading of a title slide or of the last slide."""
COLUMN = 46
"""Letters of code that fit in a line of half a slide."""

_TAG = regex(r"<[^>]*>|\0[^\0]*\0")
_CLOSING_WORDS = regex(
    r"\b(?:thank(?:s| you)|the end|questions?|q ?& ?a|bye|merci|fin|au revoir|à vous|danke|fragen|gracias|grazie"
    r"|obrigado|bedankt|tack|dziękuję)\b",
    re.IGNORECASE,
)


class SlidePosition(Struct, frozen=True, kw_only=True):
    """Where a slide stands in its deck."""

    first: bool = False
    """Of the whole deck."""
    last: bool = False
    """Of the whole deck."""
    opens: bool = False
    """First of a stack that has more slides."""
    names_deck: bool = False
    """Its heading is the deck's title."""


class _View(Struct, frozen=True, kw_only=True):
    """What the choice of a layout looks at."""

    place: SlidePosition
    heads: tuple[Block, ...]
    """The headings that the slide begins with."""
    rest: tuple[Block, ...]
    """What follows them, footnotes left out."""
    slide: Slide

    @property
    def kinds(self) -> list[BlockKind]:
        return [block.kind for block in self.rest]

    @property
    def level(self) -> int:
        """Of the first heading; 0 where there is none."""
        return self.heads[0].level if self.heads else 0

    def has_only(self, *kinds: BlockKind) -> bool:
        """Whether there is something below the headings, and nothing but these kinds."""
        return bool(self.rest) and set(self.kinds) <= set(kinds)

    def is_brief(self, most: int) -> bool:
        """Whether at most so many short paragraphs, and nothing else, follow the headings."""
        return (
            set(self.kinds) <= {BlockKind.TEXT}
            and len(self.rest) <= most
            and all(len(text_of(block)) <= SUBTITLE for block in self.rest)
        )


def choose_layout(slide: Slide, place: SlidePosition) -> str:
    """The layout for a slide whose author named none."""
    blocks = tuple(block for block in slide.blocks if block.kind not in (BlockKind.FOOTNOTES, BlockKind.EDGE))
    heads = tuple(takewhile(lambda block: block.kind is BlockKind.HEADING, blocks))
    view = _View(place=place, heads=heads, rest=blocks[len(heads) :], slide=slide)
    return next((name for name, fits in _CHOICES if fits(view)), "plain")


def text_of(block: Block) -> str:
    """The words of a block, without markup."""
    return " ".join(unescape(_TAG.sub(" ", block.html)).split())


def _is_title(view: _View) -> bool:
    return view.place.first and (view.level == 1 or view.place.names_deck) and view.is_brief(3)


def _is_end(view: _View) -> bool:
    """The last slide, when it says goodbye or at least has the largest heading and hardly a word below it."""
    if not view.place.last or not view.heads or not view.is_brief(2):
        return False
    return view.level == 1 or _CLOSING_WORDS.search(text_of(view.heads[0])) is not None


def _is_section(view: _View) -> bool:
    """In other tools a slide of one large heading is a slide like others, unless it opens a stack."""
    if len(view.heads) != 1 or view.rest:
        return False
    return view.place.opens or (view.level == 1 and "imported" not in view.slide.needs)


def _is_statement(view: _View) -> bool:
    """A heading alone, or one sentence alone."""
    if not view.rest:
        return len(view.heads) == 1
    return not view.heads and view.kinds == [BlockKind.TEXT] and len(text_of(view.rest[0])) <= STATEMENT


def _is_image(view: _View) -> bool:
    return len(view.heads) <= 1 and view.kinds == [BlockKind.IMAGE]


def _is_code(view: _View) -> bool:
    return len(view.heads) <= 1 and view.has_only(BlockKind.CODE)


def _is_quote(view: _View) -> bool:
    return not view.heads and view.kinds == [BlockKind.QUOTE] and view.rest[0].html.lstrip().startswith("<blockquote")


def _is_compare(view: _View) -> bool:
    """Two headings of one level, each with something below it, under a larger heading or under none."""
    own = view.heads[:-1]
    columns = [*view.heads[-1:], *view.rest]
    places = [index for index, block in enumerate(columns) if block.kind is BlockKind.HEADING]
    if len(places) != 2 or places[0] != 0 or not 1 < places[1] < len(columns) - 1:
        return False
    left, right = (columns[index].level for index in places)
    return left == right and len(own) <= 1 and all(head.level < left for head in own)


def _is_split(view: _View) -> bool:
    """Words, and one picture or narrow code before or behind them; or two of those, a picture among them."""
    media = [block for block in view.rest if block.kind in (BlockKind.IMAGE, BlockKind.CODE)]
    if len(view.heads) > 1 or not all(_is_narrow(block, view.slide) for block in media):
        return False
    if len(media) == 2:
        return len(view.rest) == 2 and BlockKind.IMAGE in view.kinds
    words = [block for block in view.rest if block.kind in (BlockKind.TEXT, BlockKind.LIST)]
    return (
        len(media) == 1
        and bool(words)
        and len(words) + 1 == len(view.rest)
        and media[0] in (view.rest[0], view.rest[-1])
    )


def _is_narrow(block: Block, slide: Slide) -> bool:
    if block.kind is not BlockKind.CODE:
        return True
    slot = slide.slots[int(block.html.strip("\0"))]
    if not isinstance(slot, Snippet):
        return False
    return slot.language.lower() in DRAWN or all(len(line) <= COLUMN for line in slot.code.splitlines())


def _is_bullets(view: _View) -> bool:
    return BlockKind.LIST in view.kinds and view.has_only(BlockKind.LIST, BlockKind.TEXT) and len(view.heads) <= 1


_CHOICES: Sequence[tuple[str, Callable[[_View], bool]]] = (
    # the first that fits
    ("drop", lambda view: BlockKind.GRID in view.kinds or any(block.kind is BlockKind.GRID for block in view.heads)),
    ("raw", lambda view: BlockKind.RAW in view.kinds),
    ("plain", lambda view: not view.heads and not view.rest),
    ("title", _is_title),
    ("end", _is_end),
    ("section", _is_section),
    ("statement", _is_statement),
    ("image", _is_image),
    ("code", _is_code),
    ("quote", _is_quote),
    ("compare", _is_compare),
    ("split", _is_split),
    ("bullets", _is_bullets),
)
