"""`serve --run`: after a save, what is stale is recorded, in a folder that its author trusts.

Three threads take part, so that neither editing nor a newer save ever waits for a snippet. The one that builds calls
`BackgroundRecorder.look` after each build. The recorder's own decides: it sees to trust, and ends a run that a newer
save has made pointless. A run has a thread of its own, and all of them are gone when the server is.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import severity, shifted
from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.recorder import RunReport, WrittenRecording, record_talk
from quarterdeck.model import Diagnostic, Severity
from quarterdeck.recordings.folder import discard
from quarterdeck.recordings.recorded import reread
from quarterdeck.serve.state import path_of
from quarterdeck.site.builds import Build
from quarterdeck.site.pipeline import Builder
from quarterdeck.snippets.plan import Job
from quarterdeck.snippets.status import RecordingState
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.question import Question, question
from quarterdeck.trust.store import Store, git_head, git_is_at_work

GIT_S = 0.1
"""Between two looks at whether git is done."""

Key = tuple[Path, str, str]
"""A snippet as it is written: file of its talk, id, and the key of what runs."""
Publish = Callable[["News"], None]


class News(Struct, frozen=True, kw_only=True):
    """What an open page has to know."""

    running: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Ids of the snippets that are being recorded, by the path of their deck's page."""
    findings: tuple[Diagnostic, ...] = ()
    """What went wrong when snippets ran, at their lines as they are now."""
    trouble: SurroundingsError | None = None
    """Why nothing runs at all."""


class RecordingReporter(Protocol):
    """Where the author started the server; called from several threads."""

    def on_progress(self, talk: Talk, job: Job, what: str) -> None: ...

    def announce(self, written: WrittenRecording) -> None: ...

    def show(self, report: RunReport) -> None: ...

    def warn(self, trouble: SurroundingsError) -> None: ...

    def confirm(self, why: str, asked: Question, *, withdrawn: Callable[[], bool]) -> bool:
        """Whether the author says yes; False where nobody can be asked, or when the question is withdrawn."""
        ...

    def stopping(self) -> None: ...


class _Look(Struct, frozen=True, kw_only=True):
    """The talks after a save."""

    talks: tuple[Talk, ...] = ()
    folders: tuple[Question, ...] = ()
    again: frozenset[Path] = frozenset()
    """Talks that were saved as they were: what failed in them is to be tried once more."""

    def keys(self) -> frozenset[Key]:
        return frozenset(_key(talk, job) for talk in self.talks for job in talk.snippets.plan.jobs)

    def wanted(self) -> frozenset[Key]:
        """What is new or stale, in talks whose snippets are without mistakes."""
        return frozenset(
            _key(talk, job)
            for talk in self.talks
            if not any(severity(mistake) is Severity.ERROR for mistake in talk.snippets.mistakes)
            for job in talk.snippets.plan.jobs
            if talk.snippets.states[job.id].state is not RecordingState.FRESH
        )

    def sessions(self) -> Mapping[Key, tuple[Path, str]]:
        return {
            _key(talk, job): (talk.file.path, job.session) for talk in self.talks for job in talk.snippets.plan.jobs
        }


class _FailedSnippet(Struct, frozen=True, kw_only=True):
    finding: Diagnostic
    line: int
    """Of the snippet's fence, when it was found."""
    was_fresh: bool
    """The snippet ran for the sake of a later one."""


@dataclass(eq=False, slots=True, kw_only=True)
class _RecordingRun:
    todo: frozenset[Key]
    """What it has still to do."""
    cancel: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class BackgroundRecorder:
    """Decides what is recorded, and when."""

    store: Store
    cache: Path
    environ: Mapping[str, str]
    terminal: RecordingReporter
    heads: dict[Path, str]
    """By folder, where git stood when its author was asked, and then when they last changed it."""
    _publish: Publish = lambda _news: None
    _changed: threading.Condition = field(default_factory=threading.Condition)
    """Guards all that follows."""
    _next: _Look | None = None
    _newer: threading.Event = field(default_factory=threading.Event)
    """A newer look is waiting, or the end has come."""
    _closed: bool = False
    _now: _Look = field(default_factory=_Look)
    """The latest look, decided upon or not."""
    _run: _RecordingRun | None = None
    _running: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _failures: dict[Key, _FailedSnippet] = field(default_factory=dict)
    _tried: frozenset[Key] = frozenset()
    """What was run to no avail."""
    _born: dict[Path, set[str]] = field(default_factory=dict)
    """By talk, ids of what was never recorded before this server."""
    _trouble: SurroundingsError | None = None
    # of the recorder's own thread alone:
    _accepted: dict[Path, str] = field(default_factory=dict)
    """By folder, the digest that was trusted last."""
    _others: dict[Path, str] = field(default_factory=dict)
    """By folder, the digest of its talks that are not shown, when it was trusted."""

    @contextmanager
    def at_work(self, publish: Publish) -> Iterator[None]:
        """`publish` is called from any thread and must not wait."""
        self._publish = publish
        thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._closed = True
                self._newer.set()
                self._changed.notify()
                run = self._run
            if run is not None and run.thread is not None and run.thread.is_alive():
                self.terminal.stopping()
            self._end_run()
            thread.join()

    def look(self, builder: Builder, build: Build, asked: Request, changed: Collection[Path]) -> None:
        """After a build, from its thread: the newest look counts."""
        talks = build.talks
        folders = dict.fromkeys(talk.file.path.parent for talk in talks)
        questions = (question(builder, asked, each, talks=talks, trusted=self.store.find(each)) for each in folders)
        before = {talk.file.path: talk.source.digest for talk in self._now.talks}
        as_it_was = (talk.file.path for talk in talks if before.get(talk.file.path) == talk.source.digest)
        look = _Look(talks=talks, folders=tuple(questions), again=frozenset(changed).intersection(as_it_was))
        with self._changed:
            if self._next is not None:
                look = replace(look, again=look.again | self._next.again)
            self._now = self._next = look
            self._forget()
            self._newer.set()
            self._changed.notify()
            self._publish(self._news())

    def _forget(self) -> None:
        """What the latest look has made untrue."""
        keys, stale = self._now.keys(), self._now.wanted()
        talks = {path for path, _, _ in stale}
        self._tried &= keys
        self._failures = {
            key: failure
            for key, failure in self._failures.items()
            if key in keys and key[0] in talks and (failure.was_fresh or key in stale)
        }
        todo = self._run.todo if self._run is not None else frozenset()
        busy = {_page(talk) for talk in self._now.talks if _ids(todo, talk)}
        self._running = {page: ids for page, ids in self._running.items() if page in busy}

    def _news(self) -> News:
        jobs = {_key(talk, job): job for talk in self._now.talks for job in talk.snippets.plan.jobs}
        names = {talk.file.path: talk.source.name for talk in self._now.talks}
        findings = tuple(
            shifted(failure.finding, lines=jobs[key].span.line - failure.line, path=names[key[0]])
            for key, failure in self._failures.items()
            if key in jobs
        )
        return News(running=dict(self._running), findings=findings, trouble=self._trouble)

    def _tell(self, trouble: SurroundingsError | None) -> None:
        """Also on the terminal, once."""
        with self._changed:
            before, self._trouble = self._trouble, trouble
            self._publish(self._news())
        if trouble is not None and (before is None or before.what != trouble.what):
            self.terminal.warn(trouble)

    # In the recorder's thread

    def _work(self) -> None:
        while (look := self._take()) is not None:
            try:
                self._decide(look)
            except SurroundingsError as error:
                self._tell(error)
            except Exception as error:  # noqa: BLE001 - our own mistake must not end the writing of a talk
                self._tell(_own_mistake(error))

    def _take(self) -> _Look | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next is not None)
            look, self._next = self._next, None
            if self._closed:
                return None
            self._newer.clear()
            return look

    def _decide(self, look: _Look) -> None:
        if not self._git_rests(look):
            return
        with self._changed:
            self._tried = frozenset(key for key in self._tried if key[0] not in look.again)
            todo = look.wanted() - self._tried
            pending = self._run.todo if self._run is not None else frozenset()
        refusal = self._refusal(look, todo - pending)
        if self._newer.is_set():
            return
        if refusal is not None:
            self._end_run()
            self._tell(refusal)
            return
        self._tell(None)
        self._discard(look)
        with self._changed:
            pending = self._run.todo if self._run is not None else frozenset()
            todo -= self._tried  # what the run has given up meanwhile
            if todo <= pending <= look.keys():
                return
        self._end_run()
        self._discard(look)
        if todo:
            self._begin_run(look, todo)

    def _git_rests(self, look: _Look) -> bool:
        """Waits until HEAD stands where git is going to leave it; False when a newer look came meanwhile."""
        for asked in look.folders:
            while git_is_at_work(asked.folder, now_ns=time.time_ns()):
                if self._newer.wait(GIT_S):
                    return False
        return True

    def _refusal(self, look: _Look, new: Collection[Key]) -> SurroundingsError | None:
        """Why `new` may not run as the folders are now; nothing where it may, and then they are trusted so."""
        served = {talk.source.name for talk in look.talks if talk.snippets.plan.jobs}
        to_run = {path.parent for path, _, _ in new}
        for asked in look.folders:
            folder, head, before = asked.folder, git_head(asked.folder), self._accepted.get(asked.folder)
            changed = asked.digest != before and bool(served.intersection(asked.talks))
            if changed or folder in to_run:
                trusted = self.store.find(folder)
                known = trusted is not None and trusted.digest == asked.digest
                told_elsewhere = known and changed and before is not None  # by another command, meanwhile
                why = "" if told_elsewhere or (known and before is None) else self._doubt(folder, head)
                if why and not self.terminal.confirm(why, asked, withdrawn=self._newer.is_set):
                    fix = "`quarterdeck record` shows what would run and asks; so does starting `serve --run` again"
                    return SurroundingsError(f"{why}: nothing runs", fix=fix)
                # what changed in a talk that is not shown is left to the question of another command
                if known or why or served.issuperset(asked.talks) or self._others.get(folder) == asked.others:
                    self._others[folder] = asked.others
                    if not known:
                        self.store.put(folder, digest=asked.digest)
                self._accepted[folder] = asked.digest
                if told_elsewhere or why:
                    self.heads[folder] = head
            self.heads.setdefault(folder, head)
        return None

    def _doubt(self, folder: Path, head: str) -> str:
        """Why a change may not be the author's own edit; empty where it is."""
        if folder not in self.heads:
            return f"the talks in '{folder.name}' are not those that you trusted"
        return "" if self.heads[folder] == head else "git moved since the last save"

    def _end_run(self) -> None:
        """Cancels what runs, and waits until it has cleaned up."""
        with self._changed:
            run, self._run = self._run, None
        if run is not None and run.thread is not None:
            run.cancel.set()
            run.thread.join()
        with self._changed:
            self._running = {}
            self._publish(self._news())

    def _discard(self, look: _Look) -> None:
        """The recordings that came while the author was still typing: every heading on the way had one."""
        with self._changed:
            for talk in look.talks:
                born = self._born.get(talk.file.path, set())
                gone = born - {job.id for job in talk.snippets.plan.jobs}
                if gone:
                    discard(talk.snippets.folder, gone)
                    born -= gone

    def _begin_run(self, look: _Look, todo: frozenset[Key]) -> None:
        """With what failed before in the same sessions: it runs anyway."""
        sessions = look.sessions()
        at = {sessions[key] for key in todo}
        run = _RecordingRun(todo=frozenset(key for key in look.wanted() if sessions[key] in at))
        with self._changed:
            if self._closed:
                return
            self._run = run
            self._failures = {key: each for key, each in self._failures.items() if sessions.get(key) not in at}
            for talk in look.talks:
                if ids := _ids(run.todo, talk):
                    self._running[_page(talk)] = ids
            self._publish(self._news())
            run.thread = threading.Thread(target=self._record, args=(run, look), name="run", daemon=True)
            run.thread.start()

    # In a run's thread

    def _record(self, run: _RecordingRun, look: _Look) -> None:
        trouble = None
        try:
            for talk in look.talks:
                if _ids(run.todo, talk) and not run.cancel.is_set():
                    self._record_talk(run, talk)
        except SurroundingsError as error:
            trouble = error
        except Exception as error:  # noqa: BLE001 - as in `_work`
            trouble = _own_mistake(error)
        with self._changed:
            if self._run is run:
                self._run = None
        if trouble is not None and not run.cancel.is_set():
            self._tell(trouble)

    def _record_talk(self, run: _RecordingRun, talk: Talk) -> None:
        talk = replace(talk, snippets=reread(talk.snippets))  # an earlier run may have come so far
        states = talk.snippets.states
        only = [id_ for id_ in _ids(run.todo, talk) if states[id_].state is not RecordingState.FRESH]
        report = RunReport(talk=talk)
        try:
            if only:
                report = record_talk(
                    talk,
                    only=only,
                    cache=self.cache,
                    environ=self.environ,
                    cancel=run.cancel,
                    on_progress=self.terminal.on_progress,
                    announce=self.terminal.announce,
                )
        finally:
            self._done(run, report)
        if run.cancel.is_set():
            report = replace(report, problems=())
        if only:
            self.terminal.show(report)

    def _done(self, run: _RecordingRun, report: RunReport) -> None:
        """Takes in how a talk went. What was written counts as running until a build has seen it."""
        talk = report.talk
        written = {written.id for written in report.written}
        with self._changed:
            self._born.setdefault(talk.file.path, set()).update(written - set(talk.snippets.recordings))
            own = {key for key in run.todo if key[0] == talk.file.path}
            run.todo -= own
            if run.cancel.is_set():
                return
            if report.ran or report.problems:
                self._tried |= {key for key in own if key[1] not in written}
            for problem in report.problems:
                job = _job_at(talk, problem.span.line)
                fresh = talk.snippets.states[job.id].state is RecordingState.FRESH
                self._failures[_key(talk, job)] = _FailedSnippet(finding=problem, line=job.span.line, was_fresh=fresh)
            unseen = {key[1] for key in self._now.wanted() if key[0] == talk.file.path}
            changed = {written.id for written in report.written if written.changed}
            self._running[_page(talk)] = tuple(sorted(changed & unseen))
            self._publish(self._news())


def _key(talk: Talk, job: Job) -> Key:
    return talk.file.path, job.id, job.key


def _ids(keys: Collection[Key], talk: Talk) -> tuple[str, ...]:
    return tuple(sorted(id_ for path, id_, _ in keys if path == talk.file.path))


def _page(talk: Talk) -> str:
    return path_of(f"{talk.file.name}/index.html")


def _job_at(talk: Talk, line: int) -> Job:
    """The snippet that a finding is about."""
    jobs = talk.snippets.plan.jobs
    return max(
        jobs, key=lambda job: (job.span.line <= line, job.span.line if job.span.line <= line else -job.span.line)
    )


def _own_mistake(error: Exception) -> SurroundingsError:
    traceback.print_exc()
    return SurroundingsError(f"quarterdeck itself failed: {error!r}", fix="the terminal has the details")
