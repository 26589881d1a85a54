"""A talk to its deck: every slide with what it refers to and what its snippets gave, and the page around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import located, severity, written_at
from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Html, Placed, Severity, Slot
from quarterdeck.project.assets import AssetCollection, place_of
from quarterdeck.render.page import Look, byline, render_deck, render_slide
from quarterdeck.render.slots import Target
from quarterdeck.site.builds import BuiltDeck, BuiltSlide, RenderContext, Rendered
from quarterdeck.site.heads import card_of, head_of
from quarterdeck.site.references import resolve
from quarterdeck.site.snippet_outputs import DeckOutputs, holes_of, outputs_of
from quarterdeck.site.templates import template_folders, templates_in, with_templates
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk

Tick = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class Progress(Struct):
    """Tells how many slides are done, of all decks together."""

    tick: Tick
    total: int
    done: int = 0

    def add(self, name: str, slides: int) -> None:
        self.done = min(self.done + slides, self.total)
        self.tick(name, self.done, self.total)


def render_talk(talk: Talk, asked: Request, assets: AssetCollection, memo: Memo, progress: Progress) -> Rendered:
    """The deck of a talk; what it refers to becomes assets of the site."""

    def render(folders: tuple[Path, ...]) -> Rendered:
        context = _context(talk, asked, folders, memo)
        outputs = outputs_of(context, assets, memo)
        stacks: list[tuple[BuiltSlide, ...]] = []
        problems: list[Diagnostic] = []
        for stack in talk.stacks:
            slides = [_slide(placed, context, assets, outputs, memo) for placed in stack.slides]
            stacks.append(tuple(slide for slide, _ in slides))
            problems += (problem for _, found in slides for problem in found)
            progress.add(talk.file.name, len(slides))
        head, unfound = head_of(context, assets)
        deck = _deck(talk, tuple(stacks))
        return Rendered(
            deck=deck,
            page=render_deck([[Html(slide.html) for slide in stack] for stack in stacks], head),
            card=card_of(deck, head, talk.options),
            diagnostics=(*talk.diagnostics, *problems, *unfound),
        )

    rendered, broken = with_templates(template_folders(asked.project, talk.theme), render, cwd=asked.cwd)
    return replace(rendered, diagnostics=(*rendered.diagnostics, *broken))


def _context(talk: Talk, asked: Request, folders: tuple[Path, ...], memo: Memo) -> RenderContext:
    options = talk.options
    templates, digest = templates_in(folders, memo)
    author_and_date = byline(options.author, options.date, options.lang)
    return RenderContext(
        talk=talk,
        look=Look(templates=templates, lang=options.lang, title=talk.title, byline=author_and_date),
        look_digest=digest_of(digest, options.lang, *author_and_date),
        place=place_of(talk.file.path, asked.project),
        names={each.path.resolve(): each.name for each in asked.talks},
    )


def _deck(talk: Talk, stacks: tuple[tuple[BuiltSlide, ...], ...]) -> BuiltDeck:
    return BuiltDeck(
        name=talk.file.name,
        url=f"{talk.file.name}/index.html",
        path=talk.file.path,
        source=talk.source.name,
        title=talk.title,
        lang=talk.options.lang,
        stacks=stacks,
    )


def _slide(
    placed: Placed, context: RenderContext, assets: AssetCollection, outputs: DeckOutputs, memo: Memo
) -> tuple[BuiltSlide, list[Diagnostic]]:
    """The slide as HTML, and what is wrong with what it refers to."""
    slots = placed.slide.slots
    resolved = [_resolved(slot, placed, context, assets) for slot in slots]
    targets = [target for target, _ in resolved]
    problems = [located(found, placed, path=context.talk.source.name) for _, found in resolved if found]
    problems += outputs.problems_on(placed)
    shown, in_elements = outputs.on(placed), outputs.in_elements_on(placed)
    holes = [holes_of(slot, placed, context.talk) for slot in slots]
    facts = (
        *(context.look_digest, context.talk.digests[placed.key], placed.key, placed.layout, str(placed.number)),
        *map(repr, (targets, shown, in_elements, holes)),
    )
    on_slide = [found for found in placed.slide.diagnostics if severity(found) is Severity.ERROR]
    html = memo.get(
        "render",
        digest_of(*facts),
        lambda: render_slide(
            placed, targets, shown, look=context.look, in_elements=in_elements, problems=on_slide, holes=holes
        ),
    )
    slide = BuiltSlide(key=placed.key, html=html, digest=digest_of(html), line=placed.line, end_line=placed.end_line)
    return slide, problems


def _resolved(
    slot: Slot, placed: Placed, context: RenderContext, assets: AssetCollection
) -> tuple[Target | None, Diagnostic | None]:
    """Looked up beside the file that it is written in, then beside the talk."""
    name = written_at(slot.span, placed.passages, path="").path if placed.passages else placed.path
    origin = context.talk.reading.sources.get(name)
    if origin is None:
        return resolve(slot, place=context.place, assets=assets, talks=context.names)
    own = resolve(slot, place=replace(context.place, folder=origin.path.parent), assets=assets, talks=context.names)
    if own[1] is None:
        return own
    other = resolve(slot, place=context.place, assets=assets, talks=context.names)
    return other if other[1] is None else own
