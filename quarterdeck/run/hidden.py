"""What of a snippet runs and is not shown: all of it, or some of its lines. Pure.

A line is hidden by `# hide` at its end or by `hide=1-2` on the fence. A command of a session is hidden with what it
printed, and lasts no time in the replay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from quarterdeck.model import Event, Recording, Snippet
from quarterdeck.run.cast import is_echo
from quarterdeck.run.plan import commands_of
from quarterdeck.run.prompts import is_prompted
from quarterdeck.run.values import Hidden, UnfitError, hide
from quarterdeck.settings.yaml_text import YamlMistakeError, load_yaml


def is_hidden(snippet: Snippet) -> bool:
    """Whether nothing of the snippet is shown."""
    lines = snippet.code.rstrip("\n").split("\n")
    alone = is_prompted(snippet.code, snippet.language) and hidden_lines(snippet) >= set(range(1, len(lines) + 1))
    return _said(snippet) is True or alone


def hidden_lines(snippet: Snippet) -> frozenset[int]:
    """Lines of the code, from 1, that are not shown."""
    said = _said(snippet)
    return frozenset(snippet.hidden if isinstance(said, bool) else (*snippet.hidden, *said))


def _said(snippet: Snippet) -> Hidden:
    """The option `hide`; one that cannot be read hides nothing, and is reported where options are."""
    written = [option.value for option in snippet.options if option.key == "hide"]
    if not written:
        return False
    try:
        return hide(load_yaml(written[0])[0] if written[0] else True)
    except (UnfitError, YamlMistakeError):
        return False


def hidden_commands(snippet: Snippet) -> frozenset[int]:
    """Which commands of a session are hidden, counted from 0: those whose first line is."""
    hidden = hidden_lines(snippet)
    return frozenset(at for at, command in enumerate(commands_of(snippet.code)) if command.line in hidden)


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
