"""One run of one snippet while it runs: what is shown of it, and what is typed at it; in the session's thread."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from quarterdeck.render.terminal import WITH_COMMAND
from quarterdeck.run.capture import Ran
from quarterdeck.run.plan import Job
from quarterdeck.run.process import Pumped, pump
from quarterdeck.run.stage import Stage
from quarterdeck.run.terms import Watch
from quarterdeck.serve.stage.board import Audience
from quarterdeck.serve.stage.orders import Order

EARLY_BYTES = 4096
GO_S = 30.0
"""How long the page may take to show a command being typed."""


@dataclass(eq=False, slots=True, kw_only=True)
class Act:
    order: Order
    audience: Audience
    orders: Pumped
    """What the session is told meanwhile."""
    cancel: threading.Event
    stage: Stage | None = None
    """Where it runs, once there is one."""
    _may_go: bool = False
    _early: bytearray = field(default_factory=bytearray)
    """Typed at what is about to begin."""
    _began_s: float = 0.0
    """The command that runs."""

    def go(self) -> None:
        """The next command may begin."""
        self._may_go = True

    def type(self, typed: bytes) -> None:
        if self.stage is not None and self.stage.keys is not None:
            self.stage.keys(typed)
        elif len(self._early) < EARLY_BYTES:
            self._early += typed

    def resize(self, cols: int, rows: int) -> None:
        if self.stage is not None and self.stage.size is not None:
            self.stage.size(cols, rows)

    def watch(self) -> Watch:
        """What the stage calls while it runs this; an unseen run tells nobody."""
        if self.order.unseen:
            return Watch(also=(self.orders,), seated=self._seated)
        return Watch(
            live=True,
            command=self._command,
            seated=self._seated,
            ended=self._ended,
            output=lambda _at_s, printed: self.audience.print(self.order.run, printed),
            also=(self.orders,),
        )

    def _command(self, job: Job, at: int) -> None:
        told = {"type": "command", "run": self.order.run, "index": at, "text": job.commands[at].text}
        self.audience.say({**told, "echo": job.kind in WITH_COMMAND})
        if self.order.paced:
            self._await_go()
        self._began_s = time.monotonic()

    def _await_go(self) -> None:
        until = time.monotonic() + GO_S
        while not self._may_go and not self.cancel.is_set() and time.monotonic() < until:
            pump([self.orders], 0.1)
        self._may_go = False

    def _seated(self) -> None:
        early = bytes(self._early)
        self._early.clear()
        if early:
            self.type(early)

    def _ended(self, _job: Job, at: int, ran: Ran) -> None:
        took_s = round(time.monotonic() - self._began_s, 3)
        told = {"type": "end", "run": self.order.run, "index": at, "status": ran.status}
        self.audience.say({**told, "elapsed": took_s})
