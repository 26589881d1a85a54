"""The engine dies in the middle of a talk, hangs, and comes back; the talk goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audience import House, Window, present
from desk import Desk, fence, talk_of
from forwarder import Road

from quarterdeck.execute.engine.find import Engine, ask

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGE = "busybox:latest"
GONE = "the container engine does not answer any more; start it again"
SLOW_MS = 15_000


@pytest.fixture
def road(engine: Engine, tmp_path: Path) -> Iterator[Road]:
    host = dict(engine.environment).get("DOCKER_HOST", "unix:///var/run/docker.sock")
    made = Road(tmp_path / "engine.sock", host.partition("://")[2])
    made.open()
    yield made
    made.cut()


@pytest.fixture
def through(engine: Engine, road: Road) -> dict[str, str]:
    """The surroundings of somebody whose engine is at the end of the road."""
    return dict(engine.environment) | {"DOCKER_HOST": road.host, "CONTAINER_HOST": road.host}


@pytest.fixture
def begin(desk: Desk, engine: Engine, road: Road, through: dict[str, str], name: str) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def start(*, recorded: bool = False) -> House:
        # its input is the terminal on stage, and nothing while it is recorded: there it ends at once
        code = f"$ docker run --rm -i --name {name}f {IMAGE} sh -c 'echo begun; cat; echo over'"
        after = fence(f"$ docker run --rm {IMAGE} echo it works", "#after run", "console")
        desk.write(talk_of(fence(code, "#front run session=front", "console"), after))
        if recorded:
            done = desk.record(env=through)
            assert done.returncode == 0, done.stderr
        houses.append(present(desk, "--no-open", env=through))
        return houses[-1]

    yield start
    for house in houses:
        house.close()
    left = ask(engine, "ps", "-aq", "--filter", f"name={name}").out.split()
    if left:
        ask(engine, "rm", "-f", *left)


def is_told(window: Window, *, available: bool) -> None:
    """The last that the window has heard of the engine, or will hear."""
    told = [message["available"] for message in window.heard if message["type"] == "engine"]
    if told[-1:] != [available]:
        window.until(type="engine", available=available)


def test_what_runs_ends_the_window_is_told_and_later_a_run_works_again(begin: Callable[..., House], road: Road) -> None:
    window = begin().window()
    assert window.whole("after")[0]["ok"]
    run = window.run("front")
    window.until_printed(run, b"begun")
    road.cut()
    end = window.end_of(run)
    assert not end["ok"]
    assert GONE in end["problem"]["hint"]
    refused, _ = window.whole("after")
    assert not refused["ok"]
    assert GONE in refused["problem"]["hint"]
    is_told(window, available=False)
    road.open()
    works, printed = window.whole("after")
    assert (works["ok"], printed) == (True, "it works\r\n")
    is_told(window, available=True)


@pytest.mark.timeout(60)  # a question to it is given up after three seconds, and there are several
def test_an_engine_that_hangs_is_told_and_what_waits_for_it_is_cancelled(
    begin: Callable[..., House], road: Road
) -> None:
    window = begin().window()
    assert window.whole("after")[0]["ok"]
    road.signal(signal.SIGSTOP)
    run = window.run("after")
    window.until(type="engine", available=False)
    window.send(type="cancel", run=run)
    assert window.end_of(run)["problem"]["kind"] == "cancelled"
    road.signal(signal.SIGCONT)
    assert window.whole("after")[0]["ok"]


def test_an_engine_that_was_not_there_at_first_is_found_later(begin: Callable[..., House], road: Road) -> None:
    road.cut()
    window = begin().window()
    window.send(type="run", id="after", digest=window.stage["snippets"]["after"]["digest"])
    end = window.until(type="snippet", id="after", state="done")
    assert not end["ok"]
    assert end["problem"]["kind"] == "not_run"
    assert "no container engine answers" in end["problem"]["why"]
    road.open()
    assert window.whole("after")[0]["ok"]


@pytest.mark.timeout(60)  # two windows, and an engine that others use as well
def test_the_presenter_sees_it_and_one_key_shows_the_recording(
    begin: Callable[..., House], road: Road, page: Page
) -> None:
    house = begin(recorded=True)
    page.goto(f"{house.address}#qd-code={house.code}")
    page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=SLOW_MS)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=SLOW_MS)
    page.keyboard.press("r")
    page.wait_for_selector('.present .qd-live .qd-row:text-is("begun")', timeout=SLOW_MS)
    road.cut()
    page.wait_for_selector('[data-cast="front"][data-live="failed"]', timeout=SLOW_MS)
    for each in (page, speaker):
        each.wait_for_selector(f'.qd-dot[data-kind="warn"][title*="{GONE}"]', state="attached", timeout=SLOW_MS)
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="front"]:not([data-live], :has(.qd-play))', timeout=SLOW_MS)
    assert "over" in page.locator(".present .qd-screen").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    page.wait_for_selector('[data-cast="after"][data-live="failed"]', timeout=SLOW_MS)
    page.keyboard.press("x")
    page.wait_for_selector('[data-cast="after"]:not([data-live])', timeout=SLOW_MS)
    road.open()
    page.keyboard.press("r")
    page.wait_for_selector('[data-cast="after"][data-live="done"]', timeout=SLOW_MS)
    page.wait_for_selector('.present .qd-live .qd-row:text-is("it works")', timeout=SLOW_MS)
    page.wait_for_selector('.qd-dot:not([data-kind="warn"])', state="attached", timeout=SLOW_MS)
