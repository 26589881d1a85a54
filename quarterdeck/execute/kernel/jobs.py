"""The jobs of a session that has a kernel: it is started for the first of them, and runs one cell for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.command_results import CommandRuns, command_line, failed, fault, line_of
from quarterdeck.execute.isolation import Isolation
from quarterdeck.execute.kernel.session import KernelSession
from quarterdeck.execute.problems import AnyProblem
from quarterdeck.execute.results import RunObserver
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.snippets.plan import Job, PlannedSession
from quarterdeck.snippets.values import meets


@dataclass(slots=True, kw_only=True)
class KernelJobs:
    session: PlannedSession
    folder: Path
    environment: Callable[[], Mapping[str, str]]
    isolation: Callable[[], Isolation]
    lost: str = ""
    """Why it cannot go on; empty while it can."""
    _kernel: KernelSession | None = None
    _place: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
    """Folder and variables of the job that it was started for."""

    def run(
        self, job: Job, observer: RunObserver, cancel: threading.Event | None
    ) -> tuple[CommandRuns, AnyProblem | None, int, tuple[KernelOutput, ...]]:
        """What it printed, what is wrong, in which line of the deck, and what it made besides text."""
        kernel = self._started(job)
        runs = CommandRuns()
        outputs: tuple[KernelOutput, ...] = ()
        for at, line in enumerate(job.commands):
            observer.on_command(job, at)
            ran, made = kernel.run(
                line.text,
                timeout_s=job.options.checks.timeout_s,
                cancel=cancel,
                on_output=observer.on_output,
                on_made=observer.on_kernel_outputs and partial(_after, outputs, observer.on_kernel_outputs),
                also=observer.also,
            )
            observer.on_command_end(job, at, ran)
            runs.add(command_line(job), ran)
            outputs += made
            problem = fault(ran, job)
            if ran.lost:
                self.lost = f"{ran.lost}, at line {line.line}"
                problem = problem or (None if meets(job.options.checks.expect, ran.status or 0) else failed(ran.lost))
            if problem or ran.line_errors:
                return runs, problem, line_of(line, ran), outputs
        return runs, None, 0, outputs

    def close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()

    def _started(self, job: Job) -> KernelSession:
        """Folder and variables of a process do not change later."""
        if self._kernel is None:
            if self.session.image:
                raise SurroundingsError("a kernel runs outside of containers", fix="take 'image' off this session")
            cwd = self.folder / job.options.execution.cwd
            if not cwd.is_dir():
                raise SurroundingsError(
                    f"there is no folder '{job.options.execution.cwd}'", fix="an earlier snippet may make it"
                )
            kernel = KernelSession(
                self.session.kernel,
                folder=cwd,
                env={**self.environment(), **dict(job.options.execution.env)},
                isolation=self.isolation(),
            )
            kernel.open()
            self._kernel = kernel
            self._place = (job.options.execution.cwd, job.options.execution.env)
        if (job.options.execution.cwd, job.options.execution.env) != self._place:
            what = "'cwd' and 'env' of a kernel are those of its first snippet"
            raise SurroundingsError(what, fix="give all snippets of the kernel the same, or set them in its language")
        return self._kernel


def _after(
    before: tuple[KernelOutput, ...],
    told: Callable[[tuple[KernelOutput, ...]], None],
    outputs: tuple[KernelOutput, ...],
) -> None:
    told(before + outputs)
