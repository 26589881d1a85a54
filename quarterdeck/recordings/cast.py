"""A recording as an asciicast v3 file, both ways. Pure: bytes and values only.

The file plays in any player: each command begins with a marker and an output event that holds prompt and command, the
exit status comes last. What only we need stands in the header under `quarterdeck`. Equal recordings give equal bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.model import Command, Event, Recording
from quarterdeck.regex import regex

LIMIT_BYTES = 512_000
"""Of the file; what is too much is left out of the middle of the output, and the gap says how much."""
MERGE_MS = 10
"""Output that follows so closely on other output is one event with it."""
PROMPT, CONTINUATION = "$ ", "> "
TERMINAL = "xterm-256color"

_STRING = r"[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?"
_UNSAFE = regex(
    # every OSC but links (titles, clipboard, our own marks, pictures), every DCS, SOS, PM and APC
    rf"(?:\x1b\]|\x9d)(?!8;){_STRING}|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f]){_STRING}"
)
_SURROGATES = regex("[\ud800-\udfff]")
_CARETS = {code: f"^{chr(code ^ 64)}" for code in (*range(32), 127) if chr(code) not in "\t\n"} | dict.fromkeys(
    range(128, 160), "?"
)
"""Control characters in a command, as a terminal echoes them."""
_NOTHING = Event(at_s=0.0, kind="", text="")
_LONGEST_S = 10**8


class Damage(Struct, frozen=True, kw_only=True):
    """Why a file is no recording of ours."""

    name: str
    line: int
    message: str


def typed(text: str) -> str:
    """A command as it stands on a terminal: behind the prompt, later lines behind the prompt for more."""
    return f"{PROMPT}{text.translate(_CARETS)}\n".replace("\n", f"\r\n{CONTINUATION}").removesuffix(CONTINUATION)


def gap(cut_bytes: int) -> str:
    """What stands where output was left out."""
    return f"\x1b[0m\r\n[… {cut_bytes} bytes left out …]\r\n"


def canonical(recording: Recording) -> Recording:
    """The recording as its file holds it; doing it twice changes nothing more.

    Times are whole milliseconds, close output is one event, unsafe sequences and too much output are left out, and the
    exit status comes last.
    """
    timed = _timed(recording.events)
    events, cut_bytes = _shortened(_cleaned(timed), LIMIT_BYTES - len(json.dumps(_header(recording)).encode()) - 100)
    events = _merged(_cleaned(events))
    given = next((event.text for event in recording.events if event.kind == "x"), "")
    status = given or str(recording.commands[-1].status if recording.commands else 0)
    end = timed[-1].at_s if timed else 0.0
    if not events:
        events = [Event(at_s=0.0, kind="o", text="")]  # players refuse a recording without events
    return replace(
        recording,
        id=_whole(recording.id),
        key=_whole(recording.key),
        commands=tuple(replace(command, text=_whole(command.text)) for command in recording.commands),
        events=(*events, Event(at_s=end, kind="x", text=_whole(status))),
        recorded=_whole(recording.recorded),
        fingerprint=_sorted(recording.fingerprint),
        parts=tuple((_whole(name), _whole(value)) for name, value in recording.parts),
        captured=_sorted(recording.captured),
        filled=_sorted(recording.filled),
        cut_bytes=recording.cut_bytes + cut_bytes,
    )


def is_echo(marker: Event, event: Event) -> bool:
    """Whether the first output after a marker is prompt and command, as `compose` writes them."""
    return marker.kind == "m" and event.kind == "o" and event.text.removeprefix("\r\n") == typed(marker.text)


def _sorted(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({_whole(name): _whole(value) for name, value in pairs}.items()))


def _whole(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)


def _timed(events: Iterable[Event]) -> list[Event]:
    """Times never go back and are whole milliseconds: rounding each time, not each interval, makes no drift."""
    now_ms = 0
    timed = []
    for event in events:
        if math.isfinite(event.at_s):
            now_ms = max(now_ms, round(min(max(event.at_s, 0.0), _LONGEST_S) * 1000))
        timed.append(replace(event, at_s=now_ms / 1000, text=_whole(event.text)))
    return timed


def _cleaned(events: Iterable[Event]) -> list[Event]:
    """Without unsafe sequences, even where one is spread over several events; only output and markers stay."""
    done: list[Event] = []
    run: list[Event] = []
    before = _NOTHING
    for event in events:
        if event.kind == "m" or is_echo(before, event):
            done += [*_without_unsafe(run), event]
            run = []
        elif event.kind != "o" or not event.text:
            continue
        else:
            run.append(event)
        before = event
    return [*done, *_without_unsafe(run)]


def _without_unsafe(run: list[Event]) -> Iterator[Event]:
    text = "".join(event.text for event in run)
    if not _UNSAFE.search(text):
        yield from (event for event in run if event.text)
        return
    kept = list(run)
    for _ in range(4):  # taking one out may leave the halves of another one side by side
        text = "".join(event.text for event in kept)
        spans = [match.span() for match in _UNSAFE.finditer(text)]
        if not spans:
            break
        kept = list(rewritten(kept, [(start, end, "") for start, end in spans]))
    else:
        kept = [replace(event, text=re.sub(r"[\x1b\x90\x98\x9d-\x9f]", "", event.text)) for event in kept]
    yield from (event for event in kept if event.text)


def rewritten(run: Sequence[Event], changes: Sequence[tuple[int, int, str]]) -> Iterator[Event]:
    """The events with parts of their joined text replaced: (start, end, new), ascending, never overlapping.

    The new text goes to the event in which the old one began.
    """
    offset = 0
    at = 0
    for event in run:
        end = offset + len(event.text)
        pieces = []
        here = offset
        while at < len(changes) and changes[at][0] < end:
            start, stop, new = changes[at]
            if start >= offset:
                pieces += [event.text[here - offset : start - offset], new]
            here = min(stop, end)
            if stop > end:
                break
            at += 1
        pieces.append(event.text[here - offset :])
        yield replace(event, text="".join(pieces))
        offset = end


def _cost(event: Event) -> int:
    return len(json.dumps(event.text, ensure_ascii=False).encode()) + 24


def _shortened(events: list[Event], budget: int) -> tuple[list[Event], int]:
    """Output of at most `budget` bytes, from both ends, with a gap where the rest was; markers and prompts stay."""
    stays = [event.kind == "m" or is_echo(before, event) for before, event in pairwise([_NOTHING, *events])]
    free = [event for event, fixed in zip(events, stays, strict=True) if not fixed]
    budget -= sum(_cost(event) for event, fixed in zip(events, stays, strict=True) if fixed)
    budget = max(budget, 4_000)
    if sum(map(_cost, free)) <= budget:
        return events, 0
    half = (budget - 200) // 2  # with room for the gap
    first, head = _fitting(free, half)
    after, tail = _fitting(free[::-1], half)
    last = len(free) - 1 - after  # never before `first`: together the whole ones take less than all of them
    opening, closing = free[first].text[:head], free[last].text[len(free[last].text) - tail :]
    # whole lines where there are some: half a secret would not be known as one
    opening = opening[: opening.rfind("\n") + 1] or opening
    closing = closing[closing.find("\n") + 1 :] or closing
    cut = sum(len(event.text.encode()) for event in free[first : last + 1]) - len((opening + closing).encode())
    seam = {first: opening + gap(cut), last: closing} if first < last else {first: opening + gap(cut) + closing}
    result = []
    number = -1
    for event, fixed in zip(events, stays, strict=True):
        number += not fixed
        if fixed or number < first or number > last:
            result.append(event)
        elif number in seam:
            result.append(replace(event, text=seam[number]))
    return result, cut


def _fitting(events: Sequence[Event], budget: int) -> tuple[int, int]:
    """How many events the budget is enough for, and for how many characters of the next one."""
    for number, event in enumerate(events):
        cost = _cost(event)
        if cost > budget:
            return number, max(0, (budget - 24) // 6)  # an escaped character takes six bytes
        budget -= cost
    return len(events) - 1, 0


def _merged(events: Iterable[Event]) -> list[Event]:
    merged: list[Event] = []
    open_run = False
    for event in events:
        last = merged[-1] if merged else None
        close = last is not None and round((event.at_s - last.at_s) * 1000) < MERGE_MS
        if open_run and close and event.kind == "o" and last is not None:
            merged[-1] = replace(last, text=last.text + event.text)
            continue
        open_run = event.kind == "o" and not is_echo(last or _NOTHING, event)
        merged.append(event)
    return merged


def dump(recording: Recording) -> bytes:
    """The recording as an asciicast v3 file; the same recording gives the same bytes."""
    recording = canonical(recording)
    times_ms = [0, *(round(event.at_s * 1000) for event in recording.events)]
    intervals = [after - before for before, after in pairwise(times_ms)]
    lines = [json.dumps(_header(recording), ensure_ascii=False)]
    for interval, event in zip(intervals, recording.events, strict=True):
        text = json.dumps(event.text, ensure_ascii=False)
        lines.append(f'[{interval // 1000}.{interval % 1000:03d}, "{event.kind}", {text}]')
    return "".join(f"{line}\n" for line in lines).encode()


def _header(recording: Recording) -> dict[str, Any]:
    stamp = _timestamp(recording.recorded)
    return {
        "version": 3,
        "term": {"cols": recording.cols, "rows": recording.rows, "type": TERMINAL},
        **({} if stamp is None else {"timestamp": stamp}),
        "quarterdeck": {
            "id": recording.id,
            "key": recording.key,
            "commands": [{"text": command.text, "status": command.status} for command in recording.commands],
            "parts": [list(part) for part in recording.parts],
            "fingerprint": dict(recording.fingerprint),
            "recorded": recording.recorded,
            "cut": recording.cut_bytes,
            **({"captured": dict(recording.captured)} if recording.captured else {}),
            **({"filled": dict(recording.filled)} if recording.filled else {}),
        },
    }


def _timestamp(recorded: str) -> int | None:
    try:
        moment = datetime.fromisoformat(recorded)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


class _BadCastError(Exception):
    """What is wrong, found while a line is read."""


def load(data: bytes, name: str) -> Recording | Damage:
    """The recording in a file named `name`, or what is wrong with the file and on which line."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Damage(name=name, line=data[: error.start].count(b"\n") + 1, message="this is not UTF-8 text")
    line = 1
    events: list[Event] = []
    now_ms = 0
    head: dict[str, Any] = {}
    try:
        for line, written in enumerate(text.split("\n"), start=1):
            if line == 1:
                head = _read_header(written)
            elif written.strip() and not written.startswith("#"):
                interval_ms, kind, data_text = _read_event(written)
                now_ms += interval_ms
                if kind in ("o", "m", "x"):
                    events.append(Event(at_s=now_ms / 1000, kind=kind, text=data_text))
        if not events or events[-1].kind != "x":
            raise _BadCastError("the file ends before the exit status: it was cut short")
        return Recording(events=tuple(events), **_fields(head))
    except _BadCastError as error:
        return Damage(name=name, line=line, message=str(error))


def _read_header(written: str) -> dict[str, Any]:
    head = _json(written)
    if not isinstance(head, dict) or not isinstance(head.get("version"), int):
        raise _BadCastError("the first line is no asciicast header")
    if head["version"] != 3:
        raise _BadCastError(f"this is asciicast version {head['version']}, expected 3")
    if not isinstance(head.get("quarterdeck"), dict):
        raise _BadCastError("this asciicast was not recorded by quarterdeck")
    _fields(head)
    return head


def _read_event(written: str) -> tuple[int, str, str]:
    event = _json(written)
    match event:
        case [int() | float() as interval, str() as kind, str() as text] if 0 <= interval <= 10 * _LONGEST_S:
            return round(interval * 1000), kind, _whole(text)
    raise _BadCastError("expected an event: [seconds, code, text]")


def _json(written: str) -> Any:
    if written.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        raise _BadCastError("git left a conflict in this file")
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        raise _BadCastError("this line is no JSON") from None


def _fields(head: dict[str, Any]) -> dict[str, Any]:
    """The fields of a `Recording` that stand in the header."""
    ours = head["quarterdeck"]
    match head.get("term"):
        case {"cols": int() as cols, "rows": int() as rows} if 0 < cols < 10_000 and 0 < rows < 10_000:
            pass
        case _:
            raise _BadCastError("the header does not say the terminal's size")
    commands = []
    for command in _listed(ours.get("commands")):
        match command:
            case {"text": str() as text, "status": int() as status} if not isinstance(status, bool):
                commands.append(Command(text=_whole(text), status=status))
            case _:
                raise _BadCastError("'commands' in the header: expected text and status of each command")
    fingerprint, captured, filled = (_named(ours, name) for name in ("fingerprint", "captured", "filled"))
    parts = _listed(ours.get("parts", []))
    strings = [ours.get("id"), ours.get("key"), ours.get("recorded", "")]
    if not all(isinstance(value, str) for value in strings):
        raise _BadCastError("'id', 'key' and 'recorded' in the header: expected text")
    if not all(
        isinstance(part, list) and len(part) == 2 and all(isinstance(word, str) for word in part) for part in parts
    ):
        raise _BadCastError("'parts' in the header: expected pairs of name and digest")
    cut = ours.get("cut", 0)
    if not isinstance(cut, int) or isinstance(cut, bool) or cut < 0:
        raise _BadCastError("'cut' in the header: expected a number of bytes")
    return {
        "id": _whole(strings[0]),
        "key": _whole(strings[1]),
        "recorded": _whole(strings[2]),
        "commands": tuple(commands),
        "cols": cols,
        "rows": rows,
        "fingerprint": fingerprint,
        "captured": captured,
        "filled": filled,
        "parts": tuple((_whole(name), _whole(value)) for name, value in parts),
        "cut_bytes": cut,
    }


def _named(ours: dict[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    pairs = ours.get(name, {})
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise _BadCastError(f"'{name}' in the header: expected names and texts")
    return _sorted(pairs.items())


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _BadCastError("the header of quarterdeck is not whole")
    return value
