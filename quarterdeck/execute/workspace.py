"""What jobs need of the machine, and where they run: a folder in the user's cache, and the engine they may use."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.scope import writing
from quarterdeck.execute.bash.start import find_bash
from quarterdeck.execute.engine import find as engines
from quarterdeck.execute.engine.session import clean_leftovers
from quarterdeck.execute.process import ensure_running_works
from quarterdeck.execute.screenshot import Photograph
from quarterdeck.recordings.folder import exclusive
from quarterdeck.snippets.plan import Job

LEDGER = "ledger"
ENGINES = ("docker", "podman")
ELSEWHERE = frozenset({*ENGINES, "network"})
"""Words of `requires` that are no programs."""


class Workspace(Struct, frozen=True, kw_only=True):
    """Where and with what sessions run. Every path is absolute."""

    deck: Path
    """Folder of the talk: its dependencies are read here."""
    work: Path
    """Folder for session folders; removed by whoever made it."""
    ledger: Path
    """Where what sessions make on an engine is noted."""
    environ: Mapping[str, str]
    engine: engines.Engine | None = None
    no_engine: str = "no container engine was asked for"
    """Why there is none, and what to do."""
    fingerprint: tuple[tuple[str, str], ...] = ()
    photograph: Photograph | None = None
    """Takes the pictures of pages that slides frame; None where none are wanted."""


@contextmanager
def prepare_workspace(
    jobs: Iterable[Job], *, deck: Path, cache: Path, environ: Mapping[str, str]
) -> Iterator[Workspace]:
    """A folder that is gone afterwards, and what stands around it; raises where nothing can run at all.

    `deck` is the talk's folder, `cache` the user's. An engine is looked for where the jobs name one.
    """
    ensure_running_works()
    work = sessions_folder(cache) / token_hex(6)
    with writing():
        work.parent.mkdir(parents=True, exist_ok=True)
    found = engines.find(environ) if any(map(names_engine, jobs)) else None
    try:
        with exclusive(work):
            yield Workspace(
                deck=deck,
                work=work,
                ledger=cache / LEDGER,
                environ=environ,
                engine=found if isinstance(found, engines.Engine) else None,
                no_engine=f"{found.what}; {found.fix}" if isinstance(found, engines.Absence) else "",
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fingerprint(environ: Mapping[str, str], engine: engines.Engine | None) -> tuple[tuple[str, str], ...]:
    """What a recording is made with."""
    made = {"platform": f"{platform.system().lower()}/{platform.machine()}", "python": platform.python_version()}
    try:
        bash = find_bash(environ.get("PATH", ""))
        said = subprocess.run([str(bash), "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
        made["bash"] = said.partition("version ")[2].partition("-")[0].partition("(")[0].strip()
    except (SurroundingsError, OSError, subprocess.TimeoutExpired):
        pass  # programs of other languages need none
    if engine is not None:
        made |= dict(engines.fingerprint(engine))
    return tuple(sorted(made.items()))


def sessions_folder(cache: Path) -> Path:
    return cache / "sessions"


def clean_folders(cache: Path, *, dry_run: bool = False) -> tuple[Path, ...]:
    """Removes folders of sessions that crashed, and leaves alone those that are alive; gives what it removed."""
    folder = sessions_folder(cache)
    gone: list[Path] = []
    for work in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(SurroundingsError), exclusive(work):
            gone.append(work)
            if not dry_run:
                shutil.rmtree(work, ignore_errors=True)
    return tuple(gone)


def clean_up(cache: Path) -> None:
    """Removes what sessions left that crashed."""
    clean_folders(cache)
    clean_leftovers(cache / LEDGER)


def lacking(job: Job, environ: Mapping[str, str]) -> str:
    """The first program that a job requires and the machine does not have; empty where it has all."""
    programs = (word for word in job.options.checks.requires if word not in ELSEWHERE)
    return next((word for word in programs if shutil.which(word, path=environ.get("PATH")) is None), "")


def names_engine(job: Job) -> bool:
    """Whether a job may use a container engine, by its words."""
    required = any(word in job.options.checks.requires for word in ENGINES)
    named = any(word in line.text for line in job.commands for word in ENGINES)
    return required or named or bool(job.options.execution.image)
