"""How the minutes of a talk are shared among its sections, and what is wrong with that. Pure.

A section begins at the first slide, at each section slide, and at each slide that says how long what begins there
takes. Sections that do not say so share what is left, by the number of their slides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from quarterdeck.diagnostics import located
from quarterdeck.model import Chunk, Diagnostic, Placed, Span, Stack
from quarterdeck.regex import regex

ATTRIBUTE = "data-minutes"
_NUMBER = regex(r"\d+(?:\.\d+)?")


class Section(Struct, frozen=True, kw_only=True):
    slide: str
    """Key of its first slide."""
    title: str
    begins: float
    """Minutes after the talk's beginning."""
    minutes: float


def sections(stacks: Sequence[Stack], *, title: str, minutes: float | None) -> tuple[Section, ...]:
    """In order; none where nothing says how long anything takes. `title` is the talk's: its first slides have it."""
    slides = [placed for stack in stacks for placed in stack.slides]
    starts = [at for at, placed in enumerate(slides) if at == 0 or placed.layout == "section" or _said(placed)]
    if minutes is None and not any(_said(slides[at]) for at in starts):
        return ()
    lengths = [end - at for at, end in zip(starts, [*starts[1:], len(slides)], strict=True)]
    own = [_minutes(slides[at]) for at in starts]
    free = sum(length for length, given in zip(lengths, own, strict=True) if given is None)
    rest = max((minutes or 0.0) - sum(given or 0.0 for given in own), 0.0)
    found: list[Section] = []
    begins = 0.0
    for at, length, given in zip(starts, lengths, own, strict=True):
        takes = rest * length / free if given is None else given
        name = slides[at].slide.title if at else title
        found.append(Section(slide=slides[at].key, title=name, begins=round(begins, 3), minutes=round(takes, 3)))
        begins += takes
    return tuple(found)


def check_pace(
    chunks: Sequence[Chunk], stacks: Sequence[Stack], *, minutes: float | None, span: Span, path: str
) -> Iterator[Diagnostic]:
    """What is wrong; `span` is where the talk says its minutes, `path` its file."""
    slides = [placed for stack in stacks for placed in stack.slides]
    for chunk, placed in zip(chunks, slides, strict=True):
        if (said := _said(placed)) and _minutes(placed) is None:
            message = f"'{ATTRIBUTE}' expects a number of minutes above 0, not '{said}'"
            found = Diagnostic(code="M110", message=message, span=_span(chunk, said), hint='such as data-minutes="5"')
            yield located(found, chunk, path=path)
    total = sum(_minutes(placed) or 0.0 for placed in slides)
    if minutes is not None and total > minutes:
        message = f"the sections take {total:g} minutes, and the talk has {minutes:g}"
        yield Diagnostic(code="M111", message=message, span=span, hint="")


def _said(placed: Placed) -> str:
    return next((value.strip() for name, value in placed.slide.attrs if name == ATTRIBUTE), "")


def _minutes(placed: Placed) -> float | None:
    said = _said(placed)
    return float(said) if _NUMBER.fullmatch(said) and float(said) > 0 else None


def _span(chunk: Chunk, said: str) -> Span:
    written = re.search(rf"minutes\s*=\s*[\"']?({re.escape(said)})", chunk.text)
    start = written.start(1) if written else 0
    col = start - chunk.text.rfind("\n", 0, start)
    return Span(path="", line=1 + chunk.text.count("\n", 0, start), col=col, end_col=col + len(said))
