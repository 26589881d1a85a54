"""Scripts of a talk, as docs/scripts.md tells them, and what a page gives them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import fences

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/scripts.md").read_text("utf-8")
OURS = "Object.keys(window).filter(name => /quarterdeck/i.test(name))"


@pytest.fixture
def deck(build: Callable[..., Path]) -> Path:
    """The talk of the page, with its script."""
    files = {Path(fence.file).name: fence.text for fence in fences(PAGE) if fence.file}
    return build(files["whales.md"], **{"total.js": files["total.js"]})


def start(page: Page, deck: Path) -> None:
    page.goto(deck.as_uri())
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def test_the_example_does_what_it_says(deck: Path, page: Page) -> None:
    start(page, deck)
    assert page.locator(".total").text_content() == "2"
    assert page.evaluate("document.body.dataset.begun") == page.evaluate("Quarterdeck.reveal.getCurrentSlide().id")
    page.evaluate(
        "document.querySelector('.total').textContent = '';"
        " Quarterdeck.refresh(document.querySelector('.total').closest('section'))"
    )
    assert page.locator(".total").text_content() == "2"


def test_a_page_has_one_name_of_ours_with_what_is_told_of_it(deck: Path, page: Page) -> None:
    start(page, deck)
    assert page.evaluate(OURS) == ["Quarterdeck"]
    told = re.findall(r"^\| `(\w+)", PAGE.split("## What a plugin")[0], re.MULTILINE)
    assert [name for name in told if not page.evaluate("name => name in Quarterdeck", name)] == []
    settings = page.evaluate("Object.keys(Quarterdeck.settings)")
    assert {"deck", "scheme", "reveal"} <= set(settings)


def test_bundles_know_no_other_name() -> None:
    bundles = sorted((ROOT / "assets/bundles").glob("*.js"))
    assert bundles
    names = {name for each in bundles for name in re.findall(r"\bQuarterdeck\w+", each.read_text("utf-8"))}
    assert names == set()
