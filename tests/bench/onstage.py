"""A deck on stage in a browser, for benchmarks: the real server, the real browser, and what both of them use."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import chrome
from audience import House, presented
from desk import Desk, talk_of
from playwright.sync_api import Page, sync_playwright

WAIT_MS = 15_000
SAMPLE_S = 0.1


@contextlib.contextmanager
def on_stage(*fences: str) -> Iterator[tuple[House, Page]]:
    """A talk of these fences, and a page of it that was let in."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        desk = Desk(Path(folder))
        desk.write("", "quarterdeck.toml")
        for name in ("home", "runtime"):
            (Path(folder) / name).mkdir(mode=0o700)
        desk.write(talk_of(*fences))
        with presented(desk) as house:
            browser = playwright.chromium.launch(
                executable_path=chrome.find(), args=chrome.flags(), chromium_sandbox=False
            )
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{house.address}#qd-code={house.code}")
            page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=WAIT_MS)
            yield house, page
            browser.close()


def resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def cpu_s(pid: int) -> float:
    """Of all its threads, since it began."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def renderers(below: int) -> list[int]:
    """Processes of Chromium that draw pages, among the descendants of a process."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = []
    for pid in parents:
        at = pid
        while at and at != below:
            at = parents.get(at, 0)
        with contextlib.suppress(OSError):
            if at and b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@dataclass
class Peak:
    """The most memory that processes have had while it was watched; a context manager."""

    of: Callable[[], Iterable[int]]
    bytes: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Peak:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self.bytes = max(self.bytes, sum(map(resident_bytes, self.of())))
