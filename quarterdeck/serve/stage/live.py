"""A deck on stage: its sessions, the windows that show them, and what each window has still to be told.

Windows live on the event loop; sessions tell from their own threads. What they tell goes into each window's spool under
one lock, and the loop is only woken to send it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from typing import Any

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine.containers import GONE, Panel, answers, look
from quarterdeck.execute.engine.find import Absence, Engine
from quarterdeck.execute.needs import names_engine
from quarterdeck.execute.results import Workspace
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.serve.stage.frames import Frames
from quarterdeck.serve.stage.made import Made
from quarterdeck.serve.stage.making import Making
from quarterdeck.serve.stage.messages import (
    CommandBegun,
    CommandEnded,
    EngineContainer,
    EngineContents,
    EngineState,
    Relayed,
    SessionState,
    SnippetState,
    Stall,
    StateMade,
    ToWindow,
    TrustState,
    Welcome,
    WindowCount,
)
from quarterdeck.serve.stage.orders import Order, seen_before
from quarterdeck.serve.stage.session import LiveSession
from quarterdeck.serve.stage.spool import Frame, Latest, Spool
from quarterdeck.serve.stage.values import Captured, makers
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.options import RunOptions
from quarterdeck.snippets.plan import Job, Plan

GRACE_S = 10.0
"""After the last window is gone, what runs may go on for so long: a page that is loaded again comes back."""
TICK_S = 0.25
LAST_LOOK_S = 0.5
"""How long a look at the engine may hold up the end."""
PANEL_S = 2.0
"""Between two looks at the engine while something runs."""
CALM_S = 15.0
"""The same while only containers do, that snippets have left behind."""
REEL_BYTES = 128 * 1024
"""Of a snippet's output, its beginning and its end, that a window which comes later is shown."""


@dataclass(eq=False, slots=True)
class Window:
    """An open page."""

    loop: asyncio.AbstractEventLoop
    spool: Spool = field(default_factory=Spool)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _woken: bool = False

    def say(self, text: str) -> None:
        with self._lock:
            self.spool.say(text)
        self._wake()

    def print(self, run: int, output: bytes) -> None:
        with self._lock:
            self.spool.add(run, output)
        self._wake()

    def replay(self, reel: Spool) -> None:
        with self._lock:
            reel.copy_to(self.spool)
        self._wake()

    def take(self, room: int) -> Frame | None:
        with self._lock:
            return self.spool.take(room)

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has ended
                self.loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        self._woken = False
        self.wake.set()


@dataclass(slots=True)
class _Quiet:
    """How long a run has printed nothing."""

    since_s: float
    patience_s: float
    told: bool = False
    typed: bool = False
    """Somebody talks to it: it waits for them, not they for it."""


@dataclass(eq=False, slots=True, kw_only=True)
class LiveDeck:
    name: str
    plan: Plan
    slides: tuple[str, ...]
    """Keys, in the deck's order."""
    prepare: Callable[[Iterable[Job]], AbstractContextManager[Workspace]]
    find_engine: Callable[[], Engine | Absence]
    edit: bool = False
    untrusted: str = ""
    """Why nothing may be run just now."""
    grace_s: float = GRACE_S
    windows: set[Window] = field(default_factory=set)
    sessions: dict[str, LiveSession] = field(default_factory=dict)
    captured: Captured = field(init=False)
    made: Made = field(default_factory=Made)
    engine: EngineState = field(default_factory=lambda: EngineState(available=True, wanted=False))
    state: EngineContents | None = None
    """What the deck has made on the engine."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reels: dict[int, Spool] = field(default_factory=dict)
    """What was printed by the last run of each snippet."""
    _runs: dict[str, int] = field(default_factory=dict)
    _quiet: dict[int, _Quiet] = field(default_factory=dict)
    _frames: Frames = field(init=False)
    _engine: Engine | None = None
    _look: threading.Event = field(default_factory=threading.Event)
    _closed: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _leaving: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        self._frames = Frames(self.say)
        self.captured = Captured(self.say)
        self.learn(self.plan, self.slides)

    def learn(self, plan: Plan, slides: tuple[str, ...]) -> None:
        """The deck as it is from now on; what runs goes on, and sessions stay warm where that is what they would be.

        From any thread. A session that the deck has no more lives until the end: what it started may still be needed.
        """
        self.plan, self.slides = plan, slides
        for session in plan.sessions:
            jobs = {name: job for name in session.jobs if (job := plan.job(name)) is not None}
            prepare = partial(self.prepare, jobs.values())
            if session.name in self.sessions:
                self.sessions[session.name].learn(session, jobs, prepare=prepare)
            else:
                made = LiveSession(
                    session=session,
                    jobs=jobs,
                    prepare=prepare,
                    number=self._number,
                    audience=self,
                    captured=self.captured,
                )
                self.sessions = {**self.sessions, session.name: made}
        if not self.engine.wanted and any(map(names_engine, plan.jobs)):
            self.engine = EngineState(available=False, wanted=True)
            thread = threading.Thread(target=self._watch_engine, name=f"engine-{self.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def tell_trust(self, why: str) -> None:
        """Whether it may run anything, and why not; told once."""
        if why != self.untrusted:
            self.untrusted = why
            self.say(TrustState(what=why))

    def _number(self) -> int:
        return next(self._numbers)

    def close(self) -> None:
        """Ends every session; gives when all of them are over."""
        self._closed.set()
        self._look.set()
        for session in self.sessions.values():
            session.end()
        for session in self.sessions.values():
            session.join()
        for thread in self._threads:
            thread.join(LAST_LOOK_S)
        self._frames.close()

    # told by sessions, in their threads

    def say(self, message: ToWindow) -> None:
        with self._lock:
            if isinstance(message, SnippetState):
                self._take_snippet(message)
            elif isinstance(message, (CommandBegun, CommandEnded)) and message.run in self._reels:
                self._reels[message.run].say(message.encoded())
                if isinstance(message, CommandBegun):
                    self._heard(message.run)
            self._tell(message)
        if isinstance(message, SnippetState):
            self._frames.hear_snippet(message, self.plan)
        elif isinstance(message, SessionState):
            self._frames.hear_session(message)
        else:
            return
        self._look.set()

    def _tell(self, message: ToWindow, *, but: Window | None = None) -> None:
        """Under the lock."""
        text = message.encoded()
        for window in self.windows - {but}:
            window.say(text)

    def print(self, run: int, output: bytes) -> None:
        with self._lock:
            if run in self._reels:
                self._reels[run].add(run, output)
            self._heard(run)
            for window in self.windows:
                window.print(run, output)

    def show(self, run: int, name: str, outputs: Sequence[KernelOutput]) -> None:
        html = self.made.draw(outputs)
        with self._lock:
            if self._runs.get(name) != run:
                return
            told = Latest(self.made.take(run, html, id=name), of=run)
            self._heard(run)
            for window in self.windows:
                window.say(told)

    def _take_snippet(self, told: SnippetState) -> None:
        name, run = told.id, told.run or 0
        before = self._runs.get(name)
        if before != run:
            self._reels.pop(before or 0, None)
            self.made.drop(before or 0)
            self._runs[name] = run
            self._reels[run] = Spool(REEL_BYTES, REEL_BYTES)
        if told.state == "running" and not told.unseen:
            options = job.options if (job := self.plan.job(name)) else RunOptions()
            self._quiet.setdefault(run, _Quiet(time.monotonic(), options.stage.patience_s))
        else:
            self._quiet.pop(run, None)

    def _heard(self, run: int) -> None:
        quiet = self._quiet.get(run)
        if quiet is not None:
            quiet.since_s = time.monotonic()
            if quiet.told:
                quiet.told = False
                self._tell_quiet(run, 0.0)

    def _tell_quiet(self, run: int, quiet_s: float) -> None:
        name = next((name for name, known in self._runs.items() if known == run), "")
        self._tell(Stall(run=run, id=name, quiet_s=quiet_s))

    # on the event loop

    def tick(self) -> None:
        """Says what has been quiet for too long."""
        now_s = time.monotonic()
        with self._lock:
            for run, quiet in self._quiet.items():
                if not quiet.told and not quiet.typed and now_s - quiet.since_s >= quiet.patience_s:
                    quiet.told = True
                    self._tell_quiet(run, round(now_s - quiet.since_s, 1))

    def enter(self, window: Window) -> None:
        """A window that is shown all that has happened, and then all that happens."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        now_s = time.monotonic()
        with self._lock:
            shown = {name: s for session in self.sessions.values() for name, s in list(session.board.shown.items())}
            welcome = Welcome(
                deck=self.name,
                edit=self.edit,
                trust=self.untrusted,
                engine=self.engine,
                sessions=tuple(session.board.told() for session in self.sessions.values()),
                snippets=tuple(each.told(now_s) for each in shown.values()),
                state=self.state,
                frames=self._frames.told(),
                captured=self.captured.known,
            )
            window.say(welcome.encoded())
            for reel in self._reels.values():
                window.replay(reel)
            for run, told in self.made.each():
                window.say(Latest(told, of=run))
            self.windows.add(window)
        self._tell_windows()
        self._look.set()

    def leave(self, window: Window) -> None:
        with self._lock:
            self.windows.discard(window)
        self._tell_windows()
        if not self.windows and not self._closed.is_set():
            self._leaving = asyncio.get_running_loop().call_later(self.grace_s, self._abandon)

    def _abandon(self) -> None:
        for session in self.sessions.values():
            session.cancel_foreground()

    def _tell_windows(self) -> None:
        self.say(WindowCount(count=len(self.windows)))

    def relay(self, value: Any, *, by: Window) -> None:
        with self._lock:
            self._tell(Relayed(value=value), but=by)

    def empty(self, job: Job) -> str:
        """The name of a value that a job uses, and that will not be there when its turn comes; empty where all are."""
        missing = [name for name in job.uses if name not in self.captured.known]
        shown = self.sessions[job.session].board.shown
        busy = {name for name, each in list(shown.items()) if each.state in ("waiting", "running")}
        return next((name for name in missing if self.plan.captures.get(name) not in busy), "")

    def run(self, job: Job, **how: Any) -> None:
        """`how` as an `Order` has it."""
        session = self.sessions[job.session]
        session.run(Order(run=session.number(), job=job, **how))

    def session_of(self, run: int) -> LiveSession | None:
        """The session that a run is one of, whatever became of its snippet."""
        return next((each for each in self.sessions.values() if each.board.has(run)), None)

    def type(self, run: int, typed: bytes) -> None:
        if (session := self.session_of(run)) is not None:
            with self._lock:
                if run in self._quiet:
                    self._quiet[run].typed = True
            session.type(run, typed)

    def clear(self, name: str) -> None:
        """Forgets what a snippet printed; one that runs is left alone."""
        shown = next((s.board.shown for s in self.sessions.values() if name in s.board.shown), {})
        if name in shown and shown[name].state == "done":
            run = shown.pop(name).order.run
            with self._lock:
                self._reels.pop(run, None)
                self.made.drop(run)
                self._runs.pop(name, None)
                self._tell(SnippetState(id=name, state="idle"))

    def make(self, slide: str) -> bool:
        """Whether there is such a slide; what its sessions lack for it is then run."""
        if slide not in self.slides:
            return False
        before = frozenset(self.slides[: self.slides.index(slide)])
        here = {job.session for job in self.plan.jobs if job.slide == slide and job.role is not Role.TEARDOWN}
        every = {session.name for session in self.plan.sessions}
        plans = {name: seen_before(self.sessions[name].jobs, before) for name in every}

        def wanted(name: str) -> list[Job]:
            return [job for job in self.sessions[name].jobs.values() if job.id in plans[name] or job.slide == slide]

        involved = makers(self.plan, here or every, wanted, self.captured.known)
        plans = {name: ids for name, ids in plans.items() if ids and name in involved}
        making = Making(plan=self.plan, captured=self.captured, say=self.say, slide=slide, left=set(plans))
        for name, ids in plans.items():
            self.sessions[name].make(ids, making)
        if not plans:
            self.say(StateMade(slide=slide))
        return True

    def stop_making(self) -> None:
        for session in self.sessions.values():
            session.stop_making()

    def look(self) -> None:
        self.state = None
        self._look.set()

    # in a thread of its own

    def _watch_engine(self) -> None:
        found = self.find_engine()
        self._engine = found if isinstance(found, Engine) else None
        self._tell_engine(found if isinstance(found, Absence) else None)
        while not self._closed.is_set():
            self._look.wait(self._look_within_s())
            self._look.clear()
            if self._closed.is_set():
                return
            if self._engine is None:
                found = self.find_engine()
                self._engine = found if isinstance(found, Engine) else None
                if self._engine is None:
                    continue
            here = answers(self._engine)
            self._tell_engine(None if here else GONE)
            sessions = [each.engine for each in self.sessions.values() if each.engine is not None]
            if here:
                with suppress(SurroundingsError, OSError):  # a session that has just ended has no notes any more
                    self._tell_state(_contents(look(sessions)))

    def _look_within_s(self) -> float | None:
        """While nothing runs, nothing changes by itself, and nobody has to be asked."""
        sessions = [each for each in self.sessions.values() if each.engine is not None]
        if not sessions or not self.windows:
            return None
        if any(each.is_busy for each in sessions):
            return PANEL_S
        containers = self.state.containers if self.state is not None else ()
        return CALM_S if any(each.running for each in containers) else None

    def _tell_engine(self, absence: Absence | None) -> None:
        what, fix = (absence.what, absence.fix) if absence is not None else ("", "")
        told = EngineState(available=absence is None, wanted=True, what=what, fix=fix)
        if told != self.engine:
            self.engine = told
            self.say(told)

    def _tell_state(self, told: EngineContents) -> None:
        if told != self.state:
            self.state = told
            self.say(told)


def _contents(found: Panel) -> EngineContents:
    return EngineContents(
        containers=tuple(EngineContainer(**asdict(each)) for each in found.containers),
        networks=found.networks,
        volumes=found.volumes,
        images=found.images,
        ports=found.ports,
    )
