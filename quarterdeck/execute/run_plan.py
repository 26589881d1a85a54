"""A plan to recordings: every session that has something to do, side by side. Writes nothing in the author's folder.

What failed is an outcome with a problem, never an exception, so that the good recordings of the same run are not lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.execute.captured_values import CapturedValues
from quarterdeck.execute.engine import find as engines
from quarterdeck.execute.engine.preflight import conflicts
from quarterdeck.execute.problems import Cancelled, NotRun
from quarterdeck.execute.results import JobOutcome, OnJobProgress
from quarterdeck.execute.screenshot import photograph
from quarterdeck.execute.session_run import SessionRun
from quarterdeck.execute.workspace import Workspace, fingerprint, names_engine, prepare_workspace
from quarterdeck.model import Diagnostic, Recording, Span
from quarterdeck.recordings.comparison import Difference, compare, differs_from_expected, unprinted
from quarterdeck.recordings.folder import utc_now
from quarterdeck.recordings.masks import masked, masks_of
from quarterdeck.recordings.redact import RedactedRecording, RedactionRules, redact, rules
from quarterdeck.recordings.still import outputs
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.holes import fill
from quarterdeck.snippets.plan import Job, Plan, PlannedSession
from quarterdeck.snippets.status import JobAction

AT_ONCE = 4
"""Sessions that run side by side."""
EXCERPT_LINES = 6
"""Of the output of what failed."""
SHORT = 60
"""Characters of a line in a finding about it."""
NO_TERMINAL = "the input device is not a TTY"
"""What docker says of `-it` where nobody types."""
TALKED_TO = "'#| steps:' below the fence says what is typed into it"


def execute(
    plan: Plan,
    actions: Mapping[str, JobAction],
    *,
    deck: Path,
    cache: Path,
    environ: Mapping[str, str],
    secrets: Iterable[str] = (),
    cancel: threading.Event,
    on_progress: OnJobProgress = lambda _job, _what: None,
    now: Callable[[], str] = utc_now,
    pictures: bool = False,
) -> tuple[tuple[JobOutcome, ...], RedactionRules]:
    """Runs what `actions` says, and gives how each job went, in the plan's order, and what to redact of it.

    `deck` is the talk's folder, `cache` the user's, `secrets` are patterns of what no recording may hold. Raises where
    nothing can run at all.
    """
    jobs = [job for job in plan.jobs if actions.get(job.id, JobAction.SKIP) is not JobAction.SKIP]
    with prepare_workspace(jobs, deck=deck, cache=cache, environ=environ) as workspace:
        photos = partial(photograph, environ=environ, within=workspace.work / "browser", cancel=cancel)
        workspace = replace(
            workspace,
            fingerprint=fingerprint(environ, workspace.engine),
            photograph=photos if pictures else None,
        )
        hidden = _hidden(plan, workspace.work, environ=environ, secrets=secrets)
        exchange = CapturedValues(each.name for job in jobs for each in job.options.execution.capture)
        # one that waits for the value of another may not keep that one from its turn
        at_once = max(AT_ONCE, len(plan.sessions)) if plan.captures else AT_ONCE
        run = partial(
            run_session, workspace=workspace, now=now, cancel=cancel, exchange=exchange, on_progress=on_progress
        )
        with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="session") as pool:
            running = [pool.submit(run, session, plan, actions) for session in plan.sessions]
            try:
                outcomes = [outcome for session in running for outcome in session.result()]
            except BaseException:
                cancel.set()
                raise
    return tuple(outcomes), hidden


def run_session(
    session: PlannedSession,
    plan: Plan,
    actions: Mapping[str, JobAction],
    *,
    workspace: Workspace,
    now: Callable[[], str],
    cancel: threading.Event,
    exchange: CapturedValues,
    on_progress: OnJobProgress = lambda _job, _what: None,
) -> tuple[JobOutcome, ...]:
    """Runs what `actions` says of a session, its tear-downs whatever happens; nothing that it started lives on."""
    jobs = [
        job for name in session.jobs if (job := plan.job(name)) is not None and actions.get(name) is not JobAction.SKIP
    ]
    if not jobs:
        return ()
    outcomes: list[JobOutcome] = []
    session_run = SessionRun(session, jobs, workspace=workspace, now=now, cancel=cancel)
    with ExitStack() as exits:
        exits.callback(exchange.give_up, [each.name for job in jobs for each in job.options.execution.capture])
        try:
            exits.enter_context(session_run)
        except SurroundingsError as error:
            return tuple(
                session_run.not_run(job, actions[job.id], NotRun(why=f"{error.what}; {error.fix}")) for job in jobs
            )
        for job in jobs:
            if job.role is not Role.TEARDOWN and cancel.is_set():
                outcome = session_run.not_run(job, actions[job.id], Cancelled())
            else:
                on_progress(job, "run")
                outcome = session_run.run(job, actions[job.id], exchange.wait(job.uses, cancel))
            exchange.put(outcome.recording.captured)
            exchange.give_up([each.name for each in job.options.execution.capture])
            on_progress(job, str(outcome.problem or "ok"))
            outcomes.append(outcome)
    return tuple(outcomes)


def _hidden(plan: Plan, work: Path, *, environ: Mapping[str, str], secrets: Iterable[str]) -> RedactionRules:
    homes = [Path.home(), *(work / session.name / part for session in plan.sessions for part in ("folder", "home"))]
    homes += [home.resolve() for home in homes]
    hidden, wrong = rules(environment=environ, settings=secrets, homes=homes)
    for pattern, why in wrong:
        what = f"'{pattern}' in the setting 'redact' is no regular expression: {why}"
        raise UsageError(what, fix="nothing runs before it is right: what it should hide would be recorded")
    return hidden


def in_the_way(plan: Plan, actions: Mapping[str, JobAction], *, environ: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Names and ports that are taken, found before anything runs."""
    jobs = [job for job in plan.jobs if actions.get(job.id, JobAction.SKIP) is not JobAction.SKIP and names_engine(job)]
    lines = [(line, job.span.path) for job in jobs for line in job.commands]
    engine = engines.find(environ) if lines else None
    if not isinstance(engine, engines.Engine):
        return ()
    taken = [found for found in conflicts([line.text for line, _ in lines], engine) if found.kind != "image"]
    places = [lines[found.command] for found in taken]
    return tuple(
        Diagnostic(code="X102", message=found.what, span=Span(path=path, line=line.line), hint=found.fix)
        for found, (line, path) in zip(taken, places, strict=True)
    )


def failure(outcome: JobOutcome, hidden: RedactionRules) -> Diagnostic:
    """What an author is told of a job that did not go as expected."""
    said = [
        line
        for text in outputs(cleaned(outcome, hidden).recording.events)
        for line in text.replace("\r", "").split("\n")
    ]
    excerpt = [line for line in said if line.strip()][-EXCERPT_LINES:]
    span = outcome.job.span
    if outcome.line:
        span = Span(path=span.path, line=outcome.line)
    hint = f"it said: {' / '.join(excerpt)}" if excerpt else ""
    return Diagnostic(
        code=outcome.code,
        message=f"the snippet '{outcome.job.id}' {outcome.problem}",
        span=span,
        hint=f"{hint}; {TALKED_TO}" if any(NO_TERMINAL in line for line in excerpt) else hint,
    )


def cleaned(outcome: JobOutcome, hidden: RedactionRules) -> RedactedRecording:
    """The recording of a job as it may be written."""
    return redact(outcome.recording, hidden)


def normal_of(job: Job) -> Callable[[str], str]:
    """Output without what changes from run to run: a recording that differs in nothing else stays as it is."""
    patterns, _ = masks_of(job.options.checks.mask)
    return lambda text: "\n".join(masked(line, patterns) for line in text.split("\n"))


def difference(job: Job, recorded: Recording, fresh: Recording) -> Difference | None:
    """How a fresh run contradicts the recording, or the output that stands on the slide."""
    patterns, _ = masks_of(job.options.checks.mask)
    strict = job.options.checks.verify == "output"
    found = compare(recorded, fresh, masks=patterns, output=strict)
    if found is not None or not strict:
        return found
    for number, expected, text in _written_outputs(job, fresh):
        found = differs_from_expected(expected, text, masks=patterns, cols=fresh.cols, rows=fresh.rows)
        if found is not None:
            return replace(found, commands=(number,))
    return None


def _written_outputs(job: Job, fresh: Recording) -> Iterator[tuple[int, list[str], str]]:
    """Of each command below which the author wrote output: its number, those lines, and what it printed."""
    values = dict((*fresh.captured, *fresh.filled))
    for number, (line, text) in enumerate(zip(job.commands, outputs(fresh.events), strict=False)):
        if line.expected is not None:
            yield number, [fill(each, values) for each in line.expected], text


def not_printed(job: Job, fresh: Recording) -> Iterator[Diagnostic]:
    """Lines below commands, or above the first one, that the run did not print: the slide does not show them."""
    patterns, _ = masks_of(job.options.checks.mask)
    for number, expected, text in _written_outputs(job, fresh):
        missing = unprinted(expected, text, masks=patterns, cols=fresh.cols, rows=fresh.rows)
        if missing:
            command = job.commands[number]
            begins = command.text.partition("\n")[0]
            line = f"'{expected[missing[0]].strip()[:SHORT]}'"
            more = f" and {len(missing) - 1} more of these lines" if len(missing) > 1 else ""
            yield Diagnostic(
                code="X303",
                message=f"'{begins[:SHORT]}' did not print {line}{more}: the slide shows what it printed",
                span=Span(path=job.span.path, line=command.expected_at[missing[0]]),
                hint="remove what is not printed, or write what is; a line that is to run begins with the first prompt",
            )


def wrong_lines(job: Job, found: Difference) -> Iterable[int]:
    """Lines of the deck's file that a difference concerns."""
    lines = [job.commands[number].line for number in found.commands if number < len(job.commands)]
    return lines or [job.span.line]
