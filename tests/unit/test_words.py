"""Words of the interface: every language has each of them, well written; plurals, dates, direction."""

from __future__ import annotations

import re

import pytest

from quarterdeck.render.word_table import LANGUAGES, STAGE, TABLES, Word
from quarterdeck.render.words import counted, direction, long_date, words_of

EVERY: dict[str, Word] = {key: row for table in TABLES for key, row in table.items()}
FRENCH = LANGUAGES.index("fr")
LETTER = re.compile(r"\{\w+\}")


def test_a_word_has_one_place() -> None:
    assert len(EVERY) == sum(map(len, TABLES))


@pytest.mark.parametrize("key", EVERY)
def test_a_word_says_the_same_in_every_language(key: str) -> None:
    row = EVERY[key]
    assert len(row) == len(LANGUAGES)
    assert all(word == word.strip() != "" for word in row)
    assert len({tuple(sorted(LETTER.findall(word))) for word in row}) == 1, "what is filled in differs"


@pytest.mark.parametrize("key", EVERY)
def test_french_marks_have_their_spaces(key: str) -> None:
    text = EVERY[key][FRENCH]
    assert not re.search(r"(?<!\u202f)[;!?]|(?<!\u00a0):|'", text), text


@pytest.mark.parametrize("key", EVERY)
def test_a_number_stays_with_its_unit(key: str) -> None:
    assert not any(re.search(r"\{(seconds|minutes)\} (s|min)\b", word) for word in EVERY[key][1:])


def test_what_is_counted_has_both_forms() -> None:
    singular = {key.removesuffix("_one") for key in EVERY if key.endswith("_one")}
    assert singular == {key.removesuffix("_other") for key in EVERY if key.endswith("_other")}


@pytest.mark.parametrize(
    ("lang", "count", "said"),
    [
        ("en", 0, "0 slides"),
        ("en", 1, "1 slide"),
        ("fr", 0, "0\u00a0diapositive"),
        ("fr", 1, "1\u00a0diapositive"),
        ("fr", 2, "2\u00a0diapositives"),
        ("fr", 1_000_000, "1000000\u00a0diapositives"),
        ("de-AT", 1, "1\u00a0Folie"),
        ("es", 0, "0\u00a0diapositivas"),
        ("ja", 1, "1 slide"),
    ],
)
def test_plurals(lang: str, count: int, said: str) -> None:
    assert counted(words_of(lang), "slides", count) == said


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "March 1, 2025"),
        ("en-GB", "1 March 2025"),
        ("fr", "1er mars 2025"),
        ("de", "1. März 2025"),
        ("es_MX", "1 de marzo de 2025"),
        ("pt-BR", "1 de março de 2025"),
        ("ja", "2025年3月1日"),
        ("he", "1 במרץ 2025"),
        ("no such language", "March 1, 2025"),
        ("", "March 1, 2025"),
    ],
)
def test_a_date_in_any_language(lang: str, said: str) -> None:
    assert long_date("2025-03-01T10:00:00Z", lang) == said
    assert long_date("one day in March", lang) == "one day in March"


def test_words_say_which_language_they_are_in() -> None:
    assert [words_of(lang)["language"] for lang in ("fr-CA", "FR", "ja", "")] == ["fr", "fr", "en", "en"]
    assert [words_of(lang)["foreign"] for lang in ("fr-CA", "FR", "ja", "ar")] == ["", "", "en", "en"]
    assert words_of("de", STAGE)["run"] == "Ausführen"


@pytest.mark.parametrize(
    ("lang", "way"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl"), ("ur_PK", "rtl"), ("en", "ltr"), ("ja", "ltr"), ("?", "ltr")],
)
def test_the_direction_of_a_language(lang: str, way: str) -> None:
    assert direction(lang) == way
