"""`<!-- .slide: … -->` and `<!-- .element: … -->`: what a comment says, and which element it means."""

from __future__ import annotations

from msgspec import Struct

from quarterdeck.markdown.attributes import AttributeMistake, WrittenAttribute, read_attributes
from quarterdeck.markdown.rules.support.elements import LISTS, Element
from quarterdeck.markdown.rules.support.shorthands import HELPERS, SHORT_NAMES, read_shorthands
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import Span
from quarterdeck.regex import regex

_FORM = regex(r"<!--\s*(?P<dot>\.?)(?P<target>slide|element)(?P<colon>\s*:|(?=\s|-->))")
_FLAG = regex(r"data-[\w.-]+|autoplay|controls|disabled|hidden|loop|muted")


class Annotation(Struct, frozen=True, kw_only=True):
    target: str
    """`slide` or `element`."""
    attributes: tuple[WrittenAttribute, ...]
    """Their places count from the start of the comment."""
    mistake: AttributeMistake | None = None


def read_annotation(comment: str) -> Annotation | None:
    """What the comment says; None for a comment of another kind.

    Dot and colon may both be left out; a comment without the dot is an annotation only if all of it reads as
    attributes, since `<!-- slide about Docker -->` is prose.
    """
    form = _FORM.match(comment)
    if form is None or not comment.endswith("-->"):
        return None
    attributes, mistake = read_attributes(comment, form.end(), len(comment) - 3)
    if not form["dot"] and (
        mistake or not any(each.value or each.quoted or _FLAG.fullmatch(each.name) for each in attributes)
    ):
        return None
    return Annotation(target=form["target"], attributes=attributes, mistake=mistake)


def take_annotation(comment: str, chosen: Element | None, draft: SlideDraft, span: Span) -> bool:
    """Gives an annotation's attributes to the slide or to the chosen element; False for a comment of another kind."""
    annotation = read_annotation(comment)
    if annotation is None:
        return False
    if annotation.mistake:
        mistake = annotation.mistake
        draft.report("M201", mistake.message, _within(comment, mistake.start, mistake.end, draft, span), mistake.hint)
    if annotation.target == "slide":
        for each in annotation.attributes:
            place = _within(comment, each.start, each.end, draft, span)
            meant = read_shorthands([(each.name, each.value)], slide=True).attributes
            draft.attrs += [(name, value, place) for name, value in meant]
        return True
    if chosen is None:
        hint = "it stands behind the element that it means, on the same line or the next"
        draft.report("M202", "this annotation has no element before it", span, hint)
        return True
    shared = read_shorthands((each.name, each.value) for each in annotation.attributes)
    for name, value in shared.attributes:
        chosen.annotate(name, value)
    draft.boxed = draft.boxed or shared.placed
    if shared.placed or any(
        each.name.lower() in SHORT_NAMES or (each.name == "class" and not HELPERS.isdisjoint(each.value.split()))
        for each in annotation.attributes
    ):
        draft.needs.add("obsidian")
    for each in annotation.attributes:
        if each.name.lower() == shared.unreadable:
            draft.report_place(each.name, each.value, _within(comment, each.start, each.end, draft, span))
    return True


def after_block(container: Element, *, blank: bool) -> Element | None:
    """The element that an annotation on a line of its own means; `blank` is whether a blank line stands before it."""
    if not container.children:
        return container.block() if container.parent is not None else None
    last = container.children[-1]
    if not blank and last.name in LISTS and last.children:
        return last.children[-1]
    if not blank and last.block() is not last:
        return last.block()
    if last.name == "p" and last.children and last.target is not None and only_images(last):
        return last.children[-1]
    return last.block() if last.target is not None else None


def only_images(paragraph: Element) -> bool:
    token = paragraph.target
    return not paragraph.raw and bool(getattr(token, "meta", {}).get("images"))


def _within(comment: str, start: int, end: int, draft: SlideDraft, span: Span) -> Span:
    """Where `comment[start:end]` stands, given the span of the comment."""
    row = comment.count("\n", 0, start)
    if row == 0:
        return draft.span(span.line - 1 - draft.first, span.col - 1 + start, span.col - 1 + end)
    line = comment.split("\n")[row]
    index = span.line - 1 - draft.first + row
    base = max(draft.line(index).find(line.strip()), 0) - (len(line) - len(line.lstrip()))
    col = base + start - (comment.rfind("\n", 0, start) + 1)
    return draft.span(index, col, col + end - start)
