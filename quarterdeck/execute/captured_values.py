"""The values that a deck's snippets have captured so far, and how they get into the commands that use them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from quarterdeck.snippets.holes import Values, fill
from quarterdeck.snippets.plan import Job

LOOK_S = 0.1
"""How soon one who waits hears that nobody wants the value any more."""


class CapturedValues:
    """Sessions run side by side, and whoever needs a value of another one waits for it here."""

    def __init__(self, coming: Iterable[str]) -> None:
        self._coming = set(coming)
        self._values: dict[str, str] = {}
        self._changed = threading.Condition()

    def put(self, captured: Iterable[tuple[str, str]]) -> None:
        with self._changed:
            self._values |= dict(captured)
            self._changed.notify_all()

    def give_up(self, names: Collection[str]) -> None:
        """What should have captured these is over: values that are not here will not come."""
        with self._changed:
            self._coming -= set(names)
            self._changed.notify_all()

    def wait(self, names: Collection[str], cancel: threading.Event) -> Values:
        """The values that there are, once all are there or none of the others will come."""
        with self._changed:
            while any(name in self._coming and name not in self._values for name in names) and not cancel.is_set():
                self._changed.wait(LOOK_S)
            return {name: self._values[name] for name in names if name in self._values}


def filled(job: Job, values: Mapping[str, str]) -> Job:
    """The job as it is executed: its commands and what is typed into them with values in the place of names."""
    if not job.uses:
        return job
    commands = tuple(replace(line, text=fill(line.text, values)) for line in job.commands)
    steps = tuple(replace(step, send=fill(step.send, values)) for step in job.options.execution.steps)
    execution = replace(job.options.execution, steps=steps)
    return replace(job, commands=commands, options=replace(job.options, execution=execution))
