"""Pictures and tables of the last run of each snippet, as windows are told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from quarterdeck.model import Html
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.serve.stage.drawing import Draw
from quarterdeck.serve.stage.messages import KernelResults


def nothing(_outputs: Sequence[KernelOutput]) -> Html:
    return Html("")


@dataclass(eq=False, slots=True)
class Made:
    draw: Draw = nothing
    _told: dict[int, str] = field(default_factory=dict)
    """The message, by number of the run."""

    def take(self, run: int, html: Html, *, id: str) -> str:  # noqa: A002
        """The message that says so."""
        self._told[run] = KernelResults(run=run, id=id, html=html).encoded()
        return self._told[run]

    def drop(self, run: int) -> None:
        self._told.pop(run, None)

    def each(self) -> Iterator[tuple[int, str]]:
        return iter(self._told.items())
