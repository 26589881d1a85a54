"""What changes from run to run is hidden, so that two runs can be compared for what they really say. Pure.

A mask hides a value, never the words around it: `Exited (0) 3 seconds ago` and `Exited (1) 3 seconds ago` stay
different.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from quarterdeck.model import Recording
from quarterdeck.recordings.still import lines, outputs, still
from quarterdeck.snippets.holes import hider

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
    (re.compile(pattern), name)
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
_SPREAD = re.compile(r"(?<=\S) {2,}(?=\S)")
ANYTHING = "<...>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: Literal["commands", "status", "output"]
    commands: tuple[int, ...]
    """0-based numbers of the commands that differ."""
    summary: str
    """One line."""
    diff: str = ""
    """A unified diff of what is left after masks; plain text."""


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


def shown_lines(output: str, *, cols: int = 100, rows: int = 24) -> tuple[str, ...]:
    """The lines of output that a person would have seen, without empty ones at the end."""
    seen = list(lines(still(output, cols=cols, rows=rows)))
    while seen and not seen[-1]:
        seen.pop()
    return tuple(seen)


def compare(
    recorded: Recording, fresh: Recording, *, masks: Sequence[re.Pattern[str]] = (), output: bool = True
) -> Difference | None:
    """How two runs of the same snippet differ, the most telling difference only; `output`: whether that counts."""
    before, after = recorded.commands, fresh.commands
    if [command.text for command in before] != [command.text for command in after]:
        diff = _diff([command.text for command in before], [command.text for command in after])
        return Difference(
            kind="commands", commands=(), summary="the commands are not those that were recorded", diff=diff
        )
    texts = list(zip(_texts(recorded, masks), _texts(fresh, masks), strict=False))
    wrong = tuple(n for n, (one, two) in enumerate(zip(before, after, strict=True)) if one.status != two.status)
    if wrong:
        first = wrong[0]
        named, now, then = _first_line(before[first].text), after[first].status, before[first].status
        summary = f"'{named}' ended with status {now}, recorded was {then}"
        diff = "".join(_diff(*texts[number]) for number in wrong if number < len(texts))
        return Difference(kind="status", commands=wrong, summary=summary, diff=diff)
    wrong = tuple(number for number, (one, two) in enumerate(texts) if one != two)
    if not output or not wrong:
        return None
    named = f"'{_first_line(before[wrong[0]].text)}'" if before else "the snippet"
    summary = f"{named} printed something else than was recorded"
    return Difference(
        kind="output", commands=wrong, summary=summary, diff="".join(_diff(*texts[number]) for number in wrong)
    )


def _first_line(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"{first} …" if rest else first


def _texts(recording: Recording, masks: Sequence[re.Pattern[str]]) -> list[list[str]]:
    size = {"cols": recording.cols, "rows": recording.rows}
    named = hider((*recording.captured, *recording.filled))
    return [[masked(named(line), masks) for line in shown_lines(text, **size)] for text in outputs(recording.events)]


def _diff(before: Iterable[str], after: Iterable[str]) -> str:
    drawn = unified_diff(list(before), list(after), "recorded", "now", lineterm="", n=3)
    return "".join(f"{line}\n" for line in drawn)


def differs_from_expected(
    expected: Sequence[str], output: str, *, masks: Sequence[re.Pattern[str]] = (), cols: int = 100, rows: int = 24
) -> Difference | None:
    """How output differs from the lines that an author wrote below a command.

    `<...>` stands for anything within a line; alone on a line, for any number of lines. Values that masks hide need not
    be the ones that the author saw.
    """
    wanted = [line.rstrip() for line in expected]
    while wanted and not wanted[-1]:
        wanted.pop()
    got = list(shown_lines(output, cols=cols, rows=rows))
    matchers = [None if line.strip() == ANYTHING else _line_matcher(line, masks) for line in wanted]
    if _matches(matchers, [(line, masked(line, masks)) for line in got]):
        return None
    diff = _diff([masked(line, masks) for line in wanted], [masked(line, masks) for line in got])
    summary = "the output is not what the slide says"
    return Difference(kind="output", commands=(), summary=summary, diff=diff.replace("--- recorded", "--- expected", 1))


_Matcher = Callable[[tuple[str, str]], bool]


def _line_matcher(wanted: str, masks: Sequence[re.Pattern[str]]) -> _Matcher:
    pieces = wanted.split(ANYTHING)
    plain = [
        re.compile(_anything(pieces), re.DOTALL),
        re.compile(_anything([masked(piece, masks) for piece in pieces])),
    ]
    hidden = masked(wanted, masks)
    if len(pieces) == 1:
        return lambda got: got[0] == wanted or got[1] == hidden
    return lambda got: any(pattern.fullmatch(text) for pattern in plain for text in got)


def _anything(pieces: Iterable[str]) -> str:
    return ".*".join(r"\s+".join(map(re.escape, re.split(r"\s+", piece))) for piece in pieces)


def _matches(wanted: Sequence[_Matcher | None], got: Sequence[tuple[str, str]]) -> bool:
    """Whether the lines fit one after the other; `None` fits any number of them."""
    reached = {0}
    for matcher in wanted:
        if matcher is None:
            reached = set(range(min(reached), len(got) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(got) and matcher(got[at])}
    return len(got) in reached
