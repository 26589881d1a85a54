"""Containers that one snippet has made: stopped with it, and removed before it makes them again.

An engine that is gone is not waited for: what it still has is removed when it is there again.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from quarterdeck.errors import SurroundingsError
from quarterdeck.run.docker.panel import answers, remove_of
from quarterdeck.run.docker.session import Session
from quarterdeck.run.needs import names_engine
from quarterdeck.run.plan import Job

STOP_GRACE_S, CANCEL_GRACE_S = 3, 1


def stop(engine: Session | None, job: Job, *, grace_s: int = STOP_GRACE_S) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            engine.stop(job.id, grace_s=grace_s)


def stop_beside(engine: Session | None, job: Job) -> None:
    """At once, and without waiting for it: ending a client does not end its container."""
    if engine is not None and names_engine(job):
        threading.Thread(
            target=stop, args=(engine, job), kwargs={"grace_s": CANCEL_GRACE_S}, name="stop", daemon=True
        ).start()


def remove(engine: Session | None, job: Job) -> None:
    if engine is not None and names_engine(job) and answers(engine.engine):
        with suppress(SurroundingsError):
            remove_of(engine, job.id)
