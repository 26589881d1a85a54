"""What holds for the time of one snippet: variables and a folder of its own in the shell that all of them share."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.session import ShellSession


@contextmanager
def writing() -> Iterator[None]:
    """A full disk, or a file where a folder should be, is told as what it is."""
    try:
        yield
    except OSError as error:
        what = f"cannot write {error.filename or 'a file of the session'}: {error.strerror}"
        raise SurroundingsError(what, fix="sessions have their folders in the cache: make room there") from None


@contextmanager
def variables(shell: ShellSession, wanted: Mapping[str, str]) -> Iterator[None]:
    """Variables for one snippet: they are exported, and afterwards are what they were before."""
    before, after = [], []
    for name, value in wanted.items():
        before.append(
            f'__qd_had_{name}="${{{name}+x}}"; __qd_was_{name}="${{{name}-}}"; export {name}={shlex.quote(value)}'
        )
        after.append(
            f'if [ -n "$__qd_had_{name}" ]; then {name}="$__qd_was_{name}"; else unset {name}; fi;'
            f" unset __qd_had_{name} __qd_was_{name}"
        )
    shell.ask("; ".join(before))
    try:
        yield
    finally:
        shell.ask("; ".join(after))


@contextmanager
def in_folder(shell: ShellSession, cwd: str) -> Iterator[None]:
    """The folder for one snippet; afterwards the session is where it was."""
    if not cwd:
        yield
        return
    before = shell.cwd
    target = shell.folder / cwd
    if not target.is_dir():
        raise SurroundingsError(f"there is no folder '{cwd}'", fix="an earlier snippet may make it")
    shell.ask(f"cd -- {shlex.quote(str(target))}")
    try:
        yield
    finally:
        shell.ask(f"cd -- {shlex.quote(before)}")
