"""Recordings of one deck that show the same captured values: the id on one slide is the id on the next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from quarterdeck.execute.results import JobOutcome
from quarterdeck.model import Recording
from quarterdeck.snippets.status import JobAction


def out_of_step(
    outcomes: Sequence[JobOutcome], written: Collection[str], stored: Mapping[str, Recording]
) -> tuple[JobOutcome, ...]:
    """What went well in the same run as the recordings in `written`, and is stored with other values than they show.

    `stored` are the recordings as they were before; those that did not agree then are out of step as well.
    """
    able = {each.job.id: each for each in outcomes if each.ran and not each.problem and _holds(each, stored)}
    names = _names(each for each in outcomes if each.job.id in written)
    captured = {value for each in stored.values() for value in each.captured}
    wanted = [name for name, each in able.items() if each.action is JobAction.RECORD]
    names |= {value[0] for name in wanted for value in stored[name].filled if value not in captured}
    found: dict[str, JobOutcome] = {}
    while more := [
        each
        for name, each in able.items()
        if name not in written and name not in found and _differs(each.recording, stored[name], names)
    ]:
        found |= {each.job.id: each for each in more}
        names |= _names(more)
    return tuple(each for each in outcomes if each.job.id in found)


def _holds(outcome: JobOutcome, stored: Mapping[str, Recording]) -> bool:
    before = stored.get(outcome.job.id)
    return before is not None and before.key == outcome.recording.key


def _names(outcomes: Iterable[JobOutcome]) -> set[str]:
    return {name for each in outcomes for name in _values(each.recording)}


def _differs(now: Recording, before: Recording, names: Collection[str]) -> bool:
    fresh, old = _values(now), _values(before)
    return any(fresh[name] != old.get(name) for name in fresh if name in names)


def _values(recording: Recording) -> dict[str, str]:
    return dict((*recording.captured, *recording.filled))
