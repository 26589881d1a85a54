"""Making the state of a slide: how far the sessions are that it concerns, and how that ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quarterdeck.execute.problems import AnyProblem
from quarterdeck.serve.stage.messages import MakingState, StateMade
from quarterdeck.serve.stage.values import Captured
from quarterdeck.snippets.plan import Plan


@dataclass(slots=True)
class Making:
    """One wish for a slide's state, which may concern several sessions."""

    plan: Plan
    captured: Captured
    say: Callable[[MakingState | StateMade], None]
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
        self.say(MakingState(slide=self.slide, id=name, at=at, of=of))

    def ended(self, session: str, *, ran: Sequence[str], problem: AnyProblem | None = None, at_fault: str = "") -> None:
        with self._lock:
            self.left.discard(session)
            self.ran += ran
            if problem is not None and self.problem is None:
                self.problem, self.at_fault = problem, at_fault
            if self.left:
                return
        self.say(StateMade(slide=self.slide, ran=tuple(self.ran), problem=self.problem, id=self.at_fault))
