"""What reveal.js is told about a deck."""

from __future__ import annotations

import pytest

from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.render.reveal import reveal_options


@pytest.mark.parametrize(
    ("options", "ours", "size"),
    [
        (DeckOptions(), True, (1600, 900)),
        (DeckOptions(), False, (960, 700)),
        (DeckOptions(aspect="4:3"), True, (1200, 900)),
        (DeckOptions(aspect="4:3", width=1024), True, (1024, 768)),
        (DeckOptions(aspect="4:3", height=600), True, (800, 600)),
        (DeckOptions(aspect="4:3", width=1000, height=500), True, (1000, 500)),
        (DeckOptions(aspect="16:10"), False, (1120, 700)),
    ],
)
def test_the_canvas_is_what_the_author_says_and_else_the_themes(
    options: DeckOptions, ours: bool, size: tuple[int, int]
) -> None:
    told = reveal_options(options, ours=ours)
    assert (told["width"], told["height"]) == size


def test_the_length_of_the_talk_sets_the_speakers_clock() -> None:
    assert reveal_options(DeckOptions(minutes=2.5), ours=True)["totalTime"] == 150
    assert "totalTime" not in reveal_options(DeckOptions(), ours=True)


def test_what_stands_under_reveal_has_the_last_word() -> None:
    told = reveal_options(DeckOptions(aspect="4:3", reveal={"width": 800}), ours=True)
    assert (told["width"], told["height"]) == (800, 900)
