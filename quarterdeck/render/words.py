"""What a language asks for: words of the interface, plurals, dates, and the direction of its script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from quarterdeck.render.word_table import LANGUAGES, TABLES, Word

if TYPE_CHECKING:
    from babel import Locale


def words_of(lang: str, *tables: Mapping[str, Word]) -> Mapping[str, str]:
    """The words of the tables named, or of all of them, for a tag such as `fr` or `fr-CA`.

    They are English where the table lacks the language. `language` says which one they are in, and so does `foreign`
    where that is not the language asked for: in a page of that language they are marked as what they are.
    """
    asked = _language(lang)
    language = asked if asked in LANGUAGES else "en"
    foreign = "" if asked == language else language
    return _in(language, foreign, tables) if tables else _every(language, foreign)


@lru_cache(maxsize=len(LANGUAGES) + 1)
def _every(language: str, foreign: str) -> Mapping[str, str]:
    return MappingProxyType(_in(language, foreign, TABLES))  # one for all


def _in(language: str, foreign: str, tables: Iterable[Mapping[str, Word]]) -> dict[str, str]:
    column = LANGUAGES.index(language)
    found = {key: row[column] for table in tables for key, row in table.items()}
    return found | {"language": language, "foreign": foreign}


def counted(words: Mapping[str, str], word: str, count: int) -> str:
    """A word with how many there are, in the form that its language has for so many."""
    one = count in (0, 1) if words["language"] == "fr" else count == 1
    return words[f"{word}_one" if one else f"{word}_other"].format(count=count)


def long_date(text: str, lang: str) -> str:
    """An ISO date in words (`March 6, 2025`), in any language; any other text as it is."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    from babel.dates import format_date

    written = format_date(day, "long", _locale(lang))
    if _language(lang) == "fr" and day.day == 1:  # Unicode's tables have no word for the first day
        return written.replace("1", "1er", 1)
    return written


def direction(lang: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written."""
    if _language(lang) in LANGUAGES:
        return "ltr"
    return "rtl" if _locale(lang).text_direction == "rtl" else "ltr"


def _language(lang: str) -> str:
    return lang.replace("_", "-").partition("-")[0].lower()


@lru_cache(maxsize=32)
def _locale(lang: str) -> Locale:
    from babel import Locale, UnknownLocaleError  # loaded here: it takes as long as several slides

    try:
        return Locale.parse(lang.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")
