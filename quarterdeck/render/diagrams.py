"""Code fences that are pictures on the slide: diagrams of mermaid and charts. The page's scripts draw them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from quarterdeck.model import DRAWN, Html, Snippet
from quarterdeck.render.charts import Chart, chart_html, read_chart


def is_drawn(snippet: Snippet) -> bool:
    return snippet.language.lower() in DRAWN


def picture(snippet: Snippet, words: Mapping[str, str]) -> Html:
    """What stands in the figure of a drawn fence: for a diagram its source, which is what is read without scripts."""
    if snippet.language.lower() == "chart":
        chart = read_chart(snippet.code)
        if isinstance(chart, Chart):
            return chart_html(chart, label=words["chart"])
        told = f"{words['not_drawn']}: {chart.message}"
        return Html(f'<aside class="qd-problem"><p>{escape(told)}</p></aside>{_source(snippet)}')
    return _source(snippet)


def _source(snippet: Snippet) -> Html:
    return Html(f'<pre class="qd-source"><code>{escape(snippet.code)}</code></pre>')
