"""What a snippet leaves running while its session runs others: jobs, and containers on an engine.

An engine that is gone is not waited for: what it still has is removed when it is there again.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.session import Background
from quarterdeck.execute.engine.containers import answers, remove_of
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.problems import AnyProblem, Ended, Stopped
from quarterdeck.execute.workspace import names_engine
from quarterdeck.serve.stage.run_request import RunRequest
from quarterdeck.serve.stage.session_status import SessionStatus
from quarterdeck.snippets.plan import Job

STOP_GRACE_S, CANCEL_GRACE_S = 3, 1


@dataclass(eq=False, slots=True)
class BackgroundJobs:
    status: SessionStatus
    _jobs: dict[int, tuple[RunRequest, Background]] = field(default_factory=dict)
    """By number of the run."""

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __contains__(self, run: int) -> bool:
        return run in self._jobs

    def take(self, request: RunRequest, background: Background, *, problem: AnyProblem | None) -> bool:
        """Whether the job goes on, and is looked after from now on; one with a problem is stopped."""
        if problem or background.status is not None:
            background.stop()
            return False
        self._jobs[request.run] = (request, background)
        self.status.ready(request)
        return True

    def type(self, run: int, typed: bytes) -> None:
        if run in self._jobs:
            self._jobs[run][1].write(typed)

    def resize(self, run: int, cols: int, rows: int) -> None:
        if run in self._jobs:
            self._jobs[run][1].resize(cols, rows)

    def look(self) -> None:
        """Says which of them have ended."""
        for run, (request, background) in list(self._jobs.items()):
            status = background.status
            if status is not None:
                del self._jobs[run]
                background.close()
                self.status.end(request, problem=Ended(status=status), status=status, ok=status == 0)

    def stop(self, run: int, engine: EngineSession | None) -> None:
        if run in self._jobs:
            request, background = self._jobs.pop(run)
            ran = background.stop()
            stop_containers(engine, request.job)
            self.status.end(request, problem=Stopped(), status=ran.status, ok=True)

    def stop_all(self, engine: EngineSession | None, *, of: str = "") -> None:
        """Those of the snippet `of`, or every one."""
        for run, (request, _) in list(self._jobs.items()):
            if of in ("", request.job.id):
                self.stop(run, engine)


def stop_containers(engine: EngineSession | None, job: Job, *, grace_s: int = STOP_GRACE_S) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            engine.stop(job.id, grace_s=grace_s)


def stop_containers_at_once(engine: EngineSession | None, job: Job) -> None:
    """Without waiting for it: ending a client does not end its container."""
    if engine is not None and names_engine(job):
        threading.Thread(
            target=stop_containers, args=(engine, job), kwargs={"grace_s": CANCEL_GRACE_S}, name="stop", daemon=True
        ).start()


def remove_containers(engine: EngineSession | None, job: Job) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            remove_of(engine, job.id)
