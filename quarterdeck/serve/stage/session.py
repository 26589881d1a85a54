"""One live session of a deck: a thread that runs one snippet at a time, types what is typed, and tells what happens.

Everything about the session happens in its thread, which is never more than a wait for output away; other threads give
it orders. What it tells is told from there too.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from quarterdeck.errors import SurroundingsError
from quarterdeck.render.terminal import WITH_COMMAND
from quarterdeck.run.capture import Ran
from quarterdeck.run.docker.panel import remove_of
from quarterdeck.run.docker.session import Session as EngineSession
from quarterdeck.run.fences import Role
from quarterdeck.run.needs import names_engine
from quarterdeck.run.plan import Job, Session
from quarterdeck.run.process import pump
from quarterdeck.run.record import utc_now
from quarterdeck.run.shell import Background
from quarterdeck.run.stage import Ground, Outcome, Stage, Watch
from quarterdeck.run.status import Turn, status_of

IDLE_S = 1.0
LOOK_S = 0.2
"""How often a job in the background is looked at."""
EARLY_BYTES = 4096
AT_MOST = 2
"""Runs of a session: one that runs, and one that waits for it."""
GO_S = 30.0
"""How long the page may take to show a command being typed."""
END_S = 30.0
"""How long all of a session may take to end."""


class Audience(Protocol):
    """Whoever is told; from the session's thread."""

    def say(self, message: Mapping[str, Any]) -> None: ...

    def print(self, run: int, output: bytes) -> None: ...


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


@dataclass(slots=True)
class Shown:
    """A snippet as its windows show it."""

    order: Order
    state: str = "waiting"
    began_s: float = 0.0
    took_s: float | None = None
    status: int | None = None
    ok: bool | None = None
    problem: str = ""

    def told(self, now_s: float) -> dict[str, Any]:
        took = self.took_s if self.took_s is not None else now_s - self.began_s if self.began_s else 0.0
        return {
            "type": "snippet",
            "id": self.order.job.id,
            "run": self.order.run,
            "state": self.state,
            "status": self.status,
            "ok": self.ok,
            "problem": self.problem,
            "elapsed": round(took, 2),
            "cols": self.order.cols,
            "rows": self.order.rows,
            "edited": self.order.edited,
            "unseen": self.order.unseen,
        }


class Inbox:
    """What other threads want done in the session's, which wakes up for it."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        self._wanted: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._closed = False

    def put(self, wanted: Callable[[], None]) -> None:
        with self._lock:
            if self._closed:
                return
            self._wanted.append(wanted)
            with suppress(BlockingIOError):
                os.write(self._write, b"!")

    def watch(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._read, selectors.EVENT_READ, self)

    def serve(self, descriptor: int, _events: int) -> None:
        with suppress(BlockingIOError):
            os.read(descriptor, 4096)
        while self._wanted:
            self._wanted.popleft()()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            os.close(self._read)
            os.close(self._write)


@dataclass(eq=False, slots=True, kw_only=True)
class LiveSession:
    session: Session
    jobs: Mapping[str, Job]
    """Of this session, by id, in the order in which they run."""
    prepare: Callable[[], AbstractContextManager[Ground]]
    number: Callable[[], int]
    """The number of the next run."""
    audience: Audience
    state: str = "cold"
    problem: str = ""
    done: list[str] = field(default_factory=list)
    """Ids of what it has run; with a mark where it did not go as expected."""
    shown: dict[str, Shown] = field(default_factory=dict)
    """The last run of each snippet, by id."""
    engine: EngineSession | None = None
    _inbox: Inbox = field(default_factory=Inbox)
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)
    _queued: dict[int, Order] = field(default_factory=dict)
    _current: Order | None = None
    _stage: Stage | None = None
    _exits: ExitStack = field(default_factory=ExitStack)
    _cancel: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    """What it is at is to stop, and whatever belongs to it."""
    _go: int = 0
    """The run whose next command may begin."""
    _backgrounds: dict[int, tuple[Order, Background]] = field(default_factory=dict)
    _thread: threading.Thread | None = None
    _early: bytearray = field(default_factory=bytearray)
    """Typed at what is about to begin."""
    _ending: bool = False

    # from other threads

    def run(self, order: Order) -> None:
        self.shown[order.job.id] = Shown(order)
        self._queued[order.run] = order
        self._tell_snippet(order)
        self._later(lambda: self._run_queued(order))

    @property
    def is_full(self) -> bool:
        """Whether no other run may wait."""
        return len(self._queued) + (self._current is not None) >= AT_MOST

    def go(self, run: int) -> None:
        def act() -> None:
            self._go = run

        self._inbox.put(act)

    def type(self, run: int, typed: bytes) -> None:
        self._inbox.put(lambda: self._type(run, typed))

    def resize(self, run: int, cols: int, rows: int) -> None:
        self._inbox.put(lambda: self._resize(run, cols, rows))

    def cancel(self, run: int) -> None:
        def act() -> None:
            if order := self._queued.pop(run, None):
                self._end(order, problem="was cancelled", status=None, ok=False)
            elif self._current is not None and self._current.run == run:
                self._cancel_current()
            elif run in self._backgrounds:
                self._waiting.appendleft(lambda: self._stop_background(run))

        self._inbox.put(act)

    def cancel_foreground(self) -> None:
        """Whatever holds the session up is ended; what runs beside it goes on."""

        def act() -> None:
            for run in list(self._queued):
                self.cancel(run)
            self.stop_making()
            self._cancel_current()

        self._inbox.put(act)

    def restart(self) -> None:
        self.cancel_foreground()
        self._later(self._close_stage)

    def make(self, wanted: Sequence[str], *, told: Callable[[Mapping[str, Any]], None]) -> None:
        """Runs what is missing of `wanted`, unseen; tells how far it is, and in the end what it ran."""
        self._stop.clear()
        self._later(lambda: self._make(wanted, told))

    def stop_making(self) -> None:
        self._stop.set()
        if self._current is not None and self._current.unseen:
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

    def told(self) -> dict[str, Any]:
        done = [name for name in self.done if not name.endswith("!")]
        return {
            "type": "session",
            "session": self.session.name,
            "state": self.state,
            "problem": self.problem,
            "done": list(dict.fromkeys(done)),
        }

    # in its own thread

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
                    self._pump(LOOK_S if self._backgrounds else IDLE_S)
                    self._look_at_backgrounds()
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
            problem = self._set_up() if order.job.role is not Role.SETUP else ""
            if problem:
                self._end(order, problem=problem, status=None, ok=False)
            else:
                self._execute(order)

    def _set_up(self) -> str:
        """Runs the set-ups that have not run; why that failed."""
        for job in self.jobs.values():
            if job.role is Role.SETUP and job.id not in self.done and not self._ending:
                outcome = self._execute(self._unseen(job))
                if outcome is None or outcome.problem:
                    return f"did not run: its set-up '{job.id}' {outcome.problem if outcome else self.problem}"
        return ""

    def _unseen(self, job: Job) -> Order:
        cols, rows = job.options.pty or (100, 24)
        order = Order(run=self.number(), job=job, cols=cols, rows=rows, unseen=True)
        self.shown[job.id] = Shown(order)
        return order

    def _execute(self, order: Order) -> Outcome | None:
        self._cancel.clear()
        self._early.clear()
        self._current = order
        shown = self.shown[order.job.id]
        try:
            stage = self._opened()
            if stage is None:
                self._end(order, problem=f"did not run: {self.problem}", status=None, ok=False)
                return None
            shown.state, shown.began_s = "running", time.monotonic()
            self._set_state("busy")
            self._tell_snippet(order)
            self._clear_earlier(order, stage)
            stage.watch = self._watching(order)
            before = len(stage.backgrounds)
            outcome = stage.run(_as_live(order), Turn.RECORD)
            if len(stage.backgrounds) > before:
                self._backgrounds[order.run] = (order, stage.backgrounds[-1][1])
            self._take_outcome(order, outcome, stage)
            return outcome
        finally:
            self._current = None

    def _take_outcome(self, order: Order, outcome: Outcome, stage: Stage) -> None:
        cancelled = self._cancel.is_set()
        self.done.append(f"{order.job.id}!" if outcome.problem or order.edited else order.job.id)
        if cancelled and self.engine is not None and names_engine(order.job):
            with suppress(SurroundingsError):
                self.engine.stop(order.job.id, grace_s=1)
        _job, background = self._backgrounds.get(order.run, (None, None))
        status = status_of(outcome.recording.commands) if outcome.ran else None
        if background is not None and (background.status is not None or outcome.problem):
            del self._backgrounds[order.run]
            background.stop()
            background = None
        if background is not None:
            shown = self.shown[order.job.id]
            shown.state, shown.ok, shown.status = "ready", True, None
            self._tell_snippet(order)
        else:
            self._end(order, problem=outcome.problem, status=status, ok=not outcome.problem)
        if stage.lost:
            self._set_state("lost", problem=stage.lost)
        else:
            self._set_state("warm")

    def _end(self, order: Order, *, problem: str, status: int | None, ok: bool) -> None:
        shown = self.shown.get(order.job.id)
        if shown is None or shown.order.run != order.run:
            return
        shown.state, shown.problem, shown.status, shown.ok = "done", problem, status, ok
        shown.took_s = time.monotonic() - shown.began_s if shown.began_s else 0.0
        self._tell_snippet(order)

    def _cancel_current(self) -> None:
        """Ctrl-C to what runs; a container may not listen to it, and is stopped as well."""
        self._cancel.set()
        order, engine = self._current, self.engine
        if order is not None and engine is not None and names_engine(order.job):

            def stop() -> None:
                with suppress(SurroundingsError):
                    engine.stop(order.job.id, grace_s=1)

            threading.Thread(target=stop, name="stop", daemon=True).start()

    def _clear_earlier(self, order: Order, stage: Stage) -> None:
        """What an earlier run of this snippet left running, so that it can do the same again."""
        for run, (earlier, _) in list(self._backgrounds.items()):
            if earlier.job.id == order.job.id:
                self._stop_background(run)
        again = any(name.rstrip("!") == order.job.id for name in self.done)
        if again and stage.engine is not None and names_engine(order.job):
            with suppress(SurroundingsError):
                remove_of(stage.engine, order.job.id)

    def _watching(self, order: Order) -> Watch:
        echo = order.job.kind in WITH_COMMAND
        began_s = [time.monotonic()]

        def command(job: Job, at: int) -> None:
            if order.unseen:
                return
            text = job.commands[at].text
            self.audience.say({"type": "command", "run": order.run, "index": at, "text": text, "echo": echo})
            self._await_go(order)
            began_s[0] = time.monotonic()

        def seated() -> None:
            early = bytes(self._early)
            self._early.clear()
            if early and self._stage is not None and self._stage.keys is not None:
                self._stage.keys(early)

        def ended(_job: Job, at: int, ran: Ran) -> None:
            if not order.unseen:
                told = {"type": "end", "run": order.run, "index": at, "status": ran.status}
                self.audience.say({**told, "elapsed": round(time.monotonic() - began_s[0], 3)})

        def output(_at_s: float, printed: bytes) -> None:
            if not order.unseen:
                self.audience.print(order.run, printed)

        return Watch(
            live=not order.unseen, command=command, seated=seated, ended=ended, output=output, also=(self._inbox,)
        )

    def _await_go(self, order: Order) -> None:
        if order.paced:
            until = time.monotonic() + GO_S
            while self._go != order.run and not self._cancel.is_set() and time.monotonic() < until:
                pump([self._inbox], 0.1)
            self._go = 0

    def _type(self, run: int, typed: bytes) -> None:
        if self._current is not None and self._current.run == run:
            if self._stage is not None and self._stage.keys is not None:
                self._stage.keys(typed)
            elif len(self._early) < EARLY_BYTES:
                self._early += typed
        elif run in self._backgrounds:
            self._backgrounds[run][1].write(typed)

    def _resize(self, run: int, cols: int, rows: int) -> None:
        if self._current is not None and self._current.run == run:
            if self._stage is not None and self._stage.size is not None:
                self._stage.size(cols, rows)
        elif run in self._backgrounds:
            self._backgrounds[run][1].resize(cols, rows)

    def _make(self, wanted: Sequence[str], told: Callable[[Mapping[str, Any]], None]) -> None:
        if self.state == "lost" or self.done != list(wanted[: len(self.done)]):
            self._close_stage()
        ran: list[str] = []
        missing = wanted[len(self.done) :]
        for at, name in enumerate(missing, 1):
            if self._stop.is_set():
                told({"ran": ran, "problem": "stopped", "id": name})
                return
            told({"id": name, "at": at, "of": len(missing)})
            outcome = self._execute(self._unseen(self.jobs[name]))
            if outcome is None or outcome.problem:
                told({"ran": ran, "problem": outcome.problem if outcome else self.problem, "id": name})
                return
            ran.append(name)
        told({"ran": ran, "problem": "", "id": ""})

    def _look_at_backgrounds(self) -> None:
        for run, (order, background) in list(self._backgrounds.items()):
            status = background.status
            if status is not None:
                del self._backgrounds[run]
                background.close()
                self._end(order, problem=f"ended with status {status}", status=status, ok=status == 0)

    def _stop_background(self, run: int) -> None:
        if run not in self._backgrounds:
            return
        order, background = self._backgrounds.pop(run)
        ran = background.stop()
        if self.engine is not None and names_engine(order.job):
            with suppress(SurroundingsError):
                self.engine.stop(order.job.id)
        self._end(order, problem="was stopped", status=ran.status, ok=True)

    def _opened(self) -> Stage | None:
        """The stage, started for its first snippet; none where it cannot be, for which `problem` has the reason."""
        if self._stage is not None:
            return self._stage
        self._set_state("starting")
        try:
            ground = self._exits.enter_context(self.prepare())
            stage = Stage(
                self.session,
                list(self.jobs.values()),
                ground=ground,
                now=utc_now,
                cancel=self._cancel,
                watch=Watch(also=(self._inbox,)),
            )
            self._exits.enter_context(stage)
        except SurroundingsError as error:
            self._exits.close()
            self._set_state("cold", problem=f"{error.what}; {error.fix}")
            return None
        self._stage, self.engine = stage, stage.engine
        return stage

    def _close_stage(self) -> None:
        """Tear-downs, and the end of all that was started."""
        stage = self._stage
        if stage is not None:
            self._set_state("closing")
            for run in list(self._backgrounds):
                self._stop_background(run)
            for job in self.jobs.values():
                if job.role is Role.TEARDOWN and self.done:
                    self._execute(self._unseen(job))
        self._stage, self.engine = None, None
        self.done.clear()
        try:
            self._exits.close()
        except SurroundingsError as error:
            self.problem = error.what
        self._set_state("cold")

    def _set_state(self, state: str, *, problem: str = "") -> None:
        if (state, problem) != (self.state, self.problem) or state == "warm":
            self.state, self.problem = state, problem
            self.audience.say(self.told())

    def _tell_snippet(self, order: Order) -> None:
        shown = self.shown.get(order.job.id)
        if shown is not None and shown.order.run == order.run:
            self.audience.say(shown.told(time.monotonic()))


def _as_live(order: Order) -> Job:
    """The job on a terminal that somebody sits at; what is seen has no end but the presenter's."""
    job, options = order.job, order.job.options
    if order.unseen:
        return job
    options = replace(options, pty=(order.cols, order.rows))
    if options.stdin == "none" and not options.steps:
        options = replace(options, stdin="tty")
    if not options.bg:
        options = replace(options, timeout_s=float("inf"))
    return replace(job, options=options)


def seen_before(jobs: Mapping[str, Job], slides: Collection[str]) -> tuple[str, ...]:
    """Ids of what runs before a slide is reached: set-ups, and what stands on the slides before it."""
    return tuple(
        job.id for job in jobs.values() if job.role is Role.SETUP or (job.role is Role.BODY and job.slide in slides)
    )
