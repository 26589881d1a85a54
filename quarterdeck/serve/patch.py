"""What changed between two builds, as an open page needs to hear it. Pure.

Slides are aligned by sequence, not by key alone: an inserted slide renames its equals (`-2`, `-3`), and a slide whose
heading is edited gets another key, yet both stay the same slide, with the fragment, the video and the focus they had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from quarterdeck.site.builds import Build, BuiltDeck, BuiltSlide

NEW = -1
"""In place of an old index: the slide was not there before."""
LIKE = 0.5
"""How much of their markup two slides must share to count as one slide that was edited."""
MOST_PAIRS = 400
"""Beyond so many comparisons, slides of a rewritten stretch are paired by their place."""
WHOLE_DECK = 0.5
"""When more than this share of the slides changed, the author edited something about the deck and not a slide."""


class Change(Struct, frozen=True, kw_only=True):
    """A slide that has other markup, or is new."""

    index: int
    """In the new order of all slides."""
    before: str
    """Empty: the slide is new."""
    after: str


class Patch(Struct, frozen=True, kw_only=True):
    """From one state of a deck's page to the next."""

    before: str
    """Digest of the page that the patch applies to."""
    after: str
    count: int
    """Slides of the old page."""
    changes: tuple[Change, ...] = ()
    shape: tuple[tuple[int, ...], ...] | None = None
    """The stacks, each slide as its old index or `NEW`; nothing while slides stay where they are."""
    frame: tuple[str, str] | None = None
    """The page without its slides, before and after, if that changed."""
    focus: int | None = None
    """New index of the slide that the author is editing, if it is one slide."""
    reload: bool = False
    """The pages have nothing in common that could be patched."""


def between(old: Build, new: Build) -> dict[str, Patch]:
    """The patches of the decks that are in both builds and changed, by the URL of their page."""
    before = {deck.url: deck for deck in old.decks}
    patches = {}
    for deck in new.decks:
        if deck.url in before and old.site.entries[deck.url].digest != new.site.entries[deck.url].digest:
            patches[deck.url] = _patch(before[deck.url], deck, _page(old, deck.url), _page(new, deck.url))
    return patches


class _PageText(Struct, frozen=True, kw_only=True):
    digest: str
    text: str


def _page(build: Build, url: str) -> _PageText:
    entry = build.site.entries[url]
    text = entry.content.decode() if isinstance(entry.content, bytes) else ""
    return _PageText(digest=entry.digest, text=text)


def _patch(old: BuiltDeck, new: BuiltDeck, before: _PageText, after: _PageText) -> Patch:
    theirs, ours = flat(old), flat(new)
    frames = frame(before.text, theirs), frame(after.text, ours)
    if None in frames:
        return Patch(before=before.digest, after=after.digest, count=len(theirs), reload=True)
    pairs = align(theirs, ours)
    return Patch(
        before=before.digest,
        after=after.digest,
        count=len(theirs),
        changes=tuple(_changes(theirs, ours, pairs)),
        shape=_shape(old, new, pairs),
        frame=None if frames[0] == frames[1] else (frames[0] or "", frames[1] or ""),
        focus=_focus(theirs, ours, pairs),
    )


def flat(deck: BuiltDeck) -> tuple[BuiltSlide, ...]:
    return tuple(slide for stack in deck.stacks for slide in stack)


def frame(page: str, slides: Sequence[BuiltSlide]) -> str | None:
    """The page with its slides cut out; nothing where they cannot be found in it."""
    if not slides:
        return None
    start, last = page.find(slides[0].html), page.rfind(slides[-1].html)
    if start < 0 or last < 0:
        return None
    head, tail = page[:start], page[last + len(slides[-1].html) :]
    # the wrapper of a vertical stack at either end belongs to the slides
    return re.sub(r"\s*(<section>)?\s*\Z", "\n", head) + re.sub(r"\A\s*(</section>)?\s*", "", tail)


def align(old: Sequence[BuiltSlide], new: Sequence[BuiltSlide]) -> tuple[int, ...]:
    """For each new slide, the index of the old one that it was, or `NEW`; no old one is named twice."""
    theirs, ours = [identity(slide) for slide in old], [identity(slide) for slide in new]
    pairs = [NEW] * len(new)
    head = _common(theirs, ours)
    tail = _common(theirs[head:][::-1], ours[head:][::-1])
    for i in range(head):
        pairs[i] = i
    for i in range(1, tail + 1):
        pairs[-i] = len(old) - i
    matcher = SequenceMatcher(None, theirs[head : len(old) - tail], ours[head : len(new) - tail], autojunk=False)
    for kind, start, end, at, until in matcher.get_opcodes():
        left = range(head + start, head + end)
        right = range(head + at, head + until)
        paired = zip(right, left, strict=True) if kind == "equal" else _pair_edited(old, new, left, right)
        for mine, its in paired:
            pairs[mine] = its
    for mine, its in _pair_moved(old, new, pairs):
        pairs[mine] = its
    return tuple(pairs)


def identity(slide: BuiltSlide) -> str:
    """The slide's markup whatever it is called."""
    return slide.html.replace(f'"{slide.key}', '"').replace(f'"#{slide.key}', '"#')


def _common(these: Sequence[str], those: Sequence[str]) -> int:
    """How many of the first ones are the same."""
    return next(
        (i for i, (this, that) in enumerate(zip(these, those, strict=False)) if this != that),
        min(len(these), len(those)),
    )


def _pair_edited(
    old: Sequence[BuiltSlide], new: Sequence[BuiltSlide], left: range, right: range
) -> Iterator[tuple[int, int]]:
    """Pairs within a stretch of which nothing is the same: by key, then by likeness; a lone pair always."""
    keys = {old[its].key: its for its in left}
    found = {mine: keys[new[mine].key] for mine in right if new[mine].key in keys}
    yield from found.items()
    taken = set(found.values())
    rest_old = [its for its in left if its not in taken]
    rest_new = [mine for mine in right if mine not in found]
    if len(rest_old) == len(rest_new) and (len(rest_old) == 1 or len(rest_old) ** 2 > MOST_PAIRS):
        yield from zip(rest_new, rest_old, strict=True)
    elif len(rest_old) * len(rest_new) <= MOST_PAIRS:
        yield from _pair_alike(old, new, rest_old, rest_new)


def _pair_alike(
    old: Sequence[BuiltSlide], new: Sequence[BuiltSlide], left: Sequence[int], right: Sequence[int]
) -> Iterator[tuple[int, int]]:
    ratios = sorted((-_likeness(old[its], new[mine]), mine, its) for mine in right for its in left)
    taken: set[tuple[str, int]] = set()
    for ratio, mine, its in ratios:
        if -ratio >= LIKE and ("new", mine) not in taken and ("old", its) not in taken:
            taken |= {("new", mine), ("old", its)}
            yield mine, its


def _likeness(this: BuiltSlide, that: BuiltSlide) -> float:
    words = re.compile(r"\w+|[^\w\s]")
    one, other = (words.findall(re.sub(r"<[^>]*>", " ", slide.html)) for slide in (this, that))
    return SequenceMatcher[str](None, one, other, autojunk=False).ratio()


def _pair_moved(
    old: Sequence[BuiltSlide], new: Sequence[BuiltSlide], pairs: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Slides that left one place and came in another."""
    gone = set(range(len(old))) - set(pairs)
    for name in (identity, _key):
        names = {name(old[its]): its for its in sorted(gone, reverse=True)}
        for mine in [mine for mine, paired in enumerate(pairs) if paired == NEW and names]:
            its = names.pop(name(new[mine]), None)
            if its is not None:
                gone.remove(its)
                yield mine, its


def _key(slide: BuiltSlide) -> str:
    return slide.key


def _changes(old: Sequence[BuiltSlide], new: Sequence[BuiltSlide], pairs: Sequence[int]) -> Iterator[Change]:
    for index, its in enumerate(pairs):
        before = "" if its == NEW else old[its].html
        if before != new[index].html:
            yield Change(index=index, before=before, after=new[index].html)


def _shape(old: BuiltDeck, new: BuiltDeck, pairs: Sequence[int]) -> tuple[tuple[int, ...], ...] | None:
    left = iter(pairs)
    shape = tuple(tuple(next(left) for _ in stack) for stack in new.stacks)
    numbers = iter(range(len(flat(old))))
    return None if shape == tuple(tuple(next(numbers) for _ in stack) for stack in old.stacks) else shape


def _focus(old: Sequence[BuiltSlide], new: Sequence[BuiltSlide], pairs: Sequence[int]) -> int | None:
    """The first slide whose own text changed; one that is only called or numbered anew does not count."""
    edited = [i for i, its in enumerate(pairs) if its == NEW or identity(old[its]) != identity(new[i])]
    if not edited or len(edited) > max(3, len(new) * WHOLE_DECK):
        return None
    return edited[0]


def as_json(patch: Patch) -> Mapping[str, object]:
    """For the page; what says nothing is left out."""
    return {
        "before": patch.before,
        "after": patch.after,
        "count": patch.count,
        "changes": [{"index": each.index, "before": each.before, "after": each.after} for each in patch.changes],
        "shape": patch.shape,
        "frame": patch.frame,
        "focus": patch.focus,
        "reload": patch.reload,
    }
