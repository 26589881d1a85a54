"""The values that a deck's snippets have captured on stage: told to every window, and gone with their session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from quarterdeck.serve.stage.messages import CapturedValue
from quarterdeck.snippets.plan import Job, Plan


@dataclass(eq=False, slots=True)
class Captured:
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


def makers(
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
