"""The verbs that run a talk's snippets: what they would do, and whether its owner has said yes; record; compare.

Runs only what a verb was typed for. Writes recordings and nothing else into the author's folder.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from quarterdeck import source
from quarterdeck.diagnostics import did_you_mean, severity
from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.model import Diagnostic, Kind, Severity, Span
from quarterdeck.pipeline import Builder, Parsed, Request
from quarterdeck.run import record, recording
from quarterdeck.run.masks import Difference
from quarterdeck.run.outputs import rewritten, write_outputs
from quarterdeck.run.plan import Job
from quarterdeck.run.plan import Kind as JobKind
from quarterdeck.run.radius import Radius, blast_radius
from quarterdeck.run.redact import Rules, redact_text
from quarterdeck.run.stage import Outcome
from quarterdeck.run.status import Turn, needed
from quarterdeck.source import digest_of
from quarterdeck.trust import Store, Trust

Tell = Callable[[Parsed, Job, str], None]
"""Called when a job begins (`run`) and ends (`ok`, or what is wrong)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A folder that has not been trusted as it is now, and what it would do."""

    folder: Path
    talks: tuple[str, ...]
    """As they stand in diagnostics."""
    radius: tuple[Radius, ...]
    """One for each of them."""
    digest: str
    changed: bool
    """It was trusted once, and is another now."""
    others: str
    """Digest of what its talks hold that were not asked for."""
    scripts: tuple[tuple[str, ...], ...] = ()
    """That each of them brings for its pages, and that run on stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the recording of one snippet."""

    id: str
    changed: bool
    """Whether a file was written; a recording that says the same stays as it is."""
    redacted: tuple[tuple[str, int], ...] = ()
    diff: str = ""
    """Against the recording before; empty where there was none or nothing but times changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one verb did with one talk."""

    talk: Parsed
    ran: tuple[str, ...] = ()
    """Ids of the snippets that ran."""
    written: tuple[Written, ...] = ()
    held_back: tuple[str, ...] = ()
    """Ids of what went well and is not recorded: a snippet before it in its session had failed."""
    kept: Path | None = None
    """Folder with what failed snippets printed, apart from the recordings."""
    pruned: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    diffs: tuple[tuple[Diagnostic, str], ...] = ()
    """Contradictions between slide and run, each with its diff."""


def questions(builder: Builder, asked: Request, talks: Iterable[Parsed], *, store: Store) -> tuple[Question, ...]:
    """The folders of talks with something to run that need their owner's word first."""
    folders = dict.fromkeys(talk.talk.path.parent for talk in talks if talk.snippets.plan.jobs)
    found = []
    for folder in folders:
        trusted = store.find(folder)
        each = question(builder, asked, folder, trusted=trusted)
        if trusted is None or trusted.digest != each.digest:
            found.append(each)
    return tuple(found)


def question(builder: Builder, asked: Request, folder: Path, *, trusted: Trust | None) -> Question:
    """What a folder would do as it is now, whether or not that needs to be asked."""
    own = builder.read(_with_talks(asked, folder))
    digest = runnable_digest(own, asked)
    with_jobs = [talk for talk in own if talk.snippets.plan.jobs]
    named = {talk.path for talk in asked.talks}
    return Question(
        folder=folder,
        talks=tuple(talk.source.name for talk in with_jobs),
        radius=tuple(blast_radius(talk.snippets.plan) for talk in with_jobs),
        scripts=tuple((*talk.options.scripts, *(path.name for path in talk.theme.scripts)) for talk in with_jobs),
        digest=digest,
        changed=trusted is not None and trusted.digest != digest,
        others=digest_of(*(part for talk in own if talk.talk.path not in named for part in _runnable_parts(talk))),
    )


def _with_talks(asked: Request, folder: Path) -> Request:
    """The request for all talks of a folder: trust is about the folder, not about the talk that was named."""
    talks = {talk.path: talk for talk in source.find_talks([folder], base=asked.cwd)}
    talks |= {talk.path: talk for talk in asked.talks if talk.path.parent == folder}
    return replace(asked, talks=tuple(sorted(talks.values(), key=lambda talk: talk.name)))


def runnable_digest(talks: Iterable[Parsed], asked: Request) -> str:
    """Changes with everything that can run: snippets, their files, runners, raw HTML, scripts, templates."""
    project = asked.project
    parts = [repr(sorted(project.runners.items()))]
    for talk in talks:
        parts += _runnable_parts(talk)
    folders = dict.fromkeys((project.templates, *(folder for talk in talks for folder in talk.theme.templates)))
    parts += [source.digest_of_folder(folder) for folder in folders if folder is not None]
    return digest_of(*parts)


_TAG = re.compile(r"(?is)<script\b.*?</script>|<!?[a-z/-][^>]*>")


def _runnable_parts(talk: Parsed) -> tuple[str, ...]:
    """What can run of a talk itself."""
    slides = [placed.slide for stack in talk.stacks for placed in stack.slides]
    raw = [block.html for slide in slides for block in slide.blocks if block.kind is Kind.RAW]
    raw += _TAG.findall(talk.source.text)  # inline HTML, and attributes that annotations give
    paths = [*(talk.talk.path.parent / name for name in talk.options.scripts), *talk.theme.scripts]
    scripts = [source.digest_of_file(path) for path in paths]
    return talk.talk.path.name, talk.snippets.plan.digest, *raw, *talk.options.scripts, *scripts


def chosen(talks: Iterable[Parsed], only: Collection[str]) -> tuple[tuple[Parsed, tuple[str, ...]], ...]:
    """The talks that `only` names snippets of, each with those; all talks where it names none."""
    talks = tuple(talks)
    ids = {job.id for talk in talks for job in talk.snippets.plan.jobs}
    for name in only:
        if name not in ids:
            raise UsageError(f"no snippet has the id '{name}'", fix=did_you_mean(name, ids, noun="they are"))
    own = ((talk, tuple(name for name in only if talk.snippets.plan.job(name))) for talk in talks)
    return tuple((talk, names) for talk, names in own if names or not only)


def record_talk(
    talk: Parsed,
    *,
    only: Collection[str] = (),
    everything: bool = False,
    prune: bool = False,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    tell: Tell = lambda _talk, _job, _what: None,
    announce: Callable[[Written], None] = lambda _written: None,
) -> Report:
    """Runs what is new or stale, or what `only` or `everything` asks for, and writes what went as expected.

    `announce` is told of each recording before it is written.
    """
    snippets = talk.snippets
    _refuse_mistakes(talk)
    turns = needed(snippets.plan, snippets.states.values(), only=only, everything=everything)
    if all(turn is Turn.SKIP for turn in turns.values()):
        pruned = recording.prune(snippets.folder, turns) if prune and snippets.folder.is_dir() else ()
        return Report(talk=talk, pruned=pruned)
    blocked = record.in_the_way(snippets.plan, turns, environ=environ, path=talk.source.name)
    if blocked:
        return Report(talk=talk, problems=blocked)
    with recording.exclusive(snippets.folder):
        outcomes, hidden = record.execute(
            snippets.plan,
            turns,
            deck=talk.talk.path.parent,
            cache=cache,
            environ=environ,
            secrets=snippets.redact,
            cancel=cancel,
            tell=lambda job, what: tell(talk, job, what),
        )
        good = [outcome for outcome in outcomes if _is_good(outcome)]
        shaky = _after_failures(outcomes)
        kept = _keep_failed(talk, outcomes, hidden, cache)
        written = [_write(talk, outcome, hidden, announce) for outcome in good if outcome.job.id not in shaky]
        pruned = recording.prune(snippets.folder, turns) if prune else ()
    return Report(
        talk=talk,
        ran=tuple(outcome.job.id for outcome in outcomes if outcome.ran),
        written=tuple(written),
        held_back=tuple(outcome.job.id for outcome in good if outcome.job.id in shaky),
        kept=kept,
        pruned=pruned,
        problems=_failures(talk, outcomes, hidden),
    )


def check_talk(
    talk: Parsed,
    *,
    cache: Path,
    environ: Mapping[str, str],
    cancel: threading.Event,
    tell: Tell = lambda _talk, _job, _what: None,
) -> Report:
    """Runs everything in a scratch place and compares it with the recordings; writes nothing."""
    snippets = talk.snippets
    _refuse_mistakes(talk)
    if not snippets.plan.jobs:
        where = Span(path=talk.source.name, line=1)
        count = len(snippets.recordings)
        there = f"there are {count} recordings" if count > 1 else "there is 1 recording"
        message = f"{there} and not one snippet that runs"
        found = Diagnostic(code="X302", message=message, span=where, hint="a snippet runs when its fence says {run}")
        return Report(talk=talk, problems=(found,) if snippets.recordings else ())
    turns = dict.fromkeys((job.id for job in snippets.plan.jobs), Turn.RECORD)
    blocked = record.in_the_way(snippets.plan, turns, environ=environ, path=talk.source.name)
    if blocked:
        return Report(talk=talk, problems=blocked)
    outcomes, hidden = record.execute(
        snippets.plan,
        turns,
        deck=talk.talk.path.parent,
        cache=cache,
        environ=environ,
        secrets=snippets.redact,
        cancel=cancel,
        tell=lambda job, what: tell(talk, job, what),
    )
    diffs: list[tuple[Diagnostic, str]] = []
    for outcome in outcomes:
        recorded = snippets.recordings.get(outcome.job.id)
        if recorded is not None and not outcome.problem:
            fresh = record.cleaned(outcome, hidden).recording
            contradiction = record.difference(outcome.job, recorded, fresh)
            if contradiction is not None:
                diffs.append((_contradicts(talk, outcome.job, contradiction), contradiction.diff))
    return Report(
        talk=talk,
        ran=tuple(outcome.job.id for outcome in outcomes if outcome.ran),
        problems=(
            *_failures(talk, outcomes, hidden),
            *(found for found in snippets.findings if found.code in ("X202", "X203", "X401")),
        ),
        diffs=tuple(diffs),
    )


def _contradicts(talk: Parsed, job: Job, found: Difference) -> Diagnostic:
    first, *_ = record.wrong_lines(job, found)
    return Diagnostic(
        code="X301",
        message=f"the snippet '{job.id}' does not do what was recorded: {found.summary}",
        span=Span(path=talk.source.name, line=first),
        hint=f"if that is right now: quarterdeck record --only {job.id}",
    )


def _refuse_mistakes(talk: Parsed) -> None:
    """A snippet whose options are not understood would run as something else than was meant."""
    wrong = [found for found in talk.snippets.mistakes if severity(found) is Severity.ERROR]
    if wrong:
        place = wrong[0].span
        raise UsageError(
            f"{place.path}:{place.line}: nothing runs while options of snippets are wrong: {wrong[0].message}",
            fix=wrong[0].hint or "mend it first: `quarterdeck build` shows all of them",
        )


def _is_good(outcome: Outcome) -> bool:
    return outcome.turn is Turn.RECORD and outcome.ran and not outcome.problem


def _after_failures(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Ids of jobs that ran in a session which a failed one had left in no one knows what state."""
    failed: set[str] = set()
    after = set()
    for outcome in outcomes:
        if outcome.job.session in failed:
            after.add(outcome.job.id)
        if outcome.problem and outcome.job.kind is not JobKind.PROGRAM:
            failed.add(outcome.job.session)
    return frozenset(after)


def _failures(talk: Parsed, outcomes: Iterable[Outcome], hidden: Rules) -> tuple[Diagnostic, ...]:
    return tuple(record.failure(outcome, hidden, path=talk.source.name) for outcome in outcomes if outcome.problem)


def _write(talk: Parsed, outcome: Outcome, hidden: Rules, announce: Callable[[Written], None]) -> Written:
    snippets, job = talk.snippets, outcome.job
    cleaned = record.cleaned(outcome, hidden)
    before = snippets.recordings.get(job.id)
    contradiction = record.difference(_verbatim(job), before, cleaned.recording) if before is not None else None
    diff = contradiction.diff if contradiction else ""
    written = Written(id=job.id, changed=False, redacted=cleaned.found, diff=diff)
    announce(written)
    changed = recording.write(snippets.folder, cleaned.recording, normal=record.normal_of(job))
    shown = rewritten(outcome.outputs, lambda text: redact_text(text, hidden)[0])
    changed |= write_outputs(snippets.folder, job.id, shown)
    return replace(written, changed=changed)


def _verbatim(job: Job) -> Job:
    return replace(job, options=replace(job.options, verify="output"))


def _keep_failed(talk: Parsed, outcomes: Iterable[Outcome], hidden: Rules, cache: Path) -> Path | None:
    """What failed is kept apart, for whoever wants to look at it, and never in the place of a good recording."""
    apart = cache / "failed" / f"{talk.talk.name}-{digest_of(str(talk.talk.path))[:8]}"
    failed = [outcome for outcome in outcomes if outcome.problem and outcome.ran]
    try:
        for outcome in failed:
            recording.write(apart, record.cleaned(outcome, hidden).recording)
    except SurroundingsError:
        return None  # no room: the good recordings and what is told of the failed ones matter more
    return apart if failed else None
