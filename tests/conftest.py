"""What every test may ask for: the machine's browser, and pages that remember what went wrong in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import chrome
import pytest
from desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

pytest_plugins = ("flaky", "pytester")

# Hundreds of processes start, and none of them should compile the package anew, whatever a container image sets.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LOOPBACK = frozenset({"", "127.0.0.1", "localhost", "[::1]", "::1"})


@dataclass  # without slots: Playwright keeps its wrappers on the object that listens
class Faults:
    """What a page did that a deck must not do, in the order in which it happened."""

    console: list[str] = field(default_factory=list)
    """Errors and warnings on the console, and exceptions that nobody caught."""
    failed: list[str] = field(default_factory=list)
    """Requests that got no answer, or an answer that says no."""
    foreign: list[str] = field(default_factory=list)
    """Requests to another host."""

    def watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(f"exception: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failed)
        page.on("response", self._on_response)

    def all(self) -> list[str]:
        return [*self.console, *self.failed, *self.foreign]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.console.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and (url.hostname or "") not in LOOPBACK:
            self.foreign.append(request.url)

    def _on_failed(self, request: Request) -> None:
        # a page that is left, or an event stream that is closed, gives up its own requests
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.url}: {response.status}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chrome or Chromium, one for the whole run of a worker."""
    program = chrome.find()
    if program is None:
        pytest.skip("no Chrome or Chromium on PATH (Debian: apt-get install chromium), and $CHROME names none")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=chrome.flags(), chromium_sandbox=False)
        yield found
        found.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile: nothing of another test is in its storage."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def faults() -> Faults:
    """Of the test's `page`, and of each page that the test gives to `faults.watch`."""
    return Faults()


@pytest.fixture
def page(context: BrowserContext, faults: Faults) -> Page:
    """A page of 1280 by 720 that reports to `faults`."""
    fresh = context.new_page()
    faults.watch(fresh)
    return fresh


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a text file below `tmp_path` and returns its path."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        return path

    return put


@pytest.fixture
def build(tmp_path: Path, write: Callable[[str, str], Path]) -> Callable[..., Path]:
    """Builds `talk.md` with this text (and other files by name) into a site on disk and returns the deck's page."""

    def make(text: str, **files: str) -> Path:
        from quarterdeck.site import output as site
        from quarterdeck.site.pipeline import Builder
        from quarterdeck.talk.request import request

        write("quarterdeck.toml", "")
        talk = write("talk.md", text)
        for name, content in files.items():
            write(name.replace("__", "/"), content)
        built = Builder().build(request([talk], cwd=tmp_path, output=tmp_path / "site", overrides={}))
        site.write(built.site, tmp_path / "site")
        return tmp_path / "site/talk/index.html"

    return make


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder for talks in `tmp_path`, and a user who has run none of them yet."""
    made = Desk(tmp_path)
    made.write("", "quarterdeck.toml")
    for name in ("home", "runtime"):
        (tmp_path / name).mkdir(mode=0o700)
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives the browser or the engine is marked so, wherever it lies."""
    for item in items:
        used = getattr(item, "fixturenames", ())
        if "browser" in used:
            item.add_marker(pytest.mark.browser)
        if "engine" in used or item.get_closest_marker("engine"):
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.xdist_group("engine"))  # one engine: its tests take turns
