"""A snippet of any language as a fresh process: its text becomes a file, and a runner says how that file is run.

A runner is data, a command line with `{file}` in it, so that settings may add languages.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which

from quarterdeck.run.capture import Ran
from quarterdeck.run.conversation import Conversation, Step
from quarterdeck.run.isolation import Isolation, enclose
from quarterdeck.run.process import Limits, Pumped, Size, Terminal, pump, spawn
from quarterdeck.run.running import OnOutput, Running

NOT_FOUND = 127
LAST_WORDS_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """How the text of one language is run."""

    argv: tuple[str, ...]
    """`{file}` is the file with the text, relative to the folder, `{python}` the Python that runs Quarterdeck,
    `{scratch}` a folder for what a compiler makes."""
    suffix: str
    get: str = ""
    """What gives the program where it is missing."""


def _sh(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script, "{file}", "{scratch}")


RUNNERS: dict[str, Runner] = {
    "awk": Runner(argv=("awk", "-f", "{file}"), suffix=".awk"),
    "bash": Runner(argv=("bash", "{file}"), suffix=".sh"),
    "c": Runner(argv=_sh('cc -o "$1/program" "$0" && exec "$1/program"'), suffix=".c", get="a C compiler"),
    "c++": Runner(argv=_sh('c++ -o "$1/program" "$0" && exec "$1/program"'), suffix=".cpp", get="a C++ compiler"),
    "fish": Runner(argv=("fish", "{file}"), suffix=".fish"),
    "go": Runner(argv=("go", "run", "{file}"), suffix=".go", get="Go from go.dev"),
    "java": Runner(argv=("java", "{file}"), suffix=".java", get="a JDK"),
    "javascript": Runner(argv=("node", "{file}"), suffix=".mjs", get="Node.js"),
    "julia": Runner(argv=("julia", "{file}"), suffix=".jl"),
    "lua": Runner(argv=("lua", "{file}"), suffix=".lua"),
    "perl": Runner(argv=("perl", "{file}"), suffix=".pl"),
    "php": Runner(argv=("php", "{file}"), suffix=".php"),
    "python": Runner(argv=("python3", "{file}"), suffix=".py"),
    "r": Runner(argv=("Rscript", "{file}"), suffix=".R", get="R"),
    "ruby": Runner(argv=("ruby", "{file}"), suffix=".rb"),
    "rust": Runner(argv=_sh('rustc -o "$1/program" "$0" && exec "$1/program"'), suffix=".rs", get="Rust"),
    "sh": Runner(argv=("sh", "{file}"), suffix=".sh"),
    "sql": Runner(argv=("sqlite3", "-batch", ":memory:", ".read {file}"), suffix=".sql", get="SQLite's shell"),
    "typescript": Runner(argv=("node", "{file}"), suffix=".ts", get="Node.js 22.18 or newer"),
    "zsh": Runner(argv=("zsh", "{file}"), suffix=".zsh"),
}
ALIASES = {
    "cjs": "javascript",
    "cpp": "c++",
    "golang": "go",
    "js": "javascript",
    "mjs": "javascript",
    "node": "javascript",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sqlite": "sql",
    "sqlite3": "sql",
    "ts": "typescript",
}
OWN_SUFFIX = {"cjs": ".cjs"}


def find_runner(language: str, own: Mapping[str, Sequence[str]]) -> Runner | None:
    """The runner of a language: the project's own, else ours, else None."""
    word = language.casefold()
    known = RUNNERS.get(ALIASES.get(word, word))
    for name in (language, word, ALIASES.get(word, word)):
        if name in own:
            return Runner(argv=tuple(own[name]), suffix=known.suffix if known else f".{word}")
    return replace(known, suffix=OWN_SUFFIX.get(word, known.suffix)) if known else None


def known_languages(own: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset({*RUNNERS, *ALIASES, *own})


def run_code(
    code: str,
    runner: Runner,
    *,
    folder: Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    size: Size | None = None,
    limits: Limits | None = None,
    isolation: Isolation | None = None,
    timeout_s: float = 60.0,
    on_output: OnOutput | None = None,
    cancel: threading.Event | None = None,
    steps: Sequence[Step] = (),
    on_start: Callable[[Terminal], None] | None = None,
    also: tuple[Pumped, ...] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Ran:
    """Runs `code` and ends all that it started; a missing program is a status of 127 and a `problem`.

    The file is `snippet.py` in `cwd` while it runs, so that what lies beside it can be imported, and lines in
    tracebacks are those of `code`. Its input is at its end, unless it is talked to by `steps` or by whoever gets its
    terminal through `on_start`. `also` is pumped with it.
    """
    cwd = cwd or folder
    chosen = isolation or Isolation()
    with tempfile.TemporaryDirectory(prefix="qd-") as scratch, _file(cwd, code, runner.suffix) as file:
        values = {"{file}": file.name, "{python}": sys.executable, "{scratch}": scratch}
        argv = tuple(_filled(word, values) for word in runner.argv)
        if chosen.kind != "image" and which(argv[0], path=env.get("PATH")) is None:
            remedy = f"install {runner.get or argv[0]}, or name another runner in the settings"
            return Ran(status=NOT_FOUND, cwd=str(cwd), problem=f"there is no program '{argv[0]}': {remedy}")
        launch = enclose(argv, isolation=chosen, folder=folder, cwd=cwd, control=Path(scratch), env=env)
        terminal = spawn(
            launch.argv,
            cwd=launch.cwd,
            env=launch.env,
            size=size or Size(),
            limits=limits or Limits(),
            stdin="tty" if steps or on_start or launch.inside_container else "none",
        )
        try:
            running = Running(terminal=terminal, clock=clock, timeout_s=timeout_s, cancel=cancel)
            running.conversation = Conversation(steps) if steps else None
            running.on_output = on_output or running.on_output
            terminal.set_echo(bool(steps or on_start))
            names = _Names(cwd, file.name)
            terminal.receive = lambda output: _pass(running, names.feed(output))
            if on_start is not None:
                on_start(terminal)
            while terminal.status is None and not running.killed:
                if not pump([terminal, *also], min(running.patience_s(), 0.05 if names.held else 1.0)):
                    _pass(running, names.flush())
                running.tick()
            deadline = clock() + LAST_WORDS_S
            while not terminal.eof and clock() < deadline and pump([terminal], 0.1):
                pass
            _pass(running, names.flush())
            running.end()
        finally:
            terminal.close()
    return running.ran(terminal.status, cwd=str(cwd), failed=terminal.failed)


def _pass(running: Running, output: bytes) -> None:
    if output:
        running.take(output)


def _filled(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


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
