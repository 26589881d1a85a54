"""Recordings that replay in the window of their still: a real browser, a deck from the disk, no engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from quarterdeck.recordings.folder import CommandRun, compose, write
from quarterdeck.site import output as site
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

Chunks = Sequence[tuple[float, str]]
Record = Callable[..., Path]

VOLUMES = """\
# Volumes

```console {#volumes run}
$ docker volume ls
$ docker volume create data
$ docker volume ls
```

---

# After
"""
HEAD = "DRIVER    VOLUME NAME\r\n"


def take(text: str, *chunks: tuple[float, str], at_s: float = 0, status: int = 0) -> CommandRun:
    return CommandRun(text=text, status=status, at_s=at_s, chunks=tuple((when, part.encode()) for when, part in chunks))


THREE = (
    take("docker volume ls", (0.2, HEAD)),
    take("docker volume create data", (0.6, "data\r\n"), at_s=0.4),
    take("docker volume ls", (1.0, HEAD), (1.1, "local     \x1b[1;32mdata\x1b[0m\r\n"), at_s=0.8),
)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Builds a talk with these commands as the recordings of its snippets, by id, and returns the deck's page."""

    def make(text: str, *, cols: int = 100, rows: int = 24, **takes: Sequence[CommandRun]) -> Path:
        (tmp_path / "quarterdeck.toml").write_text("")
        (tmp_path / "talk.md").write_text(text, "utf-8")
        asked = request([tmp_path / "talk.md"], cwd=tmp_path, output=tmp_path / "site", overrides={})
        (talk,) = Builder().read(asked)
        for job in talk.snippets.plan.jobs:
            commands = takes[job.id]
            ended_s = max(chunk[0] for each in commands for chunk in each.chunks) + 0.05
            cast = compose(
                commands, id=job.id, key=job.key, ended_s=ended_s, cols=cols, rows=rows, recorded="2025-03-06"
            )
            write(tmp_path / "recordings/talk", cast)
        site.write(Builder().build(asked).site, tmp_path / "site")
        return tmp_path / "site/talk/index.html"

    return make


def start(page: Page, path: Path, *, query: str = "") -> None:
    page.goto(path.as_uri() + query)
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def play(page: Page) -> None:
    page.keyboard.press("r")
    page.wait_for_selector(".present .qd-play")


def wait(page: Page, condition: str) -> None:
    page.wait_for_function(condition)


def paused(page: Page) -> None:
    page.wait_for_selector('.qd-play[data-phase="pause"]')


def over(page: Page) -> None:
    wait(page, "!document.querySelector('.qd-play')")


def shown(page: Page) -> str:
    return str(page.evaluate("document.querySelector('.qd-play').textContent"))


def at(page: Page) -> int:
    return int(page.evaluate("Quarterdeck.reveal.getIndices().h"))


def start_still(page: Page, path: Path) -> None:
    """Like `start`, and from then on time passes by `tick` alone."""
    page.clock.install()
    start(page, path)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)


def tick(page: Page, ms: int) -> None:
    page.clock.run_for(ms)


BOX = "JSON.stringify(document.querySelector('.qd-terminal').getBoundingClientRect())"
ROWS = """selector => [...document.querySelectorAll(selector + ' .qd-row')].map(row => {
  const look = each => {
    const style = getComputedStyle(each)
    const box = each.getBoundingClientRect()
    const text = [style.fontFamily, style.fontSize, style.fontWeight, style.fontStyle, style.textDecoration]
    return [box.x, box.y, box.height, each.className, style.color, style.backgroundColor, each.textContent, ...text]
  }
  row.normalize()
  return [row.textContent.trimEnd(), look(row).toSpliced(6, 1), ...[...row.children].map(look)]
})"""


def test_nothing_is_loaded_before_the_first_replay(record: Record, page: Page, faults: Faults) -> None:
    asked: list[str] = []
    page.on("request", lambda found: asked.append(found.url))
    start(page, record(VOLUMES, volumes=THREE))
    assert not [url for url in asked if "xterm" in url or "volumes" in url]
    play(page)
    assert len([url for url in asked if "xterm" in url or "volumes" in url]) == 2
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert faults.all() == []


def test_the_window_keeps_its_place_and_the_rows_are_those_of_the_still(record: Record, page: Page) -> None:
    rich = (
        "\x1b[31mred\x1b[0m \x1b[1mbold\x1b[0m \x1b[41;37mground\x1b[0m \x1b[7mturned\x1b[0m \x1b[3;4;9mall\x1b[0m"
        " \x1b[38;2;9;8;7mown\x1b[0m \x1b[38;5;208morange\x1b[0m 日本 é\r\n50 %\r100 %\r\n\r\n" + "wide " * 30 + "\r\n"
    )
    moved = "gone\r\n\x1b[1A\x1b[2Kkept\r\n" + "wide " * 30 + "\r\n"
    takes = (
        take("cat <<EOF\nsome\tthing\nEOF", (0.1, rich)),
        take("pull", (0.3, moved), at_s=0.2),
        take("true", (0.5, "done\r\n"), at_s=0.4),
    )
    page.set_viewport_size({"width": 1100, "height": 800})  # a scale that is no round number
    talk = "# One\n\n```console {#one run}\n$ cat <<EOF\n> some\tthing\n> EOF\n$ pull\n$ true\n```\n"
    start(page, record(talk, one=takes))
    box = page.evaluate(BOX)
    play(page)
    assert page.evaluate(BOX) == box
    paused(page)
    page.keyboard.press("Space")
    wait(page, "document.querySelector('.qd-clock')?.textContent === '2 / 3'")
    wait(page, "document.querySelectorAll('.qd-play .qd-row').length === 12")
    assert page.evaluate(BOX) == box
    still = page.evaluate(ROWS, ".qd-screen")
    assert len(still) == 13
    assert page.evaluate(ROWS, ".qd-play")[:11] == still[:11]
    page.keyboard.press("Space")
    over(page)
    assert page.evaluate(BOX) == box
    assert page.evaluate(ROWS, ".qd-screen") == still


def test_output_comes_in_its_own_time_and_silence_is_cut_short(record: Record, page: Page) -> None:
    takes = (take("make", (1.0, "first\r\n"), (61.0, "second\r\n")),)
    start_still(page, record("# One\n\n```console {#one run}\n$ make\n```\n", one=takes))
    play(page)
    tick(page, 900)
    assert "make" in shown(page)
    assert "first" not in shown(page)
    tick(page, 200)
    assert "first" in shown(page)
    tick(page, 700)
    clock = page.locator(".qd-clock").inner_text()
    assert 20 < float(clock.split()[1]) < 60  # on the recording's clock, which is ahead of the room's
    assert "second" not in shown(page)
    tick(page, 1200)
    over(page)


def test_a_replay_can_be_faster(record: Record, page: Page) -> None:
    takes = (take("make", (1.2, "first\r\n"), (2.4, "second\r\n")),)
    start_still(page, record("# One\n\n```console {#one run}\n$ make\n```\n", one=takes))
    play(page)
    assert page.locator(".qd-speed").inner_text() == "1×"
    page.keyboard.press(">")
    assert page.locator(".qd-speed").inner_text() == "2×"
    page.locator(".qd-speed").click()
    assert page.locator(".qd-speed").inner_text() == "4×"
    page.keyboard.press(">")
    assert page.locator(".qd-speed").inner_text() == "4×"
    tick(page, 400)
    assert "first" in shown(page)
    tick(page, 400)
    over(page)
    play(page)
    assert page.locator(".qd-speed").inner_text() == "4×"
    page.locator(".qd-speed").click()
    page.keyboard.press("<")
    assert page.locator(".qd-speed").inner_text() == "1×"


def test_commands_are_typed_unless_the_room_wants_calm(record: Record, page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    command = "docker run --rm busybox:latest echo one two three four five six seven eight nine"
    takes = (take(command, (0.1, "out\r\n")),)
    talk = f"# One\n\n```console {{#one run}}\n$ {command}\n```\n"
    start_still(page, record(talk, one=takes))
    play(page)
    tick(page, 200)
    half = page.locator(".qd-play .qd-command").first.inner_text()
    assert command.startswith(half)
    assert half != command
    animation = "getComputedStyle(document.querySelector('.qd-play .qd-cursor')).animationName"
    assert page.evaluate(animation) == "qd-blink"
    tick(page, 1200)
    over(page)
    page.emulate_media(reduced_motion="reduce")
    play(page)
    tick(page, 50)
    assert command in shown(page)
    assert page.evaluate(animation) == "none"


def test_a_replay_waits_before_each_further_command_and_the_next_key_goes_on(record: Record, page: Page) -> None:
    start(page, record(VOLUMES, volumes=THREE))
    play(page)
    paused(page)
    assert page.locator(".qd-clock").inner_text() == "1 / 3"
    wait(page, "/VOLUME NAME\\s+\\$\\s+$/.test(document.querySelector('.qd-play').textContent)")
    page.keyboard.press("PageDown")
    wait(page, "document.querySelector('.qd-clock')?.textContent === '2 / 3'")
    assert "create data" in shown(page)
    page.locator(".qd-play").click()  # a finger has no keys
    over(page)
    assert at(page) == 0
    page.keyboard.press("ArrowRight")
    assert at(page) == 1


@pytest.mark.parametrize("key", ["Space", "ArrowRight", "PageDown", "n"])
def test_the_next_key_skips_to_the_next_command_and_twice_to_the_end(record: Record, page: Page, key: str) -> None:
    start_still(page, record(VOLUMES, volumes=THREE))
    play(page)
    page.keyboard.press(key)
    tick(page, 50)
    paused(page)
    assert at(page) == 0
    tick(page, 800)
    page.keyboard.press(key)
    tick(page, 50)
    assert page.locator('.qd-play[data-phase="play"]').count() == 1
    page.keyboard.press(key)
    page.keyboard.press(key)
    over(page)
    assert at(page) == 0
    page.keyboard.press(key)
    assert at(page) == 1


def test_escape_shows_the_still_again(record: Record, page: Page) -> None:
    start(page, record(VOLUMES, volumes=THREE))
    play(page)
    page.keyboard.press("Escape")
    assert page.locator(".qd-play, .qd-clock, .qd-speed").count() == 0
    assert page.locator(".qd-screen").is_visible()
    assert not page.evaluate("Quarterdeck.reveal.isOverview()")
    assert page.locator(".qd-run").inner_text() == "Replay"


def test_whoever_leaves_the_slide_stops_the_replay(record: Record, page: Page) -> None:
    start(page, record(VOLUMES, volumes=THREE))
    play(page)
    page.evaluate("Quarterdeck.reveal.slide(1)")
    assert page.locator(".qd-play").count() == 0
    page.keyboard.press("ArrowLeft")
    assert at(page) == 0


def test_the_button_starts_and_stops_and_leaves_the_keys_to_the_deck(record: Record, page: Page) -> None:
    start(page, record(VOLUMES, volumes=THREE))
    button = page.locator(".qd-run")
    button.click()
    page.wait_for_selector(".qd-play")
    assert button.inner_text() == "Stop"
    button.click()
    over(page)
    button.click()
    paused(page)
    page.keyboard.press("Space")
    wait(page, "document.querySelector('.qd-clock')?.textContent === '2 / 3'")
    page.keyboard.press("Space")
    over(page)
    page.keyboard.press("Space")
    assert at(page) == 1


def test_the_bar_says_what_is_played_and_keeps_the_end_to_itself(record: Record, page: Page) -> None:
    takes = (take("false", (30.0, "oh\r\n"), status=1),)
    start(page, record("---\nlang: fr\n---\n# Un\n\n```console {#un run expect=fail}\n$ false\n```\n", un=takes))
    state, badge = page.locator(".qd-term-state"), page.locator(".qd-exit")
    assert state.inner_text() == "enregistré le 6 mars 2025"
    assert badge.inner_text() == "code 1"
    size = "parseFloat(getComputedStyle(document.querySelector('.qd-exit')).fontSize)"
    assert page.evaluate(size) >= 24
    play(page)
    wait(page, "/^en cours \\d+,\\d\\u00a0s$/.test(document.querySelector('.qd-clock')?.textContent)")
    assert not state.is_visible()
    assert not badge.is_visible()
    page.keyboard.press("Space")
    over(page)
    assert state.is_visible()
    assert badge.is_visible()


LONG = tuple((0.01 * n, f"line {n}\r\n") for n in range(1, 61))


@pytest.mark.parametrize(("part", "shown"), [("", 9), ("head ", 8)], ids=["tail and its command", "head"])
def test_a_long_output_is_folded_and_ends_where_the_replay_ended(
    record: Record, page: Page, part: str, shown: int
) -> None:
    talk = f"# One\n\n```console {{#one run lines='{part}8'}}\n$ seq\n```\n\n---\n\n# Two\n"
    start(page, record(talk, one=(take("seq", *LONG),)))
    box = page.evaluate(BOX)
    visible = "[...document.querySelectorAll('.qd-screen .qd-row')].filter(row => row.checkVisibility()).length"
    assert page.locator(".qd-fold").inner_text() == f"{61 - shown} lines hidden"
    assert page.evaluate(visible) == shown
    play(page)
    wait(
        page,
        "(box => box && box.textContent.includes('line 40') && box.scrollTop > 0"
        " && box.scrollTop + box.clientHeight + 2 >= box.scrollHeight)(document.querySelector('.qd-play'))",
    )
    over(page)
    assert page.evaluate(BOX) == box
    assert page.evaluate(visible) == 61
    inside = page.evaluate(
        "(() => { const row = [...document.querySelectorAll('.qd-screen .qd-row')].at(-1).getBoundingClientRect();"
        " const box = document.querySelector('.qd-screen').getBoundingClientRect();"
        " return row.top > box.top && row.bottom < box.bottom })()"
    )
    assert inside
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(visible) == shown


def test_what_is_folded_is_shown_by_a_click_in_the_same_box(record: Record, page: Page) -> None:
    talk = "# One\n\n```console {#one run lines=8}\n$ seq\n```\n"
    start(page, record(talk, one=(take("seq", *LONG),)))
    box = page.evaluate(BOX)
    page.locator(".qd-fold").click()
    assert page.evaluate(BOX) == box
    assert not page.locator(".qd-fold").is_visible()
    first = page.locator(".qd-screen .qd-row").nth(1)  # below the command, which always stands there
    assert first.is_visible()
    assert page.evaluate("(box => box.scrollHeight > box.clientHeight)(document.querySelector('.qd-screen'))")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not first.is_visible()


def test_print_and_pages_without_scripts_show_the_folded_still(record: Record, browser: Any, page: Page) -> None:
    talk = "# One\n\n```console {#one run lines=8}\n$ seq\n```\n"
    deck = record(talk, one=(take("seq", *LONG),))
    start(page, deck, query="?print-pdf")
    page.wait_for_selector(".pdf-page .qd-screen")
    assert not page.get_by_text("line 1", exact=True).is_visible()
    assert page.get_by_text("line 60", exact=True).is_visible()
    assert not page.locator(".qd-run").is_visible()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(deck.as_uri())
    assert "line 60" in plain.locator(".qd-screen").inner_text()
    context.close()


def test_a_program_s_output_has_no_prompts(record: Record, page: Page) -> None:
    start(page, record('# One\n\n```python {#one run}\nprint("here")\n```\n', one=(take("python", (9.0, "here\r\n")),)))
    play(page)
    wait(page, "document.querySelector('.qd-play .qd-cursor')")
    assert shown(page).strip() == ""
    assert page.locator(".qd-take").count() == 0
    page.keyboard.press("Space")
    over(page)
    assert page.locator(".qd-screen").inner_text().strip() == "here"


def test_copying_takes_the_commands_alone(record: Record, page: Page) -> None:
    talk = "# One\n\n```console {#one run lines=1}\n$ docker build \\\n>   -t web .\n$ docker ps\n```\n"
    takes = (take("docker build \\\n  -t web .", (0.1, "<out>\r\n")), take("docker ps", (0.3, "ID\r\n"), at_s=0.2))
    start(page, record(talk, one=takes))
    page.evaluate("navigator.clipboard.writeText = text => { window.taken = text; return Promise.resolve() }")
    page.locator(".qd-terminal").hover()
    page.locator(".qd-take").click()
    wait(page, "document.querySelector('.qd-take').textContent === 'Copied'")
    assert page.evaluate("window.taken") == "docker build \\\n  -t web .\ndocker ps\n"


def test_output_that_is_the_next_step_comes_with_the_run_key_and_goes_back(record: Record, page: Page) -> None:
    talk = '# One\n\n```python {#one run out=fragment}\nprint("here")\n```\n'
    start(page, record(talk, one=(take("python", (9.0, "here\r\n")),)))
    assert not page.locator(".qd-terminal.visible").count()
    play(page)
    assert page.locator(".qd-terminal.visible").count() == 1
    page.keyboard.press("ArrowLeft")
    assert page.locator(".qd-play").count() == 0
    assert not page.locator(".qd-terminal.visible").count()


def test_hidden_output_is_a_bar_until_it_was_replayed(record: Record, page: Page) -> None:
    talk = "# One\n\n```console {#one run out=hide}\n$ docker ps\n```\n\n---\n\n# Two\n"
    start(page, record(talk, one=(take("docker ps", (0.1, "ID\r\n")),)))
    assert page.locator(".qd-term-bar").is_visible()
    assert not page.locator(".qd-screen").is_visible()
    play(page)
    over(page)
    assert page.locator(".qd-screen").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".qd-screen").is_visible()


def test_the_run_key_takes_the_terminal_that_has_the_focus(record: Record, page: Page) -> None:
    talk = "# One\n\n```console {#one run}\n$ one\n```\n\n```console {#two run}\n$ two\n```\n"
    start(page, record(talk, one=(take("one", (9.0, "1\r\n")),), two=(take("two", (9.0, "2\r\n")),)))
    play(page)
    assert page.locator('[data-cast="one"] .qd-play').count() == 1
    page.locator('[data-cast="two"] .qd-screen').focus()
    play(page)
    wait(page, "document.querySelector('[data-cast=two] .qd-play')")
    assert page.locator(".qd-play").count() == 1


def test_colours_follow_the_scheme_while_it_plays(record: Record, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    takes = (take("one", (0.0, "\x1b[31mred\x1b[0m\r\n"), (9.0, "end\r\n")),)
    start(page, record("# One\n\n```console {#one run}\n$ one\n```\n", one=takes))
    play(page)
    page.wait_for_selector(".qd-play .qd-fg-1")
    colour = "s => getComputedStyle(document.querySelector(s + ' .qd-fg-1')).color"
    light = page.evaluate(colour, ".qd-play")
    assert light == page.evaluate(colour, ".qd-screen")
    page.keyboard.press("c")
    dark = page.evaluate(colour, ".qd-play")
    assert dark != light
    assert dark == page.evaluate(colour, ".qd-screen")


def test_a_program_that_draws_on_the_whole_terminal_leaves_no_trace(record: Record, page: Page) -> None:
    screen = "\x1b[?1049h\x1b[2J\x1b[5;10Hthe whole screen"
    takes = (take("vi", (0.1, screen), (9.0, "\x1b[?1049l")), take("echo", (9.3, "done\r\n"), at_s=9.2))
    start(page, record("# One\n\n```console {#one run}\n$ vi\n$ echo\n```\n", one=takes))
    play(page)
    wait(page, "document.querySelector('.qd-play').textContent.includes('the whole screen')")
    page.keyboard.press("Space")
    paused(page)
    wait(page, "document.querySelector('.qd-play').textContent.trim() === '$ vi\\n$'")


def test_output_that_scrolled_off_can_still_be_read(record: Record, page: Page) -> None:
    many = tuple((0.001 * n, f"line {n}\r\n" * 1) for n in range(1, 401))
    talk = "# One\n\n```console {#one run}\n$ seq\n$ true\n```\n"
    takes = (take("seq", *many), take("true", (2.0, "\r\n"), at_s=1.0))
    start(page, record(talk, rows=10, one=takes))
    play(page)
    paused(page)
    wait(page, "document.querySelectorAll('.qd-play .qd-row').length === 402")
    rows = page.evaluate("[...document.querySelectorAll('.qd-play .qd-row')].map(row => row.textContent.trim())")
    assert rows == ["$ seq", *(f"line {n}" for n in range(1, 401)), "$"]


def test_a_slide_that_is_replaced_ends_its_replay_and_can_be_replayed(
    record: Record, page: Page, faults: Faults
) -> None:
    start(page, record(VOLUMES, volumes=THREE))
    play(page)
    paused(page)
    page.evaluate(
        "(figure => { const fresh = figure.cloneNode(true);"
        " fresh.querySelectorAll('.qd-play, .qd-clock, .qd-speed').forEach(part => part.remove());"
        " figure.replaceWith(fresh); Quarterdeck.refresh(document.querySelector('section.present')) })"
        "(document.querySelector('.qd-terminal'))"
    )
    assert page.locator(".qd-play").count() == 0
    play(page)
    paused(page)
    page.keyboard.press("Space")
    wait(page, "document.querySelector('.qd-clock')?.textContent === '2 / 3'")
    page.keyboard.press("Space")
    over(page)
    assert faults.all() == []


def test_a_recording_cannot_speak_to_the_page(record: Record, page: Page, faults: Faults) -> None:
    evil = "</script><img src=x onerror=alert(1)>\r\n"
    start(
        page,
        record(
            "# One\n\n```console {#one run}\n$ one\n$ two\n```\n",
            one=(take("one", (0.1, evil)), take("two", (9.0, "x\r\n"), at_s=1.0)),
        ),
    )
    play(page)
    paused(page)
    wait(page, "document.querySelector('.qd-play').textContent.includes('onerror')")
    assert page.locator(".qd-play img").count() == 0
    assert faults.all() == []
