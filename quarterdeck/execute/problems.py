"""Why a run did not go as its author expects: parts, which a page puts into its own words, and an English sentence."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace


class Problem(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Its text follows the name of a snippet: `the snippet 'one' was cancelled`."""

    hint: str = ""
    """What else there is to say, and what mends it."""
    sentence: ClassVar[str] = ""

    def __str__(self) -> str:
        text = self.sentence.format(self)
        return f"{text}: {self.hint}" if self.hint else text


class WrongStatus(Problem, frozen=True, kw_only=True, tag="wrong_status"):
    status: int
    wanted: str
    """As `expect` is written."""
    sentence = "ended with status {0.status}, and {0.wanted} was wanted"


class Ended(Problem, frozen=True, kw_only=True, tag="ended"):
    """In the background, where it was to go on."""

    status: int
    sentence = "ended with status {0.status}"


class TimedOut(Problem, frozen=True, kw_only=True, tag="timed_out"):
    after_s: float
    step: str = ""
    """Of a conversation: the one that it was at."""
    sentence = "did not end within {0.after_s:g} s{0.at}"

    @property
    def at(self) -> str:
        return f", at {self.step}" if self.step else ""


class Cancelled(Problem, frozen=True, kw_only=True, tag="cancelled"):
    sentence = "was cancelled"


class Stopped(Problem, frozen=True, kw_only=True, tag="stopped"):
    sentence = "was stopped"


class NotReady(Problem, frozen=True, kw_only=True, tag="not_ready"):
    why: str
    sentence = "did not get ready: {0.why}"


class NotRun(Problem, frozen=True, kw_only=True, tag="not_run"):
    why: str
    sentence = "did not run: {0.why}"


class Failed(Problem, frozen=True, kw_only=True, tag="failed"):
    """Whatever else it was, as a shell, a kernel or an engine says it."""

    why: str
    sentence = "{0.why}"


AnyProblem = WrongStatus | Ended | TimedOut | Cancelled | Stopped | NotReady | NotRun | Failed


def with_hint(problem: AnyProblem, hint: str) -> AnyProblem:
    return replace(problem, hint=hint)
