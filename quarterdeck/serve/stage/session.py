"""One live session of a deck: a thread that runs one snippet at a time, types what is typed, and tells what happens.

Everything about the session happens in its thread, which is never more than a wait for output away; other threads give
it orders. What it tells is told from there too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from msgspec.structs import replace

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine.containers import GONE, answers
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.problems import AnyProblem, Cancelled, NotRun, Stopped, with_hint
from quarterdeck.execute.process import pump
from quarterdeck.execute.results import JobOutcome, RunObserver
from quarterdeck.execute.session_run import SessionRun
from quarterdeck.execute.workspace import Workspace
from quarterdeck.recordings.folder import utc_now
from quarterdeck.serve.stage.background import (
    CANCEL_GRACE_S,
    BackgroundJobs,
    remove_containers,
    stop_containers,
    stop_containers_at_once,
)
from quarterdeck.serve.stage.inbox import Inbox
from quarterdeck.serve.stage.live_run import LiveRun
from quarterdeck.serve.stage.run_request import RunRequest, as_live, starts_otherwise, unseen
from quarterdeck.serve.stage.session_status import RunListener, SessionStatus
from quarterdeck.serve.stage.slide_state import LiveValues, StateMaker
from quarterdeck.snippets.effects import needs_engine
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.plan import Job, PlannedSession
from quarterdeck.snippets.status import JobAction, status_of

IDLE_S = 1.0
LOOK_S = 0.2
"""How often a job in the background is looked at."""
AT_MOST = 2
"""Runs of a session: one that runs, and one that waits for it."""
END_S = 30.0
"""How long all of a session may take to end."""


@dataclass(eq=False, slots=True, kw_only=True)
class LiveSession:
    session: PlannedSession
    jobs: Mapping[str, Job]
    """Of this session, by id, in the order in which they run."""
    prepare: Callable[[], AbstractContextManager[Workspace]]
    number: Callable[[], int]
    """The number of the next run."""
    listener: RunListener
    captured: LiveValues
    engine: EngineSession | None = None
    status: SessionStatus = field(init=False)
    _background: BackgroundJobs = field(init=False)
    _running: LiveRun | None = None
    """What runs."""
    _session_run: SessionRun | None = None
    _exits: ExitStack = field(default_factory=ExitStack)
    _inbox: Inbox = field(default_factory=Inbox)
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)
    _queued: dict[int, RunRequest] = field(default_factory=dict)
    _cancel: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    """What it is at is to stop, and whatever belongs to it."""
    _thread: threading.Thread | None = None
    _ending: bool = False
    _outdated: bool = False
    """It is to start afresh before it runs anything more."""

    def __post_init__(self) -> None:
        self.status = SessionStatus(self.session.name, self.listener)
        self._background = BackgroundJobs(self.status)

    # from other threads

    def run(self, request: RunRequest) -> None:
        self.status.put(request)
        self._queued[request.run] = request
        self.status.tell(request)
        self._later(lambda: self._run_queued(request))

    @property
    def is_full(self) -> bool:
        """Whether no other run may wait."""
        return len(self._queued) + (self._running is not None) >= AT_MOST

    @property
    def is_busy(self) -> bool:
        return self._running is not None or bool(self._background)

    def go(self, run: int) -> None:
        def task() -> None:
            if acting := self._acting(run):
                acting.go()

        self._inbox.put(task)

    def type(self, run: int, typed: bytes) -> None:
        def task() -> None:
            if acting := self._acting(run):
                acting.type(typed)
            else:
                self._background.type(run, typed)

        self._inbox.put(task)

    def resize(self, run: int, cols: int, rows: int) -> None:
        def task() -> None:
            if acting := self._acting(run):
                acting.resize(cols, rows)
            else:
                self._background.resize(run, cols, rows)

        self._inbox.put(task)

    def cancel(self, run: int) -> None:
        def task() -> None:
            if request := self._queued.pop(run, None):
                self.status.end(request, problem=Cancelled())
            elif self._acting(run):
                self._cancel_current()
            elif run in self._background:
                self._waiting.appendleft(lambda: self._background.stop(run, self.engine))

        self._inbox.put(task)

    def cancel_foreground(self) -> None:
        """Whatever holds the session up is ended; what runs beside it goes on."""

        def task() -> None:
            for run in list(self._queued):
                self.cancel(run)
            self.stop_making()
            self._cancel_current()

        self._inbox.put(task)

    def learn(
        self,
        session: PlannedSession,
        jobs: Mapping[str, Job],
        *,
        prepare: Callable[[], AbstractContextManager[Workspace]],
    ) -> None:
        """What it is from now on. It stays warm, unless another start than the one it had is wanted now."""
        before, earlier = self.jobs, self.session
        self.session, self.jobs, self.prepare = session, jobs, prepare
        if self._thread is None:
            return

        def task() -> None:
            self.status.learn(before, jobs)
            if starts_otherwise(earlier, before, session, jobs):
                self._outdated = True

        self._inbox.put(task)

    def restart(self) -> None:
        self.cancel_foreground()
        self._later(self._close_session_run)

    def make(self, wanted: Sequence[str], making: StateMaker) -> None:
        """Runs what is missing of `wanted`, unseen; tells how far it is, and in the end what it ran."""
        self._stop.clear()
        self._later(lambda: self._make(wanted, making))

    def stop_making(self) -> None:
        self._stop.set()
        if (running := self._running) is not None and running.request.unseen:
            self._cancel.set()

    def end(self) -> None:
        """Begins the end; `join` waits for it."""
        self._ending = True
        self._stop.set()
        self.cancel_foreground()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(END_S)
        else:
            self._inbox.close()

    # in its own thread

    def _acting(self, run: int) -> LiveRun | None:
        return self._running if self._running is not None and self._running.request.run == run else None

    def _later(self, task: Callable[[], None]) -> None:
        """Done when what is being done is over."""
        self._inbox.put(lambda: self._waiting.append(task))
        if self._thread is None:
            name = f"live-{self.session.name}"
            self._thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        try:
            while not self._ending:
                if self._waiting:
                    self._waiting.popleft()()
                else:
                    self._pump(LOOK_S if self._background else IDLE_S)
                    self._background.look()
        finally:
            self._close_session_run()
            self._inbox.close()

    def _pump(self, within_s: float) -> None:
        shell = self._session_run.shell if self._session_run is not None else None
        if shell is not None and shell.is_open:
            shell.pump(within_s)
        else:
            pump([self._inbox], within_s)

    def _run_queued(self, request: RunRequest) -> None:
        if self._queued.pop(request.run, None) is not None:
            self._start_afresh()
            problem = self._set_up() if request.job.role is not Role.SETUP else None
            if problem is not None:
                self.status.end(request, problem=problem)
            else:
                self._execute(request)

    def _start_afresh(self) -> None:
        if self._outdated or self._lacks_engine():
            self._close_session_run()

    def _lacks_engine(self) -> bool:
        """Whether it began when there was none; where it has done nothing yet, one is looked for again."""
        began = self._session_run is not None and self.engine is None and not self.status.told().done
        return began and any(map(needs_engine, self.jobs.values()))

    def _set_up(self) -> NotRun | None:
        """Runs the set-ups that have not run; what that kept from running."""
        for job in self.jobs.values():
            if job.role is Role.SETUP and job.id not in self.status.done and not self._ending:
                problem = self._problem_of(self._execute(self._unseen(job)))
                if problem is not None:
                    return NotRun(why=f"its set-up '{job.id}' {problem}")
        return None

    def _problem_of(self, outcome: JobOutcome | None) -> AnyProblem | None:
        return outcome.problem if outcome is not None else NotRun(why=self.status.problem)

    def _unseen(self, job: Job) -> RunRequest:
        request = unseen(job, self.number())
        self.status.put(request)
        return request

    def _execute(self, request: RunRequest) -> JobOutcome | None:
        """Runs it; None where the session cannot be started."""
        self._cancel.clear()
        self._running = LiveRun(request=request, listener=self.listener, inbox=self._inbox, cancel=self._cancel)
        try:
            session_run = self._running.session_run = self._opened()
            if session_run is None:
                self.status.end(request, problem=NotRun(why=self.status.problem))
                return None
            self.status.begin(request)
            self._clear_earlier(request)
            session_run.observer = self._running.observer()
            before = len(session_run.backgrounds)
            self.captured.drop([each.name for each in request.job.options.execution.capture])
            outcome = self._explained(session_run.run(as_live(request), JobAction.RECORD, self.captured.known))
            self.captured.take(outcome.recording.captured, session=self.session.name)
            self.status.note(request, problem=outcome.problem)
            if self._cancel.is_set():
                stop_containers(self.engine, request.job, grace_s=CANCEL_GRACE_S)
            started = [background for _, background in session_run.backgrounds[before:]]
            if not any(self._background.take(request, each, problem=outcome.problem) for each in started):
                status = status_of(outcome.recording.commands) if outcome.ran else None
                self.status.end(request, problem=outcome.problem, status=status, ok=outcome.problem is None)
            self.status.set_state("lost" if session_run.lost else "warm", problem=session_run.lost)
            return outcome
        finally:
            self._running = None

    def _explained(self, outcome: JobOutcome) -> JobOutcome:
        """Where an engine is what it lacked, that is said, and what mends it."""
        if not outcome.problem or self._cancel.is_set() or not needs_engine(outcome.job):
            return outcome
        if self.engine is None:
            hint = "then restart the session" if self.status.done else ""
        else:
            hint = "" if answers(self.engine.engine) else f"{GONE.what}; {GONE.fix}"
        return replace(outcome, problem=with_hint(outcome.problem, hint))

    def _cancel_current(self) -> None:
        self._cancel.set()
        if self._running is not None:
            stop_containers_at_once(self.engine, self._running.request.job)

    def _clear_earlier(self, request: RunRequest) -> None:
        """What an earlier run of this snippet left running, so that it can do the same again."""
        self._background.stop_all(self.engine, of=request.job.id)
        if self.status.has_run(request.job.id):
            remove_containers(self.engine, request.job)

    def _make(self, wanted: Sequence[str], making: StateMaker) -> None:
        self._start_afresh()
        done = self.status.done
        if self.status.state == "lost" or done != list(wanted[: len(done)]):
            self._close_session_run()
        ran: list[str] = []
        missing = wanted[len(done) :]
        for at, name in enumerate(missing, 1):
            while any(map(making.is_coming, self.jobs[name].uses)) and not self._stop.is_set():
                self._pump(LOOK_S)
            if self._stop.is_set():
                making.ended(self.session.name, ran=ran, problem=Stopped(), at_fault=name)
                return
            making.runs(name, at, len(missing))
            problem = self._problem_of(self._execute(self._unseen(self.jobs[name])))
            if problem is not None:
                making.ended(self.session.name, ran=ran, problem=problem, at_fault=name)
                return
            ran.append(name)
        making.ended(self.session.name, ran=ran)

    def _opened(self) -> SessionRun | None:
        """Started for the first snippet; None where it cannot be: the status says why."""
        if self._session_run is not None:
            return self._session_run
        self.status.set_state("starting")
        try:
            workspace = self._exits.enter_context(self.prepare())
            session_run = SessionRun(
                self.session,
                list(self.jobs.values()),
                workspace=workspace,
                now=utc_now,
                cancel=self._cancel,
                observer=RunObserver(also=(self._inbox,)),
            )
            self._exits.enter_context(session_run)
        except SurroundingsError as error:
            self._exits.close()
            self.status.set_state("cold", problem=f"{error.what}; {error.fix}")
            return None
        self._session_run, self.engine = session_run, session_run.engine
        return session_run

    def _close_session_run(self) -> None:
        """Tear-downs, and the end of all that was started."""
        if self._session_run is not None:
            self.status.set_state("closing")
            self._background.stop_all(self.engine)
            for job in self.jobs.values():
                if job.role is Role.TEARDOWN and self.status.done:
                    self._execute(self._unseen(job))
        self.captured.forget(self.session.name)
        self._session_run, self.engine, self._outdated = None, None, False
        self.status.done.clear()
        problem = ""
        try:
            self._exits.close()
        except SurroundingsError as error:
            problem = error.what
        self.status.set_state("cold", problem=problem)
