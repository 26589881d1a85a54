"""Places of captured values on pages: a real browser, with decks from the disk and on stage."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audience import House, present
from desk import Desk, fence, talk_of
from msgspec.structs import replace

from quarterdeck.recordings.folder import CommandRun, compose, write
from quarterdeck.site import output as site
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

SLOW_MS = 15_000
TALK = """\
# Start

```console {#start run capture=cid}
$ docker run -d nginx
```

---

# Use

```console {#use run}
$ docker logs <cid>
$ docker ps
```

---

# By hand

```bash
docker stop "<cid>"
docker rm <cid> <other>
```
"""
PROGRAM = "#start run capture=cid"


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return built(tmp_path, "cid")


def built(tmp_path: Path, name: str) -> Path:
    """The page of a talk whose first snippet has captured `3f2a` under this name."""
    (tmp_path / "quarterdeck.toml").write_text("")
    (tmp_path / "talk.md").write_text(TALK.replace("cid", name), "utf-8")
    asked = request([tmp_path / "talk.md"], cwd=tmp_path, output=tmp_path / "site", overrides={})
    (talk,) = Builder().read(asked)
    for job, said in zip(talk.snippets.plan.jobs, ("3f2a", "ready"), strict=True):
        takes = [
            CommandRun(text=line.text, status=0, at_s=at_s, chunks=((at_s + 0.1, f"{said}\r\n".encode()),))
            for at_s, line in enumerate(job.commands)
        ]
        found = compose(takes, id=job.id, key=job.key, ended_s=len(takes), recorded="2025-03-06")
        captured = ((name, "3f2a"),) if job.id == "start" else ()
        write(tmp_path / "recordings/talk", replace(found, captured=captured))
    site.write(Builder().build(asked).site, tmp_path / "site")
    return tmp_path / "site/talk/index.html"


def start(page: Page, path: Path, *, query: str = "") -> None:
    page.goto(path.as_uri() + query)
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def slide(page: Page, number: int) -> None:
    page.evaluate("number => Reveal.slide(number)", number)


def holes(page: Page) -> list[str]:
    """What stands in every place, from the first slide to the last."""
    found: list[str] = page.locator(".slides .qd-hole").all_text_contents()
    return found


def copied(page: Page, selector: str) -> str:
    """What a copy button gives."""
    page.evaluate("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }")
    page.locator(f".present {selector}").click(force=True)
    return str(page.evaluate("window.copied"))


# From the disk


def test_a_place_shows_what_was_recorded_in_a_terminal_and_its_name_in_code(page: Page, deck: Path) -> None:
    start(page, deck)
    assert holes(page) == ["3f2a", "<cid>", "<cid>"]
    assert page.locator(".qd-output .qd-hole, .qd-row:not(:has(.qd-prompt)) .qd-hole").count() == 0


def test_one_s_own_value_fills_every_place_and_survives_a_reload(page: Page, deck: Path, faults: Faults) -> None:
    start(page, deck)
    slide(page, 2)
    page.locator(".present .qd-hole").first.click()
    page.keyboard.type("my box")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("Reveal.getIndices().h") == 2
    page.keyboard.press("Enter")
    assert holes(page) == ["my box"] * 3
    assert page.locator(".qd-hole-box").count() == 0
    page.reload()
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")
    assert holes(page) == ["my box"] * 3
    assert faults.all() == []


def test_a_place_is_reached_and_left_by_keys(page: Page, deck: Path) -> None:
    start(page, deck)
    slide(page, 2)
    page.locator(".present .qd-hole").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("never")
    page.keyboard.press("Escape")
    assert holes(page)[1:] == ["<cid>", "<cid>"]
    assert page.evaluate("document.activeElement.matches('.qd-hole')")
    page.keyboard.press("Enter")
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator(".qd-hole-box").input_value() == "mine"
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    assert holes(page) == ["3f2a", "<cid>", "<cid>"]


def test_the_space_bar_is_the_deck_s_after_a_mouse(page: Page, deck: Path) -> None:
    start(page, deck)
    slide(page, 1)
    page.locator(".present .qd-hole").click()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getIndices().h") == 2


def test_what_is_copied_holds_one_s_own_value_and_never_a_recorded_one(page: Page, deck: Path) -> None:
    start(page, deck)
    slide(page, 1)
    assert copied(page, ".qd-take") == "docker logs <cid>\ndocker ps\n"
    slide(page, 2)
    assert copied(page, ".qd-copy") == 'docker stop "<cid>"\ndocker rm <cid> <other>\n'
    page.locator(".present .qd-hole").first.click()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    assert copied(page, ".qd-copy") == 'docker stop "mine"\ndocker rm mine <other>\n'
    slide(page, 1)
    assert copied(page, ".qd-take") == "docker logs mine\ndocker ps\n"


@pytest.mark.parametrize("own", ["", "mine"])
def test_a_replay_types_what_stands_in_the_place(page: Page, deck: Path, own: str) -> None:
    start(page, deck)
    slide(page, 1)
    if own:
        page.locator(".present .qd-hole").click()
        page.keyboard.type(own)
        page.keyboard.press("Enter")
    page.keyboard.press("r")
    page.wait_for_selector('.qd-play[data-phase="pause"]')  # before the second command
    page.wait_for_function("document.querySelector('.qd-play').textContent.includes('ready')")
    assert f"$ docker logs {own or '3f2a'}" in page.locator(".qd-play").inner_text()
    assert page.locator(".qd-play .qd-hole").all_text_contents() == [own or "3f2a"]


def test_paper_shows_names(page: Page, deck: Path) -> None:
    start(page, deck)
    slide(page, 2)
    page.locator(".present .qd-hole").first.click()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert holes(page) == ["<cid>"] * 3
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert holes(page) == ["mine"] * 3
    start(page, deck, query="?print-pdf")
    page.wait_for_selector(".pdf-page .qd-hole", state="attached")  # slides are off the page while it is laid out
    assert holes(page) == ["<cid>"] * 3


def test_a_value_may_have_the_name_of_anything(page: Page, tmp_path: Path) -> None:
    start(page, built(tmp_path, "constructor"))
    assert holes(page) == ["3f2a", "<constructor>", "<constructor>"]
    slide(page, 1)
    assert copied(page, ".qd-take") == "docker logs <constructor>\ndocker ps\n"


def test_a_page_without_storage_works(page: Page, deck: Path, faults: Faults) -> None:
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('closed') } })")
    start(page, deck)
    slide(page, 2)
    page.locator(".present .qd-hole").first.click()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    assert holes(page) == ["mine"] * 3
    assert faults.all() == []


# On stage


@pytest.fixture
def house(desk: Desk) -> Iterator[House]:
    if sys.platform == "win32":
        pytest.skip("nothing runs on Windows")
    starts = fence("$ echo made-$RANDOM$RANDOM", PROGRAM, "console")
    use = fence("$ echo the <cid>", "#use run", "console")
    desk.write(talk_of(starts, use, fence("docker stop <cid>", "")))
    desk.recorded()
    found = present(desk, "--no-open")
    yield found
    found.close()


@pytest.mark.timeout(60)  # a server, two windows, and five runs one after the other
def test_a_live_value_stands_in_every_place_of_every_window_until_its_session_ends(page: Page, house: House) -> None:
    page.goto(f"{house.address}#qd-code={house.code}")
    page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=SLOW_MS)
    recorded = holes(page)[0]
    page.keyboard.press("r")
    page.wait_for_selector('[data-cast="start"][data-live="done"]', state="attached", timeout=SLOW_MS)
    page.wait_for_selector('.slides .qd-hole[data-from="live"]', state="attached", timeout=SLOW_MS)
    live = holes(page)[0]
    assert live.startswith("made-")
    assert live != recorded
    assert holes(page) == [live, live]
    other = page.context.new_page()
    other.goto(house.address)
    other.evaluate("token => sessionStorage.setItem('quarterdeck-stage', token)", _token(page))
    other.goto(f"{house.address}?speaker")
    other.wait_for_selector('.slides .qd-hole[data-from="live"]', state="attached", timeout=SLOW_MS)
    assert holes(other) == [live, live]
    slide(page, 2)
    assert copied(page, ".qd-copy") == f"docker stop {live}\n"
    slide(page, 1)
    page.keyboard.press("r")
    page.wait_for_selector(f'.present .qd-play >> text="the {live}"', timeout=SLOW_MS)
    page.keyboard.press("Shift+R")
    page.wait_for_selector('.slides .qd-hole[data-from="recorded"]', state="attached", timeout=SLOW_MS)
    assert holes(page) == [recorded, "<cid>"]
    page.keyboard.press("r")
    page.wait_for_selector('.qd-said:has-text("run #start first")', timeout=SLOW_MS)
    page.keyboard.press("m")
    page.wait_for_selector('.slides .qd-hole[data-from="live"]', state="attached", timeout=SLOW_MS)


def _token(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('quarterdeck-stage')"))
