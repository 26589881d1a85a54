"""The shell of a session as the rest of the room uses it: commands in turn, and background jobs beside them."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.marks import decoded
from quarterdeck.execute.bash.shell import Shell
from quarterdeck.execute.bash.start import ShellSpec
from quarterdeck.execute.isolation import Isolation
from quarterdeck.execute.output import CommandResult, Events
from quarterdeck.execute.process import LARGEST_FILE_BYTES, Size
from quarterdeck.execute.readiness import Probes, until_ready
from quarterdeck.execute.running_command import OnOutput
from quarterdeck.snippets.conditions import Condition
from quarterdeck.snippets.escapes import plain

HIDDEN_S = 10.0
"""For what a session asks of its shell on its own account."""
STATE = "declare -p; declare -f; alias -p; shopt -p"


class ShellSession(Shell):
    """One real bash, as in `Shell`, that can start commands beside itself."""

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str],
        size: Size | None = None,
        largest_file_bytes: int = LARGEST_FILE_BYTES,
        isolation: Isolation | None = None,
        on_late: Callable[[bytes], None] = lambda _output: None,
    ) -> None:
        """`folder` is where it starts and what an isolation lets it write; `env` is all of its environment."""
        spec = ShellSpec(
            folder=folder,
            cwd=folder,
            env=dict(env),
            largest_file_bytes=largest_file_bytes,
            isolation=isolation or Isolation(),
        )
        super().__init__(spec, size=size, on_late=on_late)
        self.folder = folder

    def __enter__(self) -> ShellSession:
        self.open()
        return self

    # questions to the shell that nobody sees

    def ask(self, command: str) -> str:
        if self.lost:
            return ""
        answer = self.control / "answer"
        try:
            # the status that the next snippet sees as $? stays that of the last one
            text = f"{{ {command}; }} >{shlex.quote(str(answer))} 2>/dev/null; (exit ${{__qd_s-0}})"
            self.run(text, timeout_s=HIDDEN_S)
            return answer.read_text("utf-8", "surrogateescape")
        except OSError:
            return ""
        finally:
            answer.unlink(missing_ok=True)

    # beside the session

    def start_background(
        self,
        text: str,
        *,
        size: Size | None = None,
        stdin: Path | str = "none",
        on_output: OnOutput | None = None,
    ) -> Background:
        """Runs `text` beside the session, in a shell of its own with this one's folder, variables and functions.

        In bubblewrap without a network, neither the session nor `wait_ready` can reach what it serves.
        """
        if self.lost:
            raise SurroundingsError(f"nothing more runs in this session: {self.lost}", fix="run the session again")
        spec = replace(
            self.spec,
            cwd=Path(self.cwd),
            isolation=replace(self.spec.isolation, join=self.spec.isolation.kind == "image"),
            state=self.ask(STATE),
            control_in=self.control,
        )
        shell = Shell(spec, size=size or self.size)
        shell.open()
        self.beside.append(shell)
        return Background(self, shell, text, stdin=stdin, on_output=on_output)


class Background:
    """A command that goes on while its session runs others; it ends with the session at the latest."""

    def __init__(
        self, session: ShellSession, shell: Shell, text: str, *, stdin: Path | str, on_output: OnOutput | None = None
    ) -> None:
        self._session = session
        self._shell = shell
        self._ran: CommandResult | None = None
        self._running = shell.begin(text, stdin=stdin, timeout_s=float("inf"))
        self._running.on_output = on_output or self._running.on_output

    def write(self, typed: bytes) -> None:
        self._shell.write(typed)

    def resize(self, cols: int, rows: int) -> None:
        self._shell.resize(cols, rows)

    @property
    def status(self) -> int | None:
        """Exit status once it has ended."""
        self._settle()
        return self._ran.status if self._ran else None

    def events(self) -> Events:
        """What it has printed up to now."""
        return self._ran.events if self._ran else self._running.capture.events()[0]

    @property
    def text(self) -> str:
        return plain("".join(text for _, text in decoded(self.events())))

    def wait_ready(
        self,
        condition: Condition,
        *,
        timeout_s: float = 30.0,
        probes: Probes | None = None,
        base: Path | None = None,
        cancel: threading.Event | None = None,
    ) -> str:
        """Waits until `condition` holds; gives an empty string, or why it does not."""
        return until_ready(
            condition,
            timeout_s=timeout_s,
            probes=probes or Probes(),
            folder=base or Path(self._session.cwd),
            output=lambda: self.text,
            ended=lambda: "" if self.status is None else f"it ended with status {self.status}",
            pump=self._session.pump,
            cancel=cancel,
        )

    def wait(self, timeout_s: float) -> CommandResult | None:
        """How it went, if it ends by itself within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while self.status is None and time.monotonic() < deadline:
            self._session.pump(min(0.1, timeout_s))
        return self._ran

    def stop(self) -> CommandResult:
        """Ctrl-C, and what is needed after it; gives how it went, `cancelled` when it had to be stopped."""
        self._settle()
        if self._ran is None:
            cancel = threading.Event()
            cancel.set()
            self._running.cancel = cancel
            self._running.tick()
            while not self._shell.has_come_to_end():
                self._session.pump(min(self._running.patience_s(), 0.1))
                if not self._shell.has_come_to_end():
                    self._running.tick()
            self._ran = self._shell.finish()
        self.close()
        return self._ran

    def close(self) -> tuple[int, ...]:
        """Ends it without asking twice."""
        self._settle()
        if self._ran is None:
            events, cut_bytes, cut_at = self._running.capture.events()
            self._ran = CommandResult(status=None, events=events, cancelled=True, cut_bytes=cut_bytes, cut_at=cut_at)
        if self._shell in self._session.beside:
            self._session.beside.remove(self._shell)
        return self._shell.close()

    def _settle(self) -> None:
        if self._ran is None and self._shell.is_open and self._shell.has_come_to_end():
            self._ran = self._shell.finish()
