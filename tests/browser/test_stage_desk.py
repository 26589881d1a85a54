"""What a presenter reads and types on stage: a small desk, in French, and programs that are talked to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from audience import House, present
from desk import Desk, fence, talk_of
from spectator import console, enter, focused, is_at, live, prints, says, slide

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]
BAR = "document.querySelector('.present .qd-term-bar').getBoundingClientRect().y"
KEYBOARD = """(() => {
  const [keys, room] = [document.activeElement, document.querySelector('.present .qd-keyboard')]
  return Math.round(keys.getBoundingClientRect().y - room.getBoundingClientRect().y)
})()"""
ASK = "#| steps:\n#|   - wait: name\n#|   - send: Ada\n$ read -p 'Your name? ' name; echo \"Hello $name\""


@pytest.fixture
def begin(desk: Desk, page: Page) -> Iterator[Begin]:
    """Writes a talk, records it if asked to, and opens it on stage in `page`."""
    houses: list[House] = []

    def start(text: str, *, record: bool = False) -> House:
        desk.write(text)
        if record:
            desk.recorded()
        houses.append(present(desk, "--no-open"))
        enter(page, houses[-1])
        return houses[-1]

    yield start
    page.close()
    for house in houses:
        house.close()


def the_speaker(page: Page) -> Page:
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    live(opened.value)
    return opened.value


def test_a_terminal_that_is_typed_into_keeps_its_bar_in_sight(begin: Begin, page: Page) -> None:
    begin(talk_of(console("$ cat", "#cat run")), record=True)
    before = page.evaluate(BAR)
    page.keyboard.press("r")
    is_at(page, "cat", "running")
    page.keyboard.press("t")
    page.wait_for_selector(".qd-terminal[data-focus]")
    for word in ("one", "two", "three", "four", "five"):
        page.keyboard.type(f"{word}\n")
        prints(page, word)
    page.keyboard.type("six")
    prints(page, "six")
    assert focused(page)
    assert page.evaluate(BAR) == before
    assert page.evaluate(KEYBOARD) == 0  # a browser scrolls to where is typed


def test_steps_are_for_the_recording_and_the_presenter_types(begin: Begin, desk: Desk, page: Page) -> None:
    begin(talk_of(console(ASK, "#ask run"), console("$ echo still $name", "#then run")), record=True)
    assert "Hello Ada" in desk.output("ask")
    page.keyboard.press("r")
    prints(page, "Your name?")
    page.keyboard.press("t")
    page.wait_for_selector(".qd-terminal[data-focus]")
    page.keyboard.type("Zoe\n")
    prints(page, "Hello Zoe")
    is_at(page, "ask", "done")


def test_steps_are_typed_where_the_fence_says_type_and_where_a_state_is_made(begin: Begin, page: Page) -> None:
    begin(
        talk_of(console(ASK, "#ask run"), console("$ echo still $name", "#then run"), console(ASK, "#typed run type"))
    )
    slide(page, 1)
    page.keyboard.press("m")
    page.wait_for_selector('.qd-said:text-is("the state is made")')
    page.keyboard.press("r")
    prints(page, "still Ada")
    slide(page, 2)
    page.keyboard.press("r")
    prints(page, "Hello Ada")


def test_a_small_speaker_view_still_shows_the_next_slide_and_all_keys(begin: Begin, page: Page, faults: Faults) -> None:
    begin(talk_of(console("$ true", "#one run"), console("$ true", "#two run"), "the end"))
    speaker = the_speaker(page)
    faults.watch(speaker)
    speaker.set_viewport_size({"width": 700, "height": 600})
    speaker.keyboard.press("ArrowRight")
    speaker.frame_locator(".qd-desk-next iframe").locator('.present h2:text-is("Slide 3")').wait_for()
    after = speaker.frame_locator(".qd-desk-next iframe").locator("html")
    assert after.locator(".reveal-viewport.reveal-scroll, .reveal-scroll").count() == 0
    speaker.set_viewport_size({"width": 1280, "height": 800})
    speaker.keyboard.press("?")
    for text in ("Next slide", "Show the recording instead", "Make the state of this slide"):
        speaker.locator(".qd-keys dd", has_text=text).wait_for()
    assert speaker.evaluate("document.querySelector('.r-overlay-help').getBoundingClientRect().width === innerWidth")
    assert faults.all() == []


def test_the_key_that_edits_does_nothing_where_there_is_nothing_to_run(
    begin: Begin, page: Page, faults: Faults
) -> None:
    begin(talk_of(console("$ true", "#one run"), "the end"))
    slide(page, 1)
    page.keyboard.press("e")
    page.keyboard.press("?")
    page.locator(".qd-keys").wait_for()
    assert faults.all() == []


def test_in_french_the_desk_says_in_french_how_a_run_went_and_that_the_server_is_gone(begin: Begin, page: Page) -> None:
    house = begin("---\nlang: fr\n---\n\n" + talk_of(fence("$ (exit 3)", "#non run", "console")))
    speaker = the_speaker(page)
    speaker.keyboard.press("r")
    says(speaker, ".qd-desk-said", "^non\\u00a0: en direct · .* · terminé avec le code 3 au lieu de expect=ok")
    house.desk.write((house.desk.folder / "talk.md").read_text("utf-8").replace("exit 3", "exit 4"))
    says(speaker, ".qd-desk-news", "la présentation a changé")
    speaker.keyboard.press("r")
    says(speaker, ".qd-said", "^la présentation a changé")
    house.process.kill()
    says(speaker, ".qd-desk-news", "^pas de connexion")
