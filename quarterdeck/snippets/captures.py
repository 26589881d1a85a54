"""Who captures a value in a deck, and who uses it: the order, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from quarterdeck.diagnostics import nearest
from quarterdeck.model import Diagnostic, Snippet, Span
from quarterdeck.snippets.found import FoundSnippet, JobKind
from quarterdeck.snippets.holes import holes_in, names_in, placeholder


class CaptureUse(Struct, frozen=True, kw_only=True):
    """A captured name in what a snippet runs."""

    name: str
    span: Span
    """In the deck's file."""


class SnippetWithHoles(Struct, frozen=True, kw_only=True):
    """A fence of a slide in which captured names stand."""

    slide: str
    """Key of the slide."""
    snippet: Snippet
    names: tuple[str, ...]


class Captures(Struct, frozen=True, kw_only=True):
    producers: Mapping[str, FoundSnippet] = field(default_factory=dict)
    """By name, the snippet that captures the value."""
    uses: Mapping[int, tuple[CaptureUse, ...]] = field(default_factory=dict)
    """By number of a snippet that runs."""
    holed: tuple[SnippetWithHoles, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    def uses_of(self, found: FoundSnippet) -> tuple[CaptureUse, ...]:
        return self.uses.get(found.number, ())


def read_captures(found: Sequence[FoundSnippet], path: str) -> Captures:
    """What the snippets of a deck capture and use; `path` is the deck in diagnostics.

    A use is what stands below its capture, and a file of the deck is what its fence says.
    """
    producers, problems = _producers(found, path)
    if not producers:
        return Captures()
    holed: list[SnippetWithHoles] = []
    uses: dict[int, tuple[CaptureUse, ...]] = {}
    for each in found:
        if each.options.plan.file:
            continue
        earlier = {name for name, producer in producers.items() if producer.number < each.number}
        names = {hole.name for hole in holes_in(each.snippet.code, each.snippet.language)} & earlier
        if names:
            holed.append(SnippetWithHoles(slide=each.placed.key, snippet=each.snippet, names=tuple(sorted(names))))
        if each.kind is None:
            continue
        run = tuple(_run(each, path))
        uses[each.number] = tuple(use for use in run if use.name in earlier)
        problems += [too_early(use, producers[use.name], path) for use in run if use.name in producers.keys() - earlier]
        if each.kind is JobKind.SESSION:
            problems += _near_misses(run, producers)
    return Captures(producers=producers, uses=uses, holed=tuple(holed), problems=tuple(problems))


def _producers(found: Sequence[FoundSnippet], path: str) -> tuple[dict[str, FoundSnippet], list[Diagnostic]]:
    producers: dict[str, FoundSnippet] = {}
    problems: list[Diagnostic] = []
    for each in found:
        for capture in each.options.execution.capture if each.kind is not None else ():
            first = producers.setdefault(capture.name, each)
            if first is not each:
                line = first.span(path, "capture").line
                what = f"'{placeholder(capture.name)}' is captured on line {line} already"
                span = each.span(path, "capture")
                problems.append(Diagnostic(code="S112", message=what, span=span, hint="give one of them another name"))
    return producers, problems


def _run(found: FoundSnippet, path: str) -> Iterator[CaptureUse]:
    """All names in angle brackets that would be part of what runs."""
    snippet = found.snippet
    for hole in holes_in(snippet.code, snippet.language, inner=False):
        line = snippet.code_line + hole.line - 1
        span = Span(path=path, line=line, col=hole.col, end_col=hole.end_col)
        yield CaptureUse(name=hole.name, span=found.placed_at(span, path))
    for step in found.options.execution.steps:
        yield from (CaptureUse(name=name, span=found.span(path, "steps")) for name in names_in(step.send))


def too_early(use: CaptureUse, producer: FoundSnippet, path: str) -> Diagnostic:
    """What is said of a use that runs before its capture."""
    line = producer.span(path).line
    what = f"'{placeholder(use.name)}' has no value here: the snippet that captures it, on line {line}, runs later"
    return Diagnostic(code="S113", message=what, span=use.span, hint="move it below, or name something else here")


def _near_misses(run: Sequence[CaptureUse], producers: Collection[str]) -> Iterator[Diagnostic]:
    for use in run:
        near = "" if use.name in producers else nearest(use.name, producers)
        if near:
            what = f"nothing captures '{placeholder(use.name)}', and a shell takes it for two redirections"
            hint = f"did you mean '{placeholder(near)}'?"
            yield Diagnostic(code="S114", message=what, span=use.span, hint=hint)
