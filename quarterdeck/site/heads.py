"""What a site has beside its slides: the head of a deck's page, its card on the index, licence texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace

from quarterdeck.digests import digest_of
from quarterdeck.model import Diagnostic, Html, SiteFile
from quarterdeck.project import resources
from quarterdeck.project.assets import FOLDER, AssetCollection, LookupPlace, Missing, is_external
from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.render import word_table
from quarterdeck.render.index import Card
from quarterdeck.render.page import Head
from quarterdeck.render.parts import parts_of
from quarterdeck.render.reveal import canvas, reveal_options
from quarterdeck.render.words import words_of
from quarterdeck.site.builds import BuiltDeck, RenderContext
from quarterdeck.site.references import TO_ROOT
from quarterdeck.talk.reading import Reading

REVEAL = (
    "vendor/reveal.js/dist/reveal.js",
    *(f"vendor/reveal.js/dist/plugin/{name}.js" for name in ("notes", "zoom")),
)
DECK, TERMINAL = "bundles/deck.js", "bundles/terminal.js"
"""The deck's own script comes before all that adds to it."""
RTL = "css/rtl.css"
XTERM = {"script": "vendor/xterm/lib/xterm.js"}
"""Loaded when a recording is replayed for the first time: it works out what a terminal would show."""


def head_of(context: RenderContext, assets: AssetCollection) -> tuple[Head, tuple[Diagnostic, ...]]:
    """What the deck's page needs beside its slides; its files become assets of the site."""
    talk, options = context.talk, context.talk.options
    problems: list[Diagnostic] = []

    def url(target: Path) -> str:
        return TO_ROOT + assets.add(target).url

    def named(key: str, target: str) -> str:
        if is_external(target):
            return target
        found = locate_named(key, target, talk.reading, context.place, assets)
        if isinstance(found, Path):
            return url(found)
        problems.append(found)
        return target

    terminal = (TERMINAL,) if talk.snippets.plan.jobs else ()
    parts = parts_of(placed.slide for stack in talk.stacks for placed in stack.slides)
    said = (word_table.TERMINAL,) if terminal else ()
    drawing = [name for part in parts for name in part.scripts]
    loaded = {name: path for part in parts for name, path in part.loaded.items()}
    ours = [resources.asset_file(name) for name in (*REVEAL, DECK, *drawing, *terminal)]
    styles = [resources.asset_file(name) for part in parts for name in part.styles]
    reveal = reveal_options(options, ours=talk.theme.ours)
    rtl = reveal.get("rtl") is True
    painted = [TO_ROOT + assets.put("highlight.css", talk.paints.encode())] if talk.paints else []
    head = Head(
        look=context.look,
        name=talk.file.name,
        description=options.description,
        author=options.author,
        scheme=options.scheme,
        schemes=talk.theme.ours,
        theme=talk.theme.name,
        stylesheets=(
            *map(url, [*talk.theme.stylesheets, *styles, *([resources.asset_file(RTL)] if rtl else [])]),
            *painted,
            *(named("css", sheet) for sheet in options.css),
        ),
        scripts=(*map(url, [*ours, *talk.theme.scripts]), *(named("scripts", script) for script in options.scripts)),
        terminal={part: url(resources.asset_file(name)) for part, name in XTERM.items()} if terminal else {},
        loaded={name: url(resources.asset_file(path)) for name, path in loaded.items()},
        mermaid=options.mermaid if "mermaid" in loaded else {},
        words=words_of(options.lang, word_table.DECK, *(part.words for part in parts), *said),
        reveal=reveal,
        rtl=rtl,
    )
    return head, tuple(problems)


def locate_named(
    key: str, target: str, reading: Reading, place: LookupPlace, assets: AssetCollection
) -> Path | Diagnostic:
    """The file that the front matter or the settings name: beside the file that names it, else beside the talk."""
    span = reading.written(key, target)
    missing = Missing(code="A101", message=f"no file '{target}'")
    for folder in reading.folders_of(span):
        found = assets.locate(target, wiki=False, place=replace(place, folder=folder))
        if isinstance(found, Path):
            return found
        missing = found
    message = missing.message
    if span.path != reading.source.name:
        message = message.replace("beside the talk", f"beside {Path(span.path).name} or the talk")
    return Diagnostic(code=missing.code, message=message, span=span, hint=missing.hint)


def card_of(deck: BuiltDeck, head: Head, options: DeckOptions) -> Card:
    width, height = canvas(head.reveal)
    slides = [slide for stack in deck.stacks for slide in stack]
    return Card(
        url=f"{quote(deck.name)}/",
        title=deck.title,
        lang=deck.lang,
        rtl=head.rtl,
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


def licences(assets: AssetCollection) -> Iterator[SiteFile]:
    """The licence texts of the vendored files on the assets."""
    paths = {path for read in assets.read for path in resources.licences_of(read)}
    for path in sorted(paths):
        name = "-".join(path.relative_to(resources.vendor_folder()).with_suffix(".txt").parts)
        yield SiteFile(url=f"licences/{name}", content=path, digest=digest_of(path.as_posix()))
