"""Decks in languages that are written from right to left: mirrored, but for what never is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

Build = Callable[..., Path]
TALK = """\
---
title: المرفأ
author: ليلى
lang: ar
---
# المرفأ

Note: أهلاً *بكم*.

---

## قائمة

- أولاً مع `ls -la`
  1. داخلية
- ثانياً

> اقتباس

| أمر | معنى |
|---|---|
| `ls` | قائمة |

---

## أعمدة

كلام

***

```python
print("hello")
```

---

## خطوات

+ واحد
+ اثنان

--

## تحت

```console {#hello run}
$ echo hello
hello
```
"""
BOXES = """(selectors) => Object.fromEntries(selectors.map(selector => {
  const { left, right } = document.querySelector(`.present ${selector}`).getBoundingClientRect()
  return [selector, [left, right]]
}))"""


def start(page: Page, path: Path, slide: int = 0) -> None:
    page.goto(path.as_uri())
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")
    page.evaluate("h => Quarterdeck.reveal.slide(h)", slide)


def column(page: Page) -> int:
    found: int = page.evaluate("Quarterdeck.reveal.getIndices().h")
    return found


def boxes(page: Page, *selectors: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = page.evaluate(BOXES, list(selectors))
    return found


def styles(page: Page, selector: str, name: str) -> Any:
    return page.evaluate("([s, n]) => getComputedStyle(document.querySelector(s))[n]", [selector, name])


@pytest.fixture
def deck(build: Build) -> Path:
    return build(TALK)


def test_arrows_keep_their_meaning(deck: Path, page: Page) -> None:
    start(page, deck)
    page.keyboard.press("ArrowLeft")
    assert column(page) == 1
    page.keyboard.press("ArrowRight")
    assert column(page) == 0
    for key in ("Space", "n", "PageDown"):
        page.keyboard.press(key)
    assert column(page) == 3
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("Quarterdeck.reveal.getIndices().f") == 0, "steps come before the next slide"


def test_the_list_of_keys_says_which_arrow_goes_on(deck: Path, page: Page) -> None:
    start(page, deck)
    page.keyboard.press("?")
    rows = page.locator(".qd-keys > div")
    assert rows.filter(has_text="Next slide").locator("kbd").first.text_content() == "←"
    assert rows.filter(has_text="Previous slide").locator("kbd").first.text_content() == "→"
    assert rows.filter(has_text="In all four directions").locator("kbd").all_text_contents() == ["←", "↑", "↓", "→"]
    assert styles(page, ".qd-keys", "direction") == "ltr", "the words are English"
    assert page.get_attribute(".qd-keys", "lang") == "en"


def test_words_lists_and_bars_begin_on_the_right(deck: Path, page: Page) -> None:
    start(page, deck, 1)
    found = boxes(page, "h2", "ul > li", "ol > li", "blockquote", "th:first-child", "th:last-child")
    assert found["ol > li"][1] < found["ul > li"][1], "what is inside stands further to the left"
    assert found["th:first-child"][0] > found["th:last-child"][0]
    assert styles(page, ".present blockquote", "borderRightWidth") == "6px"
    assert styles(page, ".present blockquote", "borderLeftWidth") == "0px"
    assert styles(page, ".present ul > li", "paddingLeft") == "0px"
    assert styles(page, ".present h2", "textAlign") in ("start", "right")
    assert styles(page, ".present h2", "fontFamily") == styles(page, ".reveal", "fontFamily")
    assert styles(page, ".present h2", "letterSpacing") in ("0px", "normal"), "letters join"


def test_columns_go_from_right_to_left(deck: Path, page: Page) -> None:
    start(page, deck, 2)
    found = boxes(page, ".qd-col:first-child", ".qd-col:last-child")
    assert found[".qd-col:first-child"][0] > found[".qd-col:last-child"][1]


def test_the_chrome_changes_sides(deck: Path, page: Page) -> None:
    start(page, deck, 1)
    middle = page.evaluate("innerWidth / 2")
    edges = "s => { const b = document.querySelector(s).getBoundingClientRect(); return [b.left, b.right] }"
    assert page.evaluate(edges, ".qd-footer")[0] > middle
    assert page.evaluate(edges, ".slide-number")[1] < middle
    assert styles(page, ".progress span", "transformOrigin").startswith(f"{page.evaluate('innerWidth')}px")


def test_code_and_terminals_stay_as_they_are(deck: Path, page: Page) -> None:
    for slide, selector in ((2, ".qd-snippet"), (3, ".qd-terminal"), (2, ".qd-code"), (3, ".qd-screen")):
        start(page, deck, slide)
        assert styles(page, selector, "direction") == "ltr"
    assert styles(page, "li code", "direction") == "ltr"
    assert styles(page, "li code", "unicodeBidi") == "isolate"


def test_the_words_of_a_terminal_are_marked_as_english(deck: Path, page: Page) -> None:
    start(page, deck, 3)
    assert page.get_attribute(".qd-term-state", "lang") == "en"
    assert page.get_attribute(".qd-copy", "lang") == "en"


def test_the_overview_and_stacks_go_left(deck: Path, page: Page) -> None:
    start(page, deck, 3)
    page.evaluate("Quarterdeck.reveal.slide(3, 0, 99)")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("Quarterdeck.reveal.getIndices().v") == 1
    page.keyboard.press("o")
    page.wait_for_function("Quarterdeck.reveal.isOverview()")
    page.wait_for_function(
        "(() => { const [first, second] = [...document.querySelectorAll('.slides > section')].map("
        "s => s.getBoundingClientRect().left); return first > second })()"
    )


def test_notes_are_written_from_right_to_left_in_the_speaker_view(deck: Path, page: Page) -> None:
    start(page, deck)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.locator("em").wait_for()
    assert notes.locator("p").first.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_the_front_matter_has_the_last_word(build: Build, page: Page) -> None:
    start(page, build(TALK.replace("lang: ar", "lang: ar\nreveal: {rtl: false}")))
    assert page.evaluate("document.documentElement.dir") == ""
    page.keyboard.press("ArrowRight")
    assert column(page) == 1
    start(page, build("---\nreveal: {rtl: true}\n---\n# One\n\n---\n\n# Two\n"))
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.keyboard.press("ArrowLeft")
    assert column(page) == 1


def test_a_deck_from_left_to_right_has_none_of_it(build: Build) -> None:
    html = build("---\nlang: de\n---\n# Eins\n\nNote: Hallo.\n").read_text("utf-8")
    assert "rtl" not in html
    assert 'lang="en"' not in html


def test_the_page_of_cards_is_in_its_own_language(build: Build, page: Page) -> None:
    page.goto((build(TALK).parent.parent / "index.html").as_uri())
    card = page.locator(".qd-card")
    assert card.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert card.locator(".qd-meta").get_attribute("dir") == "ltr"
    inside = card.locator("iframe").content_frame.locator("h1")
    inside.wait_for()
    assert inside.evaluate("each => getComputedStyle(each).direction") == "rtl"
