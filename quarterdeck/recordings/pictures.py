"""Pictures of framed pages beside the recordings: written where they show something else, gone with their frame."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.recordings.folder import SUFFIX, file_name, replace_file

PICTURE = ".frame.png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 4: 2, 6: 4}
"""Bytes of a pixel by colour type, at eight bits a sample."""


def picture_name(id: str) -> str:  # noqa: A002
    """`ID.frame.png`."""
    return file_name(id).removesuffix(SUFFIX) + PICTURE


def has_picture(folder: Path, id: str) -> bool:  # noqa: A002
    return (folder / picture_name(id)).is_file()


def write_picture(folder: Path, id: str, png: bytes) -> bool:  # noqa: A002
    """Puts the picture in the place of the one before, and says whether that changed a file: same pixels, same file."""
    target = folder / picture_name(id)
    try:
        before = target.read_bytes()
    except OSError:
        before = b""
    if before == png or (before and same_pixels(before, png)):
        return False
    replace_file(target, png)
    return True


def stray_pictures(folder: Path, keep: Iterable[str]) -> tuple[str, ...]:
    """File names of pictures whose snippet frames nothing, or has a picture of its author's."""
    kept = {picture_name(id_) for id_ in keep}
    return tuple(sorted(path.name for path in folder.glob(f"*{PICTURE}") if path.name not in kept))


def prune_pictures(folder: Path, keep: Iterable[str]) -> tuple[str, ...]:
    """Removes them, and gives their names."""
    gone = stray_pictures(folder, keep)
    for name in gone:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            what = f"cannot remove {folder / name}: {error.strerror}"
            raise SurroundingsError(what, fix="remove it yourself") from None
    return gone


def same_pixels(one: bytes, other: bytes) -> bool:
    """Whether two PNGs show the same, however they were packed; False where one of them cannot be read."""
    first = _pixels(one)
    return first is not None and first == _pixels(other)


def _pixels(png: bytes) -> tuple[bytes, bytes] | None:
    """Head and unpacked rows (ISO 15948, 9.2), without gamma, dates and whatever else a program may add."""
    chunks = _chunks(png)
    head = chunks.get(b"IHDR", b"")
    if len(head) != 13 or head[8] != 8 or head[9] not in _SAMPLES or head[12]:
        return None
    step = _SAMPLES[head[9]]
    stride = int.from_bytes(head[:4]) * step
    try:
        packed = zlib.decompress(chunks.get(b"IDAT", b""))
    except zlib.error:
        return None
    if len(packed) != (stride + 1) * int.from_bytes(head[4:8]):
        return None
    rows = bytearray()
    before = bytes(stride)
    for at in range(0, len(packed), stride + 1):
        before = _unfiltered(packed[at], packed[at + 1 : at + 1 + stride], before, step)
        rows += before
    return head, bytes(rows)


def _chunks(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while png.startswith(SIGNATURE) and at + 8 <= len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        found[kind] = found.get(kind, b"") + png[at + 8 : at + 8 + size]
        at += size + 12
    return found


def _unfiltered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    if kind == 0:
        return row
    if kind == 2:
        return bytes((byte + up) & 255 for byte, up in zip(row, above, strict=True))
    done = bytearray(step) + row
    for at, up in enumerate(above):
        left, corner = done[at], above[at - step] if at >= step else 0
        guess = left if kind == 1 else (left + up) // 2 if kind == 3 else _paeth(left, up, corner)
        done[at + step] = (done[at + step] + guess) & 255
    return bytes(done[step:])


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    by_left, by_up, by_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner
