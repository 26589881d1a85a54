"""Recordings on slides: the still, where it stands, and the data that replays it. Pure but for templates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from quarterdeck.model import Event, Html, Recording
from quarterdeck.recordings.cast import is_echo
from quarterdeck.recordings.still import fold, rows_html, still, with_values
from quarterdeck.recordings.style import Row
from quarterdeck.render.frame import FramedPage
from quarterdeck.render.templates import Templates, safe
from quarterdeck.render.words import counted, long_date
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.holes import Values
from quarterdeck.snippets.options import RunOptions
from quarterdeck.snippets.status import RecordingState, status_of
from quarterdeck.snippets.values import ShownLines, meets

_NOTHING = Html("")
OWN_TERMINAL = frozenset({JobKind.SESSION})
"""The still shows the commands themselves, so that it stands in the place of the code."""
WITH_COMMAND = frozenset({JobKind.SESSION, JobKind.BUILD})
"""The command is worth showing above its output; elsewhere it is the code on the slide."""

Place = Literal["instead", "below", "beside", "fragment", "replace", "hide", "none", "target"]


class SnippetOutput(Struct, frozen=True, kw_only=True):
    """What a slide shows of a snippet that runs."""

    id: str
    kind: JobKind
    session: str
    options: RunOptions
    state: RecordingState
    recording: Recording | None
    replay_url: str = ""
    """Script with the data of the replay, relative to the page."""
    rich: Html = _NOTHING
    """Images and tables of a kernel."""
    holes: Values = field(default_factory=dict)
    """Captured values in its commands, as they were recorded."""
    frame: FramedPage | None = None
    """The page that it serves, where the slide shows it."""

    @property
    def place(self) -> Place:
        """Where the output goes; by itself, into the place of a console and below or beside anything else."""
        chosen = self.options.display.out.kind
        if chosen != "auto":
            return chosen
        return "instead" if self.kind in OWN_TERMINAL else "below"


def terminal_html(output: SnippetOutput, *, templates: Templates, words: Mapping[str, str]) -> Html:
    """The terminal window with its still. Without a recording, a badge says that there is none yet."""
    recording = output.recording
    if recording is None:
        rows, hidden, commands, status = Html(""), 0, "", 0
    else:
        shows_commands = output.kind in WITH_COMMAND
        seen = still(recording.events, cols=recording.cols, rows=recording.rows, echo=shows_commands)
        rows, hidden = _folded(with_values(seen, output.holes), output.options.display.lines)
        commands = "\n".join(command.text for command in recording.commands) if shows_commands else ""
        status = 0 if output.options.execution.bg else status_of(recording.commands)
    state = words["not_recorded"]
    if recording is not None:
        state = words["recorded"].format(date=long_date(recording.recorded, words["language"]))
        if output.state is RecordingState.STALE:
            state = f"{words['stale']} · {state}"
    return templates.render(
        "terminal.html",
        output=output,
        place=output.place,
        state=state,
        rows=safe(rows),
        commands=commands,
        rich=safe(output.rich),
        folded=counted(words, "output_hidden", hidden) if hidden else "",
        folded_at=output.options.display.lines.part,
        status=status,
        expected=meets(output.options.checks.expect, status),
        exit=words["exit"].format(status=status) if status else "",
        words=words,
    )


def _folded(seen: Sequence[Row], lines: ShownLines) -> tuple[Html, int]:
    """All rows, those that are folded away in one element of their own, and how many those are."""
    hidden = fold(seen, lines.count, lines.part).hidden if lines.count else 0
    if hidden < 2:  # to say that one is hidden takes as much room as the row
        return rows_html(seen), 0
    if lines.part == "tail":
        # the command stays: without it nobody knows whose end this is
        first = next((at for at, row in enumerate(seen) if not _is_typed(row)), 0)
        hidden = max(hidden, first)
        away = f'<span class="qd-hidden-rows">{rows_html(seen[first:hidden])}\n</span>' if hidden > first else ""
        lead = f"{rows_html(seen[:first])}\n" if first else ""
        return Html(lead + away + rows_html(seen[hidden:])), hidden - first
    away = f'<span class="qd-hidden-rows">\n{rows_html(seen[-hidden:])}</span>'
    return Html(rows_html(seen[:-hidden]) + away), hidden


def _is_typed(row: Row) -> bool:
    return bool(row) and row[0][1].role == "prompt"


def replay_script(output: SnippetOutput) -> str:
    """A classic script that hands the recording's events to the replay: it works from a file, where `fetch` does not.

    An event is `[seconds, kind, text]`, kinds as in asciicast, and `p` for the output that is prompt and command.
    """
    recording = output.recording
    cast = {
        "cols": recording.cols if recording else 80,
        "rows": recording.rows if recording else 24,
        "events": list(_replayed(recording.events, echo=output.kind in WITH_COMMAND)) if recording else [],
    }
    text = json.dumps([output.id, cast], ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"Quarterdeck.terminal.casts.set(...{text})\n"


def _replayed(events: Sequence[Event], *, echo: bool) -> Iterator[tuple[float, str, str]]:
    """The events of the replay. Without `echo`, all is output of one program: no prompts, and no marks to stop at."""
    marker: Event | None = None
    for event in events:
        typed = marker is not None and is_echo(marker, event)
        marker = event if event.kind == "m" else None
        if echo or not (typed or event.kind == "m"):
            yield round(event.at_s, 3), *(("p", _expanded(event.text)) if typed else (event.kind, event.text))


def _expanded(echoed: str) -> str:
    """Prompts and command without tabs, which the still counts from behind the prompt."""
    return "\r\n".join(line[:2] + line[2:].expandtabs(8) for line in echoed.split("\r\n"))
