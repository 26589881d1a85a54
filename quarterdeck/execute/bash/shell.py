"""One real bash on a terminal, in which a deck's snippets run one after the other.

Everything happens in the thread that calls; there are no threads of ours, and no wait without a deadline. Sessions
share nothing, so each may have a thread of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.marks import ASK, LAST_LINE, Mark, MarkFilter, first_line, order
from quarterdeck.execute.bash.start import ShellSpec, StartedShell, open_shell, put
from quarterdeck.execute.conversation import Conversation
from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.process import Pumped, Size, Terminal, pump
from quarterdeck.execute.running_command import OnOutput, RunningCommand
from quarterdeck.regex import regex
from quarterdeck.snippets.escapes import plain
from quarterdeck.snippets.steps import Step

START_S = 15.0
IMAGE_START_S = 120.0
"""A container's shell may have to wait for its image."""
QUIET_S = 0.05
_SETS_E = regex(r"\bset\b.*(?:\s-[A-Za-z]*e|errexit)")
_TRAPS_DEBUG = regex(r"\btrap\b.*\bDEBUG\b")


def _ignore(_output: bytes) -> None:
    return None


class Shell:
    """A context manager: the shell lives from `with` to its end, or until `lost` says why it does not."""

    def __init__(
        self,
        spec: ShellSpec,
        *,
        size: Size | None = None,
        on_late: Callable[[bytes], None] = _ignore,
    ) -> None:
        self.spec = spec
        self.size = size or Size()
        self.lost = ""
        self.cwd = str(spec.cwd)
        self.beside: list[Shell] = []
        """Shells of background jobs: pumped with this one, and closed before it."""
        self.also: tuple[Pumped, ...] = ()
        """What else is pumped, such as the keys of somebody who types."""
        self._on_late = on_late
        self._opened: StartedShell | None = None
        self._running: RunningCommand | None = None
        self._typed = bytearray()

    # its life

    def __enter__(self) -> Shell:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Starts the shell; raises where there is none, or where it does not answer."""
        self.lost = ""
        self._seq = 0
        self._ended: Mark | None = None
        self._has_begun = False
        self._commented = False
        self._ends_on_failure = False
        self._shell_group = 0
        started = open_shell(self.spec, size=self.size)
        self._opened = started
        self._filter = MarkFilter(started.terminal.nonce, str(started.control))
        started.terminal.receive = self._receive
        try:
            self._await_shell(IMAGE_START_S if self._inside_container else START_S)
        except BaseException:
            self.close()
            raise

    def _await_shell(self, within_s: float) -> None:
        heard = bytearray()
        late, self._on_late = self._on_late, heard.extend
        deadline = time.monotonic() + within_s
        try:
            while self._ended is None and self._terminal.status is None and time.monotonic() < deadline:
                self.pump(min(0.2, deadline - time.monotonic()))
            if self._ended is None:
                self._drain_last_output()  # its end may be known before its words are here
        finally:
            self._on_late = late
        if self._ended is None:
            said = plain(heard.decode("utf-8", "replace")).strip()
            status = self._terminal.status
            silent = f"it gave no sign within {within_s:g} s" if status is None else f"it ended {_how(status)}"
            why = self._terminal.failed or said[-500:] or silent
            raise SurroundingsError(
                f"the shell of a session does not start ({self._live.process_spec.argv[0]}): {why}",
                fix=f"try it by hand: {self.spec.isolation.image or 'bash -i'}",
            )
        self._shell_group = 0 if self._inside_container else self._terminal.foreground()

    def close(self) -> tuple[int, ...]:
        """Ends the shell and all that came of it, its background jobs first.

        Gives processes that could not be ended.
        """
        left: list[int] = []
        for shell in reversed(self.beside):
            left += shell.close()
        self.beside.clear()
        if self._opened is not None:
            started, self._opened = self._opened, None
            left += started.terminal.close()
            self.lost = self.lost or "the session is closed"
            started.clean()
        return tuple(left)

    def restart(self) -> None:
        """A fresh shell in the folder where the session began; variables and functions are gone, files are not."""
        self.close()
        self.cwd = str(self.spec.cwd)
        self.open()

    # commands

    def run(
        self,
        text: str,
        *,
        timeout_s: float = 60.0,
        stdin: Path | str = "none",
        on_output: OnOutput | None = None,
        cancel: threading.Event | None = None,
        steps: Sequence[Step] = (),
    ) -> CommandResult:
        """Runs `text` as if it were typed, and gives what it printed; never raises for what it does.

        `stdin` is `none` (end of file at once), `tty` (the terminal) or a file.
        """
        if self.lost:
            return CommandResult(status=None, cwd=self.cwd, lost=self.lost)
        conversation = Conversation(steps) if steps else None
        running = self.begin(text, stdin="tty" if steps else stdin, timeout_s=timeout_s, conversation=conversation)
        running.cancel = cancel
        if on_output is not None:
            running.on_output = on_output
        try:
            while not self.has_come_to_end():
                self._advance(running.patience_s())
            return self.finish()
        except BaseException:  # the author's Ctrl-C, or `on_output`: the shell still runs the command
            self._running = None
            self.lost = "a command was broken off"
            self._terminal.close()
            raise

    def write(self, typed: bytes) -> None:
        """Types into the terminal, from within `on_output` or between pumps; what is early waits for the command."""
        if self._running is None or not self._has_begun:
            self._typed += typed
        elif self.is_open:
            self._terminal.write(typed)

    def resize(self, cols: int, rows: int) -> None:
        self.size = Size(cols=cols, rows=rows)
        if self.is_open:
            self._terminal.resize(self.size)

    def pump(self, within_s: float) -> None:
        """Takes in what the shell and its background jobs print, for at most `within_s` until something comes."""
        terminals = [shell._terminal for shell in self._shells() if shell.is_open]
        if not pump(
            [*terminals, *self.also],
            min(within_s, QUIET_S) if any(s._filter.holds for s in self._shells()) else within_s,
        ):
            for shell in self._shells():
                held = shell._filter.flush()
                if held:
                    shell._take(held)

    def _shells(self) -> list[Shell]:
        return [self, *self.beside]

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    @property
    def control(self) -> Path:
        """Folder of our files."""
        return self._live.control

    @property
    def _live(self) -> StartedShell:
        assert self._opened is not None  # noqa: S101 - between open and close
        return self._opened

    @property
    def _terminal(self) -> Terminal:
        return self._live.terminal

    @property
    def _inside_container(self) -> bool:
        return self._live.process_spec.inside_container

    def begin(
        self, text: str, *, stdin: Path | str, timeout_s: float, conversation: Conversation | None = None
    ) -> RunningCommand:
        self._seq += 1
        script = self.control / f"{self._seq}.sh"
        added = first_line(self._seq) if self._commented else ""
        last = LAST_LINE if self._ends_on_failure or _SETS_E.search(text) else ""
        put(script, f"{added}{text.rstrip()}\n{last}")
        self._commented = self._commented or _TRAPS_DEBUG.search(text) is not None
        self._filter.expect(self._seq, lines=len(text.rstrip().splitlines()), added=1 if added else 0)
        self._ended, self._has_begun = None, False
        if not self._inside_container:  # there, the client has made it a raw one, and that it must stay
            self._terminal.set_echo(False)
        self._running = RunningCommand(
            terminal=self._terminal,
            timeout_s=timeout_s,
            conversation=conversation,
            shell_group=self._shell_group,
            ask=ASK,
            remote=self._inside_container,
            begun=False,
        )
        source = {"none": os.devnull, "tty": ""}.get(str(stdin), str(stdin))
        line = order(
            self._seq,
            script=str(script),
            stdin=source,
            echo=not source,
            traced=bool(added),
            reset=self._inside_container,
        )
        self._terminal.write(line)
        return self._running

    def _advance(self, within_s: float) -> None:
        """Lets the command in progress go on for a while; does what is due when its time is over."""
        running = self._running
        self.pump(within_s)
        if running is not None and not self.has_come_to_end():
            running.tick()

    def has_come_to_end(self) -> bool:
        assert self._running is not None  # noqa: S101
        return self._ended is not None or self._terminal.status is not None or self._running.killed

    def finish(self) -> CommandResult:
        running, mark = self._running, self._ended
        assert running is not None  # noqa: S101
        status: int | None
        if mark is not None:
            status, self.cwd = mark.status, mark.cwd or self.cwd
            self._commented = self._commented or "x" in mark.flags
            self._ends_on_failure = "e" in mark.flags
        else:
            self._drain_last_output()
            if running.killed:
                self._terminal.close()
                self.lost = f"a command did not end within {running.timeout_s:g} s, and its shell had to be killed"
                if running.cancelled:
                    self.lost = "a command was cancelled, and its shell had to be killed"
                status = 128 + signal.SIGKILL
            else:
                status = self._terminal.status
                self.lost = f"the shell ended {_how(status)}"
            running.end()
        self._running = None
        self._typed.clear()
        with contextlib.suppress(OSError):
            (self.control / f"{self._seq}.sh").unlink()
        errors = tuple(self._filter.line_errors)
        return running.ran(status, cwd=self.cwd, lost=self.lost, line_errors=errors)

    def _drain_last_output(self) -> None:
        self._terminal.drain_last_output()
        held = self._filter.flush()
        if held:
            self._take(held)

    def _receive(self, received: bytes) -> None:
        for piece in self._filter.feed(received):
            if isinstance(piece, bytes):
                self._take(piece)
            elif piece.seq != self._seq:
                continue
            elif piece.kind == "C" and self._running is not None:
                self._has_begun = True
                self._running.begin()
                self._terminal.write(bytes(self._typed))
                self._typed.clear()
            elif piece.kind == "D" and self._ended is None:
                self._ended = piece
                if self._running is not None:
                    self._running.end()

    def _take(self, output: bytes) -> None:
        if self._running is not None and self._has_begun and self._ended is None:
            self._running.take(output)
        else:
            self._on_late(output)


def _how(status: int | None) -> str:
    if status is not None and status > 128:
        with contextlib.suppress(ValueError):
            return f"by signal {signal.Signals(status - 128).name}"
    return f"with status {status}"
