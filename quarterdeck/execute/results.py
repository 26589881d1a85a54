"""How each job of a session went, and who looks on while it runs."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.problems import AnyProblem
from quarterdeck.execute.process import Pumped
from quarterdeck.execute.running_command import OnOutput
from quarterdeck.execute.screenshot import PagePicture
from quarterdeck.model import Recording
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.snippets.plan import Job
from quarterdeck.snippets.status import JobAction


class JobOutcome(Struct, frozen=True, kw_only=True):
    """How one job went."""

    job: Job
    action: JobAction
    recording: Recording
    problem: AnyProblem | None = None
    """Why it may not replace a good recording; None where it is as the author expects."""
    line: int = 0
    """Of the deck's file, of the command at fault; 0: the fence."""
    ran: bool = True
    outputs: tuple[KernelOutput, ...] = ()
    """Pictures and tables of a kernel."""
    picture: PagePicture | None = None
    """Of the page that it serves; None where none was wanted."""
    code: str = "X101"
    """Of what is said of its problem."""


OnJobProgress = Callable[[Job, str], None]
"""Called when a job begins (`run`) and ends (`ok`, or what is wrong)."""


class RunObserver(Struct, frozen=True, kw_only=True):
    """Who looks on while jobs run, and perhaps types."""

    live: bool = False
    """Programs have the terminal as their input."""
    on_command: Callable[[Job, int], None] = lambda _job, _at: None
    """Called before each command of a job."""
    on_input_ready: Callable[[], None] = lambda: None
    """Called when what runs can be typed into, through `SessionRun.type`."""
    on_command_end: Callable[[Job, int, CommandResult], None] = lambda _job, _at, _ran: None
    on_output: OnOutput | None = None
    """Called with what is printed, in the thread that runs the job."""
    on_kernel_outputs: Callable[[tuple[KernelOutput, ...]], None] | None = None
    """Called with all that a kernel made besides text, when that is another."""
    also: tuple[Pumped, ...] = ()
    """Looked after while a job is waited for."""
