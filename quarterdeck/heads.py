"""What a site has beside its slides: the head of a deck's page, its card on the index, licence texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from quarterdeck import resources
from quarterdeck.assets import FOLDER, Shelf, is_external
from quarterdeck.builds import BuiltDeck, Scene
from quarterdeck.model import Diagnostic, Entry, Html, Span
from quarterdeck.references import TO_ROOT
from quarterdeck.render.index import Card
from quarterdeck.render.page import Head
from quarterdeck.render.parts import parts_of
from quarterdeck.render.reveal import canvas, reveal_options
from quarterdeck.settings import DeckOptions
from quarterdeck.source import digest_of

REVEAL = (
    "vendor/reveal.js/dist/reveal.js",
    *(f"vendor/reveal.js/dist/plugin/{name}.js" for name in ("notes", "zoom")),
)
SCRIPTS = tuple(f"js/{name}.js" for name in ("stage", "code", "paper", "search"))
REPLAY, START = ("js/screen.js", "js/replay.js"), "js/deck.js"
XTERM = {"script": "vendor/xterm/lib/xterm.js"}
"""Loaded when a recording is replayed for the first time: it works out what a terminal would show."""


def head_of(scene: Scene, shelf: Shelf) -> tuple[Head, tuple[Diagnostic, ...]]:
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


def card_of(deck: BuiltDeck, head: Head, options: DeckOptions) -> Card:
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


def licences(shelf: Shelf) -> Iterator[Entry]:
    """The licence texts of the vendored files on the shelf."""
    paths = {path for read in shelf.read for path in resources.licences_of(read)}
    for path in sorted(paths):
        name = "-".join(path.relative_to(resources.vendor_folder()).with_suffix(".txt").parts)
        yield Entry(url=f"licences/{name}", content=path, digest=digest_of(path.as_posix()))
