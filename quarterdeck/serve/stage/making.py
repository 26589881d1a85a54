"""Making the state of a slide: how far the sessions are that it concerns, and how that ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.serve.stage.values import Captured
from quarterdeck.snippets.plan import Plan


@dataclass(slots=True)
class Making:
    """One wish for a slide's state, which may concern several sessions."""

    plan: Plan
    captured: Captured
    say: Callable[[Mapping[str, Any]], None]
    slide: str
    left: set[str]
    """The sessions that are at it."""
    ran: list[str] = field(default_factory=list)
    problem: str = ""
    at_fault: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_coming(self, name: str) -> bool:
        """Whether a captured value is still to come from one of the sessions."""
        job = self.plan.job(self.plan.captures.get(name, ""))
        return name not in self.captured.known and job is not None and job.session in self.left

    def told(self, session: str, news: Mapping[str, Any]) -> None:
        if "of" in news:
            self.say({"type": "making", "slide": self.slide, **news})
            return
        with self._lock:
            self.left.discard(session)
            self.ran += news["ran"]
            if news["problem"] and not self.problem:
                self.problem, self.at_fault = news["problem"], news["id"]
            if self.left:
                return
        made = {"ran": self.ran, "problem": self.problem, "id": self.at_fault}
        self.say({"type": "made", "slide": self.slide, **made})
