"""Charts: what an author writes in a fence, as what Chart.js takes, and as a table."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from quarterdeck.model import Snippet, Span
from quarterdeck.render.charts import Chart, ChartMistake, chart_html, read_chart
from quarterdeck.render.diagrams import picture
from quarterdeck.render.words import words_of

BARS = """\
type: bar
labels: [Monday, "Wed, day"]
series:
  - title: Builds
    data: [12, 19]
  - title: Failures
    data: [2, 5]
    borderColor: red
beginAtZero: true
tension: 0.2
"""


def chart(text: str) -> Chart:
    found = read_chart(text)
    assert isinstance(found, Chart), found
    return found


def fence(code: str, language: str = "chart") -> Snippet:
    return Snippet(language=language, code=code, span=Span(path="", line=1))


def test_the_series_of_a_chart_are_data_sets_and_share_its_keys() -> None:
    found = chart(BARS)
    assert found.type == "bar"
    assert found.data["labels"] == ["Monday", "Wed, day"]
    assert found.data["datasets"] == [
        {"tension": 0.2, "label": "Builds", "data": [12, 19]},
        {"tension": 0.2, "label": "Failures", "data": [2, 5], "borderColor": "red"},
    ]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("beginAtZero: true", {"scales": {"y": {"beginAtZero": True}}}),
        ("stacked: true", {"scales": {"x": {"stacked": True}, "y": {"stacked": True}}}),
        ("legend: false", {"plugins": {"legend": {"display": False}}}),
        ("legendPosition: left", {"plugins": {"legend": {"position": "left"}}}),
        ("yTitle: count", {"scales": {"y": {"title": {"display": True, "text": "count"}}}}),
        ("xMax: 3", {"scales": {"x": {"max": 3}}}),
        ("indexAxis: y\nbeginAtZero: true", {"indexAxis": "y", "scales": {"x": {"beginAtZero": True}}}),
        (
            "beginAtZero: true\noptions: {scales: {y: {max: 9}}}",
            {"scales": {"y": {"beginAtZero": True, "max": 9}}},
        ),
        ("bestFit: true", {}),
    ],
)
def test_a_key_becomes_an_option_of_chart_js(line: str, options: dict[str, Any]) -> None:
    assert chart(f"type: bar\nlabels: [A]\nseries: [{{data: [1]}}]\n{line}\n").options == options


def test_a_round_chart_has_one_scale_or_none() -> None:
    lines = "labels: [A]\nseries: [{data: [1]}]\nbeginAtZero: true\n"
    assert chart(f"type: radar\n{lines}").options == {"scales": {"r": {"beginAtZero": True}}}
    assert chart(f"type: pie\n{lines}").options == {}


def test_what_chart_js_itself_takes_is_taken_too() -> None:
    text = '{"type": "line", "data": {"labels": ["a"], "datasets": [{"data": [1]}]}, "options": {"parsing": false}}'
    found = chart(text)
    assert found.data == {"labels": ["a"], "datasets": [{"data": [1]}]}
    assert found.options == {"parsing": False}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("labels: [A]\n", "a chart needs its type", 1),
        ("\ntype: bra\n", "no chart of the type 'bra'", 2),
        ("type: bar\n", "a chart needs its 'series': a list of 'title' and 'data'", 1),
        ("type: bar\nseries: [1]\n", "a chart needs its 'series': a list of 'title' and 'data'", 2),
        ("type: bar\nseries: [{data: 1}]\n", "each of the 'series' needs its 'data': a list of numbers", 2),
        ("type: bar\ndata: 1\n", "'data' of a chart has 'labels' and 'datasets'", 2),
        ("- a\n", "a chart is lines of 'key: value'", 1),
        ("", "a chart is lines of 'key: value'", 1),
    ],
)
def test_a_chart_that_cannot_be_read_is_a_mistake_with_its_line(text: str, message: str, line: int) -> None:
    found = read_chart(text)
    assert isinstance(found, ChartMistake)
    assert (found.message, found.line) == (message, line)


def test_an_unknown_key_is_told_and_the_chart_drawn() -> None:
    found = chart("type: bar\nlables: [A]\nseries: [{data: [1]}]\n")
    assert [(each.message, each.hint, each.line) for each in found.unknown] == [
        ("a chart has no key 'lables'", "did you mean 'labels'?", 2)
    ]


def test_who_cannot_see_the_chart_reads_a_table() -> None:
    html = chart_html(chart(BARS), label="Chart")
    assert '<th scope="col">Builds</th><th scope="col">Failures</th>' in html
    assert '<tr><th scope="row">Wed, day</th><td>19</td><td>5</td></tr>' in html


def test_the_page_finds_type_and_data_on_the_canvas_and_nothing_breaks_out_of_them() -> None:
    html = chart_html(chart("type: pie\nlabels: ['\"><script>']\nseries: [{data: [1]}]\n"), label="Chart")
    assert "<script" not in html
    config = json.loads(unescape(html.split('data-config="')[1].split('"')[0]))
    assert config["data"]["labels"] == ['"><script>']


@pytest.mark.parametrize(
    ("height", "style"),
    [("300", ' style="height: 300px"'), ("80%", ' style="height: 80%"'), ("'1px; color: red'", "")],
)
def test_a_size_is_a_length_and_nothing_else(height: str, style: str) -> None:
    html = chart_html(chart(f"type: pie\nseries: [{{data: [1]}}]\nheight: {height}\n"), label="Chart")
    assert html.startswith(f'<div class="qd-plot"{style}><canvas')


def test_a_chart_that_cannot_be_read_says_so_on_the_slide_and_shows_its_source() -> None:
    html = picture(fence("type: <b>\n"), words_of("en"))
    assert "This cannot be drawn: no chart of the type &#x27;&lt;b&gt;&#x27;" in html
    assert '<pre class="qd-source"><code>type: &lt;b&gt;\n</code></pre>' in html


def test_the_source_of_a_diagram_stands_on_the_slide_until_it_is_drawn() -> None:
    html = picture(fence("flowchart LR\n  A --> B\n", "Mermaid"), words_of("en"))
    assert html == '<pre class="qd-source"><code>flowchart LR\n  A --&gt; B\n</code></pre>'
