"""Which recording is whose: by its author's id, by what its fence runs, else by what ran before it. Pure.

A recording may be called otherwise than its snippet: it was made when the fence was another one, or by a version of
Quarterdeck that named snippets by their slides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from quarterdeck.model import Recording
from quarterdeck.regex import regex
from quarterdeck.snippets.ids import is_fence_id
from quarterdeck.snippets.plan import Job, Plan

_BY_SLIDE = regex(r".+-[0-9]+(?:-x)*")
"""How snippets without an id were called before: their slide, and a number."""
_AFTER = "after "


def match(plan: Plan, stored: Mapping[str, Recording]) -> dict[str, str]:
    """By the id of a job, the id under which its recording is stored; a job without a recording is missing."""
    free = dict(stored)
    found: dict[str, str] = {}

    def take(fits: Callable[[Job, Recording], bool]) -> None:
        for job in plan.jobs:
            if job.id not in found and (name := next((name for name, each in free.items() if fits(job, each)), None)):
                found[job.id] = name
                del free[name]

    def replaces(job: Job, recording: Recording) -> bool:
        """Whether it was recorded where the job now stands: its fence was edited, and is a stale one."""
        before = found.get(job.previous, job.previous)
        by_us = not job.named and _is_given_by_us(recording)
        return by_us and before == _after(recording) and _part(recording, "runner") == dict(job.parts)["runner"]

    take(lambda job, recording: recording.id == job.id)
    take(lambda job, recording: recording.key == job.key)
    take(lambda job, recording: _part(recording, "text") == dict(job.parts)["text"])
    take(replaces)
    return found


def as_called_now(recording: Recording, id: str, found: Mapping[str, str]) -> Recording:  # noqa: A002
    """The recording under the id of its snippet, and with the ids of now in the names of its parts."""
    now = {f"{_AFTER}{stored}": f"{_AFTER}{name}" for name, stored in found.items()}
    return replace(recording, id=id, parts=tuple((now.get(name, name), each) for name, each in recording.parts))


def _is_given_by_us(recording: Recording) -> bool:
    return is_fence_id(recording.id, _part(recording, "text")) or _BY_SLIDE.fullmatch(recording.id) is not None


def _part(recording: Recording, name: str) -> str:
    return dict(recording.parts).get(name, "")


def _after(recording: Recording) -> str:
    return next(_names_after(recording), "")


def _names_after(recording: Recording) -> Iterator[str]:
    return (name.removeprefix(_AFTER) for name, _ in recording.parts if name.startswith(_AFTER))
