"""Formulas, diagrams and charts in a real browser, from the disk: drawn, offline, carried only where they are used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Faults
    from playwright.sync_api import Page

Build = Callable[..., Path]
CHART = """\
```chart
type: bar
labels: [A, B]
series:
  - title: One
    data: [1, 2]
```
"""
FLOW = """\
```mermaid
flowchart LR
  A[Build] --> B[Run]
```
"""
CANVAS = """\
<canvas data-chart="line">
<!--
{"data": {"labels": ["a", "b"],

 "datasets": [{"label": "one", "data": [1, 4]}]}}
-->
</canvas>
"""
TALK = f"# Drawn\n\n---\n\n## Flow\n\n{FLOW}\n---\n\n## Chart\n\n{CHART}\n---\n\n## Canvas\n\n{CANVAS}\n"
TALK += "\n---\n\n## Formula\n\n$E = mc^2$\n\n$$\n\\frac{1}{2}\n$$\n"
LABELS = "[...document.querySelectorAll('section.present .qd-drawing .nodeLabel')].map(each => each.textContent)"
PAINTED = """canvas => {
  const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  return canvas.clientHeight > 100 && all.some(part => part > 0)
}"""
INKED = (
    "document.querySelector('.qd-drawing .nodeLabel') && getComputedStyle(document.querySelector('.nodeLabel')).color"
)


def start(page: Page, path: Path, *, query: str = "", anchor: str = "") -> None:
    page.goto(path.as_uri() + query + anchor)
    page.wait_for_function("document.documentElement.classList.contains('qd-ready')")


def carried(deck: Path) -> set[str]:
    """Names of the libraries in the site."""
    names = {path.name.partition(".")[0] for path in (deck.parent.parent / "assets").iterdir()}
    return names & {"katex-min", "mermaid-min", "chart-umd-min", "mhchem-min", "math", "diagrams", "charts"}


@pytest.mark.parametrize(
    ("body", "libraries"),
    [
        ("costs $5 and $6", set()),
        ("$x$", {"katex-min", "math"}),
        (r"$\ce{H2O}$", {"katex-min", "math", "mhchem-min"}),
        (FLOW, {"mermaid-min", "diagrams"}),
        (CHART, {"chart-umd-min", "charts"}),
        (CANVAS, {"chart-umd-min", "charts"}),
        ("Note: $x$", {"katex-min", "math"}),
    ],
)
def test_a_site_carries_what_its_decks_use_and_nothing_else(build: Build, body: str, libraries: set[str]) -> None:
    deck = build(f"# Talk\n\n{body}\n")
    assert carried(deck) - {"diagrams"} == libraries - {"diagrams"}  # a stylesheet has that name too
    licences = {path.name for path in (deck.parent.parent / "licences").iterdir()}
    assert ("katex-LICENSE.txt" in licences) == ("katex-min" in libraries)
    assert ("mermaid-LICENSE.txt" in licences) == ("mermaid-min" in libraries)
    assert ("chart.js-LICENSE.txt" in licences) == ("chart-umd-min" in libraries)


def test_everything_is_drawn_from_the_disk_without_a_complaint(build: Build, page: Page, faults: Faults) -> None:
    start(page, build(TALK))
    page.keyboard.press("Space")
    page.wait_for_function(f"{LABELS}.join() === 'Build,Run'")
    for _ in range(2):
        page.keyboard.press("Space")
        assert page.locator("section.present canvas").evaluate(PAINTED)
    page.keyboard.press("Space")
    assert page.locator("section.present .katex-html").count() == 2
    assert page.locator("section.present .qd-display .katex-display").is_visible()
    assert faults.all() == []


def test_a_diagram_that_a_deck_opens_with_is_there_when_the_deck_is_ready(build: Build, page: Page) -> None:
    start(page, build(f"## Flow\n\n{FLOW}"))
    assert page.evaluate(LABELS) == ["Build", "Run"]
    assert not page.locator(".qd-source").is_visible()


def test_mermaid_is_not_loaded_before_the_deck_stands(build: Build, page: Page) -> None:
    """It is large, and the first slide has nothing for it."""
    deck = build(TALK)
    page.add_init_script(
        "new MutationObserver(() => {"
        " if (document.documentElement.classList.contains('qd-ready')) window.early ??= Boolean(window.mermaid)"
        "}).observe(document, { subtree: true, attributes: true })"
    )
    start(page, deck)
    page.wait_for_selector(".qd-drawing .nodeLabel", state="attached")
    assert page.evaluate("early") is False


def test_reveals_own_themes_have_room_for_drawings(build: Build, page: Page, faults: Faults) -> None:
    start(page, build(f"---\ntheme: black\n---\n{TALK}"), anchor="#/flow")
    page.wait_for_selector("section.present .qd-drawing .nodeLabel")
    assert page.locator("section.present .qd-drawing > svg").bounding_box()["height"] > 60  # type: ignore[index]
    page.keyboard.press("ArrowRight")
    assert page.locator("section.present canvas").evaluate(PAINTED)
    assert faults.all() == []


def test_labels_have_room_and_can_be_read_from_the_back_row(build: Build, page: Page) -> None:
    """Neither hidden nor scaled while it was drawn: the text is not cut, and not tiny."""
    page.set_viewport_size({"width": 1600, "height": 900})
    start(page, build(TALK), anchor="#/flow")
    page.wait_for_selector("section.present .qd-drawing .nodeLabel")
    sizes = page.evaluate(
        """[...document.querySelectorAll("section.present .node")].map(node => {
          const label = node.querySelector(".nodeLabel").getBoundingClientRect()
          const room = node.querySelector("foreignObject").getBoundingClientRect()
          return [label.height, label.width <= room.width + 1 && label.height <= room.height + 1]
        })"""
    )
    assert all(fits for _, fits in sizes)
    assert min(height for height, _ in sizes) >= 30


def test_a_wrong_diagram_says_what_is_wrong_beside_its_source(build: Build, page: Page, faults: Faults) -> None:
    start(page, build("## Wrong\n\n```mermaid\nflowchart LR\n  A --> --> B[\n```\n"))
    assert "line 2" in page.locator("section.present .qd-problem").inner_text()
    assert page.locator("section.present .qd-source").is_visible()
    assert page.locator("body > .qd-drawing").count() == 0
    assert faults.all() == []


def test_a_wrong_formula_shows_its_source_with_a_mark(build: Build, page: Page, faults: Faults) -> None:
    start(page, build("## Wrong\n\nbefore $\\frac{1}{$ after, $x$\n"))
    assert page.locator("section.present .qd-wrong").inner_text() == "$\\frac{1}{$"
    assert page.locator("section.present .katex-html").count() == 1
    assert faults.all() == []


def test_a_wrong_canvas_says_so(build: Build, page: Page, faults: Faults) -> None:
    start(page, build('## Wrong\n\n<canvas data-chart="bar"><!-- {"data": --></canvas>\n'))
    assert "JSON" in page.locator("section.present .qd-problem").inner_text()
    assert faults.all() == []


def test_a_definition_in_one_formula_counts_for_the_next(build: Build, page: Page) -> None:
    start(
        page,
        build(
            "## A\n\n$\\newcommand{\\R}{\\mathbb{R}} \\newcommand{\\mine}[1]{#1^2} x$\n\n---\n\n## B\n\n$\\mine\\R$\n"
        ),
    )
    page.evaluate("document.querySelector('.qd-math').textContent = '$\\\\newcommand{\\\\mine}[1]{#1^3} y$'")
    page.evaluate("Quarterdeck.refresh(document.querySelector('section.qd-slide'))")
    assert page.locator(".qd-wrong").count() == 0


def test_a_formula_wider_than_its_slide_gets_smaller(build: Build, page: Page) -> None:
    terms = " + ".join(f"a_{{{n}}} x^{{{n}}}" for n in range(14))
    start(page, build(f"## Wide\n\n$$ {terms} $$\n"))
    over = "drawn => drawn.scrollWidth - drawn.closest('.qd-display').clientWidth"
    assert page.locator(".katex-html").evaluate(over) <= 1


def test_without_scripts_sources_and_tables_are_read(build: Build, browser: object) -> None:
    deck = build(TALK)
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(deck.as_uri())
    text = page.locator(".slides").text_content()
    context.close()
    assert all(part in text for part in ("$E = mc^2$", "A[Build] --> B[Run]", "One"))


def test_the_colours_follow_the_room(build: Build, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    start(page, build(f"## Flow\n\n{FLOW}"))
    light = page.evaluate(INKED)
    page.keyboard.press("c")
    page.wait_for_function(f"{INKED} !== {light!r}")


def test_charts_follow_the_room(build: Build, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    start(page, build(f"## Chart\n\n{CHART}"))
    bars = "Chart.getChart(document.querySelector('canvas')).data.datasets[0].backgroundColor"
    light = page.evaluate(bars)
    page.keyboard.press("c")
    page.wait_for_function(f"{bars} !== {light!r}")


def test_mermaid_is_configured_in_the_front_matter(build: Build, page: Page) -> None:
    config = "---\nmermaid:\n  theme: forest\n  htmlLabels: false\n---\n"
    start(page, build(f"{config}## Flow\n\n{FLOW}"))
    assert page.evaluate("mermaid.mermaidAPI.getConfig().theme") == "forest"
    assert page.locator("section.present .qd-drawing foreignObject").count() == 0


@pytest.mark.parametrize("query", ["?view=print", "?print-pdf"])
def test_the_print_view_waits_until_all_is_drawn_in_the_light(
    build: Build, page: Page, faults: Faults, query: str
) -> None:
    page.emulate_media(color_scheme="dark")
    start(page, build(TALK), query=query)
    assert page.locator(".pdf-page .qd-drawing .nodeLabel").all_inner_texts() == ["Build", "Run"]
    assert page.locator(".pdf-page .qd-drawing[data-dark]").count() == 0
    canvases = page.locator(".pdf-page canvas[data-chart]")
    assert [canvas.evaluate(PAINTED) for canvas in canvases.all()] == [True, True]
    assert page.locator(".pdf-page .katex-html").count() == 2
    assert faults.all() == []


def test_an_open_deck_prints_what_was_not_shown_yet(build: Build, page: Page, faults: Faults) -> None:
    start(page, build(TALK))
    page.wait_for_selector(".qd-drawing .nodeLabel", state="attached")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    canvases = page.locator("canvas[data-chart]")
    assert [canvas.evaluate(PAINTED) for canvas in canvases.all()] == [True, True]
    drawing = page.locator(".qd-drawing > svg").evaluate("svg => svg.outerHTML")
    page.emulate_media(media="print")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.locator(".qd-drawing > svg").evaluate("svg => svg.outerHTML") == drawing
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert faults.all() == []


def test_a_canvas_takes_rows_of_values(build: Build, page: Page, faults: Faults) -> None:
    rows = ", Jan, Feb, Mar\nOurs, 1, 2, 3\nTheirs, 3, 2, 1\n"
    options = '<!-- {"options": {"indexAxis": "y"}} -->'
    start(page, build(f'## Rows\n\n<canvas data-chart="bar">\n{rows}{options}\n</canvas>\n'))
    chart = "Chart.getChart(document.querySelector('section.present canvas'))"
    page.wait_for_function(f"!!{chart}")
    assert page.evaluate(f"{chart}.data.labels") == ["Jan", "Feb", "Mar"]
    assert page.evaluate(f"{chart}.data.datasets.map((set) => [set.label, ...set.data])") == [
        ["Ours", 1, 2, 3],
        ["Theirs", 3, 2, 1],
    ]
    assert page.evaluate(f"{chart}.options.indexAxis") == "y"
    assert faults.all() == []
