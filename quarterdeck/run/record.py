"""A plan to recordings: every session that has something to do, side by side. Writes nothing in the author's folder.

What failed is an outcome with a problem, never an exception, so that the good recordings of the same run are not lost.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.model import Diagnostic, Recording, Span
from quarterdeck.run.bash import find_bash
from quarterdeck.run.docker import engine as engines
from quarterdeck.run.docker.preflight import conflicts
from quarterdeck.run.masks import Difference, compare, differs_from_expected, masked, masks_of
from quarterdeck.run.needs import names_engine
from quarterdeck.run.plan import Job, Plan
from quarterdeck.run.process import ensure_running_works
from quarterdeck.run.recording import exclusive
from quarterdeck.run.redact import Redacted, Rules, redact, rules
from quarterdeck.run.scope import writing
from quarterdeck.run.stage import Ground, Outcome, Tell, run_session
from quarterdeck.run.status import Turn
from quarterdeck.run.terminal import outputs

AT_ONCE = 4
"""Sessions that run side by side."""
EXCERPT_LINES = 6
"""Of the output of what failed."""


def utc_now() -> str:
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def execute(
    plan: Plan,
    turns: Mapping[str, Turn],
    *,
    deck: Path,
    cache: Path,
    environ: Mapping[str, str],
    secrets: Iterable[str] = (),
    cancel: threading.Event,
    tell: Tell = lambda _job, _what: None,
    now: Callable[[], str] = utc_now,
) -> tuple[tuple[Outcome, ...], Rules]:
    """Runs what `turns` says, and gives how each job went, in the plan's order, and what to redact of it.

    `deck` is the talk's folder, `cache` the user's, `secrets` are patterns of what no recording may hold. Raises where
    nothing can run at all.
    """
    ensure_running_works()
    work = sessions_folder(cache) / token_hex(6)
    with writing():
        work.parent.mkdir(parents=True, exist_ok=True)
    jobs = [job for job in plan.jobs if turns.get(job.id, Turn.SKIP) is not Turn.SKIP]
    found = engines.find(environ) if any(map(names_engine, jobs)) else None
    engine = found if isinstance(found, engines.Engine) else None
    ground = Ground(
        deck=deck,
        work=work,
        ledger=cache / "ledger",
        environ=environ,
        engine=engine,
        no_engine=f"{found.what}; {found.fix}" if isinstance(found, engines.Absence) else "",
        fingerprint=fingerprint(environ, engine),
    )
    homes = [Path.home(), *(work / session.name / part for session in plan.sessions for part in ("folder", "home"))]
    homes += [home.resolve() for home in homes]
    hidden, wrong = rules(environment=environ, settings=secrets, homes=homes)
    for pattern, why in wrong:
        what = f"'{pattern}' in the setting 'redact' is no regular expression: {why}"
        raise UsageError(what, fix="nothing runs before it is right: what it should hide would be recorded")
    try:
        with (
            exclusive(work),
            ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="session") as pool,
        ):
            running = [
                pool.submit(run_session, session, plan, turns, ground=ground, now=now, cancel=cancel, tell=tell)
                for session in plan.sessions
            ]
            try:
                outcomes = [outcome for session in running for outcome in session.result()]
            except BaseException:
                cancel.set()
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return tuple(outcomes), hidden


def sessions_folder(cache: Path) -> Path:
    return cache / "sessions"


def clean_folders(cache: Path, *, dry_run: bool = False) -> tuple[Path, ...]:
    """Removes folders of sessions that crashed, and leaves alone those that are alive; gives what it removed."""
    folder = sessions_folder(cache)
    gone: list[Path] = []
    for work in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(SurroundingsError), exclusive(work):
            gone.append(work)
            if not dry_run:
                shutil.rmtree(work, ignore_errors=True)
    return tuple(gone)


def fingerprint(environ: Mapping[str, str], engine: engines.Engine | None) -> tuple[tuple[str, str], ...]:
    """What a recording was made with."""
    made = {"platform": f"{platform.system().lower()}/{platform.machine()}", "python": platform.python_version()}
    try:
        bash = find_bash(environ.get("PATH", ""))
        said = subprocess.run([str(bash), "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
        made["bash"] = said.partition("version ")[2].partition("-")[0].partition("(")[0].strip()
    except (SurroundingsError, OSError, subprocess.TimeoutExpired):
        pass  # programs of other languages need none
    if engine is not None:
        made |= dict(engines.fingerprint(engine))
    return tuple(sorted(made.items()))


def in_the_way(
    plan: Plan, turns: Mapping[str, Turn], *, environ: Mapping[str, str], path: str
) -> tuple[Diagnostic, ...]:
    """Names and ports that are taken, found before anything runs; `path` is the deck in diagnostics."""
    jobs = [job for job in plan.jobs if turns.get(job.id, Turn.SKIP) is not Turn.SKIP and names_engine(job)]
    lines = [line for job in jobs for line in job.commands]
    engine = engines.find(environ) if lines else None
    if not isinstance(engine, engines.Engine):
        return ()
    return tuple(
        Diagnostic(
            code="X102", message=found.what, span=Span(path=path, line=lines[found.command].line), hint=found.fix
        )
        for found in conflicts([line.text for line in lines], engine)
        if found.kind != "image"
    )


def failure(outcome: Outcome, hidden: Rules, *, path: str) -> Diagnostic:
    """What an author is told of a job that did not go as expected."""
    said = [
        line
        for text in outputs(cleaned(outcome, hidden).recording.events)
        for line in text.replace("\r", "").split("\n")
    ]
    excerpt = [line for line in said if line.strip()][-EXCERPT_LINES:]
    span = replace(outcome.job.span, path=path)
    if outcome.line:
        span = Span(path=path, line=outcome.line)
    return Diagnostic(
        code="X101",
        message=f"the snippet '{outcome.job.id}' {outcome.problem}",
        span=span,
        hint=f"it said: {' / '.join(excerpt)}" if excerpt else "",
    )


def cleaned(outcome: Outcome, hidden: Rules) -> Redacted:
    """The recording of a job as it may be written."""
    return redact(outcome.recording, hidden)


def normal_of(job: Job) -> Callable[[str], str]:
    """Output without what changes from run to run: a recording that differs in nothing else stays as it is."""
    patterns, _ = masks_of(job.options.mask)
    return lambda text: "\n".join(masked(line, patterns) for line in text.split("\n"))


def difference(job: Job, recorded: Recording, fresh: Recording) -> Difference | None:
    """How a fresh run contradicts the recording, or the output that stands on the slide."""
    patterns, _ = masks_of(job.options.mask)
    strict = job.options.verify == "output"
    found = compare(recorded, fresh, masks=patterns, output=strict)
    if found is not None or not strict:
        return found
    for number, (line, text) in enumerate(zip(job.commands, outputs(fresh.events), strict=False)):
        if line.expected is not None:
            size = {"cols": fresh.cols, "rows": fresh.rows}
            found = differs_from_expected(line.expected, text, masks=patterns, **size)
            if found is not None:
                return replace(found, commands=(number,))
    return None


def wrong_lines(job: Job, found: Difference) -> Iterable[int]:
    """Lines of the deck's file that a difference concerns."""
    lines = [job.commands[number].line for number in found.commands if number < len(job.commands)]
    return lines or [job.span.line]
