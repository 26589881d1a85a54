"""Recordings on slides: the still that stands there, where it stands, and the data that replays it. Pure but for templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from quarterdeck.model import Html, Recording
from quarterdeck.render.templates import Templates, safe
from quarterdeck.render.words import long_date
from quarterdeck.run.fences import Kind
from quarterdeck.run.options import RunOptions
from quarterdeck.run.status import State, status_of
from quarterdeck.run.terminal import fold, rows_html, still
from quarterdeck.run.values import meets

OWN_TERMINAL = frozenset({Kind.SESSION})
"""The still shows the commands themselves, so that it stands in the place of the code."""
WITH_COMMAND = frozenset({Kind.SESSION, Kind.BUILD})
"""The command is worth showing above its output; elsewhere it is the code on the slide."""

Place = Literal["instead", "below", "beside", "fragment", "replace", "hide", "none", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a slide shows of a snippet that runs."""

    id: str
    kind: Kind
    session: str
    options: RunOptions
    state: State
    recording: Recording | None
    replay_url: str = ""
    """Script with the data of the replay, relative to the page."""
    rich: Html = Html("")
    """Images and tables of a kernel."""

    @property
    def place(self) -> Place:
        """Where the output goes; by itself, into the place of a console and below or beside anything else."""
        chosen = self.options.out.kind
        if chosen != "auto":
            return chosen
        return "instead" if self.kind in OWN_TERMINAL else "below"


def terminal_html(output: Output, *, templates: Templates, words: Mapping[str, str]) -> Html:
    """The terminal window with its still. Without a recording, a badge says that there is none yet."""
    recording = output.recording
    if recording is None:
        rows, hidden, status = Html(""), 0, 0
    else:
        lines = output.options.lines
        seen = still(
            recording.events, cols=recording.cols, rows=recording.rows, echo=output.kind in WITH_COMMAND
        )
        folded = fold(seen, lines.count, lines.part) if lines.count else fold(seen, 0, "all")
        rows, hidden = rows_html(folded.rows), folded.hidden
        status = 0 if output.options.bg else status_of(recording.commands)
    state = words["not_recorded"]
    if recording is not None:
        state = words["recorded"].format(date=long_date(recording.recorded, words))
        if output.state is State.STALE:
            state = f"{words['stale']} · {state}"
    return templates.render(
        "terminal.html",
        output=output,
        place=output.place,
        state=state,
        rows=safe(rows),
        rich=safe(output.rich),
        folded=words["output_hidden"].format(count=hidden) if hidden else "",
        folded_at=output.options.lines.part,
        status=status,
        expected=meets(output.options.expect, status),
        exit=words["exit"].format(status=status) if status else "",
        words=words,
    )


def replay_script(output: Output) -> str:
    """A classic script that hands the recording's events to the replay: it works from a file, where `fetch` does not."""
    recording = output.recording
    events = [[round(event.at_s, 3), event.kind, event.text] for event in recording.events] if recording else []
    cast = {
        "cols": recording.cols if recording else 80,
        "rows": recording.rows if recording else 24,
        "echo": output.kind in WITH_COMMAND,
        "events": events,
    }
    text = json.dumps([output.id, cast], ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"(window.QuarterdeckCasts = window.QuarterdeckCasts || []).push({text});\n"
