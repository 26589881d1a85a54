"""The page of cards at the root of a site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Html, Span
from quarterdeck.project.assets import AssetCollection
from quarterdeck.project.resources import asset_file
from quarterdeck.render.index import Card, render_index
from quarterdeck.render.theme import find_theme
from quarterdeck.site.templates import templates_in, with_templates
from quarterdeck.talk.request import Request


def index_page(
    cards: Sequence[Card], asked: Request, assets: AssetCollection, memo: Memo
) -> tuple[Html, tuple[Diagnostic, ...]]:
    project = asked.project
    default, _ = find_theme("quarterdeck", themes=None, folders=(), span=Span(path="", line=1))
    own = [sheet for sheet in default.stylesheets if sheet.name in ("tokens.css", "theme.css")]
    urls = [assets.add(sheet).url for sheet in (*own, asset_file("css/index.css"))]
    scripts = [assets.add(asset_file("bundles/index.js")).url]

    def render(folders: tuple[Path, ...]) -> Html:
        templates, _ = templates_in(folders, memo)
        return render_index(
            cards, templates=templates, title=project.title, lang=project.lang, stylesheets=urls, scripts=scripts
        )

    return with_templates((project.templates,) if project.templates else (), render, cwd=asked.cwd)
