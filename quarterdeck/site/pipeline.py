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
from quarterdeck.model import Diagnostic, Html, Placed, Severity, SiteFile, Slot, Snippet, Span, Theme
from quarterdeck.project import files as source
from quarterdeck.project import resources
from quarterdeck.project.assets import AssetCollection, place_of
from quarterdeck.project.settings import Project
from quarterdeck.recordings.shown import shown_part
from quarterdeck.render.index import render_index
from quarterdeck.render.outputs import outputs_html
from quarterdeck.render.page import Look, byline, render_deck, render_slide
from quarterdeck.render.slots import Target
from quarterdeck.render.templates import BrokenTemplateError, Templates, load_templates
from quarterdeck.render.terminal import OWN_TERMINAL, SnippetOutput, replay_script, terminal_html
from quarterdeck.render.theme import find_theme
from quarterdeck.site.builds import Build, BuiltDeck, BuiltSlide, RenderContext, Rendered
from quarterdeck.site.heads import card_of, head_of, licences
from quarterdeck.site.output import assemble
from quarterdeck.site.references import TO_ROOT, frame_of, resolve
from quarterdeck.snippets.hidden import is_hidden
from quarterdeck.snippets.holes import NO_VALUES, Values
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
        shelf = AssetCollection(memo=self.memo)
        talks = self.read(asked)
        count = _Count(tick=tick, total=sum(len(talk.digests) for talk in talks))
        rendered = [self._render(talk, asked, shelf, count) for talk in talks]
        index, problems = self._index(rendered, asked, shelf)
        entries = [
            *(_page(deck.deck.url, deck.page) for deck in rendered),
            _page("index.html", index),
            _page(".nojekyll", ""),
        ]
        found = (*asked.diagnostics, *(problem for deck in rendered for problem in deck.diagnostics), *problems)
        folders = {folder for talk in talks for folder in template_folders(asked.project, talk.theme)}
        self.inputs = frozenset({*shelf.read, *asked.given, *asked.project.files, *(talk.path for talk in asked.talks)})
        self.inputs |= {path for talk in talks for path in (*talk.snippets.inputs, *talk.reading.inputs)}
        self.inputs |= {path for talk in talks for path in talk.theme.folders}
        self.inputs |= {*asked.project.looks}
        self.inputs |= folders | frozenset(path for folder in folders for path in source.files_below(folder))
        self.memo.turn()
        return Build(
            site=assemble([*entries, *shelf.entries.values(), *licences(shelf)]),
            talks=talks,
            decks=tuple(deck.deck for deck in rendered),
            diagnostics=tuple(dict.fromkeys(found)),
        )

    def read(self, asked: Request) -> tuple[Talk, ...]:
        """The talks understood, and nothing looked up or rendered yet."""
        return read_talks(asked, self.memo)

    def _render(self, talk: Talk, asked: Request, shelf: AssetCollection, count: _Count) -> Rendered:
        """With the templates of project and theme; where those are at fault, with ours alone."""
        try:
            return self._render_with(template_folders(asked.project, talk.theme), talk, asked, shelf, count)
        except BrokenTemplateError as problem:
            plain = self._render_with((), talk, asked, shelf, count)
            return replace(plain, diagnostics=(*plain.diagnostics, _in_template(problem, asked.cwd)))

    def _render_with(
        self, folders: tuple[Path, ...], talk: Talk, asked: Request, shelf: AssetCollection, count: _Count
    ) -> Rendered:
        options = talk.options
        templates, templates_digest = self._templates(folders)
        author_and_date = byline(options.author, options.date, options.lang)
        look = Look(templates=templates, lang=options.lang, title=talk.title, byline=author_and_date)
        scene = RenderContext(
            talk=talk,
            look=look,
            look_digest=digest_of(templates_digest, options.lang, *author_and_date),
            place=place_of(talk.file.path, asked.project),
            names={each.path.resolve(): each.name for each in asked.talks},
        )
        scene = replace(scene, guests=self._guests(scene, shelf))
        stacks = []
        problems: list[Diagnostic] = []
        for stack in talk.stacks:
            built = [self._slide(placed, scene, shelf, problems) for placed in stack.slides]
            stacks.append(tuple(built))
            count.add(talk.file.name, len(built))
        head, unfound = head_of(scene, shelf)
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
        self, placed: Placed, scene: RenderContext, shelf: AssetCollection, problems: list[Diagnostic]
    ) -> BuiltSlide:
        """The slide as HTML; what is wrong with its references is added to `problems`."""
        resolved = [_resolved(slot, placed, scene, shelf) for slot in placed.slide.slots]
        targets = [target for target, _ in resolved]
        found = [problem for _, problem in resolved if problem]
        problems += [located(problem, placed, path=scene.talk.source.name) for problem in found]
        on_slide = [problem for problem in placed.slide.diagnostics if severity(problem) is Severity.ERROR]
        outputs = [self._output(slot, placed, scene, shelf, problems) for slot in placed.slide.slots]
        facts = (
            scene.talk.digests[placed.key],
            placed.key,
            placed.layout,
            str(placed.number),
            repr(targets),
            repr(outputs),
            repr(guests := _guests_of(placed, scene)),
            repr(holes := [_holes_of(slot, placed, scene) for slot in placed.slide.slots]),
        )
        html = self.memo.get(
            "render",
            digest_of(scene.look_digest, *facts),
            lambda: render_slide(
                placed, targets, outputs, look=scene.look, guests=guests, problems=on_slide, holes=holes
            ),
        )
        return BuiltSlide(key=placed.key, html=html, digest=digest_of(html), line=placed.line, end_line=placed.end_line)

    def _guests(self, scene: RenderContext, shelf: AssetCollection) -> dict[str, Html]:
        found: dict[str, Html] = {}
        for stack in scene.talk.stacks:
            for placed in stack.slides:
                for slot in placed.slide.slots:
                    output = self._output(slot, placed, scene, shelf, [])
                    if output is not None and output.place == "target":
                        html = terminal_html(output, templates=scene.look.templates, words=scene.look.words)
                        found[output.options.out.target] = html
        return found

    def _output(
        self, slot: Slot, placed: Placed, scene: RenderContext, shelf: AssetCollection, problems: list[Diagnostic]
    ) -> SnippetOutput | None:
        """What is recorded of a snippet; the data of its replay goes to the shelf."""
        snippets = scene.talk.snippets
        job = snippets.job_of(placed.key, slot) if isinstance(slot, Snippet) else None
        if job is None:
            return None
        recording = snippets.recordings.get(job.id)
        if recording is not None and job.kind in OWN_TERMINAL:
            recording = shown_part(recording, job.snippet)
        frame, unfound = frame_of(job, pictures=snippets.folder, place=scene.place, shelf=shelf)
        if unfound is not None:
            problems.append(located(unfound, placed, path=scene.talk.source.name))
        output = SnippetOutput(
            id=job.id,
            kind=job.kind,
            session=job.session.removeprefix("kernel-"),
            options=job.options,
            state=snippets.states[job.id].state,
            recording=recording,
            holes=_holes_of(slot, placed, scene),
            frame=frame,
        )
        if output.recording is None or is_hidden(job.snippet) or output.place == "none":
            return output
        url = TO_ROOT + shelf.put(f"{scene.talk.file.name}-{job.id}.js", replay_script(output).encode())
        made = snippets.outputs.get(job.id, ())
        urls = [TO_ROOT + shelf.add(snippets.folder / each.file).url if each.file else "" for each in made]
        rich = outputs_html(made, urls, templates=scene.look.templates, words=scene.look.words)
        return replace(output, replay_url=url, rich=rich)

    def _index(
        self, rendered: Iterable[Rendered], asked: Request, shelf: AssetCollection
    ) -> tuple[Html, tuple[Diagnostic, ...]]:
        project = asked.project
        cards = [deck.card for deck in rendered]
        default, _ = find_theme("quarterdeck", themes=None, folders=(), span=Span(path="", line=1))
        sheets = [
            *(s for s in default.stylesheets if s.name in ("tokens.css", "theme.css")),
            resources.asset_file("css/index.css"),
        ]
        urls = [shelf.add(sheet).url for sheet in sheets]
        scripts = [shelf.add(resources.asset_file("js/index.js")).url]

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
    slot: Slot, placed: Placed, scene: RenderContext, shelf: AssetCollection
) -> tuple[Target | None, Diagnostic | None]:
    """Looked up beside the file that it is written in, then beside the talk."""
    name = written_at(slot.span, placed.passages, path="").path if placed.passages else placed.path
    origin = scene.talk.reading.sources.get(name)
    if origin is None:
        return resolve(slot, place=scene.place, shelf=shelf, talks=scene.names)
    own = resolve(slot, place=replace(scene.place, folder=origin.path.parent), shelf=shelf, talks=scene.names)
    if own[1] is None:
        return own
    other = resolve(slot, place=scene.place, shelf=shelf, talks=scene.names)
    return other if other[1] is None else own


def _holes_of(slot: Slot, placed: Placed, scene: RenderContext) -> Values:
    return scene.talk.snippets.holes_of(placed.key, slot) if isinstance(slot, Snippet) else NO_VALUES


def _guests_of(placed: Placed, scene: RenderContext) -> dict[str, Html]:
    """Those whose element may be on this slide."""
    return {
        name: guest
        for name, guest in scene.guests.items()
        if any(f'id="{name}"' in block.html for block in placed.slide.blocks)
    }


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
