"""A Jupyter kernel as a session: cells run one after the other and see what those before them made.

The kernel is started like any program of a run, so that it has the clean environment and is ended as a whole; it is
talked to through sockets in a folder of the user's own, or on loopback where its language knows no others. The package
jupyter_client is asked for only when a kernel is.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterdeck.diagnostics import did_you_mean
from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.isolation import Isolation, isolate
from quarterdeck.execute.kernel.cell import KernelCell
from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.process import Pumped, Size, Terminal, ensure_running_works, pump, spawn
from quarterdeck.execute.running_command import OnOutput
from quarterdeck.recordings.outputs import KernelOutput

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient

START_S = 60.0
"""A first start compiles what was installed."""
WAIT_MS = 20
INTERRUPT_S = 2.0
"""Between interrupting and ending."""
LAST_WORDS_S = 0.3
CHILDREN_S = 0.15
"""What programs print that a cell has run comes through a pipe of the kernel, and may come when the cell is done."""
MADE_S = 0.1
"""Between two times that pictures and tables are told while a cell runs."""
REST = 4
"""Times as long as telling took, before they are told again: the cell is what the time is for."""
AT_ONCE = 200
"""Messages that are taken before clock and kernel are looked at again."""
LANGUAGES = {"py": "python", "python3": "python", "js": "javascript", "ts": "typescript", "c++": "cpp", "rs": "rust"}
"""Words behind a fence, and the language that kernels say they have."""
LOCAL_SOCKETS = frozenset({"python"})
"""Languages whose kernels are known to take sockets in the file system; others get ports on loopback."""
LONGEST_SOCKET = 90
"""macOS takes 103 bytes, and the port is behind it."""

_ACTIVE: Mapping[str, Any] = {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
Message = dict[str, Any]
OnMade = Callable[[tuple[KernelOutput, ...]], None]


class KernelSession:
    """One kernel; use it as a context manager, from one thread."""

    def __init__(
        self,
        name: str,
        *,
        folder: Path,
        env: Mapping[str, str],
        timeout_s: float = START_S,
        isolation: Isolation | None = None,
    ) -> None:
        """`name` is that of a kernel or of a language; `timeout_s` is how long it may take to start."""
        self.name = name
        self.folder = folder
        self.lost = ""
        """Why it cannot go on; empty while it can."""
        self._env = env
        self._timeout_s = timeout_s
        self._isolation = isolation or Isolation()
        self._terminal: Terminal | None = None
        self._client: KernelClient | None = None
        self._shell: Any = None
        self._control: Any = None
        self._iopub: Any = None
        self._by_message = False
        self._place = Path()
        self._said = b""

    def __enter__(self) -> KernelSession:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        code: str,
        *,
        timeout_s: float,
        cancel: threading.Event | None = None,
        on_output: OnOutput | None = None,
        on_made: OnMade | None = None,
        also: tuple[Pumped, ...] = (),
    ) -> tuple[CommandResult, tuple[KernelOutput, ...]]:
        """Runs one cell. Its text, results and tracebacks are its output, its status is 0 or 1.

        One that takes too long, or is cancelled, is interrupted; where that does not help, the kernel is ended.
        `on_made` is called with all pictures and tables, now and then while they change and once they do not any more.
        """
        self._look_after()
        if self.lost or self._client is None:
            return CommandResult(status=None, cwd=str(self.folder), lost=self.lost or "the kernel is not running"), ()
        self._drop_late_messages()
        request = self._ask(self._shell, "execute_request", {"code": code, "stop_on_error": False, **_ACTIVE})
        cell = KernelCell(folder=str(self.folder), on_output=on_output)
        run = _CellRun(cell=cell, request=request, began_s=time.monotonic())
        while not run.is_done and not self.lost:
            if not self._take(run):
                (self._shell if run.idle else self._iopub).poll(WAIT_MS)
            self._look_after()
            pump(also, 0)
            self._hurry(run, timeout_s, cancel)
            run.tell(on_made)
        self._hear_last_words(run)
        run.tell(on_made, last=True)
        if run.exits and not self.lost:
            self.lost = "the snippet ended the kernel"
        return self._ran(run), run.cell.outputs()

    def open(self) -> None:
        """Starts the kernel and waits until it answers."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the kernel and all that it started."""
        if self._client is not None:
            self._client.context.destroy(linger=0)
        if self._terminal is not None:
            self._terminal.close()
        if self._place.name:
            shutil.rmtree(self._place, ignore_errors=True)
        self._client = self._terminal = None
        self._place = Path()

    def _start(self) -> None:
        ensure_running_works()
        specs = kernel_specs()
        found = find_kernel(self.name, specs)
        if not found:
            known = {*specs, *(spec["spec"]["language"] for spec in specs.values())}
            fix = did_you_mean(self.name, known, noun="kernels here") or "pip install 'quarterdeck[kernel]'"
            raise SurroundingsError(f"there is no kernel '{self.name}'", fix=fix)
        self.name, spec = found, specs[found]["spec"]
        self._by_message = spec.get("interrupt_mode") == "message" or self._isolation.kind != "none"
        self._place = Path(tempfile.mkdtemp(prefix="qd-"))
        file = self._connect(spec["language"].casefold())
        values = {"{connection_file}": file, "{resource_dir}": specs[found]["resource_dir"]}
        argv = tuple(_filled(word, values) for word in spec["argv"])
        if argv[0] in ("python", "python3") and specs[found]["resource_dir"].startswith(sys.prefix):
            argv = (sys.executable, *argv[1:])  # the one for which the kernel is installed
        env = {**self._env, **{name: _filled(value, values) for name, value in spec.get("env", {}).items()}}
        process_spec = isolate(
            argv, isolation=self._isolation, folder=self.folder, cwd=self.folder, control=self._place, env=env
        )
        self._terminal = spawn(
            process_spec.argv,
            cwd=process_spec.cwd,
            env=process_spec.env,
            size=Size(),
            stdin="none",
            largest_file_bytes=None,
        )
        self._terminal.receive = self._hear
        self._await_kernel()

    def _connect(self, language: str) -> str:
        """Prepares the sockets and gives the file that tells the kernel of them."""
        from jupyter_client.client import KernelClient
        from jupyter_client.connect import write_connection_file

        name = str(self._place / "kernel")
        local = language in LOCAL_SOCKETS and len(os.fsencode(name)) <= LONGEST_SOCKET
        transport, ip = ("ipc", name) if local else ("tcp", "127.0.0.1")
        key = os.urandom(24).hex().encode()
        file, about = write_connection_file(f"{name}.json", ip=ip, transport=transport, key=key)
        client = KernelClient()
        client.load_connection_info(about)
        client.context.rcvhwm = 0  # a kernel that prints much must not lose the message that it is done
        self._client = client
        self._shell, self._control = client.connect_shell(), client.connect_control()
        self._iopub = client.connect_iopub()
        return file

    def _await_kernel(self) -> None:
        """Until it answers, and what it publishes arrives here: what is published before that is lost for good."""
        deadline = time.monotonic() + self._timeout_s
        asked: set[str] = set()
        next_s = 0.0
        while not self.lost:
            if time.monotonic() >= deadline:
                what = f"the kernel '{self.name}' did not start within {self._timeout_s:g} s"
                raise SurroundingsError(what, fix=f"try it: jupyter console --kernel {self.name}")
            if time.monotonic() >= next_s:
                asked.add(self._ask(self._shell, "kernel_info_request", {}))
                next_s = time.monotonic() + 0.5
            self._iopub.poll(WAIT_MS)
            self._look_after()
            while (message := self._receive(self._iopub)) is not None:
                if _parent(message) in asked:
                    return
        if self._terminal is not None:
            self._terminal.drain_last_output()
        said = [line.strip() for line in self._said.decode("utf-8", "replace").splitlines() if line.strip()]
        why = f": {said[-1]}" if said else ""
        raise SurroundingsError(f"{self.lost}{why}", fix="pip install 'quarterdeck[kernel]', or name another kernel")

    def _hear(self, output: bytes) -> None:
        self._said = (self._said + output)[-4096:]

    def _ask(self, socket: Any, kind: str, content: Mapping[str, Any]) -> str:
        """Sends a request and gives its id."""
        assert self._client is not None  # noqa: S101 - asked only of a kernel that runs
        message = self._client.session.send(socket, kind, dict(content))
        return str(message["header"]["msg_id"]) if message else ""

    def _receive(self, socket: Any) -> Message | None:
        assert self._client is not None  # noqa: S101
        message: Message | None = self._client.session.recv(socket)[1]
        return message

    def _drop_late_messages(self) -> None:
        """What a thread of an earlier cell printed after that cell was done belongs to no cell."""
        for socket in (self._iopub, self._shell, self._control):
            while self._receive(socket) is not None:
                pass

    def _take(self, run: _CellRun) -> bool:
        """Takes some of what has come; False if nothing has."""
        taken = False
        for _ in range(AT_ONCE):
            message = self._receive(self._iopub)
            if message is None:
                break
            taken = True
            run.publish(message, at_s=time.monotonic() - run.began_s)
        while (message := self._receive(self._shell)) is not None:
            taken = True
            run.answer(message, at_s=time.monotonic() - run.began_s)
        return taken

    def _look_after(self) -> None:
        """Notices the end of the kernel."""
        if self._terminal is None or self.lost:
            return
        pump([self._terminal], 0)
        if self._terminal.failed:
            self.lost = f"the kernel '{self.name}' cannot be started: {self._terminal.failed}"
        elif self._terminal.status is not None:
            self.lost = f"the kernel '{self.name}' {_how(self._terminal.status)}"

    def _hurry(self, run: _CellRun, timeout_s: float, cancel: threading.Event | None) -> None:
        now_s = time.monotonic()
        if run.is_done or self.lost:
            return
        if not run.interrupted_s:
            run.cancelled = cancel is not None and cancel.is_set()
            run.timed_out = not run.cancelled and now_s - run.began_s >= timeout_s
            if run.cancelled or run.timed_out:
                run.interrupted_s = now_s
                self._interrupt()
        elif now_s - run.interrupted_s >= INTERRUPT_S and self._terminal is not None:
            self._terminal.close(grace_s=0)
            self.lost = f"the kernel '{self.name}' did not stop when it was interrupted, and was ended"

    def _interrupt(self) -> None:
        if self._by_message:
            self._ask(self._control, "interrupt_request", {})
        elif self._terminal is not None and self._terminal.pid:
            with suppress(OSError):
                # its group, as a terminal does it: what the cell has started is to stop as well
                os.killpg(self._terminal.pid, signal.SIGINT)

    def _hear_last_words(self, run: _CellRun) -> None:
        """What a kernel that has died had published on its last way, and what children of a cell have printed."""
        run.ended_s = time.monotonic()
        give_up = run.ended_s + LAST_WORDS_S
        quiet = run.ended_s + (LAST_WORDS_S if self.lost else CHILDREN_S)
        while time.monotonic() < min(quiet, give_up):
            if self._take(run):
                quiet = max(quiet, time.monotonic() + CHILDREN_S)
            else:
                self._iopub.poll(WAIT_MS)

    def _ran(self, run: _CellRun) -> CommandResult:
        events, cut_bytes, cut_at = run.cell.events()
        status = run.status
        if self.lost and not run.exits and self._terminal is not None:
            status = self._terminal.status
        elif run.timed_out or run.cancelled:
            status = 128 + signal.SIGINT
        return CommandResult(
            status=status,
            events=events,
            cwd=str(self.folder),
            duration_s=max([run.ended_s - run.began_s, *(at_s for at_s, _ in events[-1:])]),
            lost=self.lost,
            timed_out=run.timed_out,
            cancelled=run.cancelled,
            cut_bytes=cut_bytes,
            cut_at=cut_at,
            line_errors=run.cell.line_errors(run.count),
        )


class _CellRun:
    """One cell in progress."""

    def __init__(self, *, cell: KernelCell, request: str, began_s: float) -> None:
        self.cell = cell
        self.began_s = began_s
        self.ended_s = 0.0
        self.interrupted_s = 0.0
        self.timed_out = False
        self.cancelled = False
        self.status: int | None = None
        """None until the kernel has answered."""
        self.idle = False
        """All that the cell itself has to say was published."""
        self.count = 0
        """Of the cell in its session."""
        self.exits = False
        """The kernel ends itself because the cell says so."""
        self._request = request
        self._told = 0
        """Changes of what it made."""
        self._tell_s = 0.0

    def tell(self, on_made: OnMade | None, *, last: bool = False) -> None:
        """What it has made, if that is another than was told before."""
        now_s = time.monotonic()
        if on_made is None or self._told == self.cell.changes or (now_s < self._tell_s and not last):
            return
        self._told = self.cell.changes
        on_made(self.cell.outputs())
        self._tell_s = max(now_s + MADE_S, time.monotonic() + REST * (time.monotonic() - now_s))

    @property
    def is_done(self) -> bool:
        return self.idle and self.status is not None

    def publish(self, message: Message, *, at_s: float) -> None:
        if _parent(message) != self._request:
            return
        if message["msg_type"] == "status":
            self.idle |= message["content"].get("execution_state") == "idle"
        else:
            self.cell.take(message["msg_type"], message["content"], at_s=at_s)

    def answer(self, message: Message, *, at_s: float) -> None:
        if _parent(message) != self._request or message["msg_type"] != "execute_reply":
            return
        content = message["content"]
        self.status = 0 if content.get("status") == "ok" else 1
        self.count = int(content.get("execution_count") or 0)
        for payload in content.get("payload") or ():
            if payload.get("source") == "page":
                self.cell.page(payload.get("data") or {}, at_s=at_s)
            elif payload.get("source") == "ask_exit":
                self.exits = not payload.get("keepkernel")


def kernel_specs() -> dict[str, Any]:
    """The kernels of this machine by name, as Jupyter describes them."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager
    except ImportError:
        what = "kernels need the package jupyter_client"
        raise SurroundingsError(what, fix="pip install 'quarterdeck[kernel]'") from None
    return dict(KernelSpecManager().get_all_specs())


def find_kernel(name: str, specs: Mapping[str, Any]) -> str:
    """The kernel of that name, else one of that language, else nothing."""
    word = name.casefold()
    for known in sorted(specs):
        if known.casefold() == word:
            return known
    language = LANGUAGES.get(word, word)
    able = sorted(known for known, spec in specs.items() if spec["spec"]["language"].casefold() == language)
    return "python3" if "python3" in able else (able[-1] if able else "")


def _parent(message: Message) -> str:
    return str((message.get("parent_header") or {}).get("msg_id", ""))


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def _how(status: int) -> str:
    if status > 128:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(status - 128).name}"
    return f"ended with status {status}"
