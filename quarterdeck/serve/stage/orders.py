"""What a live session is asked to run. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from quarterdeck.execute.needs import names_engine
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.plan import Job, PlannedSession

SIZE = (100, 24)
"""Columns and rows of a terminal that nobody looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
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


def unseen(job: Job, run: int) -> Order:
    cols, rows = job.options.execution.pty or SIZE
    return Order(run=run, job=job, cols=cols, rows=rows, unseen=True)


def as_live(order: Order) -> Job:
    """The job on a terminal that somebody sits at; what is seen has no end but the presenter's."""
    job, options = order.job, order.job.options
    if order.unseen:
        return job
    execution = replace(options.execution, pty=(order.cols, order.rows))
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
