"""What the snippets of a slide build on: values that others have captured, and what runs before them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from quarterdeck.execute.problems import AnyProblem
from quarterdeck.serve.stage.messages import CapturedValue, MakingProgress, StateMade
from quarterdeck.snippets.plan import Job, Plan


@dataclass(eq=False, slots=True)
class LiveValues:
    """Sessions take and forget from their own threads."""

    say: Callable[[CapturedValue], None]
    _values: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name, the session that it is of, and the value."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def known(self) -> dict[str, str]:
        with self._lock:
            return {name: value for name, (_, value) in self._values.items()}

    def take(self, found: Iterable[tuple[str, str]], *, session: str) -> None:
        for name, value in found:
            with self._lock:
                self._values[name] = (session, value)
            self.say(CapturedValue(name=name, value=value))

    def drop(self, names: Collection[str]) -> None:
        """What they stand for is about to be made anew."""
        with self._lock:
            gone = [name for name in names if self._values.pop(name, None)]
        for name in gone:
            self.say(CapturedValue(name=name, value=None))

    def forget(self, session: str) -> None:
        with self._lock:
            gone = [name for name, (owner, _) in self._values.items() if owner == session]
        self.drop(gone)


def involved_sessions(
    plan: Plan, sessions: Iterable[str], wanted: Callable[[str], Collection[Job]], known: Collection[str]
) -> set[str]:
    """The sessions, and those that capture values for them that are not known yet.

    `wanted` says what is to run in a session, or to be able to.
    """
    found: set[str] = set()
    more = list(sessions)
    while more:
        name = more.pop()
        if name in found:
            continue
        found.add(name)
        names = {use for job in wanted(name) for use in job.uses} - set(known)
        more += [job.session for use in names if (job := plan.job(plan.captures[use])) is not None]
    return found


@dataclass(slots=True)
class StateMaker:
    """One wish for a slide's state, which may concern several sessions."""

    plan: Plan
    captured: LiveValues
    say: Callable[[MakingProgress | StateMade], None]
    slide: str
    left: set[str]
    """The sessions that are at it."""
    ran: list[str] = field(default_factory=list)
    problem: AnyProblem | None = None
    at_fault: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_coming(self, name: str) -> bool:
        """Whether a captured value is still to come from one of the sessions."""
        job = self.plan.job(self.plan.captures.get(name, ""))
        return name not in self.captured.known and job is not None and job.session in self.left

    def runs(self, name: str, at: int, of: int) -> None:
        """A session runs a snippet, number `at` of `of`."""
        self.say(MakingProgress(slide=self.slide, id=name, at=at, of=of))

    def ended(self, session: str, *, ran: Sequence[str], problem: AnyProblem | None = None, at_fault: str = "") -> None:
        with self._lock:
            self.left.discard(session)
            self.ran += ran
            if problem is not None and self.problem is None:
                self.problem, self.at_fault = problem, at_fault
            if self.left:
                return
        self.say(StateMade(slide=self.slide, ran=tuple(self.ran), problem=self.problem, id=self.at_fault))
