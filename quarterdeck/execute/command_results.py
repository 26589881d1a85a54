"""How the commands of a job went: as one recording, and in words where something is wrong. Pure."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.problems import AnyProblem, Cancelled, Failed, NotReady, TimedOut
from quarterdeck.execute.readiness import CANCELLED
from quarterdeck.recordings.folder import CommandRun
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.plan import CommandLine, Job

GAP_S = 0.05
"""Between two commands of one recording."""


class CommandRuns(Struct, kw_only=True):
    """The commands of one recording on one clock."""

    commands: list[CommandRun] = field(default_factory=list)
    at_s: float = 0.0

    def add(self, text: str, ran: CommandResult) -> None:
        chunks = tuple((self.at_s + at_s, said) for at_s, said in ran.events)
        run = CommandRun(
            text=text,
            status=ran.status or 0,
            at_s=self.at_s,
            chunks=chunks,
            cut_bytes=ran.cut_bytes,
            cut_at=ran.cut_at,
        )
        self.commands.append(run)
        self.at_s += ran.duration_s + GAP_S

    @property
    def text(self) -> str:
        """All that was printed."""
        chunks = (chunk for run in self.commands for _, chunk in run.chunks)
        return b"".join(chunks).decode("utf-8", "replace")


def as_written(runs: CommandRuns, job: Job) -> CommandRuns:
    """The same with the commands as the deck has them, names in the place of values."""
    if not job.uses or job.kind not in (JobKind.SESSION, JobKind.SCRIPT):
        return runs
    pairs = zip(runs.commands, job.commands, strict=False)
    return replace(runs, commands=[replace(run, text=line.text) for run, line in pairs])


def command_line(job: Job) -> str:
    """What a person would have typed to run the program; its text stands on the slide."""
    if job.runner is None:
        return job.snippet.language
    return f"{job.runner.argv[0]} {job.options.plan.file or 'snippet' + job.runner.suffix}"


def fault(ran: CommandResult, job: Job) -> AnyProblem | None:
    """What went wrong beside the exit status."""
    if ran.cancelled:
        return Cancelled()
    if ran.timed_out:
        return TimedOut(after_s=job.options.checks.timeout_s, step=ran.problem.rpartition(": ")[0])
    return failed(ran.problem)


def failed(why: str) -> Failed | None:
    return Failed(why=why) if why else None


def unready(why: str) -> AnyProblem | None:
    if why == CANCELLED:
        return Cancelled()
    return NotReady(why=why) if why else None


def line_of(line: CommandLine, ran: CommandResult) -> int:
    """Of the deck's file: where the shell found a mistake in the text, else where the command begins."""
    return line.line + (ran.line_errors[0].line - 1 if ran.line_errors else 0)
