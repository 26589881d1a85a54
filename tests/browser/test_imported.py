"""Slides that were written for other tools, in a real browser: nothing stands below its slide, columns are columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

Build = Callable[..., Path]
ITEMS = "\n".join(f"- item {number} says so much that it fills a line of its own on the slide" for number in range(22))
LONG = f"---\nmarp: true\n---\n# Short\n\na\n\n---\n# Long\n\n{ITEMS}\n"
BELOW = """() => {
  const section = document.querySelector("section.present")
  const box = section.getBoundingClientRect()
  const last = section.querySelector("li:last-child, p").getBoundingClientRect()
  return Math.round(last.bottom - box.bottom)
}"""
LEFTS = """() => [".one", ".two"].map(
  name => document.querySelector(`section.present ${name}`).getBoundingClientRect().left
)"""
GROUND = "getComputedStyle(document.querySelector('section.present')).backgroundColor"
COLUMNS = {
    "slidev": "---\nmdc: true\n---\n"
    '<div class="grid grid-cols-2">\n<p class="one">a</p>\n<p class="two">b</p>\n</div>\n',
    "pandoc": ":::: {.columns}\n::: {.column .one}\na\n:::\n::: {.column .two}\nb\n:::\n::::\n",
    "remark": "class: middle\n\n.left-column[\n.one[a]\n]\n.right-column[\n.two[b]\n]\n",
    "marp": '---\nmarp: true\n---\n<div class="columns">\n<p class="one">a</p>\n<p class="two">b</p>\n</div>\n',
}


def start(page: Page, path: Path, anchor: str = "") -> None:
    page.goto(path.as_uri() + anchor)
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def test_what_is_too_much_gets_smaller_and_nothing_else_does(build: Build, page: Page, faults: Faults) -> None:
    start(page, build(LONG))
    assert page.locator("section.present.qd-fitted").count() == 0
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("section.present#long.qd-fitted")
    assert page.evaluate(BELOW) <= 0
    assert faults.all() == []


@pytest.mark.parametrize("dialect", COLUMNS)
def test_columns_of_every_tool_stand_side_by_side(build: Build, page: Page, dialect: str) -> None:
    start(page, build(COLUMNS[dialect]))
    left, right = page.evaluate(LEFTS)
    assert right > left + 200


def test_the_author_s_stylesheet_counts_more_than_the_theme_and_leaves_slides_in_their_places(
    build: Build, page: Page
) -> None:
    sheet = "<style>\nsection { background: #123456; position: relative; display: flex }\n</style>\n"
    start(page, build(f"---\nmarp: true\n---\n{sheet}\n# One\n\n---\n# Two\n"))
    assert page.evaluate(GROUND) == "rgb(18, 52, 86)"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("section.present#two")
    assert page.locator("section.present h1").is_visible()
    assert page.evaluate("document.querySelector('section.present').getBoundingClientRect().top") == 0


def test_a_picture_beside_the_words_leaves_them_their_room(build: Build, page: Page) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>'
    start(page, build("---\nmarp: true\n---\n![bg left:40%](a.svg)\n\n# Words\n", **{"a.svg": picture}))
    side = page.locator("section.present > .qd-side").bounding_box()
    words = page.locator("section.present > h1").bounding_box()
    assert side is not None
    assert words is not None
    assert (round(side["x"]), round(side["width"])) == (0, 512)
    assert words["x"] > 512
