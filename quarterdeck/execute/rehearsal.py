"""A whole deck run on this machine before the talk: what would go wrong on stage, and what mends each of it.

Nothing is written. A rehearsal goes on where `check --run` stops: what is missing is told even if it keeps all else
from running.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from quarterdeck.execute.engine import find as engines
from quarterdeck.execute.engine.preflight import conflicts
from quarterdeck.execute.recorder import OnTalkProgress, RunReport, check_talk
from quarterdeck.execute.workspace import names_engine
from quarterdeck.model import Diagnostic, Span
from quarterdeck.snippets.plan import Job
from quarterdeck.talk.talk import Talk

SHARE = 0.1
"""Of the talk's minutes, that one snippet may take."""


class Rehearsal(Struct, frozen=True, kw_only=True):
    report: RunReport
    """As `check --run` would give it."""
    findings: tuple[Diagnostic, ...]
    """All that needs to be mended, in the order of the talk."""
    took_s: Mapping[str, float]
    """How long each snippet ran, by id."""

    @property
    def total_s(self) -> float:
        return sum(self.took_s.values())


def rehearse(
    talk: Talk,
    *,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    on_progress: OnTalkProgress = lambda _talk, _job, _what: None,
) -> Rehearsal:
    began: dict[str, float] = {}
    took: dict[str, float] = {}

    def timed(of: Talk, job: Job, what: str) -> None:
        if what == "run":
            began[job.id] = time.monotonic()
        elif job.id in began:
            took[job.id] = time.monotonic() - began[job.id]
        on_progress(of, job, what)

    missing = tuple(_missing(talk, environ))
    report = check_talk(talk, cache=cache, environ=environ, cancel=cancel, on_progress=timed)
    stale = (found for found in talk.snippets.findings if found.code == "X201")
    found = (*missing, *report.problems, *(each for each, _ in report.diffs), *stale, *_slow(talk, took))
    in_order = sorted(dict.fromkeys(found), key=lambda each: (each.span.line, each.code))
    return Rehearsal(report=report, findings=tuple(in_order), took_s=took)


def _missing(talk: Talk, environ: Mapping[str, str]) -> Iterator[Diagnostic]:
    """An engine that does not answer, and images that would have to be pulled while everybody waits."""
    jobs = [job for job in talk.snippets.plan.jobs if names_engine(job)]
    if not jobs:
        return
    engine = engines.find(environ)
    if isinstance(engine, engines.Absence):
        first = jobs[0].span
        span = Span(path=first.path, line=first.line)
        yield Diagnostic(code="X501", message=engine.what, span=span, hint=engine.fix)
        return
    lines = [(line, job.span.path) for job in jobs for line in job.commands]
    for found in conflicts([line.text for line, _ in lines], engine):
        if found.kind == "image":
            line, path = lines[found.command]
            span = Span(path=path, line=line.line)
            yield Diagnostic(code="X502", message=found.what, span=span, hint=found.fix)


def _slow(talk: Talk, took: Mapping[str, float]) -> Iterator[Diagnostic]:
    """Snippets that hold the talk up: for longer than its speaker has patience, and than its minutes allow."""
    minutes = talk.options.minutes
    for job in talk.snippets.plan.jobs:
        allowed_s = max(job.options.stage.patience_s, minutes * 60 * SHARE if minutes else 0.0)
        took_s = took.get(job.id, 0.0)
        if took_s > allowed_s:
            of = f" of {minutes:g} minutes" if minutes else ""
            yield Diagnostic(
                code="X503",
                message=f"the snippet '{job.id}' took {took_s:.0f} s{of}",
                span=job.span,
                hint="show its recording (x on stage), or run it before the talk: {setup} on its fence",
            )
