"""Remembers what stages gave for inputs they have met, so that building again is building what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """`(stage, digest of the input) -> result`. What one whole build did not ask for is forgotten by `turn`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}
        self._asked: set[tuple[str, str]] = set()

    def get(self, stage: str, digest: str, make: Callable[[], T]) -> T:
        key = (stage, digest)
        self._asked.add(key)
        if key not in self._kept:
            self._kept[key] = make()
        result: T = self._kept[key]
        return result

    def turn(self) -> None:
        """Forgets what was not asked for since the last turn: memory stays that of one build."""
        self._kept = {key: self._kept[key] for key in self._asked if key in self._kept}
        self._asked = set()
