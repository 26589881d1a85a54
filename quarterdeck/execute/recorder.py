"""The verbs that run a talk's snippets: what they would do, and whether its owner has said yes; record; compare.

Runs only what a verb was typed for. Writes recordings and nothing else into the author's folder.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import did_you_mean, severity
from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.execute import run_plan
from quarterdeck.execute.agreement import out_of_step
from quarterdeck.execute.results import JobOutcome
from quarterdeck.execute.screenshot import find_browser
from quarterdeck.model import Diagnostic, Severity, Span
from quarterdeck.recordings import folder as recordings_folder
from quarterdeck.recordings.comparison import Difference, compare_kernel_outputs
from quarterdeck.recordings.outputs import rewritten, write_outputs
from quarterdeck.recordings.pictures import prune_pictures, write_picture
from quarterdeck.recordings.recorded import carry_over
from quarterdeck.recordings.redact import RedactionRules, redact_text
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.plan import Job
from quarterdeck.snippets.status import JobAction, needed
from quarterdeck.talk.talk import Talk

OnTalkProgress = Callable[[Talk, Job, str], None]
"""Called when a job begins (`run`) and ends (`ok`, or what is wrong)."""


class WrittenRecording(Struct, frozen=True, kw_only=True):
    """What became of the recording of one snippet."""

    id: str
    changed: bool
    """Whether a file was written; a recording that says the same stays as it is."""
    redacted: tuple[tuple[str, int], ...] = ()
    diff: str = ""
    """Against the recording before; empty where there was none or nothing but times changed."""


class RunReport(Struct, frozen=True, kw_only=True):
    """What one verb did with one talk."""

    talk: Talk
    ran: tuple[str, ...] = ()
    """Ids of the snippets that ran."""
    written: tuple[WrittenRecording, ...] = ()
    held_back: tuple[str, ...] = ()
    """Ids of what went well and is not recorded: a snippet before it in its session had failed."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Casts that got the name of their snippet: the names of before and of now."""
    kept: Path | None = None
    """Folder with what failed snippets printed, apart from the recordings."""
    pruned: tuple[str, ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()
    """Addresses of framed pages of which no picture was taken, and why."""
    problems: tuple[Diagnostic, ...] = ()
    diffs: tuple[tuple[Diagnostic, str], ...] = ()
    """Contradictions between slide and run, each with its diff."""


NOT_AS_WRITTEN = "write below the command what it prints, with <...> for what changes, or remove the lines"


def to_record(talk: Talk, *, only: Collection[str] = (), everything: bool = False) -> bool:
    """Whether recording the talk would run anything."""
    plan = talk.snippets.plan
    own = [name for name in only if plan.job(name)]
    if only and not own:
        return False
    also = _to_photograph(talk, os.environ)
    actions = needed(plan, talk.snippets.states.values(), only=own, everything=everything, also=also)
    return any(action is not JobAction.SKIP for action in actions.values())


def chosen(talks: Iterable[Talk], only: Collection[str]) -> tuple[tuple[Talk, tuple[str, ...]], ...]:
    """The talks that `only` names snippets of, each with those; all talks where it names none."""
    talks = tuple(talks)
    ids = {job.id for talk in talks for job in talk.snippets.plan.jobs}
    for name in only:
        if name not in ids:
            raise UsageError(f"no snippet has the id '{name}'", fix=did_you_mean(name, ids, noun="they are"))
    own = ((talk, tuple(name for name in only if talk.snippets.plan.job(name))) for talk in talks)
    return tuple((talk, names) for talk, names in own if names or not only)


def record_talk(
    talk: Talk,
    *,
    only: Collection[str] = (),
    everything: bool = False,
    prune: bool = False,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    on_progress: OnTalkProgress = lambda _talk, _job, _what: None,
    announce: Callable[[WrittenRecording], None] = lambda _written: None,
) -> RunReport:
    """Runs what is new or stale, or what `only` or `everything` asks for, and writes what went as expected.

    `announce` is told of each recording before it is written.
    """
    _refuse_mistakes(talk)
    snippets, renamed = carry_over(talk.snippets)
    talk = replace(talk, snippets=snippets)
    also = _to_photograph(talk, environ)
    actions = needed(snippets.plan, snippets.states.values(), only=only, everything=everything, also=also)
    if all(action is JobAction.SKIP for action in actions.values()):
        pruned = _prune(talk, actions) if prune and snippets.folder.is_dir() else ()
        return RunReport(talk=talk, pruned=pruned, renamed=renamed)
    if blocked := run_plan.in_the_way(snippets.plan, actions, environ=environ):
        return RunReport(talk=talk, problems=blocked, renamed=renamed)
    with recordings_folder.exclusive(snippets.folder):
        outcomes, hidden = _run(
            talk, actions, cache=cache, environ=environ, cancel=cancel, on_progress=on_progress, pictures=True
        )
        kept = _keep_failed(talk, outcomes, hidden, cache)
        written = _write_good(talk, outcomes, hidden, announce, only=only)
        pruned = _prune(talk, actions) if prune else ()
    after_failures = _after_failures(outcomes)
    return RunReport(
        talk=talk,
        ran=_ran(outcomes),
        written=written,
        held_back=tuple(each.job.id for each in outcomes if _is_good(each) and each.job.id in after_failures),
        renamed=renamed,
        kept=kept,
        pruned=pruned,
        unseen=tuple(_unseen(outcomes)),
        problems=(*_failures(outcomes, hidden), *_not_printed(outcomes, hidden)),
    )


def check_talk(
    talk: Talk,
    *,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    on_progress: OnTalkProgress = lambda _talk, _job, _what: None,
) -> RunReport:
    """Runs everything in a scratch place and compares it with the recordings; writes nothing."""
    _refuse_mistakes(talk)
    plan = talk.snippets.plan
    if not plan.jobs:
        return RunReport(talk=talk, problems=tuple(_without_snippets(talk)))
    actions = dict.fromkeys((job.id for job in plan.jobs), JobAction.RECORD)
    if blocked := run_plan.in_the_way(plan, actions, environ=environ):
        return RunReport(talk=talk, problems=blocked)
    outcomes, hidden = _run(talk, actions, cache=cache, environ=environ, cancel=cancel, on_progress=on_progress)
    of_recordings = (found for found in talk.snippets.findings if found.code in ("X202", "X203", "X401"))
    return RunReport(
        talk=talk,
        ran=_ran(outcomes),
        problems=(*_failures(outcomes, hidden), *of_recordings),
        diffs=tuple(_contradictions(talk, outcomes, hidden)),
    )


def _run(
    talk: Talk,
    actions: Mapping[str, JobAction],
    *,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    on_progress: OnTalkProgress,
    pictures: bool = False,
) -> tuple[tuple[JobOutcome, ...], RedactionRules]:
    return run_plan.execute(
        talk.snippets.plan,
        actions,
        deck=talk.file.path.parent,
        cache=cache,
        environ=environ,
        secrets=talk.snippets.redact,
        cancel=cancel,
        on_progress=lambda job, what: on_progress(talk, job, what),
        pictures=pictures,
    )


def _ran(outcomes: Iterable[JobOutcome]) -> tuple[str, ...]:
    return tuple(outcome.job.id for outcome in outcomes if outcome.ran)


def _unseen(outcomes: Iterable[JobOutcome]) -> Iterator[tuple[str, str]]:
    for outcome in outcomes:
        if outcome.picture is not None and outcome.picture.problem:
            yield outcome.job.options.display.frame, outcome.picture.problem


def _without_snippets(talk: Talk) -> Iterator[Diagnostic]:
    """Recordings of a talk in which nothing runs."""
    if count := len(talk.snippets.recordings):
        there = f"there are {count} recordings" if count > 1 else "there is 1 recording"
        message = f"{there} and not one snippet that runs"
        where = Span(path=talk.source.name, line=1)
        yield Diagnostic(code="X302", message=message, span=where, hint="a snippet runs when its fence says {run}")


def _contradictions(
    talk: Talk, outcomes: Iterable[JobOutcome], hidden: RedactionRules
) -> Iterator[tuple[Diagnostic, str]]:
    """What ran well and gave something else than is recorded."""
    for outcome in outcomes:
        recorded = talk.snippets.recordings.get(outcome.job.id)
        if recorded is not None and not outcome.problem:
            fresh = run_plan.cleaned(outcome, hidden).recording
            found = run_plan.difference(outcome.job, recorded, fresh) or _shown_otherwise(talk, outcome, hidden)
            if found is not None:
                yield _contradicts(outcome.job, found), found.diff


def _shown_otherwise(talk: Talk, outcome: JobOutcome, hidden: RedactionRules) -> Difference | None:
    """Pictures and tables of a kernel, where the author wants its output verified."""
    job = outcome.job
    if job.kind is not JobKind.KERNEL or job.options.checks.verify != "output":
        return None
    fresh = rewritten(outcome.outputs, lambda text: redact_text(text, hidden)[0])
    return compare_kernel_outputs(talk.snippets.outputs.get(job.id, ()), fresh, normal=run_plan.normal_of(job))


def _contradicts(job: Job, found: Difference) -> Diagnostic:
    first, *_ = run_plan.wrong_lines(job, found)
    return Diagnostic(
        code="X301",
        message=f"the snippet '{job.id}' does not do what was recorded: {found.summary}",
        span=Span(path=job.span.path, line=first),
        hint=NOT_AS_WRITTEN if found.written else f"if that is right now: quarterdeck record --only {job.id}",
    )


def _refuse_mistakes(talk: Talk) -> None:
    """A snippet whose options are not understood would run as something else than was meant."""
    wrong = [found for found in talk.snippets.mistakes if severity(found) is Severity.ERROR]
    if wrong:
        place = wrong[0].span
        raise UsageError(
            f"{place.path}:{place.line}: nothing runs while options of snippets are wrong: {wrong[0].message}",
            fix=wrong[0].hint or "mend it first: `quarterdeck build` shows all of them",
        )


def _is_good(outcome: JobOutcome) -> bool:
    return outcome.action is JobAction.RECORD and outcome.ran and not outcome.problem


def _after_failures(outcomes: Iterable[JobOutcome]) -> frozenset[str]:
    """Ids of jobs that ran in a session which a failed one had left in no one knows what state."""
    failed: set[str] = set()
    after = set()
    for outcome in outcomes:
        if outcome.job.session in failed:
            after.add(outcome.job.id)
        if outcome.problem and outcome.job.kind is not JobKind.PROGRAM:
            failed.add(outcome.job.session)
    return frozenset(after)


def _failures(outcomes: Iterable[JobOutcome], hidden: RedactionRules) -> tuple[Diagnostic, ...]:
    return tuple(run_plan.failure(outcome, hidden) for outcome in outcomes if outcome.problem)


def _not_printed(outcomes: Iterable[JobOutcome], hidden: RedactionRules) -> Iterator[Diagnostic]:
    for outcome in outcomes:
        if _is_good(outcome):
            yield from run_plan.not_printed(outcome.job, run_plan.cleaned(outcome, hidden).recording)


def _to_photograph(talk: Talk, environ: Mapping[str, str]) -> Collection[str]:
    """Ids of snippets whose page has no picture yet, where there is a browser that takes it."""
    wanted = talk.snippets.unpictured
    return wanted if wanted and find_browser(environ) else ()


def _prune(talk: Talk, keep: Iterable[str]) -> tuple[str, ...]:
    folder = talk.snippets.folder
    return (*prune_pictures(folder, talk.snippets.framed), *recordings_folder.prune(folder, keep))


def _write_good(
    talk: Talk,
    outcomes: Sequence[JobOutcome],
    hidden: RedactionRules,
    announce: Callable[[WrittenRecording], None],
    *,
    only: Collection[str],
) -> tuple[WrittenRecording, ...]:
    """What went well, then once more what shows other values than these; nothing that ran after a failure."""
    after_failures = _after_failures(outcomes)
    written = {
        outcome.job.id: _write(talk, outcome, hidden, announce, named=outcome.job.id in only)
        for outcome in outcomes
        if _is_good(outcome) and outcome.job.id not in after_failures
    }
    changed = {name for name, each in written.items() if each.changed}
    for outcome in out_of_step(outcomes, changed, talk.snippets.recordings):
        if outcome.job.id not in after_failures:
            written.pop(outcome.job.id, None)
            written[outcome.job.id] = _write(talk, outcome, hidden, announce, named=False, anyway=True)
    return tuple(written.values())


def _write(
    talk: Talk,
    outcome: JobOutcome,
    hidden: RedactionRules,
    announce: Callable[[WrittenRecording], None],
    *,
    named: bool,
    anyway: bool = False,
) -> WrittenRecording:
    """`named`: its author asked for this one by its name. `anyway`: also where it says the same as before."""
    snippets, job = talk.snippets, outcome.job
    cleaned = run_plan.cleaned(outcome, hidden)
    before = snippets.recordings.get(job.id)
    contradiction = run_plan.difference(_verbatim(job), before, cleaned.recording) if before is not None else None
    diff = contradiction.diff if contradiction else ""
    written = WrittenRecording(id=job.id, changed=False, redacted=cleaned.found, diff=diff)
    announce(written)
    changed = recordings_folder.write(snippets.folder, cleaned.recording, normal=run_plan.normal_of(job), anyway=anyway)
    shown = rewritten(outcome.outputs, lambda text: redact_text(text, hidden)[0])
    changed |= write_outputs(snippets.folder, job.id, shown)
    # a page that shows the time is another one each time: while the recording holds, so does its picture
    if outcome.picture is not None and outcome.picture.png and (named or changed or job.id in snippets.unpictured):
        changed |= write_picture(snippets.folder, job.id, outcome.picture.png)
    return replace(written, changed=changed)


def _verbatim(job: Job) -> Job:
    return replace(job, options=replace(job.options, checks=replace(job.options.checks, verify="output")))


def _keep_failed(talk: Talk, outcomes: Iterable[JobOutcome], hidden: RedactionRules, cache: Path) -> Path | None:
    """What failed is kept apart, for whoever wants to look at it, and never in the place of a good recording."""
    apart = cache / "failed" / f"{talk.file.name}-{digest_of(str(talk.file.path))[:8]}"
    failed = [outcome for outcome in outcomes if outcome.problem and outcome.ran]
    try:
        for outcome in failed:
            recordings_folder.write(apart, run_plan.cleaned(outcome, hidden).recording)
    except SurroundingsError:
        return None  # no room: the good recordings and what is told of the failed ones matter more
    return apart if failed else None
