"""A deck on stage: its sessions, who looks at them, and what can be asked of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from quarterdeck.execute.engine.find import Absence, Engine
from quarterdeck.execute.workspace import Workspace, names_engine
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.serve.stage.audience import Audience
from quarterdeck.serve.stage.engine_watch import EngineWatch
from quarterdeck.serve.stage.frames import Frames
from quarterdeck.serve.stage.messages import (
    SessionState,
    SnippetState,
    StateMade,
    ToWindow,
    TrustState,
    Welcome,
    WindowCount,
)
from quarterdeck.serve.stage.run_request import RunRequest, seen_before
from quarterdeck.serve.stage.session import LiveSession
from quarterdeck.serve.stage.slide_state import LiveValues, StateMaker, involved_sessions
from quarterdeck.serve.stage.window import Window
from quarterdeck.snippets.found import Role
from quarterdeck.snippets.options import StageOptions
from quarterdeck.snippets.plan import Job, Plan

GRACE_S = 10.0
"""After the last window is gone, what runs may go on for so long: a page that is loaded again comes back."""
TICK_S = 0.25


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
    sessions: dict[str, LiveSession] = field(default_factory=dict)
    audience: Audience = field(init=False)
    captured: LiveValues = field(init=False)
    _frames: Frames = field(init=False)
    _engine: EngineWatch = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _leaving: asyncio.TimerHandle | None = None
    _closed: bool = False

    def __post_init__(self) -> None:
        self.audience = Audience(self._patience_s)
        self.captured = LiveValues(self.say)
        self._frames = Frames(self.say)
        self._engine = EngineWatch(
            name=self.name,
            find=self.find_engine,
            sessions=lambda: tuple(self.sessions.values()),
            is_seen=lambda: bool(self.audience.windows),
            say=self.say,
        )

    def begin(self) -> None:
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
                fresh = LiveSession(
                    session=session,
                    jobs=jobs,
                    prepare=prepare,
                    number=partial(next, self._numbers),
                    listener=self,
                    captured=self.captured,
                )
                self.sessions = {**self.sessions, session.name: fresh}
        if any(map(names_engine, plan.jobs)):
            self._engine.start()

    def tell_trust(self, why: str) -> None:
        """Whether it may run anything, and why not; told once."""
        if why != self.untrusted:
            self.untrusted = why
            self.say(TrustState(what=why))

    def close(self) -> None:
        """Ends every session; gives when all of them are over."""
        self._closed = True
        self._engine.close()
        for session in self.sessions.values():
            session.end()
        for session in self.sessions.values():
            session.join()
        self._engine.join()
        self._frames.close()

    # told by sessions, in their threads

    def say(self, message: ToWindow) -> None:
        self.audience.tell(message)
        if isinstance(message, SnippetState):
            self._frames.hear_snippet(message, self.plan)
        elif isinstance(message, SessionState):
            self._frames.hear_session(message)
        else:
            return
        self._engine.look()

    def print(self, run: int, output: bytes) -> None:
        self.audience.print(run, output)

    def show(self, run: int, name: str, outputs: Sequence[KernelOutput]) -> None:
        self.audience.show(run, name, outputs)

    def _patience_s(self, name: str) -> float:
        options = job.options.stage if (job := self.plan.job(name)) is not None else StageOptions()
        return options.patience_s

    # on the event loop

    def enter(self, window: Window) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        self.audience.enter(window, self._welcome)
        self._tell_windows()
        self._engine.look()

    def _welcome(self) -> Welcome:
        now_s = time.monotonic()
        runs = {name: run for session in self.sessions.values() for name, run in list(session.status.runs.items())}
        return Welcome(
            deck=self.name,
            edit=self.edit,
            trust=self.untrusted,
            engine=self._engine.state,
            sessions=tuple(session.status.told() for session in self.sessions.values()),
            snippets=tuple(run.told(now_s) for run in runs.values()),
            state=self._engine.contents,
            frames=self._frames.told(),
            captured=self.captured.known,
        )

    def leave(self, window: Window) -> None:
        self.audience.leave(window)
        self._tell_windows()
        if not self.audience.windows and not self._closed:
            self._leaving = asyncio.get_running_loop().call_later(self.grace_s, self._abandon)

    def _abandon(self) -> None:
        for session in self.sessions.values():
            session.cancel_foreground()

    def _tell_windows(self) -> None:
        self.say(WindowCount(count=len(self.audience.windows)))

    def empty(self, job: Job) -> str:
        """The name of a value that a job uses, and that will not be there when its turn comes; empty where all are."""
        missing = [name for name in job.uses if name not in self.captured.known]
        runs = self.sessions[job.session].status.runs
        busy = {name for name, run in list(runs.items()) if run.state in ("waiting", "running")}
        return next((name for name in missing if self.plan.captures.get(name) not in busy), "")

    def run(self, job: Job, **how: Any) -> None:
        """`how` as a `RunRequest` has it."""
        session = self.sessions[job.session]
        session.run(RunRequest(run=session.number(), job=job, **how))

    def session_of(self, run: int) -> LiveSession | None:
        """The session that a run is one of, whatever became of its snippet."""
        return next((each for each in self.sessions.values() if each.status.has(run)), None)

    def type(self, run: int, typed: bytes) -> None:
        if (session := self.session_of(run)) is not None:
            self.audience.typed(run)
            session.type(run, typed)

    def clear(self, name: str) -> None:
        """Forgets what a snippet printed; one that runs is left alone."""
        runs = next((each.status.runs for each in self.sessions.values() if name in each.status.runs), {})
        if name in runs and runs[name].state == "done":
            self.audience.forget(name, runs.pop(name).request.run)

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

        involved = involved_sessions(self.plan, here or every, wanted, self.captured.known)
        plans = {name: ids for name, ids in plans.items() if ids and name in involved}
        maker = StateMaker(plan=self.plan, captured=self.captured, say=self.say, slide=slide, left=set(plans))
        for name, ids in plans.items():
            self.sessions[name].make(ids, maker)
        if not plans:
            self.say(StateMade(slide=slide))
        return True

    def stop_making(self) -> None:
        for session in self.sessions.values():
            session.stop_making()

    def look(self) -> None:
        """At what the deck has made on the engine."""
        self._engine.look(anew=True)
