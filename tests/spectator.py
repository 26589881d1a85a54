"""What a spectator of the stage does and sees in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audience import House
from desk import fence

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SLOW_MS = 15_000
COUNT = "$ echo begin\n$ for n in 1 2 3 4 5 6; do echo $n; sleep 0.4; done"


def console(code: str, options: str) -> str:
    return fence(code, options, "console")


def enter(page: Page, house: House) -> None:
    page.goto(f"{house.address}#qd-code={house.code}")
    live(page)


def live(page: Page) -> None:
    page.wait_for_selector("html.qd-ready[data-stage=live]", state="attached", timeout=SLOW_MS)


def terminal(page: Page, name: str) -> Locator:
    return page.locator(f'.slides [data-cast="{name}"]')


def is_at(page: Page, name: str, state: str) -> None:
    page.wait_for_selector(f'[data-cast="{name}"][data-live="{state}"]', state="attached", timeout=SLOW_MS)


def says(page: Page, where: str, pattern: str) -> None:
    page.locator(where, has_text=re.compile(pattern)).first.wait_for(timeout=SLOW_MS)


def prints(page: Page, text: str) -> None:
    page.wait_for_selector(f'.present .qd-play >> text="{text}"', timeout=SLOW_MS)


def slide(page: Page, number: int) -> None:
    page.evaluate("number => Reveal.slide(number)", number)


def at(page: Page) -> int:
    return int(page.evaluate("Reveal.getIndices().h"))


def focused(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement.matches('.xterm-helper-textarea')"))
