"""Secrets and private folders are taken out of a recording before it is written. Pure.

Secrets are known by the name of the variable that holds them, by their form, and by what the settings say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.model import Command, Event, Recording
from quarterdeck.recordings.cast import canonical, is_echo, rewritten, typed
from quarterdeck.regex import regex

BLOT = "••••••"
SHORTEST = 6
"""Values of variables that are shorter than this are not looked for: they would be found everywhere."""

_SECRET_NAME = regex(
    r"(?i)(?:^|_)(?:\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|APIKEY)|PASS|PAT|AUTH|KEY|(?<=_)PWD)s?(?:_\w+)?$"
)
_HARMLESS_NAME = regex(r"(?i)_(?:FILE|PATH|DIR|SOCK|URL|TYPE|NAME|LENGTH|COUNT|TTL|EXPIRES?|LAYOUT)$")
_HARMLESS_VALUE = regex(r"(?i)true|false|enabled|disabled|\d{1,8}|required|optional|default")

FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    # a group named `secret` is what is hidden; without one, all of it
    (name, regex(pattern))
    for name, pattern in (
        (
            "private key",
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?s:.{0,20000}?)(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        ),
        ("JSON web token", r"\beyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*"),
        ("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
        ("GitLab token", r"\bglpat-[\w-]{16,}"),
        ("Docker token", r"\bdckr_(?:pat|oat)_[\w-]{16,}"),
        ("Slack token", r"\bxox[abeoprs]-[\w-]{10,}"),
        ("npm token", r"\bnpm_[A-Za-z0-9]{30,}"),
        ("PyPI token", r"\bpypi-[\w-]{40,}"),
        ("Google key", r"\bAIza[\w-]{35}"),
        ("Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
        ("API key", r"\bsk-[A-Za-z0-9][\w-]{20,}"),
        ("AWS key", r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}\b"),
        (
            "AWS secret",
            r"(?i)\baws_?(?:secret_?access_?key|session_?token)[\"']?\s*[=:]\s*[\"']?(?P<secret>[A-Za-z0-9/+=]{16,})",
        ),
        (
            "authorization",
            r"(?i)\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token|digest)\s+(?P<secret>[^\s\"']{4,})",
        ),
        ("bearer token", r"(?i)\bbearer\s+(?P<secret>(?=[^\s\"']*\d)[A-Za-z0-9._~+/-]{16,}=*)"),
        (
            "password in a URL",
            r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:(?P<secret>[^\s/@\"'<>]{1,200})@",
        ),
        (
            "registry login",
            r"\"(?:auth|identitytoken|registrytoken|IdentityToken)\"\s*:\s*\"(?P<secret>[\w+/=.-]{8,})\"",
        ),
    )
)
_ESCAPE = regex(r"\x1b(?:\[[0-9;:<=>?]{0,256}[ -/]*[@-~]|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])")


class RedactionRules(Struct, frozen=True, kw_only=True):
    patterns: tuple[tuple[str, re.Pattern[str], str], ...]
    """What it is, how it looks, what takes its place; the first one that fits wins."""


class RedactedRecording(Struct, frozen=True, kw_only=True):
    recording: Recording
    found: tuple[tuple[str, int], ...]
    """What was hidden and how often: names of variables and kinds, never values; sorted."""


def rules(
    *,
    environment: Mapping[str, str] = {},
    settings: Iterable[str] = (),
    homes: Iterable[Path | str] = (),
) -> tuple[RedactionRules, tuple[tuple[str, str], ...]]:
    """What is to be taken out; and settings that are no regular expressions, each with the reason.

    `homes`: folders that are written as `~`; the session's and the user's.
    """
    patterns: list[tuple[str, re.Pattern[str], str]] = []
    problems: list[tuple[str, str]] = []
    values = {value.strip(): name for name, value in sorted(environment.items()) if _is_secret(name, value.strip())}
    patterns += [
        (f"${values[value]}", re.compile(r"[\r\n]+".join(map(re.escape, value.splitlines()))), BLOT)
        for value in sorted(values, key=len, reverse=True)
    ]
    for setting in settings:
        try:
            patterns.append(("setting", re.compile(setting), BLOT))
        except re.error as error:
            problems.append((setting, str(error)))
    patterns += [(name, pattern, BLOT) for name, pattern in FORMS]
    folders = {str(home).rstrip("/") for home in homes}
    for folder in sorted((folder for folder in folders if len(folder) > 1), key=len, reverse=True):
        patterns.append(("~", re.compile(rf"(?:(?<![\w.~-])|(?<=\s-[a-zA-Z])){re.escape(folder)}(?![\w.-]*\w)"), "~"))
    return RedactionRules(patterns=tuple(patterns)), tuple(problems)


def _is_secret(name: str, value: str) -> bool:
    if len(value) < SHORTEST or _HARMLESS_VALUE.fullmatch(value) or _HARMLESS_NAME.search(name):
        return False
    return bool(_SECRET_NAME.search(name))


def redact_text(text: str, rules: RedactionRules) -> tuple[str, Counter[str]]:
    """Text without secrets, and what was found in it."""
    found: Counter[str] = Counter()
    changes = _changes(text, rules, found)
    pieces = []
    at = 0
    for start, end, new in changes:
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]]), found


def redact(recording: Recording, rules: RedactionRules) -> RedactedRecording:
    """The recording without secrets, wherever events begin and end."""
    found: Counter[str] = Counter()

    def clean(text: str) -> str:
        cleaned, more = redact_text(text, rules)
        found.update(more)
        return cleaned

    commands = tuple(Command(text=clean(command.text), status=command.status) for command in recording.commands)
    events: list[Event] = []
    run: list[Event] = []
    before = Event(at_s=0.0, kind="", text="")
    for event in recording.events:
        if event.kind == "o" and not is_echo(before, event):
            run.append(event)
        else:
            events += rewritten(run, _changes("".join(piece.text for piece in run), rules, found))
            run = []
            if event.kind == "m":  # counted where it stands among the commands
                events.append(replace(event, text=redact_text(event.text, rules)[0]))
            elif event.kind == "o":
                start = "\r\n" if event.text.startswith("\r\n") else ""
                events.append(replace(event, text=start + typed(events[-1].text)))
            else:
                events.append(event)
        before = event
    events += rewritten(run, _changes("".join(piece.text for piece in run), rules, found))
    hidden = tuple(sorted((name, count) for name, count in found.items() if name != "~"))
    captured, filled = (  # counted where they stand in the output
        tuple((name, redact_text(value, rules)[0]) for name, value in values)
        for values in (recording.captured, recording.filled)
    )
    whole = replace(recording, commands=commands, events=tuple(events), captured=captured, filled=filled)
    return RedactedRecording(recording=canonical(whole), found=hidden)


def _changes(text: str, rules: RedactionRules, found: Counter[str]) -> list[tuple[int, int, str]]:
    """Where text is replaced and by what: ascending, never overlapping. Colours inside of a secret do not save it."""
    plain, origin = _plain(text)
    spans: list[tuple[int, int, str]] = []
    for name, pattern, new in rules.patterns:
        for match in pattern.finditer(plain):
            start, end = _secret_span(match)
            if start < end and not _overlaps(spans, start, end):
                spans.append((start, end, new))
                found[name] += 1
    changes = []
    for start, end, new in sorted(spans):
        first, last = origin(start), origin(end - 1) + 1
        escapes = (
            "".join(match[0] for match in _ESCAPE.finditer(text, first, last)) if last - first > end - start else ""
        )
        changes.append((first, last, new + escapes))
    return changes


def _secret_span(match: re.Match[str]) -> tuple[int, int]:
    if "secret" in match.re.groupindex:
        return match.span("secret")
    return match.span(1) if match.re.groups == 1 and match[1] is not None else match.span()


def _overlaps(spans: Sequence[tuple[int, int, str]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end, _ in spans)


def _plain(text: str) -> tuple[str, _Origin]:
    """The text without escape sequences, and where each of its characters came from."""
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        if match.start() > at:
            pieces.append(text[at : match.start()])
            starts.append(at)
        at = match.end()
    if at < len(text):
        pieces.append(text[at:])
        starts.append(at)
    return "".join(pieces), _Origin(starts, [0, *accumulate(map(len, pieces))])


class _Origin:
    def __init__(self, starts: list[int], offsets: list[int]) -> None:
        self._starts = starts
        self._offsets = offsets

    def __call__(self, index: int) -> int:
        piece = bisect_right(self._offsets, index) - 1
        return self._starts[piece] + index - self._offsets[piece]
