"""How a session and the last run of each of its snippets stand; whoever looks on is told when that changes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quarterdeck.execute.problems import AnyProblem
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.serve.stage.messages import SessionPhase, SessionState, SnippetPhase, SnippetState, ToWindow
from quarterdeck.serve.stage.run_request import RunRequest
from quarterdeck.snippets.plan import Job

FAILED = "!"
"""Behind the id of what did not go as expected, or was not what the deck says."""


class RunListener(Protocol):
    """Whoever is told; from the session's thread."""

    def say(self, message: ToWindow) -> None: ...

    def print(self, run: int, output: bytes) -> None: ...

    def show(self, run: int, name: str, outputs: Sequence[KernelOutput]) -> None:
        """All that a kernel has made besides text in this run of the snippet `name`."""


@dataclass(slots=True)
class RunStatus:
    """A snippet as its windows show it."""

    request: RunRequest
    state: SnippetPhase = "waiting"
    began_s: float = 0.0
    took_s: float | None = None
    status: int | None = None
    ok: bool | None = None
    problem: AnyProblem | None = None

    def told(self, now_s: float) -> SnippetState:
        took_s = self.took_s if self.took_s is not None else now_s - self.began_s if self.began_s else 0.0
        return SnippetState(
            id=self.request.job.id,
            run=self.request.run,
            state=self.state,
            status=self.status,
            ok=self.ok,
            problem=self.problem,
            elapsed_s=round(took_s, 2),
            cols=self.request.cols,
            rows=self.request.rows,
            edited=self.request.edited,
            unseen=self.request.unseen,
        )


@dataclass(eq=False, slots=True)
class SessionStatus:
    name: str
    """Of the session."""
    listener: RunListener
    state: SessionPhase = "cold"
    problem: str = ""
    done: list[str] = field(default_factory=list)
    """Ids of what it has run, in order."""
    runs: dict[str, RunStatus] = field(default_factory=dict)
    """The last run of each snippet, by id."""

    def put(self, request: RunRequest) -> None:
        """A run that is to come."""
        self.runs[request.job.id] = RunStatus(request)

    def begin(self, request: RunRequest) -> None:
        shown = self.runs[request.job.id]
        shown.state, shown.began_s = "running", time.monotonic()
        self.set_state("busy")
        self.tell(request)

    def ready(self, request: RunRequest) -> None:
        """It goes on in the background."""
        if shown := self._of(request):
            shown.state, shown.ok, shown.status = "ready", True, None
            self.tell(request)

    def end(
        self, request: RunRequest, *, problem: AnyProblem | None, status: int | None = None, ok: bool = False
    ) -> None:
        if shown := self._of(request):
            shown.state, shown.problem, shown.status, shown.ok = "done", problem, status, ok
            shown.took_s = time.monotonic() - shown.began_s if shown.began_s else 0.0
            self.tell(request)

    def tell(self, request: RunRequest) -> None:
        if shown := self._of(request):
            self.listener.say(shown.told(time.monotonic()))

    def _of(self, request: RunRequest) -> RunStatus | None:
        """None when its snippet has been run again since, or was cleared."""
        shown = self.runs.get(request.job.id)
        return shown if shown is not None and shown.request.run == request.run else None

    def note(self, request: RunRequest, *, problem: AnyProblem | None) -> None:
        """It has run, and left behind what it does."""
        self.done.append(request.job.id + (FAILED if problem or request.edited else ""))

    def has(self, run: int) -> bool:
        return any(shown.request.run == run for shown in list(self.runs.values()))

    def learn(self, before: Mapping[str, Job], after: Mapping[str, Job]) -> None:
        """What it has run counts under its new name, and not at all where the deck has something else there now."""
        names = {job.key: name for name, job in after.items()}
        fresh = {name: names.get(job.key, name + FAILED) for name, job in before.items()}
        done = [fresh.get(name, name) for name in self.done]
        if done != self.done:
            self.done = done
            self.listener.say(self.told())

    def has_run(self, name: str) -> bool:
        """However that went."""
        return any(done.removesuffix(FAILED) == name for done in self.done)

    def set_state(self, state: SessionPhase, *, problem: str = "") -> None:
        if (state, problem) != (self.state, self.problem) or state == "warm":
            self.state, self.problem = state, problem
            self.listener.say(self.told())

    def told(self) -> SessionState:
        done = dict.fromkeys(name for name in self.done if not name.endswith(FAILED))
        return SessionState(session=self.name, state=self.state, problem=self.problem, done=tuple(done))
