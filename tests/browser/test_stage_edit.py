"""The deck before its audience while its talk is saved, and what the speaker's desk is told, in a real browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from audience import House, present
from desk import Desk, fence, talk_of
from spectator import COUNT, console, enter, focused, is_at, live, prints, says, slide, terminal

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]
HERE = "Reveal.getCurrentSlide().id + '/' + Reveal.getIndices().f"


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
        page.evaluate("window.untouched = true")
        return houses[-1]

    yield start
    page.close()
    for house in houses:
        house.close()


def edit(house: House, old: str, new: str, name: str = "talk.md") -> None:
    text = (house.desk.folder / name).read_text("utf-8")
    assert old in text
    house.desk.write(text.replace(old, new, 1), name)


def the_speaker(page: Page, *, state: str = "live") -> Page:
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    opened.value.wait_for_selector(f"html.qd-ready[data-stage={state}]", state="attached", timeout=15_000)
    opened.value.evaluate("window.untouched = true")
    return opened.value


def test_a_save_changes_the_deck_where_it_is_and_disturbs_no_terminal(
    begin: Begin, desk: Desk, page: Page, faults: Faults
) -> None:
    shell = console("$ cat", "#cat run")
    text = f"# One\n\n---\n\n# Two\n\nOld words\n\n+ first\n+ second\n\n{shell}"
    desk.write("#two h1 { color: red }", "look.css")
    house = begin(f"---\ncss: look.css\n---\n{text}")
    slide(page, 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    is_at(page, "cat", "running")
    page.locator(".qd-live").click()
    page.keyboard.type("before\n")
    prints(page, "before")
    here = page.evaluate(HERE)
    assert here == "two/0"
    edit(house, "# One\n", "# One\n\n---\n\n# Between\n")
    edit(house, "Old words", "New words")
    says(page, "#two", "New words")
    page.wait_for_selector("#between", state="attached")
    assert page.evaluate(HERE) == here
    assert focused(page)
    page.keyboard.type("after\n")
    prints(page, "after")
    assert "before" in page.locator(".present .qd-live").inner_text()
    assert page.locator("#qd-live").count() == 0  # nothing is said over the slides
    house.desk.write("#two h1 { display: none }", "look.css")
    page.locator("#two h1").wait_for(state="hidden")
    assert page.evaluate("window.untouched")
    assert faults.all() == []


def test_an_edited_snippet_is_run_from_the_open_deck_once_it_is_trusted(begin: Begin, page: Page) -> None:
    house = begin(talk_of(console("$ echo one", "#one run")))
    page.keyboard.press("r")
    prints(page, "one")
    edit(house, "echo one", "echo other")
    page.wait_for_selector('[data-cast="one"]:not([data-live])')  # what it printed is not what the slide says
    says(page, ".present", "echo other")
    page.keyboard.press("r")
    says(page, ".qd-said", "has changed")
    assert page.locator('.qd-dot[data-kind="warn"]').count() == 1
    house.warned("type t")
    house.type("t")
    page.wait_for_selector('.qd-dot:not([data-kind="warn"])', state="attached")
    page.keyboard.press("r")
    prints(page, "other")
    assert page.evaluate("window.untouched")


def test_the_desk_keeps_its_time_and_is_told_what_is_wrong(begin: Begin, page: Page) -> None:
    house = begin("# One\n\nNote: old notes\n\n---\n\n# Two\n" + console("$ true", "#one run"))
    speaker = the_speaker(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    says(speaker, ".qd-desk-clock", "^0:0[1-9]$")
    began = speaker.evaluate("sessionStorage.getItem('quarterdeck-started')")
    edit(house, "old notes", "new notes")
    says(speaker, ".qd-desk-text", "new notes")
    edit(house, "# Two", "# Two\n\n![](gone.png) Words")
    says(speaker, ".qd-desk-news", r"^talk.md:\d+: no file 'gone.png'")
    assert page.locator("#two", has_text="Words").count() == 0
    edit(house, "![](gone.png) ", "")
    speaker.locator("#two", has_text="Words").wait_for(state="attached")
    assert speaker.locator(".qd-desk-news").inner_text() == ""
    assert speaker.evaluate("sessionStorage.getItem('quarterdeck-started')") == began
    assert speaker.evaluate("window.untouched")


def test_the_desk_says_how_far_ahead_or_behind_the_section_is(begin: Begin, page: Page) -> None:
    slides = (
        "# Docker",
        "# Images {minutes=6}",
        "## Layers",
        "# Volumes",
        "## Mounts\n" + console("$ true", "#one run"),
    )
    begin("---\nminutes: 20\n---\n" + "\n\n---\n\n".join(slides))
    slide(page, 3)
    speaker = the_speaker(page)
    sections = [
        (each["title"], each["begins"], each["minutes"])
        for each in speaker.evaluate("JSON.parse(document.getElementById('qd-stage').textContent).sections")
    ]
    assert sections == [("Docker", 0, 14 / 3), ("Images", 4.667, 6), ("Volumes", 10.667, 9.333)] or sections[1:] == [
        ("Images", 4.667, 6),
        ("Volumes", 10.667, 9.333),
    ]
    # thirteen minutes into the talk, Volumes has just begun
    speaker.evaluate("sessionStorage.setItem('quarterdeck-started', String(Date.now() - 13 * 60000))")
    speaker.reload()
    live(speaker)
    says(speaker, ".qd-desk-pace", "^Volumes · 2 min 20 s behind$")
    says(speaker, ".qd-desk-left", r"^(7:00|6:5\d) left$")
    speaker.evaluate("sessionStorage.setItem('quarterdeck-started', String(Date.now() - 8 * 60000))")
    speaker.reload()
    says(speaker, ".qd-desk-pace", "^Volumes · 2 min (30|40) s ahead$")


def test_the_release_key_is_a_setting_that_the_bar_names(begin: Begin, page: Page, desk: Desk) -> None:
    desk.write('[stage]\nrelease = "Alt+Q"\n', "quarterdeck.toml")
    begin(talk_of(console("$ cat", "#cat run")))
    page.keyboard.press("r")
    is_at(page, "cat", "running")
    bar = terminal(page, "cat").locator(".qd-live-keys")
    assert bar.inner_text() == ""
    page.locator(".qd-live").click()
    says(page, ".qd-live-keys", r"^Alt\+Q gives the keys back$")
    page.keyboard.press("Control+Shift+Escape")
    assert focused(page)
    page.keyboard.press("Alt+q")
    assert not focused(page)
    assert bar.text_content() == ""


def test_a_desk_that_is_opened_during_a_replay_shows_where_it_is(begin: Begin, page: Page) -> None:
    begin(talk_of(console(COUNT, "#one run")), record=True)
    page.keyboard.press("Shift+X")
    page.keyboard.press("r")
    page.wait_for_selector('.qd-play[data-phase="pause"]')  # before its second command
    speaker = the_speaker(page, state="recorded")
    speaker.wait_for_selector('.present .qd-play[data-phase="pause"]')
    page.keyboard.press("PageDown")
    for each in (page, speaker):
        each.wait_for_selector('.present .qd-play[data-phase="play"] >> text="3"')
    page.keyboard.press(">")
    speaker.wait_for_selector('.qd-speed:text-is("2×")')
    page.locator(".present .qd-run").click()  # stops it
    for each in (page, speaker):
        each.wait_for_selector('[data-cast="one"]:not(:has(.qd-play))')


def test_a_desk_that_is_opened_later_shows_the_recording_that_the_audience_sees(begin: Begin, page: Page) -> None:
    begin(talk_of(fence("date +%N; echo end", "#one run")), record=True)
    page.keyboard.press("r")
    is_at(page, "one", "done")
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="one"]:not([data-live], :has(.qd-play))')
    speaker = the_speaker(page)
    speaker.wait_for_selector('.present [data-cast="one"]:not([data-live], :has(.qd-play))')
    shown = [each.locator(".present .qd-screen").inner_text() for each in (page, speaker)]
    assert shown[0] == shown[1]
