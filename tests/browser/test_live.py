"""The open deck while its talk is edited, in a real browser at a real server."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import BrowserContext, Page

DEADLINE_S = 10.0
TALK = """\
---
title: Live
css: look.css
---

# Hello

---

## Second

Some text.

+ one
+ two
+ three

Note: Say hello.

---

## Third

--

## Below

---

## Last
"""
READY = "() => window.Reveal && Reveal.isReady() && document.documentElement.classList.contains('qd-ready')"
"""The deck stands, and the live scripts have been told what the server shows."""
LIVE = "() => document.querySelector('#qd-live')"


class Author:
    """Edits the talk, and looks at the page that shows it."""

    def __init__(self, talk: Path, page: Page, address: str) -> None:
        self.talk = talk
        self.page = page
        self.address = address

    def open(self, where: str = "", *, page: Page | None = None) -> None:
        shown = page or self.page
        shown.goto(self.address + where)
        shown.wait_for_function(READY)
        shown.wait_for_function(LIVE)
        shown.evaluate("window.untouched = true")

    def save(self, text: str) -> None:
        fresh = self.talk.with_name(".talk.md.swp")
        fresh.write_text(text, "utf-8")
        fresh.replace(self.talk)

    def edit(self, old: str, new: str) -> None:
        text = self.talk.read_text("utf-8")
        assert old in text
        self.save(text.replace(old, new, 1))

    def sees(self, expression: str, argument: Any = None) -> None:
        self.page.wait_for_function(expression, arg=argument)

    def sees_text(self, selector: str, text: str) -> None:
        self.sees("([s, t]) => (document.querySelector(s)?.textContent || '').includes(t)", [selector, text])

    def at(self) -> str:
        key: str = self.page.evaluate("Reveal.getCurrentSlide().id")
        return key

    def turn_to(self, key: str, fragment: int | None = None) -> None:
        self.page.evaluate(
            """([key, fragment]) => {
                const { h, v } = Reveal.getIndices(document.getElementById(key));
                Reveal.slide(h, v, fragment ?? undefined);
            }""",
            [key, fragment],
        )

    @property
    def is_same_page(self) -> bool:
        """It was not loaded again since it was opened."""
        return self.page.evaluate("window.untouched") is True


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    quiet = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    (tmp_path / "runtime").mkdir()
    return quiet | {"XDG_RUNTIME_DIR": str(tmp_path / "runtime")}


Serve = Callable[..., tuple[str, subprocess.Popen[str]]]


@pytest.fixture
def serve(tmp_path: Path, environ: dict[str, str]) -> Iterator[Serve]:
    """Starts a server of the folder `talks`; gives its address and its process."""
    processes: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[str, subprocess.Popen[str]]:
        line = [sys.executable, "-m", "quarterdeck", "serve", "talks", "--no-open", *words]
        if "--port" not in words:
            line += ["--port", "0"]
        pipe = subprocess.PIPE
        process = subprocess.Popen(line, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True, env=environ)
        processes.append(process)
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            assert selector.select(DEADLINE_S), "it says nothing"
        return process.stdout.readline().strip(), process

    yield run
    for process in processes:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=DEADLINE_S)


@pytest.fixture
def talk(write: Callable[[str, str], Path]) -> Path:
    write("talks/look.css", ":root { --look: plain }\n")
    return write("talks/talk.md", TALK)


@pytest.fixture
def author(talk: Path, serve: Serve, page: Page) -> Author:
    address, _ = serve()
    author = Author(talk, page, address)
    author.open()
    return author


# In place


def test_the_slides_look_as_they_do_without_the_server(author: Author) -> None:
    author.edit("Some text.", "Some text.\n\n1. `one`\n\n| a |\n|---|\n| b |\n\n```text\nc\n```\n\n![](gone.png)")
    author.sees("() => document.querySelector('#second .qd-missing')")
    look = """() => [...document.querySelectorAll('#second, #second *, .qd-footer')].map(
        (each) => each.outerHTML + Array.from(getComputedStyle(each), (name) => name + getComputedStyle(each)[name])
    )"""
    served = author.page.evaluate(look)
    author.page.evaluate("document.querySelector('link[href=\"/-/live.css\"]').disabled = true")
    assert author.page.evaluate(look) == served


def test_the_page_of_a_server_has_nothing_to_complain_about(author: Author, faults: Faults) -> None:
    author.edit("Some text.", "Other text.")
    author.sees_text("#second", "Other text.")
    assert faults.all() == []


def test_an_edit_changes_its_slide_and_the_page_stays(author: Author) -> None:
    author.page.evaluate("window.kept = [...document.querySelectorAll('section.qd-slide')]")
    author.edit("Some text.", "Other *text*.")
    author.sees_text("#second em", "text")
    assert author.is_same_page
    assert author.page.evaluate("[...document.querySelectorAll('section.qd-slide')].every((s, i) => s === kept[i])")


def test_formulas_diagrams_and_charts_are_drawn_anew_in_place(
    talk: Path, serve: Serve, page: Page, faults: Faults
) -> None:
    flow = "```mermaid\nflowchart LR\n  A[Build] --> B[Run]\n```\n"
    chart = "```chart\ntype: bar\nlabels: [A]\nseries: [{data: [1]}]\n```\n"
    slides = ("# Drawn $x$", f"## Flow\n\n{flow}", f"## Chart\n\n{chart}")
    talk.write_text("\n\n---\n\n".join(slides), "utf-8")
    author = Author(talk, page, serve()[0])
    author.open()
    author.edit("$x$", "$y$")
    author.sees("() => document.querySelector('.qd-math annotation')?.textContent === 'y'")
    author.edit("[Run]", "[Ship]")
    author.sees(
        "() => [...document.querySelectorAll('.qd-drawing .nodeLabel')].some((each) => each.textContent === 'Ship')"
    )
    assert page.locator(".qd-drawing").count() == 1
    author.turn_to("chart")
    author.edit("data: [1]", "data: [7]")
    author.sees("() => Chart.getChart(document.querySelector('canvas'))?.data.datasets[0].data[0] === 7")
    author.edit("$y$", "$\\frac{$")
    author.sees("() => document.querySelector('.qd-math > .qd-wrong')")
    assert author.is_same_page
    assert faults.all() == []


def test_the_deck_goes_to_the_slide_that_is_edited(author: Author) -> None:
    author.edit("## Below", "## Below\n\nDeep down.")
    author.sees("() => Reveal.getCurrentSlide().id === 'below'")
    assert author.is_same_page


def test_editing_the_slide_one_is_on_keeps_its_fragments(author: Author) -> None:
    author.turn_to("second", 1)
    author.edit("+ two", "+ zwei")
    author.sees_text("#second", "zwei")
    assert author.at() == "second"
    assert author.page.evaluate("Reveal.getIndices().f") == 1
    assert author.page.evaluate("document.querySelectorAll('#second .fragment.visible').length") == 2
    assert author.page.evaluate("document.querySelector('#second .current-fragment').textContent.trim()") == "zwei"


def test_following_can_be_switched_off_for_a_page(author: Author) -> None:
    author.page.mouse.move(200, 200)
    author.page.mouse.move(220, 220)
    author.page.locator("#qd-live .mark").click()
    author.page.locator("#qd-live input[type=checkbox]").uncheck()
    author.edit("## Last", "## Last\n\nThe end.")
    author.sees_text("#last", "The end.")
    assert author.at() == "hello"


def test_following_can_be_switched_off_for_a_server(talk: Path, serve: Serve, page: Page) -> None:
    address, _ = serve("--no-follow")
    author = Author(talk, page, address)
    author.open()
    author.edit("## Last", "## Last\n\nThe end.")
    author.sees_text("#last", "The end.")
    assert author.at() == "hello"


def test_a_slide_put_before_leaves_the_one_that_is_shown(talk: Path, serve: Serve, page: Page) -> None:
    address, _ = serve("--no-follow")
    author = Author(talk, page, address)
    author.open()
    author.turn_to("second", 0)
    author.edit("# Hello\n\n---\n", "# Hello\n\n---\n\n## Fresh\n\n---\n")
    author.sees("() => document.getElementById('fresh')")
    author.sees("() => Reveal.getIndices().h === 2")
    assert author.at() == "second"
    assert author.page.evaluate("Reveal.getIndices().f") == 0
    assert author.page.evaluate("document.querySelectorAll('.slides .present:not(.stack)').length") == 1
    assert author.is_same_page


def test_when_the_slide_is_deleted_its_neighbour_is_shown(author: Author) -> None:
    author.turn_to("second")
    author.edit(TALK[TALK.index("## Second") : TALK.index("## Third")], "")
    author.sees("() => !document.getElementById('second')")
    assert author.at() == "third"
    assert author.page.evaluate("Reveal.getTotalSlides()") == 4
    assert author.is_same_page


def test_slides_are_stacked_unstacked_and_moved(author: Author) -> None:
    shape = """() => [...document.querySelectorAll('.slides > section')]
        .map(s => s.id || [...s.children].map(c => c.id).join('+')).join(' ')"""
    assert author.page.evaluate(shape) == "hello second third+below last"
    author.edit("--\n\n## Below", "---\n\n## Below")
    author.sees(f"() => ({shape})() === 'hello second third below last'")
    author.edit("---\n\n## Last", "--\n\n## Last")
    author.sees(f"() => ({shape})() === 'hello second third below+last'")
    author.edit("# Hello\n\n---\n\n", "")
    author.edit("## Last\n", "## Last\n\n---\n\n# Hello\n")
    author.sees(f"() => ({shape})() === 'second third below+last hello'")
    assert author.is_same_page
    author.page.evaluate("Reveal.slide(2)")
    author.page.keyboard.press("ArrowDown")
    assert author.at() == "last"


def test_the_overview_stays_and_knows_new_slides(author: Author) -> None:
    author.page.keyboard.press("o")
    author.sees("() => Reveal.isOverview()")
    author.edit("## Last", "## Fresh\n\n---\n\n## Last")
    author.sees("() => document.getElementById('fresh')")
    author.sees("() => Reveal.isOverview()")
    author.page.evaluate("document.getElementById('fresh').click()")
    author.sees("() => !Reveal.isOverview() && Reveal.getCurrentSlide().id === 'fresh'")


def test_what_the_edit_did_not_touch_keeps_its_life(author: Author) -> None:
    author.edit("Some text.", 'Some text.\n\n<input id="field">\n\n<iframe id="frame" src="about:blank"></iframe>')
    author.sees("() => document.getElementById('frame')")
    author.turn_to("second")
    author.page.evaluate("document.getElementById('frame').contentWindow.alive = true")
    author.page.locator("#field").fill("typed")
    author.page.evaluate("document.getElementById('field').focus()")
    author.edit("Some text.", "Quite another text.")
    author.sees_text("#second", "Quite another")
    author.edit("# Hello", "# Hello\n\n---\n\n## Before")
    author.sees("() => document.getElementById('before')")
    assert author.page.evaluate("document.getElementById('frame').contentWindow.alive") is True
    assert author.page.evaluate("document.getElementById('field').value") == "typed"


def test_the_field_one_types_in_keeps_the_focus(author: Author) -> None:
    author.edit("Some text.", 'Some text.\n\n<input id="field">')
    author.sees("() => document.getElementById('field')")
    author.turn_to("second")
    author.page.evaluate("document.getElementById('field').focus()")
    author.edit("Some text.", "Quite another text.")
    author.sees_text("#second", "Quite another")
    assert author.page.evaluate("document.activeElement.id") == "field"


def test_a_stylesheet_is_swapped_without_loading_the_page_again(author: Author) -> None:
    author.turn_to("last")
    look = "() => getComputedStyle(document.documentElement).getPropertyValue('--look').trim()"
    assert author.page.evaluate(look) == "plain"
    author.talk.with_name("look.css").write_text(":root { --look: fancy }\n")
    author.sees(f"() => ({look})() === 'fancy'")
    assert author.is_same_page
    assert author.at() == "last"
    author.sees("() => document.querySelectorAll('link[href*=\"assets/look\"]').length === 1")


def test_the_title_and_an_option_of_reveal_change_in_place(author: Author) -> None:
    author.edit("title: Live", "title: Alive\nreveal:\n  controls: false")
    author.sees("() => document.title === 'Alive' && Reveal.getConfig().controls === false")
    author.sees_text(".qd-footer", "Alive")
    assert author.is_same_page


def test_what_cannot_be_changed_in_place_is_loaded_again_at_the_same_slide(author: Author) -> None:
    author.turn_to("second", 1)
    author.edit("title: Live", "title: Live\nwidth: 1200")
    author.sees("() => !window.untouched && window.Reveal && Reveal.isReady() && Reveal.getConfig().width === 1200")
    author.sees("() => Reveal.getCurrentSlide().id === 'second' && Reveal.getIndices().f === 1")


def test_a_burst_of_saves_ends_in_the_last(author: Author) -> None:
    for number in range(60):
        author.save(TALK.replace("Some text.", f"Number {number}."))
    author.sees_text("#second", "Number 59.")
    assert author.is_same_page


# Other pages


def test_two_pages_of_a_deck_are_both_told(author: Author, context: BrowserContext) -> None:
    other = context.new_page()
    author.open(page=other)
    author.edit("Some text.", "For everyone.")
    for page in (author.page, other):
        page.wait_for_function("() => document.getElementById('second')?.textContent.includes('For everyone.')")
        assert page.evaluate("window.untouched") is True
    author.page.close()  # the other one has to listen for itself now
    author.edit("For everyone.", "For the rest.")
    other.wait_for_function("() => document.getElementById('second')?.textContent.includes('For the rest.')")
    assert other.evaluate("window.untouched") is True


def test_eight_pages_of_a_server_all_load(author: Author, context: BrowserContext) -> None:
    for _ in range(7):
        author.open(page=context.new_page())


def test_a_page_that_is_not_there_yet_loads_itself(author: Author) -> None:
    address = author.address.replace("/talk/", "/fresh/")
    assert author.page.goto(address).status == 404  # type: ignore[union-attr]
    author.page.wait_for_function(LIVE)
    author.talk.with_name("fresh.md").write_text("# Fresh\n")
    author.page.wait_for_function(READY)
    assert author.at() == "fresh"


def test_the_page_of_cards_shows_a_new_talk(author: Author) -> None:
    author.page.goto(author.address.replace("/talk/", "/"))
    author.page.wait_for_function(LIVE)
    author.talk.with_name("fresh.md").write_text("# A fresh talk\n")
    author.sees_text("body", "A fresh talk")


def test_the_speaker_view_gets_new_notes_and_keeps_its_clock(author: Author) -> None:
    author.turn_to("second")
    with author.page.expect_popup() as opened:
        author.page.keyboard.press("s")
    speaker = opened.value
    notes = ".speaker-controls-notes .value"
    has = "([s, t]) => document.querySelector(s)?.textContent.includes(t)"
    speaker.wait_for_function(has, arg=[notes, "Say hello."])
    speaker.wait_for_function("() => document.querySelector('.seconds-value').textContent !== ':00'")
    clock = """() => document.querySelector('.timer').textContent.split(':')
        .reduce((seconds, part) => seconds * 60 + Number(part), 0)"""
    before = speaker.evaluate(clock)
    slide = "() => document.querySelector('#current-slide iframe')?.contentWindow"
    speaker.wait_for_function(f"() => {{ const w = ({slide})(); return w?.Quarterdeck?.updates?.receive }}")
    author.edit("Say hello.", "Say goodbye.")
    speaker.wait_for_function(has, arg=[notes, "Say goodbye."])
    author.edit("# Hello\n\n---\n", "# Hello\n\n---\n\n## Fresh\n\nNote: Brand new.\n\n---\n")
    speaker.wait_for_function(has, arg=[notes, "Brand new."])
    speaker.wait_for_function(f"() => ({slide})().Reveal.getCurrentSlide().id === 'fresh'")
    assert speaker.evaluate(clock) >= before
    assert author.at() == "fresh"
    assert author.is_same_page


# Mistakes


def test_a_mistake_shows_over_the_deck_and_goes_when_it_is_mended(author: Author) -> None:
    sheet = author.page.locator("#qd-live .sheet")
    assert sheet.is_hidden()
    author.edit("Some text.", "![A cat](cat.png)")
    sheet.wait_for(state="visible")
    assert "talks/talk.md:12:1" in sheet.inner_text()
    assert "![A cat](cat.png)" in sheet.inner_text()
    assert "cat.png" in author.page.locator("#second").inner_text()
    author.page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    assert not author.page.evaluate("Reveal.isOverview()")
    author.edit("## Last", "## Last!")
    sheet.wait_for(state="visible")
    author.edit("![A cat](cat.png)", "No cat.")
    sheet.wait_for(state="hidden")
    author.page.wait_for_function(
        "() => document.querySelector('#qd-live').shadowRoot.querySelector('.mark').dataset.state === 'well'"
    )
    assert author.is_same_page


def test_a_talk_that_is_gone_leaves_its_last_deck_and_comes_back(author: Author) -> None:
    text = author.talk.read_text()
    author.talk.unlink()
    sheet = author.page.locator("#qd-live .sheet")
    sheet.wait_for(state="visible")
    assert author.page.locator("h1", has_text="Hello").is_visible()
    author.save(text.replace("# Hello", "# Hello again"))
    sheet.wait_for(state="hidden")
    author.sees_text("h1", "Hello again")


def test_without_an_editor_the_place_is_copied_and_told(author: Author, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    author.turn_to("below")
    author.page.keyboard.press("e")
    toast = author.page.locator("#qd-live .toast")
    toast.wait_for(state="visible")
    place = re.search(r"talks/talk\.md:\d+", toast.inner_text())
    assert place
    assert TALK.split("\n")[int(place[0].rpartition(":")[2]) - 1] == "## Below"
    assert author.page.evaluate("navigator.clipboard.readText()") == place[0]


# goto, and the end of the server


def test_goto_moves_the_open_deck(author: Author, environ: dict[str, str], tmp_path: Path) -> None:
    line = TALK.split("\n").index("## Below") + 1
    command = [sys.executable, "-m", "quarterdeck", "goto", f"talks/talk.md:{line}"]
    subprocess.run(command, cwd=tmp_path, env=environ, check=True, capture_output=True)
    author.sees("() => Reveal.getCurrentSlide().id === 'below'")


def test_a_server_that_stops_leaves_a_deck_that_works_and_catches_up(talk: Path, serve: Serve, page: Page) -> None:
    address, process = serve()
    author = Author(talk, page, address)
    author.open()
    author.turn_to("second", 1)
    process.terminate()
    process.communicate(timeout=DEADLINE_S)
    mark = "() => document.querySelector('#qd-live').shadowRoot.querySelector('.mark').dataset.state"
    author.sees(f"() => ({mark})() === 'lost'")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().f") == 2
    port = address.split(":")[2].partition("/")[0]
    assert serve("--port", port)[0] == address
    author.sees(f"() => ({mark})() === 'well'")
    assert author.is_same_page  # nothing had changed
    author.edit("Some text.", "After the pause.")
    author.sees_text("#second", "After the pause.")
    assert author.is_same_page


def test_a_page_that_missed_a_change_loads_again_where_it_was(talk: Path, serve: Serve, page: Page) -> None:
    address, process = serve()
    author = Author(talk, page, address)
    author.open()
    author.turn_to("second", 1)
    process.terminate()
    process.communicate(timeout=DEADLINE_S)
    author.edit("Some text.", "Meanwhile.")
    serve("--port", address.split(":")[2].partition("/")[0])
    author.sees("() => !window.untouched && window.Reveal && Reveal.isReady()")
    author.sees_text("#second", "Meanwhile.")
    author.sees("() => Reveal.getCurrentSlide().id === 'second' && Reveal.getIndices().f === 1")
