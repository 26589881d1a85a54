"""Pictures of framed pages beside the recordings: written where they show something else, gone with their frame."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from quarterdeck.errors import SurroundingsError
from quarterdeck.project.files import children, is_file
from quarterdeck.recordings.folder import SUFFIX, file_name, replace_file

PICTURE = ".frame.png"


def picture_name(id: str) -> str:  # noqa: A002
    """`ID.frame.png`."""
    return file_name(id).removesuffix(SUFFIX) + PICTURE


def has_picture(folder: Path, id: str) -> bool:  # noqa: A002
    return is_file(folder / picture_name(id))


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
    return tuple(
        sorted(path.name for path in children(folder) if path.name.endswith(PICTURE) and path.name not in kept)
    )


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
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        what = "whether a page still looks as it does in its picture takes Pillow to tell, and it is not installed"
        raise SurroundingsError(what, fix="pip install 'quarterdeck[pictures]'") from None

    try:
        first, second = (Image.open(BytesIO(png), formats=["PNG"]).convert("RGBA") for png in (one, other))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return False
    return first.size == second.size and first.tobytes() == second.tobytes()
