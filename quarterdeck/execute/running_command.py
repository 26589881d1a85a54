"""One command in progress on a terminal: its output, its deadline, and the signals that end it in time."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from quarterdeck.execute.conversation import Conversation
from quarterdeck.execute.output import CommandResult, LineError, OutputBuffer
from quarterdeck.execute.process import Terminal

TICK_S = 0.05
READ_S = 2.0
"""A shell that has not read an order by then will not."""
OnOutput = Callable[[float, bytes], None]


def _nothing(_at_s: float, _output: bytes) -> None:
    return None


@dataclass(kw_only=True)
class RunningCommand:
    """What the caller pumps; `tick` does what is due."""

    terminal: Terminal
    timeout_s: float
    on_output: OnOutput = _nothing
    cancel: threading.Event | None = None
    conversation: Conversation | None = None
    shell_group: int = 0
    """Process group of the shell that runs the command; 0 where the program is the command."""
    remote: bool = False
    """The shell is in a container: what is here is a client, which passes keys on and is not to be signalled."""
    begun: bool = True
    """False for a command that its shell has yet to read: Ctrl-C would take the order back, and not be answered."""
    ask: bytes = b""
    """Typed at a shell that is idle again although the end of the command was not seen."""
    capture: OutputBuffer = field(default_factory=OutputBuffer)
    began_s: float = 0.0
    ended_s: float = 0.0
    timed_out: bool = False
    cancelled: bool = False
    killed: bool = False
    """All of the session was ended."""
    _rung: int = -1
    _pressed: int = 0
    _next_s: float = 0.0

    def __post_init__(self) -> None:
        self.began_s = time.monotonic()

    def begin(self) -> None:
        self.begun = True
        self.began_s = time.monotonic()

    def take(self, output: bytes) -> None:
        at_s = max(time.monotonic() - self.began_s, 0.0)
        self.capture.add(at_s, output)
        if self.conversation is not None:
            self.conversation.hear(output, at_s)
        self.on_output(at_s, output)

    def end(self) -> None:
        self.ended_s = time.monotonic()

    def ran(
        self, status: int | None, *, cwd: str, lost: str = "", line_errors: tuple[LineError, ...] = (), failed: str = ""
    ) -> CommandResult:
        """How the command went, once it has ended."""
        events, cut_bytes, cut_at = self.capture.events()
        talk = self.conversation
        return CommandResult(
            status=status,
            events=events,
            cwd=cwd,
            duration_s=self.ended_s - self.began_s,
            lost=lost,
            timed_out=self.timed_out,
            cancelled=self.cancelled,
            cut_bytes=cut_bytes,
            cut_at=cut_at,
            line_errors=line_errors,
            problem=failed or (talk.problem if talk else ""),
        )

    def tick(self) -> None:
        now_s = time.monotonic()
        if self._rung < 0:
            self.cancelled = self.cancel is not None and self.cancel.is_set()
            self.timed_out = not self.cancelled and now_s - self.began_s >= self.timeout_s
            if self.conversation is not None:
                typed = self.conversation.speak(now_s - self.began_s)
                if typed:
                    self.terminal.write(typed)
            unreached = self.conversation is not None and self.conversation.failed_step is not None
            if not (self.cancelled or self.timed_out or unreached):
                return
            if not self.begun and now_s - self.began_s < READ_S:
                return
            self._rung, self._next_s = 0, now_s
        while self._rung < len(LADDER) and now_s >= self._next_s:
            wait_s, act = LADDER[self._rung]
            act(self)
            self._rung += 1
            self._next_s = now_s + wait_s

    def patience_s(self) -> float:
        """How long `pump` may wait before the next tick."""
        now_s = time.monotonic()
        due = self._next_s if self._rung >= 0 else self.began_s + self.timeout_s
        busy = self.cancel is not None or self.conversation is not None
        return min(max(due - now_s, 0.0), TICK_S if busy else 1.0)

    def _holds_shell(self) -> bool:
        return self.shell_group != 0 and self.terminal.foreground() == self.shell_group

    def _press_interrupt(self) -> None:
        self._pressed = self.terminal.foreground()
        self.terminal.write(b"\x03")

    def _press_again(self) -> None:
        """For a loop whose next program came just in time to miss the key; one that tidies up is left alone."""
        if not self.remote and self.terminal.foreground() != self._pressed:
            self.terminal.write(b"\x03")
        self._ask()

    def _interrupt(self) -> None:
        if not self.terminal.turns_keys_into_signals():  # a raw terminal gave the program the key as a letter
            self._signal(signal.SIGINT, even_shell=True)
        self._ask()

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM, signal.SIGCONT)

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, *numbers: int, even_shell: bool = False) -> None:
        if not self.remote and (even_shell or not self._holds_shell()):
            self.terminal.signal_foreground(*numbers)

    def _ask(self) -> None:
        if self.remote or self._holds_shell():
            self.terminal.write(self.ask)

    def _end_all(self) -> None:
        self.killed = True


LADDER: tuple[tuple[float, Callable[[RunningCommand], None]], ...] = (
    # what is done, and the seconds until the next rung
    (0.5, RunningCommand._press_interrupt),
    (0.5, RunningCommand._interrupt),
    (0.5, RunningCommand._press_again),
    (0.5, RunningCommand._press_again),
    (1.0, RunningCommand._terminate),
    (0.3, RunningCommand._kill),
    (0.7, RunningCommand._ask),
    (0.0, RunningCommand._end_all),
)
