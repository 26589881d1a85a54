"""Jobs of a live session that go on while it runs others; looked after in the session's thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from quarterdeck.execute.bash.session import Background
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.problems import AnyProblem, Ended, Stopped
from quarterdeck.serve.stage import containers
from quarterdeck.serve.stage.board import Board
from quarterdeck.serve.stage.orders import Order


@dataclass(eq=False, slots=True)
class BackgroundJobs:
    board: Board
    _jobs: dict[int, tuple[Order, Background]] = field(default_factory=dict)
    """By number of the run."""

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __contains__(self, run: int) -> bool:
        return run in self._jobs

    def take(self, order: Order, background: Background, *, problem: AnyProblem | None) -> bool:
        """Whether the job goes on, and is looked after from now on; one with a problem is stopped."""
        if problem or background.status is not None:
            background.stop()
            return False
        self._jobs[order.run] = (order, background)
        self.board.ready(order)
        return True

    def type(self, run: int, typed: bytes) -> None:
        if run in self._jobs:
            self._jobs[run][1].write(typed)

    def resize(self, run: int, cols: int, rows: int) -> None:
        if run in self._jobs:
            self._jobs[run][1].resize(cols, rows)

    def look(self) -> None:
        """Says which of them have ended."""
        for run, (order, background) in list(self._jobs.items()):
            status = background.status
            if status is not None:
                del self._jobs[run]
                background.close()
                self.board.end(order, problem=Ended(status=status), status=status, ok=status == 0)

    def stop(self, run: int, engine: EngineSession | None) -> None:
        if run in self._jobs:
            order, background = self._jobs.pop(run)
            ran = background.stop()
            containers.stop(engine, order.job)
            self.board.end(order, problem=Stopped(), status=ran.status, ok=True)

    def stop_all(self, engine: EngineSession | None, *, of: str = "") -> None:
        """Those of the snippet `of`, or every one."""
        for run, (order, _) in list(self._jobs.items()):
            if of in ("", order.job.id):
                self.stop(run, engine)
