"""A place for sessions that live as long as somebody wants them: their folder, and the engine that they may use."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from quarterdeck.run.docker import engine as engines
from quarterdeck.run.docker.session import clean_leftovers
from quarterdeck.run.needs import names_engine
from quarterdeck.run.plan import Job
from quarterdeck.run.process import ensure_running_works
from quarterdeck.run.record import clean_folders, sessions_folder
from quarterdeck.run.recording import exclusive
from quarterdeck.run.stage import Ground

LEDGER = "ledger"


@contextmanager
def ground(jobs: Iterable[Job], *, deck: Path, cache: Path, environ: Mapping[str, str]) -> Iterator[Ground]:
    """`deck` is the talk's folder, `cache` the user's. An engine is looked for where the jobs name one."""
    ensure_running_works()
    work = sessions_folder(cache) / token_hex(6)
    found = engines.find(environ) if any(map(names_engine, jobs)) else None
    try:
        with exclusive(work):
            yield Ground(
                deck=deck,
                work=work,
                ledger=cache / LEDGER,
                environ=environ,
                engine=found if isinstance(found, engines.Engine) else None,
                no_engine=f"{found.what}; {found.fix}" if isinstance(found, engines.Absence) else "",
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clean_up(cache: Path) -> None:
    """Removes what sessions left that crashed."""
    clean_folders(cache)
    clean_leftovers(cache / LEDGER)
