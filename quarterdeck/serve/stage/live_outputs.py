"""Pictures and tables that a kernel makes while it runs, as windows are told of them.

They are drawn as on the deck's page, but for pictures: they have no file yet.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quarterdeck.model import Html
from quarterdeck.project.resources import templates_folder
from quarterdeck.recordings.outputs import KernelOutput, storable
from quarterdeck.render.outputs import outputs_html
from quarterdeck.render.templates import BrokenTemplateError, load_templates
from quarterdeck.render.words import words_of
from quarterdeck.serve.stage.messages import KernelResults
from quarterdeck.site.templates import template_folders

if TYPE_CHECKING:
    from quarterdeck.talk.request import Request
    from quarterdeck.talk.talk import Talk


ALL_BYTES = 8_000_000
"""Of all outputs of a snippet; each by itself has the limit of what is recorded."""
MANY = 500
"""Outputs of a snippet."""

Draw = Callable[[Sequence[KernelOutput]], Html]


def nothing(_outputs: Sequence[KernelOutput]) -> Html:
    return Html("")


@dataclass(eq=False, slots=True)
class LiveOutputs:
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


def drawing(talk: Talk, asked: Request) -> Draw:
    """Draws with the templates of the talk as they are now; where those fail, with ours."""
    own = load_templates(template_folders(asked.project, talk.theme), built_in=templates_folder())
    ours = load_templates((), built_in=templates_folder())
    words = words_of(talk.options.lang)

    def draw(outputs: Sequence[KernelOutput]) -> Html:
        shown = tuple(_bounded(outputs))
        urls = [_address(output) for output in shown]
        try:
            return outputs_html(shown, urls, templates=own, words=words)
        except BrokenTemplateError:
            return outputs_html(shown, urls, templates=ours, words=words)

    return draw


def _bounded(outputs: Sequence[KernelOutput]) -> Iterator[KernelOutput]:
    """As they would be recorded, as long as there are not too many; then how many are missing."""
    room = ALL_BYTES
    for number, output in enumerate(storable(outputs)):
        room -= len(output.data)
        if room < 0 or number == MANY:
            yield KernelOutput(mime="text/plain", data=f"[… {len(outputs) - number} more left out …]")
            return
        yield output


def _address(output: KernelOutput) -> str:
    """Of a picture: the picture itself. As an image, an SVG runs no script and loads nothing."""
    if isinstance(output.data, str):
        return ""
    return f"data:{output.mime};base64,{base64.b64encode(output.data).decode()}"
