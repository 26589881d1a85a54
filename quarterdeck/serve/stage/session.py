"""One live session of a deck: a thread that runs one snippet at a time, types what is typed, and tells what happens.

Everything about the session happens in its thread, which is never more than a wait for output away; other threads give
it orders. What it tells is told from there too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine.containers import GONE, answers
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.problems import AnyProblem, Cancelled, NotRun, Stopped, with_hint
from quarterdeck.execute.process import pump
from quarterdeck.execute.results import JobOutcome, RunObserver, Workspace
from quarterdeck.execute.session_run import SessionRun
from quarterdeck.recordings.folder import utc_now
from quarterdeck.serve.stage import containers
from quarterdeck.serve.stage.act import Act
from quarterdeck.serve.stage.beside import BackgroundJobs
from quarterdeck.serve.stage.board import Audience, Board
from quarterdeck.serve.stage.inbox import Inbox
from quarterdeck.serve.stage.making import Making
from quarterdeck.serve.stage.orders import Order, as_live, starts_otherwise, unseen
from quarterdeck.serve.stage.values import Captured
from quarterdeck.snippets.effects import needs_engine
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.plan import Job, PlannedSession
from quarterdeck.snippets.status import Turn, status_of

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
    audience: Audience
    captured: Captured
    engine: EngineSession | None = None
    board: Board = field(init=False)
    _beside: BackgroundJobs = field(init=False)
    _act: Act | None = None
    """What runs."""
    _stage: SessionRun | None = None
    _exits: ExitStack = field(default_factory=ExitStack)
    _inbox: Inbox = field(default_factory=Inbox)
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)
    _queued: dict[int, Order] = field(default_factory=dict)
    _cancel: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    """What it is at is to stop, and whatever belongs to it."""
    _thread: threading.Thread | None = None
    _ending: bool = False
    _outdated: bool = False
    """It is to start afresh before it runs anything more."""

    def __post_init__(self) -> None:
        self.board = Board(self.session.name, self.audience)
        self._beside = BackgroundJobs(self.board)

    # from other threads

    def run(self, order: Order) -> None:
        self.board.put(order)
        self._queued[order.run] = order
        self.board.tell(order)
        self._later(lambda: self._run_queued(order))

    @property
    def is_full(self) -> bool:
        """Whether no other run may wait."""
        return len(self._queued) + (self._act is not None) >= AT_MOST

    @property
    def is_busy(self) -> bool:
        return self._act is not None or bool(self._beside)

    def go(self, run: int) -> None:
        def act() -> None:
            if acting := self._acting(run):
                acting.go()

        self._inbox.put(act)

    def type(self, run: int, typed: bytes) -> None:
        def act() -> None:
            if acting := self._acting(run):
                acting.type(typed)
            else:
                self._beside.type(run, typed)

        self._inbox.put(act)

    def resize(self, run: int, cols: int, rows: int) -> None:
        def act() -> None:
            if acting := self._acting(run):
                acting.resize(cols, rows)
            else:
                self._beside.resize(run, cols, rows)

        self._inbox.put(act)

    def cancel(self, run: int) -> None:
        def act() -> None:
            if order := self._queued.pop(run, None):
                self.board.end(order, problem=Cancelled())
            elif self._acting(run):
                self._cancel_current()
            elif run in self._beside:
                self._waiting.appendleft(lambda: self._beside.stop(run, self.engine))

        self._inbox.put(act)

    def cancel_foreground(self) -> None:
        """Whatever holds the session up is ended; what runs beside it goes on."""

        def act() -> None:
            for run in list(self._queued):
                self.cancel(run)
            self.stop_making()
            self._cancel_current()

        self._inbox.put(act)

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

        def act() -> None:
            self.board.learn(before, jobs)
            if starts_otherwise(earlier, before, session, jobs):
                self._outdated = True

        self._inbox.put(act)

    def restart(self) -> None:
        self.cancel_foreground()
        self._later(self._close_stage)

    def make(self, wanted: Sequence[str], making: Making) -> None:
        """Runs what is missing of `wanted`, unseen; tells how far it is, and in the end what it ran."""
        self._stop.clear()
        self._later(lambda: self._make(wanted, making))

    def stop_making(self) -> None:
        self._stop.set()
        act = self._act
        if act is not None and act.order.unseen:
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

    def _acting(self, run: int) -> Act | None:
        return self._act if self._act is not None and self._act.order.run == run else None

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
                    self._pump(LOOK_S if self._beside else IDLE_S)
                    self._beside.look()
        finally:
            self._close_stage()
            self._inbox.close()

    def _pump(self, within_s: float) -> None:
        shell = self._stage.shell if self._stage is not None else None
        if shell is not None and shell.is_open:
            shell.pump(within_s)
        else:
            pump([self._inbox], within_s)

    def _run_queued(self, order: Order) -> None:
        if self._queued.pop(order.run, None) is not None:
            self._start_afresh()
            problem = self._set_up() if order.job.role is not Role.SETUP else None
            if problem is not None:
                self.board.end(order, problem=problem)
            else:
                self._execute(order)

    def _start_afresh(self) -> None:
        if self._outdated or self._lacks_engine():
            self._close_stage()

    def _lacks_engine(self) -> bool:
        """Whether it began when there was none; where it has done nothing yet, one is looked for again."""
        began = self._stage is not None and self.engine is None and not self.board.told().done
        return began and any(map(needs_engine, self.jobs.values()))

    def _set_up(self) -> NotRun | None:
        """Runs the set-ups that have not run; what that kept from running."""
        for job in self.jobs.values():
            if job.role is Role.SETUP and job.id not in self.board.done and not self._ending:
                problem = self._problem_of(self._execute(self._unseen(job)))
                if problem is not None:
                    return NotRun(why=f"its set-up '{job.id}' {problem}")
        return None

    def _problem_of(self, outcome: JobOutcome | None) -> AnyProblem | None:
        return outcome.problem if outcome is not None else NotRun(why=self.board.problem)

    def _unseen(self, job: Job) -> Order:
        order = unseen(job, self.number())
        self.board.put(order)
        return order

    def _execute(self, order: Order) -> JobOutcome | None:
        """Runs it; None where there is no stage for it."""
        self._cancel.clear()
        self._act = Act(order=order, audience=self.audience, orders=self._inbox, cancel=self._cancel)
        try:
            stage = self._act.stage = self._opened()
            if stage is None:
                self.board.end(order, problem=NotRun(why=self.board.problem))
                return None
            self.board.begin(order)
            self._clear_earlier(order)
            stage.watch = self._act.watch()
            before = len(stage.backgrounds)
            self.captured.drop([each.name for each in order.job.options.execution.capture])
            outcome = self._explained(stage.run(as_live(order), Turn.RECORD, self.captured.known))
            self.captured.take(outcome.recording.captured, session=self.session.name)
            self.board.note(order, problem=outcome.problem)
            if self._cancel.is_set():
                containers.stop(self.engine, order.job, grace_s=containers.CANCEL_GRACE_S)
            started = [background for _, background in stage.backgrounds[before:]]
            if not any(self._beside.take(order, each, problem=outcome.problem) for each in started):
                status = status_of(outcome.recording.commands) if outcome.ran else None
                self.board.end(order, problem=outcome.problem, status=status, ok=outcome.problem is None)
            self.board.set_state("lost" if stage.lost else "warm", problem=stage.lost)
            return outcome
        finally:
            self._act = None

    def _explained(self, outcome: JobOutcome) -> JobOutcome:
        """Where an engine is what it lacked, that is said, and what mends it."""
        if not outcome.problem or self._cancel.is_set() or not needs_engine(outcome.job):
            return outcome
        if self.engine is None:
            hint = "then restart the session" if self.board.done else ""
        else:
            hint = "" if answers(self.engine.engine) else f"{GONE.what}; {GONE.fix}"
        return replace(outcome, problem=with_hint(outcome.problem, hint))

    def _cancel_current(self) -> None:
        self._cancel.set()
        if self._act is not None:
            containers.stop_beside(self.engine, self._act.order.job)

    def _clear_earlier(self, order: Order) -> None:
        """What an earlier run of this snippet left running, so that it can do the same again."""
        self._beside.stop_all(self.engine, of=order.job.id)
        if self.board.has_run(order.job.id):
            containers.remove(self.engine, order.job)

    def _make(self, wanted: Sequence[str], making: Making) -> None:
        self._start_afresh()
        done = self.board.done
        if self.board.state == "lost" or done != list(wanted[: len(done)]):
            self._close_stage()
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
        """The stage, started for its first snippet; none where it cannot be, for which the board has the reason."""
        if self._stage is not None:
            return self._stage
        self.board.set_state("starting")
        try:
            ground = self._exits.enter_context(self.prepare())
            stage = SessionRun(
                self.session,
                list(self.jobs.values()),
                ground=ground,
                now=utc_now,
                cancel=self._cancel,
                watch=RunObserver(also=(self._inbox,)),
            )
            self._exits.enter_context(stage)
        except SurroundingsError as error:
            self._exits.close()
            self.board.set_state("cold", problem=f"{error.what}; {error.fix}")
            return None
        self._stage, self.engine = stage, stage.engine
        return stage

    def _close_stage(self) -> None:
        """Tear-downs, and the end of all that was started."""
        if self._stage is not None:
            self.board.set_state("closing")
            self._beside.stop_all(self.engine)
            for job in self.jobs.values():
                if job.role is Role.TEARDOWN and self.board.done:
                    self._execute(self._unseen(job))
        self.captured.forget(self.session.name)
        self._stage, self.engine, self._outdated = None, None, False
        self.board.done.clear()
        problem = ""
        try:
            self._exits.close()
        except SurroundingsError as error:
            problem = error.what
        self.board.set_state("cold", problem=problem)
