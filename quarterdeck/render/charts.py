"""```` ```chart ```` fences: their YAML to what Chart.js takes, and to a table for those who cannot see it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from msgspec import Struct

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.model import Diagnostic, Html, Snippet, Span
from quarterdeck.project.yaml_text import YamlMistakeError, entries, load_yaml

TYPES = ("line", "bar", "pie", "doughnut", "radar", "polarArea", "scatter", "bubble")
_BY_LOWER = {name.lower(): name for name in TYPES} | {"polar": "polarArea", "donut": "doughnut"}
_ROUND = frozenset({"radar", "polarArea"})
"""Types with one scale, around the middle."""
_NO_SCALES = frozenset({"pie", "doughnut"})

Value = Any
Places = Mapping[str, tuple[int, int]]
"""Line and column of each key."""
_AXIS: dict[str, Callable[[Value], tuple[str, Value]]] = {
    # what follows x, y or r in a key: option of the scale, and its value
    "Title": lambda value: ("title", {"display": True, "text": str(value)}),
    "Reverse": lambda value: ("reverse", value),
    "Min": lambda value: ("min", value),
    "Max": lambda value: ("max", value),
    "Display": lambda value: ("display", value),
    "TickDisplay": lambda value: ("ticks", {"display": value}),
}
_SERIES = ("tension", "fill", "spanGaps")
"""Keys of the chart that every series has, unless it says otherwise."""
_OWN = (
    *("type", "labels", "series", "beginAtZero", "stacked", "legend", "legendPosition", "indexAxis", "useThemeColors"),
    *("height", "width", "title", "data", "options"),
)
_IGNORED = ("bestFit", "bestFitNumber", "bestFitTitle", "labelColors", "transparency", "time", "id", "file", "select")
"""Keys of Obsidian's plugin that change nothing here."""
_KEYS = (*_OWN, *_SERIES, *(f"{axis}{part}" for axis in "xyr" for part in _AXIS))


class ChartMistake(Struct, frozen=True, kw_only=True):
    message: str
    hint: str = ""
    line: int = 1
    """1-based in the fence's code."""
    col: int = 1
    code: str = "C102"


class Chart(Struct, frozen=True, kw_only=True):
    type: str
    data: Mapping[str, Value]
    """`labels` and `datasets` of Chart.js."""
    options: Mapping[str, Value]
    title: str = ""
    width: str = ""
    height: str = ""
    """As CSS lengths; empty where the theme decides."""
    unknown: tuple[ChartMistake, ...] = ()


def check_chart(snippet: Snippet) -> Iterator[Diagnostic]:
    """What is wrong with a chart; spans count from the slide's first line. Nothing for other code."""
    if snippet.language.lower() != "chart":
        return
    chart = read_chart(snippet.code)
    for mistake in chart.unknown if isinstance(chart, Chart) else (chart,):
        span = Span(path="", line=snippet.code_line + mistake.line - 1, col=mistake.col)
        yield Diagnostic(code=mistake.code, message=mistake.message, span=span, hint=mistake.hint)


def read_chart(code: str) -> Chart | ChartMistake:
    """The chart that a fence describes: Obsidian's keys, or the `data` and `options` of Chart.js."""
    try:
        found, node = load_yaml(code.expandtabs(4))
    except YamlMistakeError as error:
        return ChartMistake(message=error.message, hint=error.hint, line=error.line, col=error.col)
    if not isinstance(found, dict):
        return ChartMistake(message="a chart is lines of 'key: value'", hint="begin with 'type: bar'")
    places = {entry.key: (entry.span.line, entry.span.col) for entry in entries(node, path="", line=1)[0]}
    kind = _BY_LOWER.get(str(found.get("type", "")).lower())
    if kind is None:
        told = f"no chart of the type '{found['type']}'" if found.get("type") else "a chart needs its type"
        line, col = places.get("type", (1, 1))
        return ChartMistake(message=told, hint=did_you_mean(str(found.get("type", "")), TYPES), line=line, col=col)
    if "data" in found:
        data = found["data"]
        if not isinstance(data, dict) or not _is_list_of(data.get("datasets"), dict):
            return _wrong(places, "data", "'data' of a chart has 'labels' and 'datasets'")
    else:
        series = found.get("series")
        if not series or not _is_list_of(series, dict):
            return _wrong(places, "series", "a chart needs its 'series': a list of 'title' and 'data'")
        if not all(isinstance(each.get("data"), list) for each in series):
            return _wrong(places, "series", "each of the 'series' needs its 'data': a list of numbers")
        labels = found.get("labels") or []
        if not isinstance(labels, list):
            return _wrong(places, "labels", "'labels' is a list: [A, B]")
        common = {key: found[key] for key in _SERIES if key in found}
        data = {"labels": [_text(label) for label in labels], "datasets": [_dataset(each, common) for each in series]}
    return Chart(
        type=kind,
        data=data,
        options=_merged(_options(found, kind), found.get("options") or {}),
        title=_text(found.get("title") or ""),
        width=_length(found.get("width")),
        height=_length(found.get("height")),
        unknown=tuple(_unknown(found, places)),
    )


def chart_html(chart: Chart, *, label: str) -> Html:
    """The canvas with what to draw on it, and the same as a table inside."""
    config = json.dumps({"data": chart.data, "options": chart.options}, ensure_ascii=False, sort_keys=True)
    size = "; ".join(f"{name}: {value}" for name in ("width", "height") if (value := getattr(chart, name)))
    style = f' style="{escape(size)}"' if size else ""
    name = escape(chart.title or label)
    return Html(
        f'<div class="qd-plot"{style}><canvas data-chart="{chart.type}" data-config="{escape(config)}" role="img"'
        f' aria-label="{name}">{_table(chart)}</canvas></div>'
    )


def _table(chart: Chart) -> Html:
    sets: Sequence[Mapping[str, Value]] = chart.data["datasets"]
    labels = chart.data.get("labels") or []
    caption = f"<caption>{escape(chart.title)}</caption>" if chart.title else ""
    heads = "".join(f'<th scope="col">{escape(_text(each.get("label", "")))}</th>' for each in sets)
    rows = []
    for row in range(max([len(labels), *(len(each.get("data") or []) for each in sets)], default=0)):
        label = escape(_text(labels[row])) if row < len(labels) else str(row + 1)
        cells = (f"<td>{escape(_cell(each.get('data') or [], row))}</td>" for each in sets)
        rows.append(f'<tr><th scope="row">{label}</th>{"".join(cells)}</tr>')
    return Html(f"<table>{caption}<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>")


def _cell(data: Value, row: int) -> str:
    value = data[row] if isinstance(data, list) and row < len(data) else None
    return ", ".join(_text(part) for part in value.values()) if isinstance(value, dict) else _text(value)


def _text(value: Value) -> str:
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return "" if value is None else str(value)


def _dataset(series: Mapping[str, Value], common: Mapping[str, Value]) -> dict[str, Value]:
    rest = {key: value for key, value in series.items() if key not in ("title", "data")}
    return {**common, **rest, "label": _text(series.get("title", "")), "data": series["data"]}


def _options(found: Mapping[str, Value], kind: str) -> dict[str, Value]:
    options: dict[str, Value] = {}
    if "indexAxis" in found:
        options["indexAxis"] = found["indexAxis"]
    legend = {name: found[key] for key, name in (("legend", "display"), ("legendPosition", "position")) if key in found}
    plugins: dict[str, Value] = {"legend": legend} if legend else {}
    if found.get("title"):
        plugins["title"] = {"display": True, "text": _text(found["title"])}
    if plugins:
        options["plugins"] = plugins
    if scales := _scales(found, kind):
        options["scales"] = scales
    return options


def _scales(found: Mapping[str, Value], kind: str) -> dict[str, dict[str, Value]]:
    axes = () if kind in _NO_SCALES else ("r",) if kind in _ROUND else ("x", "y")
    scales: dict[str, dict[str, Value]] = {}
    for axis in axes:
        scale = dict(make(found[key]) for part, make in _AXIS.items() if (key := f"{axis}{part}") in found)
        if "stacked" in found and axis != "r":
            scale["stacked"] = found["stacked"]
        values = axis == "r" or axis == ("x" if found.get("indexAxis") == "y" else "y")
        if "beginAtZero" in found and values:
            scale["beginAtZero"] = found["beginAtZero"]
        if scale:
            scales[axis] = scale
    return scales


def _merged(base: dict[str, Value], more: Value) -> dict[str, Value]:
    if not isinstance(more, dict):
        return base
    nested = {
        key: _merged(base[key], value) if isinstance(base.get(key), dict) and isinstance(value, dict) else value
        for key, value in more.items()
    }
    return base | nested


def _length(value: Value) -> str:
    """A size as CSS: a number is pixels."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value}px"
    text = str(value or "").strip()
    return text if text and not set(text) - set("0123456789.%abcdefghijklmnopqrstuvwxyz") else ""


def _unknown(found: Mapping[str, Value], places: Places) -> Iterator[ChartMistake]:
    for key in found:
        if key not in _KEYS and key not in _IGNORED:
            near = nearest(key, _KEYS)
            hint = f"did you mean '{near}'?" if near else "what Chart.js itself takes goes below 'options'"
            line, col = places[key]
            yield ChartMistake(code="C103", message=f"a chart has no key '{key}'", hint=hint, line=line, col=col)


def _wrong(places: Places, key: str, message: str) -> ChartMistake:
    line, col = places.get(key, (1, 1))
    return ChartMistake(message=message, hint="as in series: [{title: A, data: [1, 2]}]", line=line, col=col)


def _is_list_of(value: Value, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)
