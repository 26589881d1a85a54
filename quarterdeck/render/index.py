"""The page of cards at the root of a site. Pure but for reading templates."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from quarterdeck.model import Html
from quarterdeck.render.templates import Templates, safe
from quarterdeck.render.words import counted, direction, long_date, words_of

SEARCH_FROM = 13
"""With fewer talks than this a search field would be one more thing to look at."""


class Card(Struct, frozen=True, kw_only=True):
    """A deck on the index page. URLs are relative to the site's root."""

    url: str
    title: str
    lang: str
    rtl: bool
    description: str
    author: str
    date: str
    slides: int
    scheme: str
    theme: str
    stylesheets: tuple[str, ...]
    first: Html
    """Section of the first slide."""
    width: int
    height: int


def render_index(
    cards: Sequence[Card],
    *,
    templates: Templates,
    title: str,
    lang: str,
    stylesheets: Sequence[str],
    scripts: Sequence[str],
) -> Html:
    words = words_of(lang)
    return templates.render(
        "index.html",
        title=title or words["talks"],
        lang=lang,
        rtl=direction(lang) == "rtl",
        words=words,
        stylesheets=stylesheets,
        scripts=scripts,
        search=len(cards) >= SEARCH_FROM,
        cards=[
            {
                "card": card,
                "date": long_date(card.date, lang),
                "count": counted(words, "slides", card.slides),
                "thumbnail": str(templates.render("thumbnail.html", card=card, first=safe(card.first))),
            }
            for card in cards
        ],
    )
