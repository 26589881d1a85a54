"""Broken surroundings: what stops the whole command, as opposed to an author's mistake, which is a `Diagnostic`."""

from __future__ import annotations


class SurroundingsError(Exception):
    """Something outside the talk is missing or in the way; `fix` is the next command to type or the thing to do."""

    def __init__(self, what: str, *, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}\n  {self.fix}"


class UsageError(SurroundingsError):
    """The command's own words are off (exit status 2)."""
