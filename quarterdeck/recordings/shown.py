"""What of a recording is shown: without the commands that the slide hides. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from quarterdeck.model import Event, Recording, Snippet
from quarterdeck.recordings.cast import is_echo
from quarterdeck.snippets.hidden import hidden_commands
from quarterdeck.snippets.plan import commands_of


def shown_part(recording: Recording, snippet: Snippet) -> Recording:
    """The recording of a session without its hidden commands."""
    away = hidden_commands(snippet)
    if not away:
        return recording
    commands = commands_of(snippet.code)
    texts = {commands[at].text for at in away}
    ran = [command.text for command in recording.commands]
    same = ran == [command.text for command in commands]
    gone = {at for at, text in enumerate(ran) if (at in away if same else text in texts)}
    return replace(
        recording,
        commands=tuple(command for at, command in enumerate(recording.commands) if at not in gone),
        events=tuple(_without(recording.events, gone)),
    )


def _without(events: tuple[Event, ...], gone: set[int]) -> Iterator[Event]:
    """The events without those from the marker of a command that is gone to the next marker."""
    number, lost_s, left_at_s, first = -1, 0.0, 0.0, True
    marker: Event | None = None
    for event in events:
        if event.kind == "m":
            number += 1
            if number - 1 in gone:
                lost_s += event.at_s - left_at_s
            left_at_s = event.at_s
        if number in gone and event.kind != "x":
            continue
        if number in gone:
            lost_s += event.at_s - left_at_s
        text = event.text
        if first and marker is not None and is_echo(marker, event):
            text, first = text.removeprefix("\r\n"), False  # nothing stands above it any more
        marker = event if event.kind == "m" else None
        yield replace(event, at_s=round(max(event.at_s - lost_s, 0.0), 3), text=text)
