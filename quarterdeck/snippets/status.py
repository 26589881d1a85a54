"""Which recordings still hold, which do not and why, and what has to run to mend that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from quarterdeck.diagnostics import did_you_mean
from quarterdeck.errors import UsageError
from quarterdeck.model import Command, Diagnostic, Recording, Span
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.plan import Job, Plan
from quarterdeck.snippets.values import meets, spelled


class RecordingState(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


class JobAction(StrEnum):
    """What a run does with a job."""

    RECORD = "record"
    STATE = "state"
    """It runs for what it leaves behind; its recording is not touched."""
    SKIP = "skip"


class RecordingStatus(Struct, frozen=True, kw_only=True):
    id: str
    state: RecordingState
    reason: str = ""
    """Why it is stale: `text changed, dep app.py changed`."""
    span: Span
    """Of its fence."""


def status_of(commands: Iterable[Command]) -> int:
    """The exit status of a snippet: that of its first command that did not return 0."""
    return next((command.status for command in commands if command.status), 0)


def statuses(plan: Plan, recordings: Mapping[str, Recording]) -> tuple[RecordingStatus, ...]:
    """One per job, in the plan's order."""
    found: list[RecordingStatus] = []
    roots: dict[str, str] = {}
    """By id of a stale job: the job where the change is."""
    for job in plan.jobs:
        recording = recordings.get(job.id)
        state, reason = RecordingState.MISSING, "not recorded yet"
        if recording is not None:
            reason = _why_stale(job, recording, roots)
            state = RecordingState.STALE if reason else RecordingState.FRESH
        if state is not RecordingState.FRESH:
            roots.setdefault(job.id, job.id)
        found.append(RecordingStatus(id=job.id, state=state, reason=reason, span=job.span))
    return tuple(found)


def _why_stale(job: Job, recording: Recording, roots: dict[str, str]) -> str:
    """An empty string where the recording holds. A job that only follows a changed one gets the root of that one."""
    if recording.key == job.key:
        status = status_of(recording.commands)
        if job.options.execution.bg or meets(job.options.checks.expect, status):
            return ""
        return f"status {status} no longer meets {spelled(job.options.checks.expect)}"
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


def needed(
    plan: Plan,
    found: Iterable[RecordingStatus],
    *,
    only: Collection[str] = (),
    everything: bool = False,
    also: Collection[str] = (),
) -> Mapping[str, JobAction]:
    """What to do with each job, in the plan's order.

    Recorded are the jobs that are stale, missing or of `also`, or those of `only`, or all. What runs before one of them
    in its session, or captures a value for it in another one, runs for its state, what runs after the last of them is
    skipped; tear-downs always run where anything does.
    """
    ids = {job.id: job for job in plan.jobs}
    for name in only:
        if name not in ids:
            raise UsageError(f"no snippet has the id '{name}'", fix=did_you_mean(name, ids, noun="they are"))
    stale = {status.id for status in found if status.state is not RecordingState.FRESH} | set(also)
    wanted = set(ids) if everything else set(only) or stale
    actions: dict[str, JobAction] = {}
    ends = _ends(plan, ids, wanted)
    for session in plan.sessions:
        last = ends[session.name]
        for at, name in enumerate(session.jobs):
            runs = at <= last or (last >= 0 and ids[name].role is Role.TEARDOWN)
            actions[name] = JobAction.RECORD if name in wanted else JobAction.STATE if runs else JobAction.SKIP
    return actions


def _ends(plan: Plan, jobs: Mapping[str, Job], wanted: Collection[str]) -> dict[str, int]:
    """How far each session runs: to the last job that is wanted, and to what captures a value for one that runs.

    A recorded value is of no use to what runs now: its container is gone.
    """
    ends = {session.name: -1 for session in plan.sessions}
    sessions = {session.name: session.jobs for session in plan.sessions}
    more = [name for name in jobs if name in wanted]
    while more:
        name = more.pop()
        session = jobs[name].session
        at = sessions[session].index(name)
        reached = sessions[session][ends[session] + 1 : at + 1]
        if ends[session] < 0:
            reached += tuple(each for each in sessions[session][at + 1 :] if jobs[each].role is Role.TEARDOWN)
        ends[session] = max(ends[session], at)
        more += [plan.captures[use] for each in reached for use in jobs[each].uses]
    return ends


def recording_problems(found: Iterable[RecordingStatus]) -> tuple[Diagnostic, ...]:
    """What a build says of recordings that are stale or missing."""
    return tuple(
        Diagnostic(
            code="X201" if status.state is RecordingState.STALE else "X202",
            message=f"the recording '{status.id}' is stale: {status.reason}"
            if status.state is RecordingState.STALE
            else f"the snippet '{status.id}' is not recorded yet",
            span=status.span,
            hint=f"quarterdeck record --only {status.id}",
        )
        for status in found
        if status.state is not RecordingState.FRESH
    )
