"""The order of the stages: paths to a `Build`, and nothing of what the stages do.

Building again is the same function with the same memo: a slide whose text, deck and place did not change is neither
parsed nor rendered again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from quarterdeck import resources, source
from quarterdeck.assets import FOLDER, Place, Shelf, is_external
from quarterdeck.diagnostics import located, severity, written_at
from quarterdeck.errors import UsageError
from quarterdeck.markdown.deck import place_slides
from quarterdeck.markdown.parser import parse_slide
from quarterdeck.memo import Memo
from quarterdeck.model import (
    Diagnostic,
    Entry,
    Html,
    Placed,
    Severity,
    Slide,
    Slot,
    Snippet,
    Source,
    Span,
    Stack,
    Theme,
)
from quarterdeck.reading import Reading, read_talk
from quarterdeck.references import TO_ROOT, resolve
from quarterdeck.render.charts import check_chart
from quarterdeck.render.code import check_language, paint
from quarterdeck.render.index import Card, render_index
from quarterdeck.render.outputs import outputs_html
from quarterdeck.render.page import Head, Look, byline, render_deck, render_slide
from quarterdeck.render.parts import parts_of
from quarterdeck.render.reveal import canvas, reveal_options
from quarterdeck.render.slots import Target
from quarterdeck.render.templates import BrokenTemplateError, Templates, load_templates
from quarterdeck.render.terminal import Output, replay_script, terminal_html
from quarterdeck.render.theme import find_theme
from quarterdeck.run.snippets import Snippets, read_snippets
from quarterdeck.settings import DeckOptions, Project, load_project
from quarterdeck.site import Site, assemble
from quarterdeck.source import Talk, digest_of

Tick = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command asks to be built."""

    project: Project
    talks: tuple[Talk, ...]
    given: tuple[Path, ...]
    """The files and folders that the talks were found at."""
    cwd: Path
    output: Path
    overrides: Mapping[str, str]
    """Front matter keys set on the command line."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSlide:
    key: str
    html: str
    """Of its `<section>`."""
    digest: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltDeck:
    name: str
    url: str
    """Of its page, relative to the site's root."""
    path: Path
    source: str
    """The talk's file as it stands in diagnostics."""
    title: str
    lang: str
    stacks: tuple[tuple[BuiltSlide, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    site: Site
    decks: tuple[BuiltDeck, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source]
    """Every text that a diagnostic may point into, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A talk read and understood, before anything is looked up or rendered."""

    talk: Talk
    source: Source
    options: DeckOptions
    theme: Theme
    paints: str
    """A stylesheet of its own for code; empty where the theme's holds."""
    stacks: tuple[Stack, ...]
    snippets: Snippets
    digests: Mapping[str, str]
    """What each slide was made from, by key."""
    diagnostics: tuple[Diagnostic, ...]
    reading: Reading

    @property
    def title(self) -> str:
        titles = (placed.slide.title for stack in self.stacks for placed in stack.slides)
        return self.options.title or next(filter(None, titles), self.talk.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the slides of one deck are rendered."""

    talk: Parsed
    look: Look
    look_digest: str
    place: Place
    names: Mapping[Path, str]
    """Decks of the site by the file of their talk."""
    guests: Mapping[str, Html] = field(default_factory=dict)
    """Outputs that fill an element elsewhere in the deck, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    deck: BuiltDeck
    page: Html
    card: Card
    diagnostics: tuple[Diagnostic, ...]


def request(paths: Iterable[Path], *, cwd: Path, output: Path | None, overrides: Mapping[str, str | None]) -> Request:
    """What the words of a command mean, with the project's settings where the command is silent."""
    given = tuple(cwd / path for path in paths)
    project, diagnostics = load_project(_home_of(given, cwd), base=cwd)
    if not given:
        given = (project.source,)
    talks = source.find_talks(given, base=cwd)
    if not talks:
        raise UsageError(
            f"no talk in {source.shown(given[0], base=cwd)}",
            fix="a talk is NAME.md or NAME/index.md; `quarterdeck new NAME` makes one",
        )
    return Request(
        project=project,
        talks=talks,
        given=given,
        cwd=cwd,
        output=cwd / output if output else project.output or cwd / "site",
        overrides={key: value for key, value in overrides.items() if value is not None},
        diagnostics=diagnostics,
    )


def _home_of(given: tuple[Path, ...], cwd: Path) -> Path:
    """Where the search for settings starts: at the talk, so that it has the same ones from every folder."""
    if not given:
        return cwd
    return given[0] if given[0].is_dir() else given[0].parent


REVEAL = (
    "vendor/reveal.js/dist/reveal.js",
    *(f"vendor/reveal.js/dist/plugin/{name}.js" for name in ("notes", "zoom")),
)
SCRIPTS = tuple(f"js/{name}.js" for name in ("stage", "code", "paper", "search"))
REPLAY, START = ("js/screen.js", "js/replay.js"), "js/deck.js"
XTERM = {"script": "vendor/xterm/lib/xterm.js"}
"""Loaded when a recording is replayed for the first time: it works out what a terminal would show."""


@dataclass(slots=True)
class Builder:
    """Builds, and remembers what it built."""

    memo: Memo = field(default_factory=Memo)
    inputs: frozenset[Path] = frozenset()
    """Files and folders that the last build read or looked for."""

    def build(self, asked: Request, *, tick: Tick = lambda _what, _done, _total: None) -> Build:
        """The whole site in memory, with every finding. Raises `SurroundingsError` for what is no author's mistake."""
        shelf = Shelf(memo=self.memo)
        parsed = self.read(asked)
        count = _Count(tick=tick, total=sum(len(talk.digests) for talk in parsed))
        rendered = [self._render(talk, asked, shelf, count) for talk in parsed]
        index, problems = self._index(rendered, asked, shelf)
        entries = [
            *(_page(deck.deck.url, deck.page) for deck in rendered),
            _page("index.html", index),
            _page(".nojekyll", ""),
        ]
        found = (*asked.diagnostics, *(problem for deck in rendered for problem in deck.diagnostics), *problems)
        folders = {folder for talk in parsed for folder in _template_folders(asked.project, talk.theme)}
        self.inputs = frozenset({*shelf.read, *asked.given, *asked.project.files, *(talk.path for talk in asked.talks)})
        self.inputs |= {path for talk in parsed for path in (*talk.snippets.inputs, *talk.reading.inputs)}
        self.inputs |= {path for talk in parsed for path in talk.theme.folders}
        self.inputs |= {asked.project.root / name for name in ("themes", "templates")}
        self.inputs |= folders | frozenset(path for folder in folders for path in source.files_below(folder))
        self.memo.turn()
        return Build(
            site=assemble([*entries, *shelf.entries.values(), *_licences(shelf)]),
            decks=tuple(deck.deck for deck in rendered),
            diagnostics=tuple(dict.fromkeys(found)),
            sources={name: found for talk in parsed for name, found in talk.reading.sources.items()},
        )

    def read(self, asked: Request) -> tuple[Parsed, ...]:
        """The talks understood, and nothing looked up or rendered yet."""
        return tuple(self._parse(talk, asked) for talk in asked.talks)

    def _parse(self, talk: Talk, asked: Request) -> Parsed:
        reading = read_talk(talk.path, project=asked.project, cwd=asked.cwd, overrides=asked.overrides)
        origin, front, chunks, shared = reading.source, reading.front, reading.chunks, reading.shared
        digests = [digest_of(chunk.text, repr(chunk.given), chunk.dialect, shared.digest) for chunk in chunks]
        slides = [
            self.memo.get(
                "parse",
                digest,
                partial(parse_slide, chunk.text, shared=shared, given=chunk.given, dialect=chunk.dialect),
            )
            for chunk, digest in zip(chunks, digests, strict=True)
        ]
        theme, unknown = find_theme(
            front.options.theme,
            themes=asked.project.themes,
            folder=talk.path.parent,
            span=front.spans.get(("theme",), Span(path=origin.name, line=1)),
        )
        stacks, misplaced = place_slides(
            chunks,
            slides,
            options=front.options,
            path=origin.name,
            layouts=theme.layouts,
            # as its own tool does, which centres what is on a slide in a box
            usual="drop" if front.dialect == "obsidian" and not theme.ours else "",
        )
        at_style = front.spans.get(("highlightTheme",), Span(path=origin.name, line=1))
        paints, unpainted = paint(front.options.highlight_theme, span=at_style)
        snippets = read_snippets(
            stacks,
            talk=talk.path,
            deck=talk.name,
            name=origin.name,
            base=asked.cwd,
            options=front.options,
            runners=asked.project.runners,
            redact=asked.project.redact,
            spans=front.spans,
        )
        in_slides = [
            located(problem, chunk, path=origin.name)
            for chunk, slide in zip(chunks, slides, strict=True)
            for problem in (*slide.diagnostics, *_unknown_languages(slide))
        ]
        about_snippets = (*snippets.mistakes, *snippets.findings)
        keys = [placed.key for stack in stacks for placed in stack.slides]
        return Parsed(
            talk=talk,
            source=origin,
            options=front.options,
            theme=theme,
            stacks=stacks,
            paints=paints,
            snippets=snippets,
            digests=dict(zip(keys, digests, strict=True)),
            diagnostics=(*reading.diagnostics, *unknown, *unpainted, *misplaced, *in_slides, *about_snippets),
            reading=reading,
        )

    def _render(self, talk: Parsed, asked: Request, shelf: Shelf, count: _Count) -> Rendered:
        """With the templates of project and theme; where those are at fault, with ours alone."""
        try:
            return self._render_with(_template_folders(asked.project, talk.theme), talk, asked, shelf, count)
        except BrokenTemplateError as problem:
            plain = self._render_with((), talk, asked, shelf, count)
            return replace(plain, diagnostics=(*plain.diagnostics, _in_template(problem, asked.cwd)))

    def _render_with(
        self, folders: tuple[Path, ...], talk: Parsed, asked: Request, shelf: Shelf, count: _Count
    ) -> Rendered:
        options = talk.options
        templates, templates_digest = self._templates(folders)
        author_and_date = byline(options.author, options.date, options.lang)
        look = Look(templates=templates, lang=options.lang, title=talk.title, byline=author_and_date)
        scene = Scene(
            talk=talk,
            look=look,
            look_digest=digest_of(templates_digest, options.lang, *author_and_date),
            place=Place(folder=talk.talk.path.parent, root=asked.project.root, vault=asked.project.vault),
            names={each.path.resolve(): each.name for each in asked.talks},
        )
        scene = replace(scene, guests=self._guests(scene, shelf))
        stacks = []
        problems: list[Diagnostic] = []
        for stack in talk.stacks:
            built = [self._slide(placed, scene, shelf, problems) for placed in stack.slides]
            stacks.append(tuple(built))
            count.add(talk.talk.name, len(built))
        head, unfound = _head(scene, shelf)
        deck = BuiltDeck(
            name=talk.talk.name,
            url=f"{talk.talk.name}/index.html",
            path=talk.talk.path,
            source=talk.source.name,
            title=talk.title,
            lang=options.lang,
            stacks=tuple(stacks),
        )
        return Rendered(
            deck=deck,
            page=render_deck([[Html(slide.html) for slide in stack] for stack in stacks], head),
            card=_card(deck, head, options),
            diagnostics=(*talk.diagnostics, *problems, *unfound),
        )

    def _slide(self, placed: Placed, scene: Scene, shelf: Shelf, problems: list[Diagnostic]) -> BuiltSlide:
        """The slide as HTML; what is wrong with its references is added to `problems`."""
        resolved = [_resolved(slot, placed, scene, shelf) for slot in placed.slide.slots]
        targets = [target for target, _ in resolved]
        found = [problem for _, problem in resolved if problem]
        problems += [located(problem, placed, path=scene.talk.source.name) for problem in found]
        on_slide = [problem for problem in placed.slide.diagnostics if severity(problem) is Severity.ERROR]
        outputs = [self._output(slot, placed, scene, shelf) for slot in placed.slide.slots]
        facts = (
            scene.talk.digests[placed.key],
            placed.key,
            placed.layout,
            str(placed.number),
            repr(targets),
            repr(outputs),
            repr(guests := _guests_of(placed, scene)),
        )
        html = self.memo.get(
            "render",
            digest_of(scene.look_digest, *facts),
            lambda: render_slide(placed, targets, outputs, look=scene.look, guests=guests, problems=on_slide),
        )
        return BuiltSlide(key=placed.key, html=html, digest=digest_of(html), line=placed.line, end_line=placed.end_line)

    def _guests(self, scene: Scene, shelf: Shelf) -> dict[str, Html]:
        found: dict[str, Html] = {}
        for stack in scene.talk.stacks:
            for placed in stack.slides:
                for slot in placed.slide.slots:
                    output = self._output(slot, placed, scene, shelf)
                    if output is not None and output.place == "target":
                        html = terminal_html(output, templates=scene.look.templates, words=scene.look.words)
                        found[output.options.out.target] = html
        return found

    def _output(self, slot: Slot, placed: Placed, scene: Scene, shelf: Shelf) -> Output | None:
        """What is recorded of a snippet; the data of its replay goes to the shelf."""
        snippets = scene.talk.snippets
        job = snippets.job_of(placed.key, slot) if isinstance(slot, Snippet) else None
        if job is None:
            return None
        output = Output(
            id=job.id,
            kind=job.kind,
            session=job.session.removeprefix("kernel-"),
            options=job.options,
            state=snippets.states[job.id].state,
            recording=snippets.recordings.get(job.id),
        )
        if output.recording is None or output.options.hide or output.place == "none":
            return output
        url = TO_ROOT + shelf.put(f"{scene.talk.talk.name}-{job.id}.js", replay_script(output).encode())
        made = snippets.outputs.get(job.id, ())
        urls = [TO_ROOT + shelf.add(snippets.folder / each.file).url if each.file else "" for each in made]
        rich = outputs_html(made, urls, templates=scene.look.templates, words=scene.look.words)
        return replace(output, replay_url=url, rich=rich)

    def _index(self, rendered: Iterable[Rendered], asked: Request, shelf: Shelf) -> tuple[Html, tuple[Diagnostic, ...]]:
        project = asked.project
        cards = [deck.card for deck in rendered]
        default, _ = find_theme("quarterdeck", themes=None, folder=project.root, span=Span(path="", line=1))
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


def _resolved(slot: Slot, placed: Placed, scene: Scene, shelf: Shelf) -> tuple[Target | None, Diagnostic | None]:
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


def _head(scene: Scene, shelf: Shelf) -> tuple[Head, tuple[Diagnostic, ...]]:
    """What the deck's page needs beside its slides; the files go to the shelf."""
    talk, options = scene.talk, scene.talk.options
    problems: list[Diagnostic] = []

    def url(target: str | Path) -> str:
        if isinstance(target, str) and is_external(target):
            return target
        if isinstance(target, str):
            found = shelf.locate(target, wiki=False, place=scene.place)
            if not isinstance(found, Path):
                span = Span(path=talk.source.name, line=1)
                problems.append(Diagnostic(code=found.code, message=found.message, span=span, hint=found.hint))
                return target
            target = found
        return TO_ROOT + shelf.add(target).url

    replays = REPLAY if talk.snippets.plan.jobs else ()
    parts = parts_of(placed.slide for stack in talk.stacks for placed in stack.slides)
    drawing = [name for part in parts for name in part.scripts]  # before what measures slides
    loaded = {name: path for part in parts for name, path in part.loaded.items()}
    ours: list[str | Path] = [resources.asset_file(name) for name in (*REVEAL, *drawing, *SCRIPTS, *replays, START)]
    styles = [resources.asset_file(name) for part in parts for name in part.styles]
    painted = [TO_ROOT + shelf.put("highlight.css", talk.paints.encode())] if talk.paints else []
    head = Head(
        look=scene.look,
        name=talk.talk.name,
        description=options.description,
        author=options.author,
        scheme=options.scheme,
        schemes=talk.theme.ours,
        theme=talk.theme.name,
        stylesheets=(*map(url, [*talk.theme.stylesheets, *styles]), *painted, *map(url, options.css)),
        scripts=tuple(url(script) for script in [*ours, *talk.theme.scripts, *options.scripts]),
        terminal={part: url(resources.asset_file(name)) for part, name in XTERM.items()} if replays else {},
        loaded={name: url(resources.asset_file(path)) for name, path in loaded.items()},
        mermaid=options.mermaid if "mermaid" in loaded else {},
        reveal=reveal_options(options, ours=talk.theme.ours),
    )
    return head, tuple(problems)


def _card(deck: BuiltDeck, head: Head, options: DeckOptions) -> Card:
    width, height = canvas(head.reveal)
    slides = [slide for stack in deck.stacks for slide in stack]
    return Card(
        url=f"{quote(deck.name)}/",
        title=deck.title,
        lang=deck.lang,
        description=options.description,
        author=options.author,
        date=options.date,
        slides=len(slides),
        scheme=head.scheme,
        theme=head.theme,
        stylesheets=tuple(_from_root(url) for url in head.stylesheets),
        first=Html(_from_root(slides[0].html) if slides else ""),
        width=width,
        height=height,
    )


def _from_root(html: str) -> str:
    """The same URLs, as the page of cards names them: browsers look ahead for them without regard to a `<base>`."""
    return html.replace(f"{TO_ROOT}{FOLDER}/", f"{FOLDER}/")


def _guests_of(placed: Placed, scene: Scene) -> dict[str, Html]:
    """Those whose element may be on this slide."""
    return {
        name: guest
        for name, guest in scene.guests.items()
        if any(f'id="{name}"' in block.html for block in placed.slide.blocks)
    }


def _unknown_languages(slide: Slide) -> Iterator[Diagnostic]:
    for slot in slide.slots:
        if isinstance(slot, Snippet):
            yield from check_language(slot)
            yield from check_chart(slot)


def _template_folders(project: Project, theme: Theme) -> tuple[Path, ...]:
    """Where templates are looked for before ours: the project's own, then the theme's."""
    own = project.templates
    return (*((own,) if own and own != resources.templates_folder() else ()), *theme.templates)


def _in_template(problem: BrokenTemplateError, cwd: Path) -> Diagnostic:
    span = Span(path=source.shown(problem.path, base=cwd), line=problem.line)
    hint = "the built-in template was used instead; `{{ … }}` may read values and call none of Python's own"
    return Diagnostic(code="T102", message=problem.message, span=span, hint=hint)


def _page(url: str, html: str) -> Entry:
    content = html.encode("utf-8", "replace")
    return Entry(url=url, content=content, digest=digest_of(content))


def _licences(shelf: Shelf) -> Iterator[Entry]:
    """The licence texts of the vendored files on the shelf."""
    paths = {path for read in shelf.read for path in resources.licences_of(read)}
    for path in sorted(paths):
        name = "-".join(path.relative_to(resources.vendor_folder()).with_suffix(".txt").parts)
        yield Entry(url=f"licences/{name}", content=path, digest=source.digest_of(path.as_posix()))
