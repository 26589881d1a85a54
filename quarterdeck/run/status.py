"""Which recordings still hold, which do not and why, and what has to run to mend that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from quarterdeck.diagnostics import did_you_mean
from quarterdeck.errors import UsageError
from quarterdeck.model import Command, Diagnostic, Recording, Span
from quarterdeck.run.fences import Role
from quarterdeck.run.plan import Job, Plan
from quarterdeck.run.values import meets, spelled


class State(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


class Turn(StrEnum):
    """What a run does with a job."""

    RECORD = "record"
    STATE = "state"
    """It runs for what it leaves behind; its recording is not touched."""
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    id: str
    state: State
    reason: str = ""
    """Why it is stale: `text changed, dep app.py changed`."""
    span: Span
    """Of its fence."""


def status_of(commands: Iterable[Command]) -> int:
    """The exit status of a snippet: that of its first command that did not return 0."""
    return next((command.status for command in commands if command.status), 0)


def statuses(plan: Plan, recordings: Mapping[str, Recording]) -> tuple[Status, ...]:
    """One per job, in the plan's order."""
    found: list[Status] = []
    roots: dict[str, str] = {}
    """By id of a stale job: the job where the change is."""
    for job in plan.jobs:
        recording = recordings.get(job.id)
        state, reason = State.MISSING, "not recorded yet"
        if recording is not None:
            reason = _why_stale(job, recording, roots)
            state = State.STALE if reason else State.FRESH
        if state is not State.FRESH:
            roots.setdefault(job.id, job.id)
        found.append(Status(id=job.id, state=state, reason=reason, span=job.span))
    return tuple(found)


def _why_stale(job: Job, recording: Recording, roots: dict[str, str]) -> str:
    """An empty string where the recording holds. A job that only follows a changed one gets the root of that one."""
    if recording.key == job.key:
        status = status_of(recording.commands)
        if job.options.bg or meets(job.options.expect, status):
            return ""
        return f"status {status} no longer meets {spelled(job.options.expect)}"
    before, now = dict(recording.parts), dict(job.parts)
    if before.get("format") != now["format"]:
        return "recorded by another version of Quarterdeck"
    changed = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    own = [_change(name, name in before, name in now) for name in changed if not name.startswith("after ")]
    if own:
        return ", ".join(own)
    after = next((name.removeprefix("after ") for name in changed if name in now), "")
    if not after:
        return "nothing runs before it any more" if changed else "what runs changed"
    if f"after {after}" not in before:
        return f"runs after #{after} now"
    roots[job.id] = roots.get(after, after)
    return f"predecessor #{roots[job.id]} changed"


def _change(name: str, was: bool, is_now: bool) -> str:
    if name.startswith("option "):
        return f"{name} changed"
    return f"{name} {'changed' if was and is_now else 'added' if is_now else 'gone'}"


def orphans(plan: Plan, recordings: Iterable[str]) -> tuple[str, ...]:
    """Ids of recordings whose snippet is gone, sorted."""
    return tuple(sorted(set(recordings) - {job.id for job in plan.jobs}))


def needed(
    plan: Plan, found: Iterable[Status], *, only: Collection[str] = (), everything: bool = False
) -> Mapping[str, Turn]:
    """What to do with each job, in the plan's order.

    Recorded are the jobs that are stale or missing, or those of `only`, or all. What runs before one of them in its
    session runs for its state, what runs after the last of them is skipped; tear-downs always run where anything does.
    """
    ids = {job.id: job for job in plan.jobs}
    for name in only:
        if name not in ids:
            raise UsageError(f"no snippet has the id '{name}'", fix=did_you_mean(name, ids, noun="they are"))
    stale = {status.id for status in found if status.state is not State.FRESH}
    wanted = set(ids) if everything else set(only) or stale
    turns: dict[str, Turn] = {}
    for session in plan.sessions:
        last = max((at for at, name in enumerate(session.jobs) if name in wanted), default=-1)
        for at, name in enumerate(session.jobs):
            runs = at < last or (last >= 0 and ids[name].role is Role.TEARDOWN)
            turns[name] = Turn.RECORD if name in wanted else Turn.STATE if runs else Turn.SKIP
    return turns


def recording_problems(found: Iterable[Status]) -> tuple[Diagnostic, ...]:
    """What a build says of recordings that are stale or missing."""
    return tuple(
        Diagnostic(
            code="X201" if status.state is State.STALE else "X202",
            message=f"the recording '{status.id}' is stale: {status.reason}"
            if status.state is State.STALE
            else f"the snippet '{status.id}' is not recorded yet",
            span=status.span,
            hint=f"quarterdeck record --only {status.id}",
        )
        for status in found
        if status.state is not State.FRESH
    )
