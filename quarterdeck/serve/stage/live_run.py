"""One run of one snippet while it runs: what is shown of it, and what is typed at it; in the session's thread."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.process import Pumped, pump
from quarterdeck.execute.results import RunObserver
from quarterdeck.execute.session_run import SessionRun
from quarterdeck.render.terminal import WITH_COMMAND
from quarterdeck.serve.stage.messages import CommandBegun, CommandEnded
from quarterdeck.serve.stage.run_request import RunRequest
from quarterdeck.serve.stage.session_status import RunListener
from quarterdeck.snippets.plan import Job

EARLY_BYTES = 4096
INTERRUPT = b"\x03"
GO_S = 30.0
"""How long the page may take to show a command being typed."""


@dataclass(eq=False, slots=True, kw_only=True)
class LiveRun:
    request: RunRequest
    listener: RunListener
    inbox: Pumped
    """What the session is told meanwhile."""
    cancel: threading.Event
    session_run: SessionRun | None = None
    """Where it runs, once there is one."""
    _may_go: bool = False
    _early: bytearray = field(default_factory=bytearray)
    """Typed at what is about to begin."""
    _began_s: float = 0.0
    """The command that runs."""
    _is_hidden: bool = False
    """Nothing of it is shown."""

    def go(self) -> None:
        """The next command may begin."""
        self._may_go = True

    def type(self, typed: bytes) -> None:
        """What is typed at a hidden command is meant for the one after it, but for Ctrl-C."""
        held = self._is_hidden and INTERRUPT not in typed
        if self.session_run is not None and self.session_run.type is not None and not held:
            self.session_run.type(typed)
        elif len(self._early) < EARLY_BYTES:
            self._early += typed

    def resize(self, cols: int, rows: int) -> None:
        if self.session_run is not None and self.session_run.resize is not None:
            self.session_run.resize(cols, rows)

    def observer(self) -> RunObserver:
        """What the session calls while it runs this; an unseen run tells nobody."""
        if self.request.unseen:
            return RunObserver(also=(self.inbox,), on_input_ready=self._input_ready)
        return RunObserver(
            live=True,
            on_command=self._command,
            on_input_ready=self._input_ready,
            on_command_end=self._ended,
            on_output=self._print,
            on_kernel_outputs=lambda outputs: self.listener.show(self.request.run, self.request.job.id, outputs),
            also=(self.inbox,),
        )

    def _command(self, job: Job, at: int) -> None:
        self._is_hidden = at in self.request.hidden
        if not self._is_hidden:
            text, echo = job.commands[at].text, job.kind in WITH_COMMAND
            self.listener.say(CommandBegun(run=self.request.run, index=self._place(at), text=text, echo=echo))
            if self.request.paced:
                self._await_go()
        self._began_s = time.monotonic()

    def _place(self, at: int) -> int:
        """Among the commands that are shown, as in the recording on the slide."""
        return at - sum(hidden < at for hidden in self.request.hidden)

    def _print(self, _at_s: float, printed: bytes) -> None:
        if not self._is_hidden:
            self.listener.print(self.request.run, printed)

    def _await_go(self) -> None:
        until = time.monotonic() + GO_S
        while not self._may_go and not self.cancel.is_set() and time.monotonic() < until:
            pump([self.inbox], 0.1)
        self._may_go = False

    def _input_ready(self) -> None:
        if self._is_hidden:
            return
        early = bytes(self._early)
        self._early.clear()
        if early:
            self.type(early)

    def _ended(self, _job: Job, at: int, ran: CommandResult) -> None:
        if self._is_hidden:
            return
        took_s = round(time.monotonic() - self._began_s, 3)
        index = self._place(at)
        self.listener.say(CommandEnded(run=self.request.run, index=index, status=ran.status, elapsed_s=took_s))
