"""The window in which a slide frames a page of what runs: its address, and the still that stands for it. Pure.

A published page asks nothing of the machine it is looked at on: the address is text, and no link or frame leads there.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from quarterdeck.model import Html
from quarterdeck.render.templates import Templates
from quarterdeck.snippets.frames import shown


class FramedPage(Struct, frozen=True, kw_only=True):
    """A page, and its picture."""

    url: str
    still: str = ""
    """URL of the picture, relative to the page; empty where there is none."""
    width: int | None = None
    height: int | None = None
    """Of the picture."""

    @property
    def address(self) -> str:
        return shown(self.url)


def frame_html(frame: FramedPage, *, id: str, templates: Templates, words: Mapping[str, str]) -> Html:  # noqa: A002
    """The window; on stage the page itself takes the place of the still."""
    return templates.render(
        "frame.html", frame=frame, id=id, alt=words["page_at"].format(address=frame.address), words=words
    )
