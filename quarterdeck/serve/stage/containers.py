"""Containers that one snippet has made: stopped with it, and removed before it makes them again.

An engine that is gone is not waited for: what it still has is removed when it is there again.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine.containers import answers, remove_of
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.needs import names_engine
from quarterdeck.snippets.plan import Job

STOP_GRACE_S, CANCEL_GRACE_S = 3, 1


def stop(engine: EngineSession | None, job: Job, *, grace_s: int = STOP_GRACE_S) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            engine.stop(job.id, grace_s=grace_s)


def stop_beside(engine: EngineSession | None, job: Job) -> None:
    """At once, and without waiting for it: ending a client does not end its container."""
    if engine is not None and names_engine(job):
        threading.Thread(
            target=stop, args=(engine, job), kwargs={"grace_s": CANCEL_GRACE_S}, name="stop", daemon=True
        ).start()


def remove(engine: EngineSession | None, job: Job) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            remove_of(engine, job.id)
