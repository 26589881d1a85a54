"""Escape sequences of terminals. Pure."""

from __future__ import annotations

from quarterdeck.regex import regex

_CONTROLS = regex(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|\r(?=\n)")


def plain(text: str) -> str:
    """Without escape sequences, lines ending in LF: what patterns and readers of logs look at."""
    return _CONTROLS.sub("", text)
