"""The commands of a run, as on the slide or as a presenter has changed them, and which of them are hidden. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quarterdeck.recordings.cast import PROMPT
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.hidden import hidden_commands
from quarterdeck.snippets.holes import names_in
from quarterdeck.snippets.plan import CommandLine, Job, Plan, commands_of

NONE: frozenset[int] = frozenset()


def hidden_of(job: Job) -> frozenset[int]:
    """Which commands of a job as it stands in the deck are hidden."""
    return hidden_commands(job.snippet) if job.kind is JobKind.SESSION else NONE


def shown_commands(job: Job) -> tuple[str, ...]:
    hidden = hidden_of(job)
    return tuple(line.text for at, line in enumerate(job.commands) if at not in hidden)


def edited(job: Job, text: str, plan: Plan) -> tuple[Job, frozenset[int]]:
    """The job with other commands, and which are hidden: text with prompts is commands, other text is one.

    Hidden commands, which whoever edits has not seen, run where they did.
    """
    prompted = job.kind is JobKind.SESSION and any(line.startswith(PROMPT) for line in text.split("\n"))
    written = commands_of(text) if prompted else (CommandLine(text=text.rstrip(), line=job.span.line),)
    commands, hidden = _with_hidden(written, job.commands, hidden_of(job))
    uses = tuple(sorted({name for line in commands for name in names_in(line.text)} & {*plan.captures}))
    return replace(job, commands=commands, uses=uses), hidden


def _with_hidden(
    written: Sequence[CommandLine], before: Sequence[CommandLine], hidden: frozenset[int]
) -> tuple[tuple[CommandLine, ...], frozenset[int]]:
    """Each after as many shown commands as it stood after; what stood at the end stays there."""
    shown = len(before) - len(hidden)
    found = [(line, False) for line in written]
    for at in sorted(hidden, reverse=True):
        after = at - sum(each < at for each in hidden)
        found.insert(min(after, len(written)) if after < shown else len(written), (before[at], True))
    return tuple(line for line, _ in found), frozenset(at for at, (_, away) in enumerate(found) if away)
