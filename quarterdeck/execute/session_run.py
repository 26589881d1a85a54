"""Runs the jobs of one session in a fresh folder of its own, and leaves nothing behind but what it gives back.

The author's folder is only read: files that the deck supplies and its dependencies are put into the session's folder,
which lies under the user's cache so that a container can mount it.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.scope import in_folder, variables, writing
from quarterdeck.execute.bash.session import Background, ShellSession
from quarterdeck.execute.captured_values import filled
from quarterdeck.execute.command_results import CommandRuns, as_written, command_line, failed, fault, line_of, unready
from quarterdeck.execute.engine import containers
from quarterdeck.execute.engine import session as engine_session
from quarterdeck.execute.engine.wrapper import SNIPPET_VARIABLE
from quarterdeck.execute.isolation import Isolation
from quarterdeck.execute.kernel.jobs import KernelJobs
from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.problems import AnyProblem, NotRun, WrongStatus
from quarterdeck.execute.process import Size, Terminal, environment, pump
from quarterdeck.execute.program import run_code
from quarterdeck.execute.readiness import Probes, all_ready
from quarterdeck.execute.results import JobOutcome, RunObserver
from quarterdeck.execute.screenshot import PagePicture
from quarterdeck.execute.workspace import Workspace, lacking, names_engine
from quarterdeck.model import Recording
from quarterdeck.recordings.folder import compose
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.snippets.effects import needs_engine
from quarterdeck.snippets.found import JobKind, Role
from quarterdeck.snippets.holes import NO_VALUES, Values, find, placeholder
from quarterdeck.snippets.plan import Job, PlannedSession
from quarterdeck.snippets.status import JobAction
from quarterdeck.snippets.values import meets, spelled

SETTLE_S = 0.4
"""How long a background job's first words after it is ready are listened to."""
LOOK_S = 0.1
"""How often a page is looked for while nothing else is to be waited for."""


class SessionRun:
    """A session while it runs: its folder, its shell, what it started beside itself and on the engine."""

    def __init__(
        self,
        session: PlannedSession,
        jobs: Sequence[Job],
        *,
        workspace: Workspace,
        now: Callable[[], str],
        cancel: threading.Event,
        observer: RunObserver | None = None,
    ) -> None:
        self.observer = observer or RunObserver()
        self.type: Callable[[bytes], None] | None = None
        """Types into what is running."""
        self.resize: Callable[[int, int], None] | None = None
        """Gives the terminal of what is running another size."""
        self._session = session
        self._workspace = workspace
        self._now = now
        self._cancel = cancel
        self._folder = workspace.work / session.name / "folder"
        self._home = workspace.work / session.name / "home"
        self._env = dict(jobs[0].options.execution.env) if len({job.options.execution.env for job in jobs}) == 1 else {}
        self._written: dict[str, str] = {}
        self.shell: ShellSession | None = None
        self._kernel = KernelJobs(
            session=session,
            folder=self._folder,
            environment=self._environment,
            isolation=lambda: self._isolation(None),
        )
        self.lost = ""
        self.backgrounds: list[tuple[Job, Background]] = []
        self.engine: engine_session.EngineSession | None = None
        self._required = frozenset(word for job in jobs for word in job.options.checks.requires)
        self._uses_engine = workspace.engine is not None and any(names_engine(job) for job in jobs)

    def __enter__(self) -> SessionRun:
        with writing():
            for folder in (self._folder, self._home):
                folder.mkdir(parents=True)
        if self._uses_engine and self._workspace.engine is not None:
            name = f"{self._workspace.work.name}-{self._session.name}".lower()
            self.engine = engine_session.EngineSession.start(
                self._workspace.engine, id=name, ledger=self._workspace.ledger
            )
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for _job, background in reversed(self.backgrounds):
                background.close()
            if self.shell is not None:
                self.shell.close()
            self._kernel.close()
        finally:
            if self.engine is not None:  # one that is gone is not waited for; the next command cleans up there
                self.engine.clean() if containers.answers(self.engine.engine) else self.engine.close()
            shutil.rmtree(self._workspace.work / self._session.name, ignore_errors=True)

    def not_run(self, job: Job, action: JobAction, why: AnyProblem) -> JobOutcome:
        return JobOutcome(job=job, action=action, recording=self._recorded(job, CommandRuns()), problem=why, ran=False)

    def run(self, job: Job, action: JobAction, values: Values = NO_VALUES) -> JobOutcome:
        """Runs one job, with `values` in the place of the names that it uses; never raises for what it does."""
        needs_shell = job.kind in (JobKind.SESSION, JobKind.SCRIPT, JobKind.BUILD)
        if why := self._refusal(job, values):
            return self.not_run(job, action, NotRun(why=why))
        written, job = job, filled(job, values)
        outputs: tuple[KernelOutput, ...] = ()
        try:
            if self.lost and needs_shell:  # a tear-down, which a shell that is gone does not stop
                self._restart()
            self._put_files(job)
            if job.kind is JobKind.KERNEL:
                runs, problem, line, outputs = self._in_kernel(job)
            else:
                runs, problem, line = self._in_shell(job) if needs_shell else self._as_program(job)
        except SurroundingsError as error:
            return self.not_run(job, action, NotRun(why=f"{error.what}; {error.fix}"))
        recording = self._recorded(job, as_written(runs, written), values)
        status = next((run.status for run in runs.commands if run.status), 0)
        if not problem and not meets(job.options.checks.expect, status):
            problem = WrongStatus(status=status, wanted=spelled(job.options.checks.expect))
            lines = (at.line for at, run in zip(job.commands, runs.commands, strict=False) if run.status)
            line = line or next(lines, 0)
        if not problem and not job.options.execution.bg:
            problem = self._awaited(job, runs)
        code = "X101"
        if not problem and job.options.execution.capture:
            found, missing = find(job.options.execution.capture, runs.text)
            recording, problem, code = replace(recording, captured=found), failed(missing), "X103"
        picture = None if problem else self._picture(job, action)
        return JobOutcome(
            job=written,
            action=action,
            recording=recording,
            problem=problem,
            line=line,
            outputs=outputs,
            picture=picture,
            code=code,
        )

    def _awaited(self, job: Job, runs: CommandRuns) -> AnyProblem | None:
        """Waits until what a job left running, as in a detached container, is ready; what is wrong, if it is not."""
        shell = self.shell
        why = all_ready(
            job.options.conditions,
            timeout_s=job.options.checks.timeout_s,
            probes=self._probes(),
            folder=self._folder,
            output=lambda: runs.text,
            pump=shell.pump if shell is not None and shell.is_open else self._rest,
            cancel=None if job.role is Role.TEARDOWN else self._cancel,
        )
        return unready(why)

    def _rest(self, within_s: float) -> None:
        if not pump(self.observer.also, within_s):
            time.sleep(min(within_s, LOOK_S))

    def _picture(self, job: Job, action: JobAction) -> PagePicture | None:
        wanted = action is JobAction.RECORD and job.options.display.frame and not job.options.display.still
        photograph = self._workspace.photograph
        return photograph(job.options.display.frame) if wanted and photograph is not None else None

    def _refusal(self, job: Job, values: Values) -> str:
        """Why a job cannot run at all; empty where it can."""
        if self.lost and job.role is not Role.TEARDOWN and job.kind is not JobKind.PROGRAM:
            return self.lost
        if self._workspace.engine is None and needs_engine(job):
            return self._workspace.no_engine
        if missing := lacking(job, self._workspace.environ):
            return f"it requires '{missing}', which is not installed here"
        empty = next((name for name in job.uses if name not in values), "")
        return f"nothing has captured '{placeholder(empty)}'" if empty else ""

    def _recorded(self, job: Job, runs: CommandRuns, values: Values = NO_VALUES) -> Recording:
        size = job.options.execution.pty or (100, 24)
        return compose(
            runs.commands,
            id=job.id,
            key=job.key,
            ended_s=runs.at_s,
            cols=size[0],
            rows=size[1],
            recorded=self._now(),
            fingerprint=self._workspace.fingerprint,
            parts=job.parts,
            filled=[(name, values[name]) for name in job.uses if name in values],
        )

    def _put_files(self, job: Job) -> None:
        """The deck's files as they stand on its slides, and its dependencies, where they are not so already."""
        for file in job.files:
            if self._written.get(file.path) != file.digest:
                with writing():
                    target = self._folder / file.path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(file.text, "utf-8", newline="\n")
                self._written[file.path] = file.digest
        for path, digest in job.deps:
            if self._written.get(path) != digest:
                with writing():
                    target = self._folder / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(self._workspace.deck / path, target)
                self._written[path] = digest

    def _in_shell(self, job: Job) -> tuple[CommandRuns, AnyProblem | None, int]:
        shell = self._opened()
        size = job.options.execution.pty or (100, 24)
        shell.resize(*size)
        with (
            variables(shell, {**dict(job.options.execution.env), SNIPPET_VARIABLE: job.id}),
            in_folder(shell, job.options.execution.cwd),
        ):
            if job.options.execution.bg:
                return self._in_background(job, shell, Size(cols=size[0], rows=size[1]))
            return self._in_foreground(job, shell)

    def _in_foreground(self, job: Job, shell: ShellSession) -> tuple[CommandRuns, AnyProblem | None, int]:
        runs = CommandRuns()
        for at, line in enumerate(job.commands):
            ran = self._command(job, at, shell)
            runs.add(line.text, ran)
            problem = fault(ran, job)
            if ran.lost:
                self.lost = f"{ran.lost}, at line {line.line}"
                if not meets(job.options.checks.expect, ran.status or 0) or line is not job.commands[-1]:
                    problem = problem or failed(ran.lost)
            if problem:
                return runs, problem, line_of(line, ran)
        return runs, None, 0

    def _command(self, job: Job, at: int, shell: ShellSession) -> CommandResult:
        self.observer.on_command(job, at)
        self._connect_input(shell.write, shell.resize)
        try:
            ran = shell.run(
                job.commands[at].text,
                timeout_s=job.options.checks.timeout_s,
                stdin=self._stdin(job),
                steps=() if job.options.execution.bg else job.options.execution.steps,
                cancel=None if job.role is Role.TEARDOWN else self._cancel,
                on_output=self.observer.on_output,
            )
        finally:
            self.type = self.resize = None
        self.observer.on_command_end(job, at, ran)
        return ran

    def _in_background(self, job: Job, shell: ShellSession, size: Size) -> tuple[CommandRuns, AnyProblem | None, int]:
        """All commands but the last in turn, the last in the background until it is ready."""
        runs = CommandRuns()
        for at, line in enumerate(job.commands[:-1]):
            ran = self._command(job, at, shell)
            runs.add(line.text, ran)
            if problem := fault(ran, job) or failed(ran.lost):
                self.lost = ran.lost and f"{ran.lost}, at line {line.line}"
                return runs, problem, line_of(line, ran)
        last = job.commands[-1]
        self.observer.on_command(job, len(job.commands) - 1)
        began = time.monotonic()
        background = shell.start_background(
            last.text, size=size, stdin=self._stdin(job), on_output=self.observer.on_output
        )
        self.backgrounds.append((job, background))
        self._connect_input(background.write, background.resize)
        why = ""
        for condition in job.options.conditions:
            left_s = max(job.options.checks.timeout_s - (time.monotonic() - began), 0.1)
            why = why or background.wait_ready(
                condition, timeout_s=left_s, probes=self._probes(), base=self._folder, cancel=self._cancel
            )
        ended = background.wait(SETTLE_S)
        self.type = self.resize = None
        now = time.monotonic() - began
        ran = ended or CommandResult(status=0, events=background.events(), duration_s=now)
        runs.add(last.text, ran)
        return runs, unready(why), last.line if why else 0

    def _as_program(self, job: Job) -> tuple[CommandRuns, AnyProblem | None, int]:
        if job.runner is None:
            raise SurroundingsError(f"nothing runs '{job.snippet.language}'", fix="[run.runners] in the settings may")
        size = job.options.execution.pty or (100, 24)
        runs = CommandRuns()
        cwd = self._folder / job.options.execution.cwd
        if not cwd.is_dir():
            raise SurroundingsError(
                f"there is no folder '{job.options.execution.cwd}'", fix="an earlier snippet may make it"
            )
        env = self._environment() | dict(job.options.execution.env)
        for at, line in enumerate(job.commands):
            self.observer.on_command(job, at)
            try:
                ran = run_code(
                    f"{line.text}\n",
                    job.runner,
                    folder=self._folder,
                    env=env,
                    cwd=cwd,
                    size=Size(cols=size[0], rows=size[1]),
                    isolation=self._isolation(job),
                    timeout_s=job.options.checks.timeout_s,
                    cancel=self._cancel,
                    steps=job.options.execution.steps,
                    on_output=self.observer.on_output,
                    on_start=self._connect_terminal if self.observer.live else None,
                    also=self.observer.also,
                )
            finally:
                self.type = self.resize = None
            self.observer.on_command_end(job, at, ran)
            runs.add(command_line(job), ran)
            if problem := fault(ran, job):
                return runs, problem, line.line
        return runs, None, 0

    def _connect_terminal(self, terminal: Terminal) -> None:
        self._connect_input(terminal.write, lambda cols, rows: terminal.resize(Size(cols=cols, rows=rows)))

    def _connect_input(self, write: Callable[[bytes], None], resize: Callable[[int, int], None]) -> None:
        self.type, self.resize = write, resize
        self.observer.on_input_ready()

    def _in_kernel(self, job: Job) -> tuple[CommandRuns, AnyProblem | None, int, tuple[KernelOutput, ...]]:
        try:
            return self._kernel.run(job, self.observer, None if job.role is Role.TEARDOWN else self._cancel)
        finally:
            self.lost = self._kernel.lost or self.lost

    def _restart(self) -> None:
        if self.shell is not None:
            self.shell.restart()
        self.lost = ""

    def _opened(self) -> ShellSession:
        if self.shell is None:
            shell = ShellSession(self._folder, env=self._environment(), isolation=self._isolation(None))
            shell.also = self.observer.also
            shell.open()
            self.shell = shell
        return self.shell

    def _environment(self) -> dict[str, str]:
        first = [self.engine.path] if self.engine is not None else []
        return environment(home=self._home, base=self._workspace.environ, extra=self._env, first_on_path=first)

    def _isolation(self, job: Job | None) -> Isolation:
        image = job.options.execution.image if job else self._session.image
        kind = job.options.execution.isolation if job else self._session.isolation
        if image:
            engine = self._workspace.engine
            if engine is None:
                raise SurroundingsError(f"image={image} needs a container engine", fix="start one: docker version")
            name = f"qd-{self._workspace.work.name}-{self._session.name}".lower()
            return Isolation(kind="image", image=image, container="" if job else name, engine_program=engine.kind)
        if kind == "bubblewrap":
            required = self._required
            return Isolation(kind="bubblewrap", network="network" in required, engine="docker" in required)
        return Isolation()

    def _stdin(self, job: Job) -> Path | str:
        given = job.options.execution.stdin
        return given if given in ("none", "tty") else self._folder / given

    def _probes(self) -> Probes:
        engine = self._workspace.engine
        if engine is None:
            return Probes()
        return Probes(
            health=lambda name: containers.health(engine, name), log=lambda name: containers.log(engine, name)
        )
