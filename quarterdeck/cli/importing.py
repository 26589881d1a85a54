"""The report of `check --import`: what was understood of a talk that was written for another tool."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterdeck.cli.show import count, report
from quarterdeck.model import ConstructOutcome

if TYPE_CHECKING:
    from quarterdeck.markdown.inventory import ReportLine

COLOURS = {
    ConstructOutcome.TEXT: "red",
    ConstructOutcome.APPROXIMATED: "yellow",
    ConstructOutcome.LEFT_OUT: "yellow",
    ConstructOutcome.UNDERSTOOD: "green",
}
MOST_PLACES = 3


def report_import(paths: tuple[Path, ...], overrides: Mapping[str, str | None]) -> int:
    """Prints the report of every talk, then the findings; 1 where there are some, or text that was left as it is."""
    from quarterdeck.markdown.dialects import DIALECTS
    from quarterdeck.markdown.inventory import gathered, inventory
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request

    asked = request(paths, cwd=Path.cwd(), output=None, overrides=overrides)
    builder = Builder()
    left = False
    for talk in builder.read(asked):
        placed = [each for stack in talk.stacks for each in stack.slides]
        slides = [each.slide for each in placed]
        front = talk.reading.front
        found = inventory(front.constructs, talk.reading.chunks, slides, path=talk.source.name, dialect=front.dialect)
        lines = gathered(found)
        dialect = DIALECTS[talk.reading.front.dialect].title
        click.echo(f"{talk.source.name}: {dialect}, {count(len(slides), 'slide')}")
        _show(lines)
        left = left or any(line.outcome is ConstructOutcome.TEXT for line in lines)
    built = builder.build(asked)
    report(built)
    return 1 if left or built.diagnostics else 0


def _show(lines: Sequence[ReportLine]) -> None:
    if sys.stdout.isatty():
        _table(lines)
        return
    for line in lines:
        click.echo(f"  {line.outcome}: {line.name} ({len(line.places)}): {_places(line)}{_hint(line.remedy)}")


def _hint(remedy: str) -> str:
    return f"; {remedy}" if remedy else ""


def _table(lines: Iterable[ReportLine]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("construct", "", "times", "where", "what to do"):
        table.add_column(heading, justify="right" if heading == "times" else "left", overflow="fold")
    for line in lines:
        told = Text(line.outcome, style=COLOURS[line.outcome])
        table.add_row(line.name, told, str(len(line.places)), _places(line), line.remedy)
    Console().print(table)


def _places(line: ReportLine) -> str:
    """The first places, or all of them where the author has to go there."""
    spans = line.places if line.outcome is ConstructOutcome.TEXT else line.places[:MOST_PLACES]
    shown = list(dict.fromkeys(f"{span.path}:{span.line}" for span in spans))
    return ", ".join(shown) + (", …" if len(line.places) > len(spans) else "")
