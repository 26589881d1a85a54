"""Regular expressions that are compiled where they are first used: of the three hundred, a command uses few."""

from __future__ import annotations

import re
from typing import Any, AnyStr


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, but later; what is wrong with a pattern is found there as well."""
    return _Late(pattern, flags)  # type: ignore[return-value]


class _Late:
    def __init__(self, *given: Any) -> None:
        self._given = given

    def __reduce__(self) -> tuple[Any, ...]:
        return re.compile, self._given  # to a process that works for this one

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)  # the next time, nothing stands in between
        return found
