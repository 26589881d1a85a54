"""The folder of a talk's recordings: read, written one file at a time and never half, pruned, and held by one command.

A file is `ID.cast` (see `recordings.cast`). What a kernel gave beside its text lies in
`ID.outputs.json` and `ID.outputs/`.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from unicodedata import normalize

from msgspec import Struct

from quarterdeck.digests import digest_of
from quarterdeck.errors import SurroundingsError
from quarterdeck.memo import Memo
from quarterdeck.model import Command, Diagnostic, Event, Recording, Span
from quarterdeck.project.files import children
from quarterdeck.recordings.cast import Damage, canonical, dump, gap, load, typed
from quarterdeck.regex import regex
from quarterdeck.snippets.holes import hider

try:
    import fcntl
except ImportError:  # Windows, where nothing is recorded
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".cast"
PICTURE = regex(r"[1-9][0-9]{0,3}\.(?:svg|png|jpg)")
"""Names of the pictures among the outputs of a snippet."""
_PLAIN = regex(r"[\w][\w.-]*")
_RESERVED = regex(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_LONGEST_NAME = 150


class CommandRun(Struct, frozen=True, kw_only=True):
    """One command as it was run."""

    text: str
    """As it is shown behind the prompt."""
    status: int
    at_s: float
    """When it began, in seconds since the recording began."""
    chunks: tuple[tuple[float, bytes], ...] = ()
    """What it printed and when, on the same clock."""
    cut_bytes: int = 0
    """Output that is missing."""
    cut_at: int = 0
    """Index of the first chunk after what is missing."""


class StoredRecordings(Struct, frozen=True, kw_only=True):
    recordings: Mapping[str, Recording]
    """By id, sorted."""
    digests: Mapping[str, str]
    """Of their files, by id."""
    problems: tuple[Damage, ...]
    """Files that are no recordings; their ids are missing above."""


def utc_now() -> str:
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def compose(
    takes: Sequence[CommandRun],
    *,
    id: str,  # noqa: A002
    key: str,
    ended_s: float,
    cols: int = 100,
    rows: int = 24,
    recorded: str = "",
    fingerprint: Iterable[tuple[str, str]] = (),
    parts: Iterable[tuple[str, str]] = (),
    filled: Iterable[tuple[str, str]] = (),
) -> Recording:
    """The recording of commands that were run one after the other; a prompt always begins a line."""
    events: list[Event] = []
    last = "\n"
    for take in takes:
        events.append(Event(at_s=take.at_s, kind="m", text=take.text))
        events.append(Event(at_s=take.at_s, kind="o", text=("" if last == "\n" else "\r\n") + typed(take.text)))
        printed = tuple(_decoded(take))
        events += printed
        last = next((event.text[-1] for event in reversed(printed) if event.text), "\n")
    events.append(Event(at_s=ended_s, kind="x", text=str(takes[-1].status if takes else 0)))
    return canonical(
        Recording(
            id=id,
            key=key,
            commands=tuple(Command(text=take.text, status=take.status) for take in takes),
            events=tuple(events),
            cols=cols,
            rows=rows,
            recorded=recorded,
            fingerprint=tuple(fingerprint),
            parts=tuple(parts),
            cut_bytes=sum(take.cut_bytes for take in takes),
            filled=tuple(filled),
        )
    )


def _decoded(take: CommandRun) -> Iterator[Event]:
    """Text, also where a character was spread over two reads; a gap is stated where it is."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    at_s = take.at_s
    for number, (at_s, chunk) in enumerate(take.chunks):
        if take.cut_bytes and number == take.cut_at:
            yield Event(at_s=at_s, kind="o", text=decoder.decode(b"", final=True) + gap(take.cut_bytes))
            decoder.reset()
        yield Event(at_s=at_s, kind="o", text=decoder.decode(chunk))
    yield Event(at_s=at_s, kind="o", text=decoder.decode(b"", final=True))


def file_name(id: str) -> str:  # noqa: A002
    """`ID.cast`; an id that not every file system would take as it stands gets a readable likeness and a digest."""
    whole = normalize("NFC", id) == id and not id.endswith(".") and len(id.encode()) <= _LONGEST_NAME
    if whole and _PLAIN.fullmatch(id) and not _RESERVED.fullmatch(id):
        return id + SUFFIX
    likeness = re.sub(r"[^a-z0-9]+", "-", normalize("NFKD", id).encode("ascii", "ignore").decode().lower()).strip("-")
    return f"{likeness[:80]}-{sha256(id.encode()).hexdigest()[:10]}{SUFFIX}"


def read_all(folder: Path, memo: Memo | None = None) -> StoredRecordings:
    """Every recording in a folder; one that is not there holds none. A file that `memo` knows is not parsed again."""
    memo = memo or Memo()
    recordings: dict[str, Recording] = {}
    digests: dict[str, str] = {}
    problems: list[Damage] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except (FileNotFoundError, NotADirectoryError):
        paths = []
    except OSError as error:
        paths = []
        problems.append(Damage(name="", line=1, message=f"cannot be read: {error.strerror}"))
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            problems.append(Damage(name=path.name, line=1, message=f"cannot be read: {error.strerror}"))
            continue
        digest = digest_of(path.name, content)
        found = memo.get("recording", digest, partial(load, content, path.name))
        if isinstance(found, Damage):
            problems.append(found)
        elif path.name != file_name(found.id):
            message = f"this holds the recording of '{found.id}', which belongs in {file_name(found.id)}"
            problems.append(Damage(name=path.name, line=1, message=message))
        else:
            recordings[found.id] = found
            digests[found.id] = digest
    return StoredRecordings(
        recordings=MappingProxyType(dict(sorted(recordings.items()))), digests=digests, problems=tuple(problems)
    )


def diagnostic(damage: Damage, *, folder: str) -> Diagnostic:
    """What an author is told of a damaged file, or of the folder where it has no name; as it stands in diagnostics."""
    if not damage.name:
        return Diagnostic(
            code="X401",
            message=f"no recording in this folder is known: it {damage.message}",
            span=Span(path=folder, line=1),
            hint="make it readable",
        )
    return Diagnostic(
        code="X401",
        message=f"this recording is damaged: {damage.message}",
        span=Span(path=f"{folder}/{damage.name}", line=damage.line),
        hint="get the file back from version control, or record it again: quarterdeck record",
    )


def same_truth(one: Recording, other: Recording, *, normal: Callable[[str], str] = str) -> bool:
    """Whether two recordings differ in nothing but date and timing; `normal` may hide more of what was printed."""
    return _truth(one, normal) == _truth(other, normal)


def _truth(recording: Recording, normal: Callable[[str], str]) -> tuple[object, ...]:
    recording = canonical(recording)
    printed: list[list[str]] = [[]]
    for event in recording.events:
        if event.kind == "m":
            printed.append([])
        elif event.kind == "o":
            printed[-1].append(event.text)
    named = hider((*recording.captured, *recording.filled))
    return (
        *(recording.id, recording.key, recording.commands, recording.parts, recording.fingerprint),
        *(recording.cols, recording.rows, recording.cut_bytes),
        [normal(named("".join(texts))) for texts in printed],
    )


def write(folder: Path, recording: Recording, *, normal: Callable[[str], str] = str, anyway: bool = False) -> bool:
    """Puts the recording in the folder and says whether that changed a file.

    Whoever reads sees the old file whole or the new one whole, also when the disk is full or the power fails. A file
    that says the same (see `same_truth`) stays as it is, unless `anyway`.
    """
    target = folder / file_name(recording.id)
    old = _old(target)
    if old is not None and not anyway and same_truth(old, recording, normal=normal):
        return False
    replace_file(target, dump(recording))
    return True


def _old(path: Path) -> Recording | None:
    try:
        found = load(path.read_bytes(), path.name)
    except OSError:
        return None
    return None if isinstance(found, Damage) else found


def replace_file(target: Path, content: bytes) -> None:
    """The file with this content, or as it was before: never a part of it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.stem[:40]}-{token_hex(4)}.tmp")
        try:
            # made with the permissions that the user's files have, which mkstemp does not give
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        _settle(target.parent)
    except OSError as error:
        what = f"cannot write {target}: {error.strerror}"
        raise SurroundingsError(
            what, fix="what was recorded before is still there; make room or leave to write"
        ) from None


def _settle(folder: Path) -> None:
    """The new name survives a power failure too, where the file system can promise it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def strays(folder: Path, keep: Iterable[str]) -> tuple[str, ...]:
    """File names of recordings whose snippet is gone, sorted."""
    kept = {file_name(id_) for id_ in keep}
    return tuple(sorted(path.name for path in children(folder) if path.suffix == SUFFIX and path.name not in kept))


def prune(folder: Path, keep: Iterable[str]) -> tuple[str, ...]:
    """Removes the recordings whose id is not in `keep`, with their outputs; gives the names of the casts removed."""
    return _remove(folder, strays(folder, keep))


def discard(folder: Path, ids: Iterable[str]) -> tuple[str, ...]:
    """Removes the recordings of these ids, with their outputs; gives the names of the casts removed."""
    names = {file_name(id_) for id_ in ids}
    return _remove(folder, tuple(sorted(name for name in names if (folder / name).exists())))


def _remove(folder: Path, gone: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for name in gone:
            stem = name.removesuffix(SUFFIX)
            (folder / f"{stem}.outputs.json").unlink(missing_ok=True)
            remove_pictures(folder / f"{stem}.outputs")
            (folder / name).unlink(missing_ok=True)
        if gone and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise SurroundingsError(f"cannot remove {error.filename}: {error.strerror}", fix="remove it yourself") from None
    return gone


def remove_pictures(folder: Path, *, keep: Container[str] = ()) -> bool:
    """Removes the pictures of a snippet's outputs but for those named; whatever else lies there stays, and the folder.

    Says whether it removed any.
    """
    if not folder.is_dir():
        return False
    there = sorted(folder.iterdir())
    gone = [path for path in there if PICTURE.fullmatch(path.name) and path.name not in keep]
    for path in gone:
        path.unlink()
    if len(gone) == len(there):
        folder.rmdir()
    return bool(gone)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Holds the folder for one recording command; another one is told so at once.

    Neither a lock file nor an empty folder is left behind.
    """
    if fcntl is None:
        yield
        return
    made = [each for each in (folder, folder.parent) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise SurroundingsError(f"cannot use {folder}: {error.strerror}", fix="recordings are written there") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = f"another record is running in {folder}"
            raise SurroundingsError(what, fix="wait until it is done, or end it") from None
        except OSError:
            pass  # a file system without locks: nothing to hold on to
        yield
    finally:
        for each in made:
            with suppress(OSError):  # it holds something
                each.rmdir()
        os.close(descriptor)
