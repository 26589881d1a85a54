"""The verbs that run a talk's snippets: what they would do, and whether its owner has said yes; record; compare.

Runs only what a verb was typed for. Writes recordings and nothing else into the author's folder.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quarterdeck import source
from quarterdeck.assets import Shelf, place_of
from quarterdeck.diagnostics import did_you_mean, severity
from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.heads import locate_named
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Kind, Severity, Span
from quarterdeck.pipeline import Builder, Parsed, Request
from quarterdeck.run import record, recording
from quarterdeck.run.agreement import out_of_step
from quarterdeck.run.camera import find_browser
from quarterdeck.run.likeness import unlike
from quarterdeck.run.masks import Difference
from quarterdeck.run.outputs import rewritten, write_outputs
from quarterdeck.run.pictures import prune_pictures, write_picture
from quarterdeck.run.plan import Job
from quarterdeck.run.plan import Kind as JobKind
from quarterdeck.run.radius import Radius, blast_radius
from quarterdeck.run.redact import Rules, redact_text
from quarterdeck.run.status import Turn, needed
from quarterdeck.run.terms import Outcome
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
    unseen: tuple[tuple[str, str], ...] = ()
    """Addresses of framed pages of which no picture was taken, and why."""
    problems: tuple[Diagnostic, ...] = ()
    diffs: tuple[tuple[Diagnostic, str], ...] = ()
    """Contradictions between slide and run, each with its diff."""


def to_record(talk: Parsed, *, only: Collection[str] = (), everything: bool = False) -> bool:
    """Whether recording the talk would run anything."""
    plan = talk.snippets.plan
    own = [name for name in only if plan.job(name)]
    if only and not own:
        return False
    also = _to_photograph(talk, os.environ)
    turns = needed(plan, talk.snippets.states.values(), only=own, everything=everything, also=also)
    return any(turn is not Turn.SKIP for turn in turns.values())


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
    return question_about(read_folder(builder, asked, folder), asked, folder, trusted=trusted)


def read_folder(builder: Builder, asked: Request, folder: Path) -> tuple[Parsed, ...]:
    """All talks of a folder: what trust is about."""
    return builder.read(_with_talks(asked, folder))


def question_about(own: Sequence[Parsed], asked: Request, folder: Path, *, trusted: Trust | None) -> Question:
    """The same of talks that have been read, so that nobody is asked about others than those that then run."""
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
        others=digest_of(*(part for talk in own if talk.talk.path not in named for part in _runnable(talk, asked))),
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
        parts += _runnable(talk, asked)
    folders = dict.fromkeys((project.templates, *(folder for talk in talks for folder in talk.theme.templates)))
    parts += [source.digest_of_folder(folder) for folder in folders if folder is not None]
    return digest_of(*parts)


_TAG = re.compile(r"(?is)<script\b.*?</script>|<!?[a-z/-][^>]*>")


def _runnable(talk: Parsed, asked: Request) -> tuple[str, ...]:
    """What can run of a talk itself."""
    scripts = [source.digest_of_file(path) for path in scripts_of(talk, asked)]
    return talk.talk.path.name, talk.snippets.plan.digest, *raw_html(talk), *talk.options.scripts, *scripts


def raw_html(talk: Parsed) -> tuple[str, ...]:
    """Whatever of a talk may be a script of its own: raw blocks, inline HTML, attributes that annotations give."""
    slides = [placed.slide for stack in talk.stacks for placed in stack.slides]
    blocks = (block.html for slide in slides for block in slide.blocks if block.kind is Kind.RAW)
    return (*blocks, *_TAG.findall(talk.source.text))


def scripts_of(talk: Parsed, asked: Request) -> tuple[Path, ...]:
    """The files of scripts that a talk and its theme bring."""
    place = place_of(talk.talk.path, asked.project)
    shelf = Shelf(memo=Memo())
    named = (locate_named("scripts", name, talk.reading, place, shelf) for name in talk.options.scripts)
    return (*(path for path in named if isinstance(path, Path)), *talk.theme.scripts)


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
    also = _to_photograph(talk, environ)
    turns = needed(snippets.plan, snippets.states.values(), only=only, everything=everything, also=also)
    if all(turn is Turn.SKIP for turn in turns.values()):
        pruned = _prune(talk, turns) if prune and snippets.folder.is_dir() else ()
        return Report(talk=talk, pruned=pruned)
    blocked = record.in_the_way(snippets.plan, turns, environ=environ)
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
            pictures=True,
        )
        good = [outcome for outcome in outcomes if _is_good(outcome)]
        shaky = _after_failures(outcomes)
        kept = _keep_failed(talk, outcomes, hidden, cache)
        written = [
            _write(talk, outcome, hidden, announce, named=outcome.job.id in only)
            for outcome in good
            if outcome.job.id not in shaky
        ]
        changed = {each.id for each in written if each.changed}
        for outcome in out_of_step(outcomes, changed, snippets.recordings):
            if outcome.job.id not in shaky:
                written = [each for each in written if each.id != outcome.job.id]
                written.append(_write(talk, outcome, hidden, announce, named=False, anyway=True))
        pruned = _prune(talk, turns) if prune else ()
    return Report(
        talk=talk,
        ran=tuple(outcome.job.id for outcome in outcomes if outcome.ran),
        written=tuple(written),
        held_back=tuple(outcome.job.id for outcome in good if outcome.job.id in shaky),
        kept=kept,
        pruned=pruned,
        unseen=tuple(
            (outcome.job.options.frame, outcome.picture.problem)
            for outcome in outcomes
            if outcome.picture is not None and outcome.picture.problem
        ),
        problems=_failures(outcomes, hidden),
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
    blocked = record.in_the_way(snippets.plan, turns, environ=environ)
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
            contradiction = record.difference(outcome.job, recorded, fresh) or _shown_otherwise(talk, outcome, hidden)
            if contradiction is not None:
                diffs.append((_contradicts(outcome.job, contradiction), contradiction.diff))
    return Report(
        talk=talk,
        ran=tuple(outcome.job.id for outcome in outcomes if outcome.ran),
        problems=(
            *_failures(outcomes, hidden),
            *(found for found in snippets.findings if found.code in ("X202", "X203", "X401")),
        ),
        diffs=tuple(diffs),
    )


def _shown_otherwise(talk: Parsed, outcome: Outcome, hidden: Rules) -> Difference | None:
    """Pictures and tables of a kernel, where the author wants its output verified."""
    job = outcome.job
    if job.kind is not JobKind.KERNEL or job.options.verify != "output":
        return None
    fresh = rewritten(outcome.outputs, lambda text: redact_text(text, hidden)[0])
    return unlike(talk.snippets.outputs.get(job.id, ()), fresh, normal=record.normal_of(job))


def _contradicts(job: Job, found: Difference) -> Diagnostic:
    first, *_ = record.wrong_lines(job, found)
    return Diagnostic(
        code="X301",
        message=f"the snippet '{job.id}' does not do what was recorded: {found.summary}",
        span=Span(path=job.span.path, line=first),
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


def _failures(outcomes: Iterable[Outcome], hidden: Rules) -> tuple[Diagnostic, ...]:
    return tuple(record.failure(outcome, hidden) for outcome in outcomes if outcome.problem)


def _to_photograph(talk: Parsed, environ: Mapping[str, str]) -> Collection[str]:
    """Ids of snippets whose page has no picture yet, where there is a browser that takes it."""
    wanted = talk.snippets.unpictured
    return wanted if wanted and find_browser(environ) else ()


def _prune(talk: Parsed, keep: Iterable[str]) -> tuple[str, ...]:
    folder = talk.snippets.folder
    return (*prune_pictures(folder, talk.snippets.framed), *recording.prune(folder, keep))


def _write(
    talk: Parsed,
    outcome: Outcome,
    hidden: Rules,
    announce: Callable[[Written], None],
    *,
    named: bool,
    anyway: bool = False,
) -> Written:
    """`named`: its author asked for this one by its name. `anyway`: also where it says the same as before."""
    snippets, job = talk.snippets, outcome.job
    cleaned = record.cleaned(outcome, hidden)
    before = snippets.recordings.get(job.id)
    contradiction = record.difference(_verbatim(job), before, cleaned.recording) if before is not None else None
    diff = contradiction.diff if contradiction else ""
    written = Written(id=job.id, changed=False, redacted=cleaned.found, diff=diff)
    announce(written)
    changed = recording.write(snippets.folder, cleaned.recording, normal=record.normal_of(job), anyway=anyway)
    shown = rewritten(outcome.outputs, lambda text: redact_text(text, hidden)[0])
    changed |= write_outputs(snippets.folder, job.id, shown)
    # a page that shows the time is another one each time: while the recording holds, so does its picture
    if outcome.picture is not None and outcome.picture.png and (named or changed or job.id in snippets.unpictured):
        changed |= write_picture(snippets.folder, job.id, outcome.picture.png)
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
