"""Values that change from run to run are hidden by masks, so that two runs can be compared. Pure.

A mask hides a value, never the words around it: `Exited (0) 3 seconds ago` and `Exited (1) 3 seconds ago` stay
different.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from quarterdeck.regex import regex

_ADJECTIVES = (
    "admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy "
    "charming clever compassionate competent condescending confident cool cranky crazy dazzling determined "
    "distracted dreamy eager ecstatic elastic elated elegant eloquent epic exciting fervent festive flamboyant "
    "focused friendly frosty funny gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry "
    "infallible inspiring intelligent interesting jolly jovial keen kind laughing loving lucid magical modest "
    "musing mystifying naughty nervous nice nifty nostalgic objective optimistic peaceful pedantic pensive "
    "practical priceless quirky quizzical recursing relaxed reverent romantic sad serene sharp silly sleepy "
    "stoic strange stupefied suspicious sweet tender thirsty trusting unruffled upbeat vibrant vigilant "
    "vigorous wizardly wonderful xenodochial youthful zealous zen"
).replace(" ", "|")
"""The first halves of the names that engines make up; second halves are surnames, of any letters."""

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?(?:\s?[AP]M\b)?"
_ZONE = r"(?:\s?(?:Z\b|[+-]\d{2}:?\d{2}\b|(?:UTC|GMT|CES?T)\b))*"
_YEAR = r"(?:19|20)\d{2}"
_UNIT = "(?:second|minute|hour|day|week|month|year)"
_OCTET = r"\d{1,3}"

MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (regex(pattern), name)
    for pattern, name in (
        (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
        (r"\bsha256:[0-9a-f]{6,64}\b", "<digest>"),
        (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<id>"),
        (r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{12})\b", "<id>"),
        (rf"\b{_DAY},? {_MONTH} +\d{{1,2}},? (?:{_CLOCK}{_ZONE} )?{_YEAR}(?:,? {_CLOCK}{_ZONE})?", "<time>"),
        (rf"\b(?:{_DAY},? )?\d{{1,2}}[ /-]{_MONTH}[ /-]{_YEAR}(?:[ :]{_CLOCK}{_ZONE})?", "<time>"),
        (rf"\b{_MONTH} +\d{{1,2}},? (?:{_YEAR}\b|\d{{1,2}}:\d{{2}}(?::\d{{2}})?\b)", "<time>"),
        (rf"\b{_YEAR}[-/]\d{{2}}[-/]\d{{2}}(?:[T ]{_CLOCK}{_ZONE})?(?:[T ]\d{{2}}:\d{{2}}\b)?", "<time>"),
        (rf"\b{_CLOCK}{_ZONE}", "<time>"),
        (rf"\b(?:About|Less than) an? {_UNIT}s?( ago)?\b|\b\d+ {_UNIT}s?( ago)?\b", "<duration>"),
        (
            r"\b(?:\d+h)?(?:\d+m)?\d+(?:[.,]\d+)?s\b|\b\d+h\d+m\b|\b\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|sec)\b",
            "<duration>",
        ),
        (r"(?<![\w.])\d+(?:[.,]\d+)?(?:\s?(?:[kKMGT]i?B|B|bytes)|[kKMGT])(?![\w.])", "<size>"),
        (r"\bqd-[0-9a-f]{6,}\b", "<session>"),
        (rf"\b(?:172\.(?:1[6-9]|2\d|3[01])|192\.168|10\.88)\.{_OCTET}\.{_OCTET}\b", "<ip>"),
        (r"(?<=:)(?:3276[89]|327[7-9]\d|32[89]\d{2}|3[3-9]\d{3}|[45]\d{4}|6[0-5]\d{3})\b(?!\.)", "<port>"),
        (rf"(?<![\w-])(?:{_ADJECTIVES})_[a-z]{{2,}}\d?(?![\w-])", "<name>"),
        (r"/tmp/(?:tmp[\w.]+|[\w.-]+\.[A-Za-z0-9]{6,12}\b)|/var/folders/[\w+/.-]+", "<temp>"),  # noqa: S108
        (r"(?<=\[\d\] )\d{2,7}\b|(?i:(?<=\bpid )|(?<=\bpid=)|(?<=\bpid: )|(?<=\bprocess ))\d+\b", "<pid>"),
    )
)
_SPREAD = regex(r"(?<=\S) {2,}(?=\S)")


def masks_of(patterns: Iterable[str]) -> tuple[tuple[re.Pattern[str], ...], tuple[tuple[str, str], ...]]:
    """An author's masks, compiled; and those that are no regular expressions, each with the reason."""
    compiled: list[re.Pattern[str]] = []
    problems: list[tuple[str, str]] = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern))
        except re.error as error:
            problems.append((pattern, str(error)))
    return tuple(compiled), tuple(problems)


def masked(line: str, masks: Iterable[re.Pattern[str]] = ()) -> str:
    """A line of output without what changes from run to run: first by the author's masks, then by ours.

    Columns are drawn together, because the width of what was hidden moved them.
    """
    for pattern in masks:
        line = pattern.sub("<mask>", line)
    for pattern, name in MASKS:
        line = pattern.sub(name, line)
    return _SPREAD.sub("  ", line).rstrip()
