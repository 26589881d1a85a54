"""Takes the picture of a framed page with the machine's own Chrome or Chromium, which leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from quarterdeck.execute.process import Size, environment, pump, spawn
from quarterdeck.snippets.frames import SIZE

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    *("--headless", "--disable-gpu", "--hide-scrollbars", "--mute-audio", "--no-first-run", "--disable-extensions"),
    # it is about one page of this machine, and calls nobody else
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
    "--force-color-profile=srgb",  # the same page gives the same bytes on every machine
    "--blink-settings=preferredColorScheme=1",  # light, as on paper
)
LIMIT_S = 12.0
"""For one try."""
SETTLE_MS = 2000
"""Of the page's own clock, which runs faster: what a page draws after it was loaded is seen too."""
DENSITIES = (2.0, 1.5, 1.0)
"""Pixels of the picture for one of the page; fewer where the file would be too large."""
LARGEST_BYTES = 300_000
NO_BROWSER = "no Chrome or Chromium was found"

Photograph = Callable[[str], "PagePicture"]
"""Gives the picture of the page at a URL."""


class PagePicture(Struct, frozen=True, kw_only=True):
    """Of a page, or why there is none."""

    png: bytes = b""
    problem: str = ""


def find_browser(environ: Mapping[str, str]) -> str:
    """The program: $CHROME, else a known name on PATH, else a usual place of macOS; empty where there is none."""
    path = environ.get("PATH")
    if named := environ.get("CHROME"):
        return shutil.which(named, path=path) or ""
    on_path = (shutil.which(name, path=path) for name in NAMES)
    return next(filter(None, on_path), None) or next((place for place in PLACES if Path(place).is_file()), "")


def photograph(url: str, *, environ: Mapping[str, str], within: Path, cancel: threading.Event) -> PagePicture:
    """The picture of a page that answers; `within` is a folder for the browser's profile, which is gone afterwards."""
    program = find_browser(environ)
    if not program:
        return PagePicture(problem=NO_BROWSER)
    large = PagePicture(problem=f"the page is no smaller than {LARGEST_BYTES // 1000} kB as a picture")
    for density in DENSITIES:
        taken = next((each for each in _tries(program, url, density, environ, within, cancel) if each), b"")
        if cancel.is_set():
            return PagePicture(problem="was cancelled")
        if not taken:
            return PagePicture(problem=f"{Path(program).name} took none within {LIMIT_S:g} s")
        if len(taken) <= LARGEST_BYTES:
            return PagePicture(png=taken)
    return large


def _tries(
    program: str, url: str, density: float, environ: Mapping[str, str], within: Path, cancel: threading.Event
) -> Iterator[bytes]:
    """A page that never stops to load holds its own clock up: the second try takes it as it is."""
    for more in ((f"--virtual-time-budget={SETTLE_MS}",), ()):
        if not cancel.is_set():
            yield _take(program, (f"--force-device-scale-factor={density:g}", *more, url), environ, within, cancel)


def _take(
    program: str, words: tuple[str, ...], environ: Mapping[str, str], within: Path, cancel: threading.Event
) -> bytes:
    within.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="browser-", dir=within, ignore_cleanup_errors=True) as name:
        profile, file = Path(name), Path(name) / "page.png"
        root = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chrome's own does not work for root
        size = f"--window-size={SIZE[0]},{SIZE[1]}"
        terminal = spawn(
            (program, *FLAGS, *root, f"--user-data-dir={profile / 'profile'}", size, f"--screenshot={file}", *words),
            cwd=profile,
            env=environment(home=profile, base=environ),
            size=Size(),
            stdin="none",
            remove=profile,
        )
        try:
            deadline = time.monotonic() + LIMIT_S
            while terminal.status is None and time.monotonic() < deadline and not cancel.is_set():
                pump([terminal], 0.1)
            return file.read_bytes() if file.is_file() else b""
        finally:
            terminal.close(grace_s=0.5)
