"""A talk's file understood once: its slides, its snippets, and what is wrong with them.

Nothing is looked up in the site or rendered yet, and nothing runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from msgspec import Struct

from quarterdeck.diagnostics import located
from quarterdeck.digests import digest_of
from quarterdeck.markdown.deck import place_slides
from quarterdeck.markdown.pace import check_pace
from quarterdeck.markdown.parser import parse_slide
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Slide, Snippet, Source, Stack, Theme
from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.project.files import TalkFile
from quarterdeck.recordings.recorded import Snippets, read_snippets
from quarterdeck.render.charts import check_chart
from quarterdeck.render.code import check_language, paint
from quarterdeck.render.theme import find_theme
from quarterdeck.talk.reading import Reading, read_chunks
from quarterdeck.talk.request import Request

_LAYOUTS = {"obsidian": "drop", "reveal": "plain", "reveal-md": "plain", "mkslides": "plain"}
"""The layout of slides under a theme of reveal.js, by dialect: its own tool has one, on which styles count."""


class Talk(Struct, frozen=True, kw_only=True):
    file: TalkFile
    reading: Reading
    theme: Theme
    paints: str
    """A stylesheet of its own for code; empty where the theme's holds."""
    stacks: tuple[Stack, ...]
    snippets: Snippets
    digests: Mapping[str, str]
    """What each slide was made from, by key."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def source(self) -> Source:
        return self.reading.source

    @property
    def options(self) -> DeckOptions:
        return self.reading.front.options

    @property
    def title(self) -> str:
        titles = (placed.slide.title for stack in self.stacks for placed in stack.slides)
        return self.options.title or next(filter(None, titles), self.file.name)


def read_talks(asked: Request, memo: Memo) -> tuple[Talk, ...]:
    return tuple(read_talk(file, asked, memo) for file in asked.talks)


def read_talk(file: TalkFile, asked: Request, memo: Memo) -> Talk:
    """The talk, with a slide parsed anew only where its text or what the deck shares is another than before."""
    reading = read_chunks(file.path, project=asked.project, cwd=asked.cwd, overrides=asked.overrides)
    options, chunks, name = reading.front.options, reading.chunks, reading.source.name
    digests, slides = _slides(reading, memo)
    at_theme = reading.written("theme", options.theme)
    theme, unknown = find_theme(
        options.theme, themes=asked.project.themes, folders=reading.folders_of(at_theme), span=at_theme
    )
    usual = "" if theme.ours else _LAYOUTS.get(reading.front.dialect, "")
    stacks, misplaced = place_slides(chunks, slides, options=options, path=name, layouts=theme.layouts, usual=usual)
    paints, unpainted = paint(options.highlight_theme, span=reading.written("highlightTheme", options.highlight_theme))
    snippets = read_snippets(
        stacks,
        talk=file.path,
        deck=file.name,
        name=name,
        base=asked.cwd,
        options=options,
        runners=asked.project.runners,
        redact=asked.project.redact,
        spans=reading.front.spans,
        memo=memo,
    )
    at_minutes = reading.written("minutes", f"{options.minutes or 0:g}")
    late = check_pace(chunks, stacks, minutes=options.minutes, span=at_minutes, path=name)
    in_slides = [
        located(problem, chunk, path=name)
        for chunk, slide in zip(chunks, slides, strict=True)
        for problem in (*slide.diagnostics, *_unknown_languages(slide))
    ]
    about_deck = (*reading.diagnostics, *unknown, *unpainted, *misplaced)
    keys = [placed.key for stack in stacks for placed in stack.slides]
    return Talk(
        file=file,
        reading=reading,
        theme=theme,
        paints=paints,
        stacks=stacks,
        snippets=snippets,
        digests=dict(zip(keys, digests, strict=True)),
        diagnostics=(*about_deck, *in_slides, *late, *snippets.mistakes, *snippets.findings),
    )


def _slides(reading: Reading, memo: Memo) -> tuple[list[str], list[Slide]]:
    """The slides of the chunks, and a digest of what each was made from."""
    context = reading.context
    digests = [digest_of(chunk.text, repr(chunk.given), chunk.dialect, context.digest) for chunk in reading.chunks]
    slides = [
        memo.get(
            "parse",
            digest,
            partial(parse_slide, chunk.text, context=context, given=chunk.given, dialect=chunk.dialect),
        )
        for chunk, digest in zip(reading.chunks, digests, strict=True)
    ]
    return digests, slides


def _unknown_languages(slide: Slide) -> Iterator[Diagnostic]:
    for slot in slide.slots:
        if isinstance(slot, Snippet):
            yield from check_language(slot)
            yield from check_chart(slot)
