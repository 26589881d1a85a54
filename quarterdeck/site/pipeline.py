"""The order of the stages: paths to a `Build`, and nothing of what the stages do.

Building again is the same function with the same memo: a slide whose text, deck and place did not change is neither
talks nor rendered again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from quarterdeck.diagnostics import located, severity, written_at
from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Html, Placed, Severity, SiteFile, Slot, Span, Theme
from quarterdeck.project import files as source
from quarterdeck.project import resources
from quarterdeck.project.assets import AssetCollection, place_of
from quarterdeck.project.settings import Project
from quarterdeck.render.index import render_index
from quarterdeck.render.page import Look, byline, render_deck, render_slide
from quarterdeck.render.slots import Target
from quarterdeck.render.templates import BrokenTemplateError, Templates, load_templates
from quarterdeck.render.theme import find_theme
from quarterdeck.site.builds import Build, BuiltDeck, BuiltSlide, RenderContext, Rendered
from quarterdeck.site.heads import card_of, head_of, licences
from quarterdeck.site.output import assemble
from quarterdeck.site.references import resolve
from quarterdeck.site.snippet_outputs import DeckOutputs, holes_of, outputs_of
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk, read_talks

Tick = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Builder:
    """Builds, and remembers what it built."""

    memo: Memo = field(default_factory=Memo)
    inputs: frozenset[Path] = frozenset()
    """Files and folders that the last build read or looked for."""

    def build(self, asked: Request, *, tick: Tick = lambda _what, _done, _total: None) -> Build:
        """The whole site in memory, with every finding. Raises `SurroundingsError` for what is no author's mistake."""
        assets = AssetCollection(memo=self.memo)
        talks = self.read(asked)
        count = _Count(tick=tick, total=sum(len(talk.digests) for talk in talks))
        rendered = [self._render(talk, asked, assets, count) for talk in talks]
        index, problems = self._index(rendered, asked, assets)
        entries = [
            *(_page(deck.deck.url, deck.page) for deck in rendered),
            _page("index.html", index),
            _page(".nojekyll", ""),
        ]
        found = (*asked.diagnostics, *(problem for deck in rendered for problem in deck.diagnostics), *problems)
        folders = {folder for talk in talks for folder in template_folders(asked.project, talk.theme)}
        self.inputs = frozenset(
            {*assets.read, *asked.given, *asked.project.files, *(talk.path for talk in asked.talks)}
        )
        self.inputs |= {path for talk in talks for path in (*talk.snippets.inputs, *talk.reading.inputs)}
        self.inputs |= {path for talk in talks for path in talk.theme.folders}
        self.inputs |= {*asked.project.looks}
        self.inputs |= folders | frozenset(path for folder in folders for path in source.files_below(folder))
        self.memo.turn()
        return Build(
            site=assemble([*entries, *assets.entries.values(), *licences(assets)]),
            talks=talks,
            decks=tuple(deck.deck for deck in rendered),
            diagnostics=tuple(dict.fromkeys(found)),
        )

    def read(self, asked: Request) -> tuple[Talk, ...]:
        """The talks understood, and nothing looked up or rendered yet."""
        return read_talks(asked, self.memo)

    def _render(self, talk: Talk, asked: Request, assets: AssetCollection, count: _Count) -> Rendered:
        """With the templates of project and theme; where those are at fault, with ours alone."""
        try:
            return self._render_with(template_folders(asked.project, talk.theme), talk, asked, assets, count)
        except BrokenTemplateError as problem:
            plain = self._render_with((), talk, asked, assets, count)
            return replace(plain, diagnostics=(*plain.diagnostics, _in_template(problem, asked.cwd)))

    def _render_with(
        self, folders: tuple[Path, ...], talk: Talk, asked: Request, assets: AssetCollection, count: _Count
    ) -> Rendered:
        options = talk.options
        templates, templates_digest = self._templates(folders)
        author_and_date = byline(options.author, options.date, options.lang)
        look = Look(templates=templates, lang=options.lang, title=talk.title, byline=author_and_date)
        context = RenderContext(
            talk=talk,
            look=look,
            look_digest=digest_of(templates_digest, options.lang, *author_and_date),
            place=place_of(talk.file.path, asked.project),
            names={each.path.resolve(): each.name for each in asked.talks},
        )
        outputs = outputs_of(context, assets, self.memo)
        stacks = []
        problems: list[Diagnostic] = []
        for stack in talk.stacks:
            built = [self._slide(placed, context, assets, outputs, problems) for placed in stack.slides]
            stacks.append(tuple(built))
            count.add(talk.file.name, len(built))
        head, unfound = head_of(context, assets)
        deck = BuiltDeck(
            name=talk.file.name,
            url=f"{talk.file.name}/index.html",
            path=talk.file.path,
            source=talk.source.name,
            title=talk.title,
            lang=options.lang,
            stacks=tuple(stacks),
        )
        return Rendered(
            deck=deck,
            page=render_deck([[Html(slide.html) for slide in stack] for stack in stacks], head),
            card=card_of(deck, head, options),
            diagnostics=(*talk.diagnostics, *problems, *unfound),
        )

    def _slide(
        self,
        placed: Placed,
        context: RenderContext,
        assets: AssetCollection,
        outputs: DeckOutputs,
        problems: list[Diagnostic],
    ) -> BuiltSlide:
        """The slide as HTML; what is wrong with its references is added to `problems`."""
        slots = placed.slide.slots
        resolved = [_resolved(slot, placed, context, assets) for slot in slots]
        targets = [target for target, _ in resolved]
        found = [problem for _, problem in resolved if problem]
        problems += [located(problem, placed, path=context.talk.source.name) for problem in found]
        problems += outputs.problems_on(placed)
        on_slide = [problem for problem in placed.slide.diagnostics if severity(problem) is Severity.ERROR]
        facts = (
            context.talk.digests[placed.key],
            placed.key,
            placed.layout,
            str(placed.number),
            repr(targets),
            repr(shown := outputs.on(placed)),
            repr(in_elements := outputs.in_elements_on(placed)),
            repr(holes := [holes_of(slot, placed, context.talk) for slot in slots]),
        )
        html = self.memo.get(
            "render",
            digest_of(context.look_digest, *facts),
            lambda: render_slide(
                placed, targets, shown, look=context.look, in_elements=in_elements, problems=on_slide, holes=holes
            ),
        )
        return BuiltSlide(key=placed.key, html=html, digest=digest_of(html), line=placed.line, end_line=placed.end_line)

    def _index(
        self, rendered: Iterable[Rendered], asked: Request, assets: AssetCollection
    ) -> tuple[Html, tuple[Diagnostic, ...]]:
        project = asked.project
        cards = [deck.card for deck in rendered]
        default, _ = find_theme("quarterdeck", themes=None, folders=(), span=Span(path="", line=1))
        sheets = [
            *(s for s in default.stylesheets if s.name in ("tokens.css", "theme.css")),
            resources.asset_file("css/index.css"),
        ]
        urls = [assets.add(sheet).url for sheet in sheets]
        scripts = [assets.add(resources.asset_file("js/index.js")).url]

        def page(folders: tuple[Path, ...]) -> Html:
            templates, _ = self._templates(folders)
            return render_index(
                cards, templates=templates, title=project.title, lang=project.lang, stylesheets=urls, scripts=scripts
            )

        try:
            return page((project.templates,) if project.templates else ()), ()
        except BrokenTemplateError as problem:
            return page(()), (_in_template(problem, asked.cwd),)

    def _templates(self, folders: tuple[Path, ...]) -> tuple[Templates, str]:
        built_in = resources.templates_folder()
        digest = digest_of(*(source.digest_of_folder(folder) for folder in (*folders, built_in)), *map(str, folders))
        return self.memo.get("templates", digest, lambda: load_templates(folders, built_in=built_in)), digest


@dataclass(slots=True)
class _Count:
    """Tells how many slides are done, of all decks together."""

    tick: Tick
    total: int
    done: int = 0

    def add(self, name: str, slides: int) -> None:
        self.done = min(self.done + slides, self.total)
        self.tick(name, self.done, self.total)


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


def template_folders(project: Project, theme: Theme) -> tuple[Path, ...]:
    """Where templates are looked for before ours: the project's own, then the theme's."""
    own = project.templates
    return (*((own,) if own and own != resources.templates_folder() else ()), *theme.templates)


def _in_template(problem: BrokenTemplateError, cwd: Path) -> Diagnostic:
    span = Span(path=source.shown(problem.path, base=cwd), line=problem.line)
    hint = "the built-in template was used instead; `{{ … }}` may read values and call none of Python's own"
    return Diagnostic(code="T102", message=problem.message, span=span, hint=hint)


def _page(url: str, html: str) -> SiteFile:
    content = html.encode("utf-8", "replace")
    return SiteFile(url=url, content=content, digest=digest_of(content))
