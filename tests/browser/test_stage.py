"""A talk on stage as its presenter sees it: the real server, real shells, a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import chrome
import pytest
from asking import eventually, processes_below
from audience import House, present, presented
from desk import Desk, fence, talk_of
from playwright.sync_api import Error
from spectator import COUNT, SLOW_MS, at, console, enter, focused, is_at, live, prints, says, slide, terminal

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

Begin = Callable[..., House]


@pytest.fixture
def begin(desk: Desk, page: Page) -> Iterator[Begin]:
    """Writes a talk of these fences, records what is to be recorded, and opens it on stage in `page`."""
    houses: list[House] = []

    def start(*fences: str, record: bool = False, words: tuple[str, ...] = (), then: str = "") -> House:
        desk.write(talk_of(*fences))
        if record:
            desk.recorded()
        if then:
            desk.write(then, "given")
        houses.append(present(desk, "--no-open", *words))
        enter(page, houses[-1])
        return houses[-1]

    yield start
    page.close()
    for house in houses:
        house.close()


def screen(page: Page) -> str:
    rows = page.locator(".present .qd-play .qd-row").all_text_contents()
    return "\n".join(row.rstrip() for row in rows).strip()


BOX = "JSON.stringify(document.querySelector('.present .qd-terminal').getBoundingClientRect())"
ROWS = """selector => [...document.querySelectorAll('.present ' + selector + ' .qd-row')].map(row => {
  const look = each => {
    const [style, box] = [getComputedStyle(each), each.getBoundingClientRect()]
    return [box.x, box.y, box.height, each.className, style.color, style.fontSize, style.fontWeight, each.textContent]
  }
  row.normalize()
  return [look(row).toSpliced(7, 1), ...[...row.children].map(look)]
})"""


# Coming in


def test_the_code_is_out_of_the_address_and_the_page_may_be_loaded_again(
    begin: Begin, page: Page, faults: Faults
) -> None:
    begin(console("$ echo hello", "#one run"))
    assert "qd-code" not in page.url
    page.keyboard.press("r")
    is_at(page, "one", "done")
    page.reload()
    live(page)
    prints(page, "hello")
    assert page.locator(".qd-code-form").count() == 0
    assert faults.all() == []


def test_a_page_without_a_code_asks_for_one_and_replays_meanwhile(begin: Begin, page: Page) -> None:
    house = begin(console("$ echo hello", "#one run"), record=True)
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(house.address)
    form = other.locator(".qd-code-form")
    form.locator("input").fill("WRONG-WRONG")
    form.locator("button").click()
    other.wait_for_selector('.qd-said:has-text("wrong")')
    other.keyboard.press("Escape")
    other.evaluate("document.activeElement.blur()")
    other.keyboard.press("r")
    other.wait_for_selector('.qd-term-bar .qd-run:text-is("Replay")')
    assert other.locator("[data-live]").count() == 0
    form.locator("input").fill(house.new_code().lower().replace("-", " "))
    form.locator("button").click()
    live(other)
    assert form.count() == 0
    other.context.close()


# Running


def test_a_snippet_runs_in_the_box_of_its_still_and_looks_like_it(begin: Begin, page: Page) -> None:
    code = "$ printf '\\033[31mred\\033[0m \\033[1mbold\\033[0m é\\n'\n$ printf 'wide %.0s' $(seq 30); echo\n$ echo end"
    page.set_viewport_size({"width": 1100, "height": 800})  # a scale that is no round number
    begin(console(code, "#one run"), record=True)
    box, still = page.evaluate(BOX), page.evaluate(ROWS, ".qd-screen")
    assert len(still) == 6
    page.keyboard.press("r")
    is_at(page, "one", "done")
    prints(page, "end")
    assert re.fullmatch(r"live · \d+\.\d s", terminal(page, "one").locator(".qd-live-state").inner_text())
    assert page.evaluate(BOX) == box
    assert page.evaluate(ROWS, ".qd-live") == still


def test_it_says_that_it_runs_is_cancelled_and_run_again_and_cleared(begin: Begin, page: Page) -> None:
    begin(console("$ sleep 60", "#slow run"))
    bar = terminal(page, "slow").locator(".qd-term-bar")
    assert bar.locator(".qd-run").inner_text() == "Run"
    bar.locator(".qd-run").click()
    says(page, ".qd-live-state", r"^running [1-9]\.\d s$")
    assert bar.locator(".qd-run").inner_text() == "Cancel"
    page.keyboard.press("q")
    is_at(page, "slow", "failed")
    assert bar.locator(".qd-live-exit").inner_text() == "exit 130"
    page.keyboard.press("r")
    is_at(page, "slow", "running")
    bar.locator(".qd-run").click()
    is_at(page, "slow", "failed")
    page.keyboard.press("w")
    page.wait_for_selector('[data-cast="slow"]:not([data-live])')
    assert page.locator(".qd-live").count() == 0
    assert at(page) == 0


def test_a_session_that_is_restarted_has_forgotten(begin: Begin, page: Page) -> None:
    begin(console("$ kept=yes", "#one run") + console("$ echo kept: $kept.", "#two run"))
    page.keyboard.press("r")
    is_at(page, "one", "done")
    page.keyboard.press("r")
    prints(page, "kept: yes.")
    page.keyboard.press("Shift+R")
    terminal(page, "two").locator(".qd-run").click()
    prints(page, "kept: .")


def test_the_next_key_runs_where_the_fence_says_so_and_then_goes_on(begin: Begin, page: Page) -> None:
    begin(console("$ echo hello", "#one run=next"), console("$ true", "#two run"))
    page.keyboard.press("PageDown")
    is_at(page, "one", "done")
    assert at(page) == 0
    page.keyboard.press("PageDown")
    assert at(page) == 1


def test_a_command_is_typed_before_it_runs(begin: Begin, page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    begin(console("$ echo one two three four five six", "#one run type"))
    page.keyboard.press("r")
    page.wait_for_selector('.qd-live-state:text-is("typing")')
    says(page, ".qd-live .qd-command", "^echo one")
    assert "six" not in screen(page)
    prints(page, "one two three four five six")


def test_a_command_is_changed_run_and_put_back(begin: Begin, page: Page) -> None:
    begin(console("$ echo before", "#one run edit"), words=("--edit",))
    page.keyboard.press("e")
    area = page.locator(".qd-edit textarea")
    assert area.input_value() == "$ echo before"
    area.fill("$ echo after")
    area.press("Control+Enter")
    prints(page, "after")
    page.keyboard.press("e")
    assert area.input_value() == "$ echo after"
    page.locator(".qd-edit button", has_text="Revert").click()
    assert area.input_value() == "$ echo before"
    area.press("Escape")
    assert page.locator(".qd-edit").count() == 0


def test_the_state_of_a_slide_is_made_unseen(begin: Begin, page: Page) -> None:
    begin(console("$ kept=yes", "#one run"), console("$ echo kept: $kept.", "#two run"))
    slide(page, 1)
    page.keyboard.press("m")
    page.wait_for_selector('.qd-said:text-is("the state is made")')
    assert page.locator("[data-live]").count() == 0
    page.keyboard.press("r")
    prints(page, "kept: yes.")


def test_the_panel_is_a_key(begin: Begin, page: Page) -> None:
    begin(console("$ true", "#one run"))
    panel = page.locator(".qd-panel")
    assert not panel.is_visible()
    page.keyboard.press("d")
    assert panel.is_visible()
    page.keyboard.press("d")
    assert not panel.is_visible()


# Typing


def test_a_terminal_takes_the_keys_and_gives_them_back(begin: Begin, page: Page) -> None:
    begin(console("$ bash --norc --noprofile -i", "#sh run"))
    page.keyboard.press("r")
    page.wait_for_selector('.qd-live .qd-row:has-text("bash-")')
    page.locator(".qd-live").click()
    assert focused(page)
    page.keyboard.type("printf '\\033[32m%s\\033[0m ' nobrxm; echo ✓ é 日本\n")
    prints(page, "nobrxm")
    assert page.locator(".qd-live .qd-fg-2").inner_text() == "nobrxm"
    assert page.locator(".qd-live .qd-row:last-of-type").count()
    assert "✓ é 日本" in screen(page)
    page.keyboard.press("Escape")
    assert focused(page)
    page.keyboard.press("Control+Shift+Escape")
    assert not focused(page)
    page.locator(".qd-live").click()
    page.mouse.click(5, 5)
    assert not focused(page)
    page.keyboard.press("t")
    assert focused(page)
    page.keyboard.press("Control+u")
    page.keyboard.type("exit\n")
    is_at(page, "sh", "done")
    assert not focused(page)
    assert at(page) == 0


def test_a_program_that_takes_the_whole_terminal_gets_the_room_of_the_slide(begin: Begin, page: Page) -> None:
    ask = r"printf '\033[?1049h'; until [ $(stty size </dev/tty | cut -d' ' -f1) -lt 24 ]; do sleep 0.1; done; "
    code = f"$ {ask}stty size </dev/tty; read -r _ </dev/tty; printf '\\033[?1049l'; echo back: $(stty size </dev/tty)"
    begin(console(code, "#full run pty=60x24"))
    before = page.locator(".present .qd-term-body").bounding_box()
    page.keyboard.press("r")
    page.wait_for_selector(".qd-grown")
    says(page, ".qd-grown .qd-row", r"^1\d \d+$")
    grown = page.locator(".qd-grown").bounding_box()
    assert grown
    assert before
    assert grown["height"] > 1.3 * before["height"]
    page.locator(".qd-grown").click()
    page.keyboard.press("Enter")
    page.wait_for_selector('.qd-live .qd-row:has-text("back:")')
    assert page.locator(".qd-grown").count() == 0


# The safety net


def test_what_fails_is_told_quietly_and_one_key_shows_the_recording_in_its_place(begin: Begin, page: Page) -> None:
    code = "$ echo first\n$ test -s given || { echo oh no; false; } && cat given"
    page.set_viewport_size({"width": 1100, "height": 800})
    house = begin(console(code, "#one run deps=given"), console("$ true", "#two run"), words=())
    desk = house.desk
    house.close()
    desk.write("well\n", "given")
    desk.recorded("--only", "one")
    desk.write("", "given")
    again = present(desk, "--no-open")
    try:
        enter(page, again)
        box = page.evaluate(BOX)
        page.keyboard.press("r")
        is_at(page, "one", "failed")
        assert terminal(page, "one").locator(".qd-live-exit").inner_text() == "exit 1"
        assert "x shows the recording" in str(page.locator('.qd-dot[data-kind="warn"]').get_attribute("title"))
        watch_for_empty_boxes(page)
        page.keyboard.press("x")
        page.wait_for_selector('[data-cast="one"]:not([data-live], :has(.qd-play))')
        assert page.evaluate("window.emptied") == 0
        assert "well" in page.locator(".present .qd-screen").inner_text()
        assert terminal(page, "one").locator(".qd-term-state").is_visible()
        assert page.evaluate(BOX) == box
    finally:
        page.goto("about:blank")
        again.close()


def watch_for_empty_boxes(page: Page) -> None:
    """Counts frames in which the terminal shows nothing."""
    page.evaluate(
        """() => {
          window.emptied = 0
          const look = () => {
            const shown = [...document.querySelectorAll('.present .qd-screen, .present .qd-play')]
              .filter(each => getComputedStyle(each).visibility === 'visible' && each.textContent.trim())
            window.emptied += shown.length ? 0 : 1
            requestAnimationFrame(look)
          }
          look()
        }"""
    )


def test_a_recording_goes_on_where_the_live_run_stands(begin: Begin, page: Page) -> None:
    begin(console(COUNT, "#one run"), record=True)
    page.keyboard.press("r")
    prints(page, "3")
    watch_for_empty_boxes(page)
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="one"]:not([data-live]) .qd-play')
    lines = screen(page).split("\n")
    assert lines[:3] == ["$ echo begin", "begin", "$ for n in 1 2 3 4 5 6; do echo $n; sleep 0.4; done"]
    assert lines[3:6] == ["1", "2", "3"]
    assert "6" not in lines
    prints(page, "5")
    page.wait_for_selector('[data-cast="one"]:not(:has(.qd-play))')
    assert page.evaluate("window.emptied") == 0
    page.wait_for_selector('[data-cast="one"] .qd-run:text-is("Run")')
    page.keyboard.press("r")
    is_at(page, "one", "running")  # the run that nobody saw has ended, and this one is live again


def test_silence_beyond_patience_is_told(begin: Begin, page: Page) -> None:
    begin(console("$ sleep 60", "#slow run patience=1s"))
    page.keyboard.press("r")
    is_at(page, "slow", "stalled")
    assert "nothing printed" in page.locator(".qd-live-state").inner_text()
    assert page.locator('.qd-dot[data-kind="warn"]').count() == 1


def test_recordings_for_everything_is_one_key(begin: Begin, page: Page) -> None:
    begin(console(COUNT, "#one run"), record=True)
    page.keyboard.press("Shift+X")
    assert terminal(page, "one").locator(".qd-run").inner_text() == "Replay"
    page.keyboard.press("r")
    page.wait_for_selector(".qd-play:not(.qd-live)")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+X")
    page.keyboard.press("r")
    is_at(page, "one", "running")


@pytest.mark.timeout(60)  # a replay in its own time, and two servers
def test_when_the_server_dies_the_deck_replays_and_a_new_one_takes_over(begin: Begin, page: Page) -> None:
    house = begin(console(COUNT, "#one run"), console("$ echo other; sleep 1", "#two run"), record=True)
    page.keyboard.press("r")
    prints(page, "2")
    house.stop(signal.SIGKILL)
    is_at(page, "one", "lost")
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="one"]:not([data-live]) .qd-play')
    page.wait_for_selector('[data-cast="one"]:not(:has(.qd-play))')
    slide(page, 1)
    page.keyboard.press("r")
    prints(page, "other")  # its recording was fetched while there was a server
    again = present(house.desk, "--no-open", port=house.port)
    try:
        page.locator(".qd-code-form input").fill(again.code)
        page.locator(".qd-code-form button").click()
        live(page)
        page.keyboard.press("r")
        is_at(page, "two", "done")
    finally:
        page.goto("about:blank")
        again.close()


def command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return ""


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_when_the_browser_is_killed_what_ran_in_the_foreground_ends_after_the_grace(
    desk: Desk, browser: Browser
) -> None:
    desk.write(talk_of(console("$ sleep 61", "#slow run"), console("$ sleep 62", "#beside run bg wait=0.1s session=b")))
    mark = f"--marked-{secrets.token_hex(8)}"
    with presented(desk, "--no-open", grace=True) as house:
        own = browser.browser_type.launch(executable_path=chrome.find(), args=[*chrome.flags(), mark])
        page = own.new_page()
        enter(page, house)
        page.keyboard.press("r")
        is_at(page, "slow", "running")
        slide(page, 1)
        page.keyboard.press("r")
        is_at(page, "beside", "ready")

        def commands() -> list[str]:
            return [command_of(pid) for pid in processes_below(house.process.pid)]

        eventually(lambda: {"sleep 61", "sleep 62"} <= set(commands()))
        for row in Path("/proc").glob("[0-9]*"):
            if mark in command_of(int(row.name)):
                os.kill(int(row.name), signal.SIGKILL)
        eventually(lambda: "sleep 61" not in commands())
        assert "sleep 62" in commands()
        house.said.append(f"code: {house.new_code()} ")
        window = house.window()
        told = {each["id"]: each for each in window.heard[-1]["snippets"]}
        ended = told["slow"] if told["slow"]["state"] == "done" else window.until(id="slow", state="done")
        assert ended["problem"]["kind"] == "cancelled"
        assert told["beside"]["state"] == "ready"
        assert house.stop()[0] == 0
        assert commands() == []
        with contextlib.suppress(Error):  # it is gone
            own.close()


# The second window


def test_the_speaker_view_drives_the_stage_and_both_stay_in_step(begin: Begin, page: Page, faults: Faults) -> None:
    notes = "\nNote: say this\n"
    begin(console("$ echo hello", "#one run") + notes, console(COUNT, "#two run"), record=True)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    faults.watch(speaker)
    live(speaker)
    assert speaker.locator(".qd-desk-text").inner_text() == "say this"
    speaker.frame_locator(".qd-desk-next iframe").locator('.present h2:text-is("Slide 2")').wait_for()
    speaker.locator('.qd-desk-keys button:text-is("Run")').click()
    is_at(page, "one", "done")
    prints(page, "hello")
    speaker.keyboard.press("ArrowRight")
    page.wait_for_selector('.present [data-cast="two"]')
    page.keyboard.press("r")
    says(speaker, ".qd-desk-said", "^two: running")
    speaker.wait_for_selector('.present .qd-live >> text="2"')
    speaker.locator('.qd-desk-keys button:text-is("Recording")').click()
    for each in (page, speaker):
        each.wait_for_selector('[data-cast="two"]:not([data-live]) .qd-play')
    page.keyboard.press("Escape")
    speaker.wait_for_selector('[data-cast="two"]:not(:has(.qd-play))')
    page.keyboard.press("Shift+X")
    speaker.wait_for_selector("html[data-stage=recorded]", state="attached")
    page.keyboard.press("ArrowLeft")
    speaker.wait_for_selector('.present [data-cast="one"]')
    assert faults.all() == []


# Under load


COUNTED = """
window.owed = { seen: 0, said: 0, most: 0 }
window.WebSocket = class extends WebSocket {
  constructor(address) {
    super(address)
    this.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') return
      owed.seen += data.byteLength - 4
      owed.most = Math.max(owed.most, owed.seen - owed.said)
    })
  }
  send(text) {
    const { type, bytes } = JSON.parse(text)
    if (type === 'ack') owed.said = bytes
    super.send(text)
  }
}
"""


@pytest.mark.timeout(60)  # a hundred megabytes, on a machine that has other things to do
def test_during_a_hundred_megabytes_the_slides_move_and_others_type(begin: Begin, desk: Desk, page: Page) -> None:
    line = "a line that is rather long so that it fills a terminal"
    flood = (
        f"yes '{line}' | head -c 100000000; until [ -e {desk.root}/enough ]; do yes '{line}' | head -c 1000000; done"
    )
    page.add_init_script(COUNTED)
    begin(console("$ cat", "#cat run session=cat"), fence(f"{flood}; echo; echo the end", "#flood run"))
    page.keyboard.press("r")
    is_at(page, "cat", "running")
    slide(page, 1)
    page.keyboard.press("r")
    page.wait_for_selector('.present .qd-live .qd-row:has-text("a line")', timeout=SLOW_MS)
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector('.present [data-cast="cat"]')
    page.locator(".present .qd-live").click()
    page.keyboard.type("typed during the flood\n")
    page.wait_for_function(
        "text => document.querySelector('.present .qd-live').textContent.split(text).length === 3",
        arg="typed during the flood",
    )
    assert terminal(page, "flood").get_attribute("data-live") == "running"
    desk.write("", str(desk.root / "enough"))
    page.mouse.click(5, 5)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector('[data-cast="flood"][data-live="done"]', state="attached", timeout=50_000)
    says(page, ".present .qd-live .qd-row", "^the end$")
    assert screen(page).endswith("\nthe end")
    says(page, ".present .qd-live-state", r"^live · \d+\.\d s · \d+\.\d MB left out$")
    page.wait_for_function("() => document.querySelectorAll('.present .qd-live .qd-row').length > 900")
    assert page.locator(".present .qd-live .qd-row").count() < 1100
    assert 0 < page.evaluate("owed.most") <= 512 * 1024
    assert page.evaluate("owed.seen") < 100_000_000


def test_a_page_that_is_served_without_a_stage_knows_nothing_of_it(
    build: Callable[..., Path], page: Page, faults: Faults
) -> None:
    page.goto(build("# One\n\n```console {#one run}\n$ true\n```\n").as_uri())
    page.wait_for_selector("html.qd-ready", state="attached")
    assert page.evaluate("Object.keys(window).filter(name => name.startsWith('Quarterdeck'))") == ["Quarterdeck"]
    assert page.locator(".qd-corner, .qd-live-state").count() == 0
    assert faults.all() == []
