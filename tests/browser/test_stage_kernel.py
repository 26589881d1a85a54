"""Pictures and tables of kernels on stage, and hidden lines: a real server, kernels and shells, and a real browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from audience import House, present
from desk import Desk, fence, talk_of
from spectator import SLOW_MS, console, enter, is_at, live, prints, says, terminal

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

pytest.importorskip("jupyter_client", reason="no jupyter_client here: pip install 'quarterdeck[kernel]'")
pytest.importorskip("ipykernel", reason="no ipykernel here: pip install 'quarterdeck[kernel]'")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150"><circle cx="75" cy="75" r="{r}"/></svg>'
MANY = f"""\
from IPython.display import HTML, SVG, display
times = globals().get("times", 0) + 1
print("run", times)
display(SVG(data='{SVG.replace("{r}", "70")}'))
display(HTML(f"<table><tr><th>times<td>{{times}}</table>"))"""
"""A picture and a table, which says how often the cell was run."""
OUTPUTS = """() => {
  const seen = each => getComputedStyle(each).visibility === 'visible' && each.checkVisibility()
  const look = each => {
    const box = each.getBoundingClientRect()
    return [each.localName, each.className, box.x, box.y, box.width, box.height, getComputedStyle(each).fontSize]
  }
  return [...document.querySelectorAll('.present .qd-outputs *:not(.qd-made)')].filter(seen).map(look)
}"""
"""Place and look of each element of the outputs that can be seen."""
FIGURES = "() => [...document.querySelectorAll('.qd-terminal')].map(e => JSON.stringify(e.getBoundingClientRect()))"


@pytest.fixture
def begin(desk: Desk, page: Page) -> Iterator[Begin]:
    """Writes a talk of these fences, records what is to be recorded, and opens it on stage in `page`."""
    houses: list[House] = []

    def start(*fences: str, record: bool = False, words: tuple[str, ...] = ()) -> House:
        desk.write(talk_of(*fences))
        if record:
            desk.recorded()
        houses.append(present(desk, "--no-open", *words))
        enter(page, houses[-1])
        return houses[-1]

    yield start
    page.close()
    for house in houses:
        house.close()


def cell(code: str, options: str) -> str:
    return fence(code, f"{options} kernel", "python")


def shows(page: Page, text: str) -> None:
    """A table or text of a kernel that can be seen."""
    where = f'.present :is(.qd-output-table td, .qd-output-text):text-is("{text}"):visible'
    page.wait_for_selector(where, timeout=SLOW_MS)


def ran(page: Page, number: int, name: str = "one") -> None:
    """The run of `MANY` with this number is over."""
    prints(page, f"run {number}")
    is_at(page, name, "done")


def hides(page: Page, text: str) -> None:
    where = f'.present :is(.qd-output-table td, .qd-output-text):text-is("{text}"):visible'
    page.wait_for_selector(where, state="detached", timeout=SLOW_MS)


def test_pictures_and_tables_stand_where_they_were_recorded(begin: Begin, page: Page, faults: Faults) -> None:
    page.set_viewport_size({"width": 1100, "height": 800})
    begin(cell(MANY, "#one run"), record=True)
    shows(page, "1")
    still, figures = page.evaluate(OUTPUTS), page.evaluate(FIGURES)
    assert [name for name, *_ in still].count("img") == 1
    page.keyboard.press("r")
    ran(page, 1)
    page.wait_for_selector('.qd-made img[src^="data:image/svg+xml;base64,"]')
    assert page.evaluate(OUTPUTS) == still
    page.keyboard.press("r")
    ran(page, 2)
    shows(page, "2")
    hides(page, "1")
    assert page.evaluate(OUTPUTS) == still
    page.keyboard.press("x")
    shows(page, "1")
    hides(page, "2")
    assert page.locator(".qd-made").count() == 0
    assert page.evaluate(OUTPUTS) == still
    page.keyboard.press("r")
    ran(page, 3)
    shows(page, "3")
    page.keyboard.press("w")
    shows(page, "1")
    assert page.evaluate(OUTPUTS) == still
    assert page.evaluate(FIGURES) == figures
    assert faults.all() == []


def test_what_was_never_recorded_stands_below_and_keeps_its_room_for_the_next_run(begin: Begin, page: Page) -> None:
    begin(cell(MANY, "#one run") + cell("import time; time.sleep(60)", "#slow run"))
    page.keyboard.press("r")
    ran(page, 1)
    page.wait_for_selector('[data-cast="one"] > .qd-made:last-child img:visible')
    terminal(page, "slow").locator(".qd-run").click()
    is_at(page, "slow", "running")
    page.wait_for_function("() => document.querySelector('[data-cast=one] .qd-row').textContent.trim() === 'run 1'")
    box = terminal(page, "one").bounding_box()
    terminal(page, "one").locator(".qd-run").click()  # waits until the other has ended
    is_at(page, "one", "waiting")
    hides(page, "1")
    assert page.locator('[data-cast="one"] > .qd-made').evaluate("e => getComputedStyle(e).visibility") == "hidden"
    terminal(page, "slow").locator(".qd-run").click()
    shows(page, "2")
    ran(page, 2)
    assert terminal(page, "one").bounding_box() == box
    terminal(page, "one").locator('.qd-tool[data-does="clear"]').click()
    page.wait_for_selector(".qd-made", state="detached")


def test_they_are_shown_while_the_cell_runs_and_stay_when_it_is_cancelled(begin: Begin, page: Page) -> None:
    code = """\
import time
from IPython.display import HTML, clear_output, display
for step in ("a", "b"):
    clear_output(wait=True)
    display(HTML(f"<table><td>{step}</table>"))
time.sleep(60)"""
    begin(cell(code, "#slow run"))
    page.keyboard.press("r")
    shows(page, "b")
    is_at(page, "slow", "running")
    page.keyboard.press("q")
    is_at(page, "slow", "failed")
    shows(page, "b")
    hides(page, "a")


def test_a_page_that_is_loaded_again_and_other_windows_show_the_same(begin: Begin, page: Page) -> None:
    house = begin(cell(MANY, "#one run"), record=True)
    other = page.context.new_page()
    other.goto(f"{house.address}?speaker#qd-code={house.new_code()}")
    live(other)
    for number in (1, 2):
        page.keyboard.press("r")
        ran(page, number)
    shows(other, "2")
    page.reload()
    live(page)
    shows(page, "2")
    hides(page, "1")
    page.keyboard.press("x")
    shows(page, "1")
    shows(other, "1")
    hides(other, "2")
    page.keyboard.press("r")
    shows(page, "3")
    shows(other, "3")
    other.close()


def test_they_stay_when_the_session_is_restarted_and_recordings_take_their_place(begin: Begin, page: Page) -> None:
    begin(
        cell(f"{MANY}\ndisplay(HTML('<table><td>' + ('more' if times > 1 else 'less') + '</table>'))", "#one run"),
        record=True,
    )
    for number in (1, 2):
        page.keyboard.press("r")
        ran(page, number)
    shows(page, "more")
    page.keyboard.press("Shift+R")
    shows(page, "more")
    page.keyboard.press("Shift+X")
    shows(page, "more")
    page.keyboard.press("r")
    shows(page, "less")
    hides(page, "more")
    page.keyboard.press("Shift+X")
    page.keyboard.press("r")
    ran(page, 1)


@pytest.mark.parametrize("record", [True, False])
def test_a_slide_that_is_edited_keeps_them_until_its_code_is_another(begin: Begin, page: Page, record: bool) -> None:
    house = begin(cell(MANY, "#one run"), record=record)
    for number in (1, 2):
        page.keyboard.press("r")
        ran(page, number)
    house.desk.write(talk_of(f"New words\n\n{cell(MANY, '#one run')}"))
    says(page, ".present", "New words")
    shows(page, "2")
    hides(page, "1")
    assert page.locator(".qd-made").count() == 1
    house.desk.write(talk_of(f"New words\n\n{cell(MANY + ' # other', '#one run')}"))
    page.wait_for_selector(".qd-made", state="detached")


def test_a_picture_that_is_drawn_again_and_again_leaves_those_beside_it_alone(begin: Begin, page: Page) -> None:
    code = f"""\
import time
from IPython.display import HTML, SVG, display
picture = SVG(data='{SVG.replace("{r}", "70")}')
display(picture)
shown = display(HTML("<table><td>0</table>"), display_id=True)
for n in range(1, 40):
    shown.update(HTML(f"<table><td>{{n}}</table>"))
    time.sleep(0.05)"""
    begin(cell(code, "#one run"))
    page.keyboard.press("r")
    page.wait_for_selector(".qd-made img")
    page.evaluate("document.querySelector('.qd-made img').same = true")
    shows(page, "39")
    assert page.evaluate("document.querySelector('.qd-made img').same")


def test_what_is_made_cannot_reach_the_page(begin: Begin, page: Page, faults: Faults) -> None:
    code = """\
from IPython.display import HTML, SVG, display
steal = "parent.stolen = stolen = sessionStorage.getItem('quarterdeck-stage')"
display(HTML(f'<table><td onclick="{steal}"><img src=x onerror="{steal}">cell</table><script>{steal}</script>'))
display(HTML(f'<iframe onload="{steal}"></iframe><p style="position: fixed" id="qd-stage">text'))
display(SVG(data=f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><a href="//x">y</a></svg>'))
display(SVG(data=f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>{steal}</script></svg>'))
display(HTML("</div></figure></section><table><td>last</table>"))"""
    begin(cell(code, "#one run"))
    page.keyboard.press("r")
    shows(page, "last")
    shows(page, "[… image/svg+xml left out: it holds a script …]")
    page.locator(".qd-made td", has_text="cell").click()
    assert page.evaluate("[window.stolen, document.querySelector('.qd-made').closest('figure').dataset.cast]") == [
        None,
        "one",
    ]
    names = (
        "[...document.querySelectorAll('.qd-made *')].map(e => [e.localName, ...e.getAttributeNames().sort()].join())"
    )
    assert set(page.evaluate(names)) == {
        "div,class", "table", "tbody", "tr", "td", "p", "pre,class", "img,alt,class,decoding,height,loading,src,width"
    }  # fmt: skip
    assert faults.all() == []


def test_what_is_too_large_to_be_recorded_is_left_out_and_said(begin: Begin, page: Page) -> None:
    code = """\
from IPython.display import Image, display
display(Image(data=bytes(600_000), format="png", width=9, height=9))"""
    begin(cell(code, "#one run"))
    page.keyboard.press("r")
    shows(page, "[… image/png left out: 600 kB are more than the 512 kB that are kept …]")


# Hidden lines


def test_hidden_commands_run_and_are_seen_nowhere(begin: Begin, page: Page) -> None:
    code = "$ kept=secret; echo silent\n$ echo one $kept\n$ echo between # hide\n$ echo two"
    begin(console(code, "#one run hide=1 edit"), record=True, words=("--edit",))
    still = terminal(page, "one").locator(".qd-screen .qd-row").all_text_contents()
    assert still == ["$ echo one $kept", "one secret", "$ echo two", "two"]
    page.keyboard.press("r")
    is_at(page, "one", "done")
    prints(page, "two")
    rows = terminal(page, "one").locator(".qd-live .qd-row")
    assert [row.rstrip() for row in rows.all_text_contents() if row.strip()] == still
    page.keyboard.press("e")
    area = page.locator(".qd-edit textarea")
    assert area.input_value() == "$ echo one $kept\n$ echo two"
    area.fill("$ echo other $kept\n$ echo two\n$ echo three")
    area.press("Control+Enter")
    prints(page, "three")
    is_at(page, "one", "done")
    edited = [row.rstrip() for row in rows.all_text_contents() if row.strip()]
    assert edited == ["$ echo other $kept", "other secret", "$ echo two", "two", "$ echo three", "three"]


def test_a_recording_goes_on_behind_hidden_commands(begin: Begin, page: Page) -> None:
    code = "$ echo silent\n$ echo first\n$ if [ -e again ]; then sleep 60; fi; touch again; echo second"
    begin(console(code, "#one run hide=1"), record=True)
    page.keyboard.press("r")
    is_at(page, "one", "done")
    page.keyboard.press("r")
    prints(page, "first")
    is_at(page, "one", "running")
    says(page, ".qd-live .qd-row", "^\\$ if")
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="one"]:not([data-live], :has(.qd-play))')
    assert "silent" not in terminal(page, "one").inner_text()
