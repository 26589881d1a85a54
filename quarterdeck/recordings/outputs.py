"""What a kernel gave beside its text, pictures and tables: as values, and as files beside the recording.

`ID.outputs.json` lists them in order, `ID.outputs/1.png` and so on hold pictures. Equal outputs give equal bytes, and
files that say the same stay as they are.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.errors import SurroundingsError
from quarterdeck.recordings.cast import Damage
from quarterdeck.recordings.folder import PICTURE, SUFFIX, file_name, remove_pictures, replace_file
from quarterdeck.regex import regex

PICTURES: Mapping[str, str] = MappingProxyType({"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"})
"""MIME type to suffix."""
TEXTS = ("text/html", "text/latex", "text/plain")
LIMIT_BYTES = 512_000
"""Of one output; what is larger is left out, and a text says so."""

_ACTIVE = regex(r"(?i)<(?:\w+:)?(?:script|foreignobject|iframe)\b|\son\w+\s*=|javascript:")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54}


class KernelOutput(Struct, frozen=True, kw_only=True):
    """One picture, table or formula."""

    mime: str
    """A key of `PICTURES`, or one of `TEXTS`."""
    data: bytes | str
    """Bytes of a picture; text of anything else, as the program gave it: HTML is cleaned where it is shown."""
    alt: str = ""
    width: int | None = None
    height: int | None = None
    """CSS pixels."""
    file: str = ""
    """Of a stored picture: where it lies, relative to the folder of recordings, POSIX."""


def picture(
    mime: str, data: bytes, *, alt: str = "", width: int | None = None, height: int | None = None
) -> KernelOutput:
    """A picture with its size: as given, in its own proportions where one side is missing, else its own."""
    own = _size(mime, data)
    if own and (width is None or height is None):
        across, down = own
        if width is None and height is None:
            width, height = own
        elif width is None:
            width = round((height or 0) * across / down)
        else:
            height = round(width * down / across)
    return KernelOutput(mime=mime, data=data, alt=alt, width=width, height=height)


def _size(mime: str, data: bytes) -> tuple[int, int] | None:
    found = _svg_size(data) if mime == "image/svg+xml" else _pixels(data)
    return found if found and min(found) > 0 else None


def _pixels(data: bytes) -> tuple[int, int] | None:
    import imagesize  # slow to load, and few talks have such pictures

    try:
        width, height = imagesize.get(BytesIO(data))
    except (ValueError, OSError, struct.error):
        return None
    return int(width), int(height)


def _svg_size(data: bytes) -> tuple[int, int] | None:
    tag = re.search(rb"<(?:\w+:)?svg\b[^>]*>", data)
    root = tag[0].decode("utf-8", "replace") if tag else ""
    sides = [re.search(rf'\s{side}\s*=\s*["\']\s*([\d.]+)\s*(px|pt|in|cm|mm|)\s*["\']', root) for side in _SIDES]
    box = re.search(r'\sviewBox\s*=\s*["\']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)', root)
    try:
        if sides[0] and sides[1]:
            return tuple(round(float(side[1]) * _UNITS[side[2]]) for side in sides if side)  # type: ignore[return-value]
        return (round(float(box[1])), round(float(box[2]))) if box else None
    except ValueError:
        return None


_SIDES = ("width", "height")


def storable(outputs: Sequence[KernelOutput]) -> tuple[KernelOutput, ...]:
    """The outputs that may be stored; in the place of others, a text that says what was left out."""
    return tuple(_left_out(output) or replace(output, file="") for output in outputs)


def _left_out(output: KernelOutput) -> KernelOutput | None:
    data = output.data.encode("utf-8", "replace") if isinstance(output.data, str) else output.data
    if len(data) > LIMIT_BYTES:
        why = f"{len(data) // 1000} kB are more than the {LIMIT_BYTES // 1000} kB that are kept"
    elif output.mime == "image/svg+xml" and _ACTIVE.search(data.decode("utf-8", "replace")):
        why = "it holds a script"
    else:
        return None
    return KernelOutput(mime="text/plain", data=f"[… {output.mime} left out: {why} …]")


def rewritten(outputs: Sequence[KernelOutput], clean: Callable[[str], str]) -> tuple[KernelOutput, ...]:
    """The outputs with their texts cleaned of what must not be published; pixels stay as they are."""
    return tuple(replace(output, alt=clean(output.alt), data=_rewritten(output, clean)) for output in outputs)


def _rewritten(output: KernelOutput, clean: Callable[[str], str]) -> bytes | str:
    if isinstance(output.data, str):
        return clean(output.data)
    if output.mime == "image/svg+xml":
        return clean(output.data.decode("utf-8", "replace")).encode()
    return output.data


def dump(outputs: Sequence[KernelOutput]) -> tuple[bytes, Mapping[str, bytes]]:
    """The list as JSON, and the files that it names."""
    rows: list[dict[str, object]] = []
    files: dict[str, bytes] = {}
    for number, output in enumerate(storable(outputs), start=1):
        row: dict[str, object] = {"mime": output.mime}
        if isinstance(output.data, bytes):
            row["file"] = f"{number}.{PICTURES[output.mime]}"
            files[f"{number}.{PICTURES[output.mime]}"] = output.data
        else:
            row["text"] = output.data.encode("utf-8", "replace").decode()
        row |= {name: value for name in ("alt", *_SIDES) if (value := getattr(output, name))}
        rows.append(row)
    return f"{json.dumps(rows, ensure_ascii=False, indent=1)}\n".encode(), files


def load(index: bytes, name: str) -> tuple[KernelOutput, ...] | Damage:
    """The outputs of a list named `name`; data of a picture is still empty, and its file is one beside the list."""
    try:
        rows = json.loads(index)
        if not isinstance(rows, list):
            return Damage(name=name, line=1, message="this is no list of outputs")
        return tuple(_output(row) for row in rows)
    except UnicodeDecodeError:
        return Damage(name=name, line=1, message="this is not UTF-8")
    except json.JSONDecodeError as error:
        return Damage(name=name, line=error.lineno, message=f"this is no JSON: {error.msg}")
    except _BadOutputsError as error:
        return Damage(name=name, line=1, message=str(error))


class _BadOutputsError(Exception):
    """What is wrong with one row."""


def _output(row: Any) -> KernelOutput:
    if not isinstance(row, dict):
        raise _BadOutputsError("an output is no object")
    mime, file, text = str(row.get("mime", "")), row.get("file"), row.get("text")
    alt, width, height = row.get("alt", ""), row.get("width"), row.get("height")
    if not isinstance(alt, str) or not all(side is None or type(side) is int for side in (width, height)):
        raise _BadOutputsError("alternative text or size of an output is none")
    if mime in PICTURES:
        # no other name: a list from elsewhere must not lead out of its folder
        if not isinstance(file, str) or not PICTURE.fullmatch(file):
            raise _BadOutputsError("a picture names no file of its own folder")
        return KernelOutput(mime=mime, data=b"", file=file, alt=alt, width=width, height=height)
    if mime not in TEXTS or not isinstance(text, str):
        raise _BadOutputsError(f"an output is of the kind '{mime}' and has no text, or there is no such kind")
    return KernelOutput(mime=mime, data=text, alt=alt, width=width, height=height)


def read_outputs(folder: Path, id: str) -> tuple[tuple[KernelOutput, ...], tuple[Damage, ...]]:  # noqa: A002
    """The stored outputs of a snippet, none where there is no list; a picture whose file is gone is reported."""
    stem = file_name(id).removesuffix(SUFFIX)
    name = f"{stem}.outputs.json"
    try:
        found = load((folder / name).read_bytes(), name)
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        found = Damage(name=name, line=1, message=f"cannot be read: {error.strerror}")
    if isinstance(found, Damage):
        return (), (found,)
    outputs: list[KernelOutput] = []
    problems: list[Damage] = []
    for output in found:
        if not output.file:
            outputs.append(output)
            continue
        file = f"{stem}.outputs/{output.file}"
        try:
            outputs.append(replace(output, data=(folder / file).read_bytes(), file=file))
        except OSError as error:
            problems.append(Damage(name=name, line=1, message=f"{file} cannot be read: {error.strerror}"))
    return tuple(outputs), tuple(problems)


def write_outputs(folder: Path, id: str, outputs: Sequence[KernelOutput]) -> bool:  # noqa: A002
    """Stores the outputs of a snippet in the place of those before, and says whether that changed a file."""
    stem = file_name(id).removesuffix(SUFFIX)
    target, pictures = folder / f"{stem}.outputs.json", folder / f"{stem}.outputs"
    index, files = dump(outputs)
    # pictures first: whoever reads the new list finds all that it names
    changed = [_put(pictures / name, content) for name, content in files.items()]
    if outputs:
        changed.append(_put(target, index))
    try:
        if not outputs and target.exists():
            target.unlink()
            changed.append(True)
        changed.append(remove_pictures(pictures, keep=files))
    except OSError as error:
        raise SurroundingsError(f"cannot remove {error.filename}: {error.strerror}", fix="remove it yourself") from None
    return any(changed)


def _put(target: Path, content: bytes) -> bool:
    try:
        if target.read_bytes() == content:
            return False
    except OSError:
        pass  # not there, or not to be read: it is written
    replace_file(target, content)
    return True
