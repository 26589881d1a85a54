"""A built deck in a real browser, opened from the disk as a presenter opens it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import BrowserContext, Page

Build = Callable[..., Path]
ROOT = Path(__file__).resolve().parent.parent.parent
TALK = """\
---
title: Croisière
lang: fr
---
# Croisière

Note: Bonjour à tous.

---

## Étapes

+ Un
+ Deux

--

## Dessous

Du texte, et un [lien](#etapes).

---

## Code

```python [1|2-3]
un = 1
deux = 2
trois = 3
```

---

## Session

```console
$ docker ps
CONTAINER ID   IMAGE
$ docker build \\
>   -t web .
```
"""


def start(page: Page, path: Path, *, query: str = "", anchor: str = "") -> None:
    page.goto(path.as_uri() + query + anchor)
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def place(page: Page) -> list[int]:
    """Column, row and fragment of the slide on the screen."""
    return list(page.evaluate("(() => { const i = Quarterdeck.reveal.getIndices(); return [i.h, i.v, i.f ?? -1] })()"))


@pytest.fixture
def deck(build: Build) -> Path:
    return build(TALK)


def test_a_deck_starts_from_the_disk_without_a_complaint_or_a_request(deck: Path, page: Page, faults: Faults) -> None:
    start(page, deck)
    assert page.title() == "Croisière"
    assert page.locator("section.present h1").inner_text() == "Croisière"
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert faults.all() == []


@pytest.mark.parametrize("name", ["docker", "guide"])
@pytest.mark.timeout(120)
def test_our_own_talks_start_and_show_every_slide(own_site: Path, name: str, page: Page, faults: Faults) -> None:
    start(page, own_site / name / "index.html")
    count = page.evaluate("Quarterdeck.reveal.getTotalSlides()")
    for number in range(count):
        page.evaluate(
            "n => { const s = Quarterdeck.reveal.getSlides()[n]; const i = Quarterdeck.reveal.getIndices(s);"
            " Quarterdeck.reveal.slide(i.h, i.v) }",
            number,
        )
    assert faults.all() == []


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from quarterdeck.site import output as site
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request

    folder = tmp_path_factory.mktemp("own") / "site"
    built = Builder().build(request([ROOT / "deck"], cwd=ROOT, output=folder, overrides={}))
    site.write(built.site, folder)
    return folder


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["docker", "guide"])
def test_nothing_on_our_own_slides_runs_out_of_them(own_site: Path, name: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1600, "height": 900})
    start(page, own_site / name / "index.html")
    outside = page.evaluate(
        """() => Quarterdeck.reveal.getSlides().filter(slide => {
          const at = Quarterdeck.reveal.getIndices(slide)
          Quarterdeck.reveal.slide(at.h, at.v, 99)
          const own = slide.getBoundingClientRect()
          const elements = [...slide.querySelectorAll("h1, h2, h3, p, li, pre, img, figure, table")]
            .filter(each => !each.closest("aside, .qd-cover") && each.offsetParent)
          return elements.some(each => {
            const box = each.getBoundingClientRect()
            return box.bottom > own.bottom + 2 || box.right > own.right + 2 || box.left < own.left - 2
          })
        }).map(slide => slide.id)"""
    )
    assert outside == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["docker", "guide"])
def test_no_terminal_on_our_own_slides_breaks_a_line_that_could_be_smaller(
    own_site: Path, name: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1600, "height": 900})
    start(page, own_site / name / "index.html")
    broken = page.evaluate(
        """() => Quarterdeck.reveal.getSlides().filter(slide => {
          const at = Quarterdeck.reveal.getIndices(slide)
          Quarterdeck.reveal.slide(at.h, at.v, 99)
          const broken = row => row.offsetHeight > 1.9 * parseFloat(getComputedStyle(row).fontSize)
          const fits = row => row.textContent.length * 24 * 0.6 < row.closest(".qd-screen").clientWidth - 48
          return [...slide.querySelectorAll(".qd-screen .qd-row")].some(row => broken(row) && fits(row))
        }).map(slide => slide.id)"""
    )
    assert broken == []


SIZES = """() => [...document.querySelectorAll("section.present li")].map(item => {
  const depth = item.parentElement.closest("li") ? (item.parentElement.parentElement.closest("li li") ? 2 : 1) : 0
  return [depth, parseFloat(getComputedStyle(item).fontSize)]
})"""
NESTED = "- one\n  - below\n- two\n"


@pytest.mark.parametrize(
    ("items", "sizes"),
    [
        ("- one\n- two\n", {0: 45}),
        (NESTED, {0: 45, 1: 36}),
        (f"- first\n  - second\n    - third\n{NESTED}", {0: 36, 1: 30, 2: 30}),
        ("- one\n  - below\n  - below\n" * 4, {0: 36, 1: 30}),
        ("- one\n" * 7, {0: 36}),
    ],
    ids=["flat", "nested", "three deep", "too much for the large size", "many"],
)
def test_a_list_and_what_is_below_it_are_a_step_of_the_scale_apart(
    build: Build, page: Page, items: str, sizes: dict[int, int]
) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    start(page, build(f"## A list\n\n{items}"))
    found = {(depth, round(size)) for depth, size in page.evaluate(SIZES)}
    assert found == set(sizes.items())


def test_the_footer_can_be_read_on_a_background_of_the_slides_own(build: Build, page: Page) -> None:
    start(page, build('---\nscheme: light\n---\n<!-- .slide: data-background-color="#0b1a33" -->\n\n## Dark\n\nWords'))
    light, number = page.evaluate(
        "[...document.querySelectorAll('.qd-footer, .slide-number')].map(e => getComputedStyle(e).color)"
    )
    assert light == number


def test_keys_move_across_down_and_through_fragments(deck: Path, page: Page) -> None:
    start(page, deck)
    page.keyboard.press("Space")
    assert place(page) == [1, 0, -1]
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert place(page) == [1, 0, 1]
    page.keyboard.press("ArrowDown")
    assert place(page)[:2] == [1, 1]
    page.keyboard.press("ArrowRight")
    assert place(page)[:2] == [2, 0]
    page.keyboard.press("ArrowLeft")
    assert place(page)[:2] == [1, 1], "a stack is met again where it was left"
    page.keyboard.press("Home")
    assert place(page)[:2] == [0, 0]


def test_a_link_leads_to_a_slide_and_the_address_names_it(deck: Path, page: Page) -> None:
    start(page, deck, anchor="#/dessous")
    assert place(page)[:2] == [1, 1]
    page.locator("section.present a").click()
    page.wait_for_function("Quarterdeck.reveal.getIndices().v === 0 && location.hash.startsWith('#/etapes')")


def test_steps_light_their_lines_forwards_and_backwards(deck: Path, page: Page) -> None:
    start(page, deck, anchor="#/code")
    lit = "[...document.querySelectorAll('section.present .qd-line')].map(line => line.classList.contains('qd-lit'))"
    assert page.evaluate(lit) == [True, False, False]
    page.keyboard.press("Space")
    assert page.evaluate(lit) == [False, True, True]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(lit) == [True, False, False]


def test_copying_a_session_takes_its_commands_alone(deck: Path, page: Page, context: BrowserContext) -> None:
    start(page, deck, anchor="#/session")
    page.evaluate("navigator.clipboard.writeText = text => { window.taken = text; return Promise.resolve() }")
    page.locator("section.present .qd-copy").click()
    assert page.evaluate("window.taken").strip() == "docker ps\ndocker build \\\n  -t web ."


def test_slides_off_the_screen_cannot_be_reached(deck: Path, page: Page) -> None:
    start(page, deck)
    others = page.locator(".slides section:not(.present):not(.stack)")
    assert others.count() == 4
    page.keyboard.press("Tab")
    focused = "document.activeElement.closest('section')?.id ?? ''"
    assert page.evaluate(focused) in ("", "croisiere")
    page.evaluate("document.querySelector('#dessous a').focus()")
    assert page.evaluate(focused) != "dessous"


def test_the_overview_shows_all_slides(deck: Path, page: Page) -> None:
    start(page, deck)
    page.keyboard.press("Escape")
    page.wait_for_function("Quarterdeck.reveal.isOverview()")
    page.keyboard.press("Escape")
    page.wait_for_function("!Quarterdeck.reveal.isOverview()")


def test_the_speaker_view_shows_the_notes(deck: Path, page: Page, context: BrowserContext) -> None:
    start(page, deck)
    with context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value
    notes.wait_for_function("document.body.innerText.includes('Bonjour')")


def test_the_scheme_key_switches_and_is_remembered(deck: Path, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    start(page, deck)
    colour = "getComputedStyle(document.querySelector('.reveal-viewport')).backgroundColor"
    light = page.evaluate(colour)
    page.keyboard.press("c")
    dark = page.evaluate(colour)
    assert light != dark
    page.reload()
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")
    assert page.evaluate(colour) == dark


def test_the_scheme_follows_the_room(deck: Path, page: Page) -> None:
    colour = "getComputedStyle(document.querySelector('.reveal-viewport')).backgroundColor"
    page.emulate_media(color_scheme="dark")
    start(page, deck)
    dark = page.evaluate(colour)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(colour) != dark


def test_the_help_lists_the_keys_in_the_deck_s_language(deck: Path, page: Page) -> None:
    start(page, deck)
    page.keyboard.press("?")
    page.wait_for_function("document.body.innerText.includes('Vue orateur')")


def test_print_has_a_page_for_each_slide(deck: Path, page: Page, faults: Faults) -> None:
    start(page, deck, query="?view=print")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == 5
    assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) == 5
    assert faults.all() == []


def test_a_phone_scrolls_through_the_deck(build: Build, browser: Any) -> None:
    deck = build(TALK)
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    try:
        start(page, deck)
        page.wait_for_selector(".reveal-scroll, .reveal.reveal-scroll, .reveal-viewport.reveal-scroll")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        context.close()


@pytest.mark.parametrize("theme", ["black", "white", "dracula", "league.css"])
def test_reveals_own_themes_work_by_name(build: Build, page: Page, faults: Faults, theme: str) -> None:
    start(page, build(TALK.replace("lang: fr", f"lang: fr\ntheme: {theme}")))
    assert page.locator("section.present h1").is_visible()
    assert faults.all() == []


def test_an_empty_talk_is_an_empty_deck_and_no_error(build: Build, page: Page, faults: Faults) -> None:
    start(page, build("\n"))
    assert faults.all() == []
