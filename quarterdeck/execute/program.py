"""A snippet of any language as a fresh process: its text becomes a file, and a runner says how that file is run.

A runner is data, a command line with `{file}` in it, so that settings may add languages.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import which

from quarterdeck.execute.conversation import Conversation
from quarterdeck.execute.isolation import Isolation, isolate
from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.process import Pumped, Size, Terminal, pump, spawn
from quarterdeck.execute.running_command import OnOutput, RunningCommand
from quarterdeck.snippets.runners import Runner
from quarterdeck.snippets.steps import Step

NOT_FOUND = 127


def run_code(
    code: str,
    runner: Runner,
    *,
    folder: Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    size: Size | None = None,
    isolation: Isolation | None = None,
    timeout_s: float = 60.0,
    on_output: OnOutput | None = None,
    cancel: threading.Event | None = None,
    steps: Sequence[Step] = (),
    on_start: Callable[[Terminal], None] | None = None,
    also: tuple[Pumped, ...] = (),
) -> CommandResult:
    """Runs `code` and ends all that it started; a missing program is a status of 127 and a `problem`.

    The file is `snippet.py` in `cwd` while it runs, so that what lies beside it can be imported, and lines in
    tracebacks are those of `code`. Its input is at its end, unless it is talked to by `steps` or by whoever gets its
    terminal through `on_start`. `also` is pumped with it.
    """
    cwd = cwd or folder
    chosen = isolation or Isolation()
    with tempfile.TemporaryDirectory(prefix="qd-") as scratch, _file(cwd, code, runner.suffix) as file:
        argv = _argv(runner, {"{file}": file.name, "{python}": sys.executable, "{scratch}": scratch})
        if chosen.kind != "image" and which(argv[0], path=env.get("PATH")) is None:
            remedy = f"install {runner.get or argv[0]}, or name another runner in the settings"
            return CommandResult(status=NOT_FOUND, cwd=str(cwd), problem=f"there is no program '{argv[0]}': {remedy}")
        process_spec = isolate(argv, isolation=chosen, folder=folder, cwd=cwd, control=Path(scratch), env=env)
        terminal = spawn(
            process_spec.argv,
            cwd=process_spec.cwd,
            env=process_spec.env,
            size=size or Size(),
            stdin="tty" if steps or on_start or process_spec.inside_container else "none",
        )
        try:
            running = RunningCommand(terminal=terminal, timeout_s=timeout_s, cancel=cancel)
            running.conversation = Conversation(steps) if steps else None
            running.on_output = on_output or running.on_output
            terminal.set_echo(bool(steps or on_start))
            names = _Names(cwd, file.name)
            terminal.receive = lambda output: _pass(running, names.feed(output))
            if on_start is not None:
                on_start(terminal)
            _pump_to_end(running, terminal, names, also)
        finally:
            terminal.close()
    return running.ran(terminal.status, cwd=str(cwd), failed=terminal.failed)


def _pump_to_end(running: RunningCommand, terminal: Terminal, names: _Names, also: tuple[Pumped, ...]) -> None:
    while terminal.status is None and not running.killed:
        if not pump([terminal, *also], min(running.patience_s(), 0.05 if names.held else 1.0)):
            _pass(running, names.flush())
        running.tick()
    terminal.drain_last_output()
    _pass(running, names.flush())
    running.end()


def _pass(running: RunningCommand, output: bytes) -> None:
    if output:
        running.take(output)


def _argv(runner: Runner, values: Mapping[str, str]) -> tuple[str, ...]:
    def filled(word: str) -> str:
        for name, value in values.items():
            word = word.replace(name, value)
        return word

    return tuple(map(filled, runner.argv))


@contextlib.contextmanager
def _file(folder: Path, code: str, suffix: str) -> Iterator[Path]:
    """`code` as a file that was not there before, and is not there afterwards."""
    number = 1
    while True:
        path = folder / (f"snippet{suffix}" if number == 1 else f"snippet-{number}{suffix}")
        try:
            with path.open("x", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
                stream.write(code)
            break
        except FileExistsError:
            number += 1
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


class _Names:
    """Takes the folder out of the names of the snippet's file in its output, wherever reads have cut them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._short = name.encode()
        places = {str(folder), str(folder.resolve())}
        self._long = tuple(f"{place}/{name}".encode() for place in sorted(places, key=len, reverse=True))
        self.held = b""

    def feed(self, output: bytes) -> bytes:
        text = self.held + output
        for name in self._long:
            text = text.replace(name, self._short)
        keep = max((n for name in self._long for n in range(1, len(name)) if text.endswith(name[:n])), default=0)
        self.held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> bytes:
        held, self.held = self.held, b""
        return held
