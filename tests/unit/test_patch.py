"""What a page is told when its talk changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.digests import digest_of
from quarterdeck.model import SiteFile
from quarterdeck.serve.patch import NEW, Patch, align, between, flat
from quarterdeck.site.builds import Build, BuiltDeck, BuiltSlide
from quarterdeck.site.output import assemble

URL = "talk/index.html"
Stacks = Sequence[Sequence[BuiltSlide]]


def slide(key: str, text: str = "", *, line: int = 1) -> BuiltSlide:
    html = f'<section id="{key}" class="qd-slide">\n<p>{text or key}</p>\n</section>'
    return BuiltSlide(key=key, html=html, digest=digest_of(html), line=line, end_line=line)


def slides(*keys: str) -> list[BuiltSlide]:
    return [slide(key) for key in keys]


def build(stacks: Stacks, *, title: str = "Talk", url: str = URL) -> Build:
    sections = "\n".join(
        stack[0].html if len(stack) == 1 else "<section>\n" + "\n".join(each.html for each in stack) + "\n</section>"
        for stack in stacks
    )
    page = f"<html><head><title>{title}</title></head><body><div>\n{sections}\n</div></body></html>".encode()
    deck = BuiltDeck(
        name="talk",
        url=url,
        path=Path("/talks/talk.md"),
        source="talk.md",
        title=title,
        lang="en",
        stacks=tuple(map(tuple, stacks)),
    )
    site = assemble([SiteFile(url=url, content=page, digest=digest_of(page))])
    return Build(site=site, talks=(), decks=(deck,), diagnostics=())


def row(*each: BuiltSlide) -> list[list[BuiltSlide]]:
    return [[one] for one in each]


def patch(old: Build, new: Build) -> Patch:
    return between(old, new)[URL]


def applied(old: Build, new: Build) -> list[list[str]]:
    """The stacks that a page ends up with, as it would apply the patch."""
    told = patch(old, new)
    before = [each.html for each in flat(old.decks[0])]
    assert told.count == len(before)
    numbers = iter(range(len(before)))
    shape = told.shape or tuple(tuple(next(numbers) for _ in stack) for stack in old.decks[0].stacks)
    changes = {change.index: change for change in told.changes}
    stacks = []
    at = 0
    for stack in shape:
        column = []
        for index in stack:
            change = changes.pop(at, None)
            was = "" if index == NEW else before[index]
            assert change is None or change.before == was
            column.append(change.after if change else was)
            at += 1
        stacks.append(column)
    assert changes == {}
    return stacks


def wanted(new: Build) -> list[list[str]]:
    return [[each.html for each in stack] for stack in new.decks[0].stacks]


def test_builds_that_are_the_same_give_no_patch() -> None:
    assert between(build(row(*slides("a", "b"))), build(row(*slides("a", "b")))) == {}


def test_an_edited_slide_is_sent_with_what_it_was_and_nothing_else_is() -> None:
    old, new = build(row(slide("a"), slide("b"), slide("c"))), build(row(slide("a"), slide("b", "new"), slide("c")))
    told = patch(old, new)
    assert [(change.index, change.before, change.after) for change in told.changes] == [
        (1, slide("b").html, slide("b", "new").html)
    ]
    assert (told.shape, told.frame, told.focus, told.reload) == (None, None, 1, False)
    assert told.before == old.site.entries[URL].digest
    assert told.after == new.site.entries[URL].digest


def test_an_edited_heading_changes_the_key_and_not_the_slide() -> None:
    old = build(row(slide("a"), slide("one-word", "some text"), slide("c")))
    new = build(row(slide("a"), slide("two-words", "some text"), slide("c")))
    told = patch(old, new)
    assert told.shape is None
    assert [change.index for change in told.changes] == [1]


def test_a_slide_put_before_its_equals_renames_them_and_is_the_only_new_one() -> None:
    old = build(row(slide("start"), slide("demo", "one"), slide("demo-2", "two"), slide("demo-3", "three")))
    new = build(
        row(
            slide("start"),
            slide("demo", "zero"),
            slide("demo-2", "one"),
            slide("demo-3", "two"),
            slide("demo-4", "three"),
        )
    )
    told = patch(old, new)
    assert told.shape == ((0,), (NEW,), (1,), (2,), (3,))
    assert told.focus == 1
    assert applied(old, new) == wanted(new)


def test_a_slide_that_is_only_called_anew_is_not_the_one_being_edited() -> None:
    old = build(row(slide("demo", "one"), slide("demo-2", "two"), slide("end")))
    new = build(row(slide("demo", "two"), slide("end")))
    told = patch(old, new)
    assert told.shape == ((1,), (2,))
    assert told.focus is None


def test_a_moved_slide_keeps_its_node() -> None:
    old, new = build(row(*slides("a", "b", "c", "d"))), build(row(*slides("d", "a", "b", "c")))
    told = patch(old, new)
    assert told.shape == ((3,), (0,), (1,), (2,))
    assert told.changes == ()


def test_slides_go_into_a_stack_and_out_of_it() -> None:
    a, b, c = slides("a", "b", "c")
    flat_deck, stacked = build([[a], [b], [c]]), build([[a], [b, c]])
    assert patch(flat_deck, stacked).shape == ((0,), (1, 2))
    assert patch(stacked, flat_deck).shape == ((0,), (1,), (2,))
    assert patch(stacked, flat_deck).changes == ()


def test_of_two_slides_in_place_of_one_the_one_that_is_like_it_is_it() -> None:
    was = slide("layers", "an image is a pile of layers that are read only")
    now = slide("images", "an image is a pile of layers that are all read only")
    old, new = build(row(slide("a"), was, slide("z"))), build(row(slide("a"), slide("fresh", "hello"), now, slide("z")))
    assert patch(old, new).shape == ((0,), (NEW,), (1,), (2,))


def test_a_change_of_the_whole_deck_is_no_edit_of_a_slide() -> None:
    old = build(row(*(slide(f"s{i}", f"text {i}") for i in range(10))))
    new = build(row(*(slide(f"s{i}", f"Text {i}!") for i in range(10))))
    told = patch(old, new)
    assert len(told.changes) == 10
    assert told.focus is None


def test_the_page_around_the_slides_is_sent_without_them() -> None:
    a, b, c = slides("a", "b", "c")
    told = patch(build([[a, b], [c]], title="One"), build([[a], [b, c]], title="Two"))
    assert told.frame is not None
    assert "<title>One</title>" in told.frame[0]
    assert "<title>Two</title>" in told.frame[1]
    assert "section" not in "".join(told.frame)


def test_the_stacks_at_the_ends_are_not_taken_for_a_change_of_the_page() -> None:
    a, b, c = slides("a", "b", "c")
    assert patch(build([[a, b], [c]]), build([[a], [b, c]])).frame is None
    assert patch(build([[a, b], [c]]), build([[a, b]])).frame is None


def test_a_page_whose_slides_cannot_be_found_is_loaded_again() -> None:
    assert patch(build(row(slide("a"))), build([])).reload


def test_a_new_deck_and_one_that_is_gone_have_no_patch() -> None:
    one, other = build(row(slide("a")), url="one/index.html"), build(row(slide("b")), url="other/index.html")
    assert between(one, other) == {}


TEXTS = st.sampled_from(["alpha beta", "alpha gamma", "delta", "epsilon zeta eta", "theta"])


@st.composite
def decks(draw: st.DrawFn) -> Build:
    """Decks that share slides, with keys as a deck gives them: equals are numbered."""
    counts: dict[str, int] = {}
    stacks = []
    for texts in draw(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=6)):
        stack = []
        for text in texts:
            name = text.split()[0]
            counts[name] = counts.get(name, 0) + 1
            stack.append(slide(name if counts[name] == 1 else f"{name}-{counts[name]}", text))
        stacks.append(stack)
    return build(stacks)


@given(decks(), decks())
def test_any_patch_leads_from_one_deck_to_the_other(old: Build, new: Build) -> None:
    if wanted(old) == wanted(new):
        assert between(old, new) == {}
        return
    assert applied(old, new) == wanted(new)
    pairs = [index for index in align(flat(old.decks[0]), flat(new.decks[0])) if index != NEW]
    assert len(pairs) == len(set(pairs))


def test_two_thousand_slides_of_which_one_changed_are_compared_at_once() -> None:
    many = [slide(f"s{i}", f"text of slide {i}") for i in range(2000)]
    other = [*many[:900], slide("new", "words"), *many[900:]]
    told = patch(build(row(*many)), build(row(*other)))
    assert [change.index for change in told.changes] == [900]
