"""The order of the stages: a `Request` to a `Build`, and nothing of what the stages do.

Building again is the same function with the same memo: a slide whose text, deck and place did not change is neither
parsed nor rendered again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import SiteFile
from quarterdeck.project.assets import AssetCollection
from quarterdeck.project.files import files_below, skipped
from quarterdeck.site.builds import Build
from quarterdeck.site.decks import Progress, Tick, render_talk
from quarterdeck.site.heads import licences
from quarterdeck.site.index import index_page
from quarterdeck.site.output import assemble
from quarterdeck.site.templates import template_folders
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk, read_talks


class Builder(Struct):
    """Builds, and remembers what it built."""

    memo: Memo = field(default_factory=Memo)
    inputs: frozenset[Path] = frozenset()
    """Files and folders that the last build read or looked for."""

    def build(self, asked: Request, *, tick: Tick = lambda _what, _done, _total: None) -> Build:
        """The whole site in memory, with every finding. Raises `SurroundingsError` for what is no author's mistake."""
        assets = AssetCollection(memo=self.memo)
        talks = self.read(asked)
        progress = Progress(tick=tick, total=sum(len(talk.digests) for talk in talks))
        rendered = [render_talk(talk, asked, assets, self.memo, progress) for talk in talks]
        index, problems = index_page([deck.card for deck in rendered], asked, assets, self.memo)
        pages = [
            *(_page(deck.deck.url, deck.page) for deck in rendered),
            _page("index.html", index),
            _page(".nojekyll", ""),
        ]
        found = (*asked.diagnostics, *(problem for deck in rendered for problem in deck.diagnostics), *problems)
        found += skipped(assets.closed, base=asked.cwd)
        self.inputs = frozenset(_inputs(asked, talks, assets))
        self.memo.turn()
        return Build(
            site=assemble([*pages, *assets.entries.values(), *licences(assets)]),
            talks=talks,
            decks=tuple(deck.deck for deck in rendered),
            diagnostics=tuple(dict.fromkeys(found)),
        )

    def read(self, asked: Request) -> tuple[Talk, ...]:
        """The talks understood, and nothing looked up or rendered yet."""
        return read_talks(asked, self.memo)


def _inputs(asked: Request, talks: Sequence[Talk], assets: AssetCollection) -> Iterator[Path]:
    """What a watcher should watch."""
    yield from (*assets.read, *asked.given, *asked.project.files, *asked.project.looks)
    for talk in talks:
        yield from (talk.file.path, *talk.snippets.inputs, *talk.reading.inputs, *talk.theme.folders)
    for folder in {folder for talk in talks for folder in template_folders(asked.project, talk.theme)}:
        yield from (folder, *files_below(folder))


def _page(url: str, html: str) -> SiteFile:
    content = html.encode("utf-8", "replace")
    return SiteFile(url=url, content=content, digest=digest_of(content))
