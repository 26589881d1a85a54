"""What a live session is asked to run: a snippet as on its slide, or with other commands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.execute.workspace import names_engine
from quarterdeck.recordings.cast import PROMPT
from quarterdeck.snippets.found import JobKind, Role
from quarterdeck.snippets.hidden import hidden_commands
from quarterdeck.snippets.holes import names_in
from quarterdeck.snippets.plan import CommandLine, Job, Plan, PlannedSession, commands_of

SIZE = (100, 24)
"""Columns and rows of a terminal that nobody looks at."""


class RunRequest(Struct, frozen=True, kw_only=True):
    """One run of one snippet."""

    run: int
    """Its number, unique on this server; it counts up."""
    job: Job
    cols: int
    rows: int
    paced: bool = False
    """Each command waits until the page has shown it being typed."""
    unseen: bool = False
    """For what it leaves behind: nobody is shown what it prints."""
    edited: bool = False
    hidden: frozenset[int] = frozenset()
    """Commands of which nothing is shown, counted from 0."""


def unseen(job: Job, run: int) -> RunRequest:
    cols, rows = job.options.execution.pty or SIZE
    return RunRequest(run=run, job=job, cols=cols, rows=rows, unseen=True)


def as_live(request: RunRequest) -> Job:
    """The job on a terminal that somebody sits at; what is seen has no end but the presenter's."""
    job, options = request.job, request.job.options
    if request.unseen:
        return job
    execution = replace(options.execution, pty=(request.cols, request.rows))
    if not options.stage.typed:
        execution = replace(execution, steps=())  # the presenter types; they are for the recording
    if execution.stdin == "none" and not execution.steps:
        execution = replace(execution, stdin="tty")
    checks = options.checks if execution.bg else replace(options.checks, timeout_s=float("inf"))
    return replace(job, options=replace(options, execution=execution, checks=checks))


def seen_before(jobs: Mapping[str, Job], slides: Collection[str]) -> tuple[str, ...]:
    """Ids of what runs before a slide is reached: set-ups, and what stands on the slides before it."""
    return tuple(
        job.id for job in jobs.values() if job.role is Role.SETUP or (job.role is Role.BODY and job.slide in slides)
    )


def starts_otherwise(
    was: PlannedSession, jobs: Mapping[str, Job], now: PlannedSession, fresh: Mapping[str, Job]
) -> bool:
    """Whether a session would be another from its start on: by its kind, its set-ups, or what stands around it."""

    def start(session: PlannedSession, each: Mapping[str, Job]) -> tuple[object, ...]:
        set_ups = [job.key for job in each.values() if job.role is Role.SETUP]
        engine = any(map(names_engine, each.values()))
        environments = {job.options.execution.env for job in each.values()}
        common = environments if len(environments) == 1 else set()
        return session.kernel, session.isolation, session.image, set_ups, engine, common

    return start(was, jobs) != start(now, fresh)


def hidden_of(job: Job) -> frozenset[int]:
    """Which commands of a job as it stands in the deck are hidden."""
    return hidden_commands(job.snippet) if job.kind is JobKind.SESSION else frozenset()


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
