"""Addresses that slides frame, headers that refuse it, and pictures that show the same."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import pytest

from quarterdeck.errors import SurroundingsError
from quarterdeck.recordings.pictures import prune_pictures, same_pixels, stray_pictures, write_picture
from quarterdeck.serve.stage.frames import refusal
from quarterdeck.snippets.conditions import Address, Port
from quarterdeck.snippets.frames import origin, parse_frame, shown
from quarterdeck.snippets.options import CheckOptions, DisplayOptions, RunOptions
from quarterdeck.snippets.values import UnfitError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("http://localhost:8080", "http://localhost:8080/"),
        (" HTTP://LocalHost:8080/a?b=c#d ", "http://localhost:8080/a?b=c#d"),
        ("https://localhost/", "https://localhost/"),
    ],
)
def test_an_address_of_this_machine_may_be_framed(text: str, url: str) -> None:
    assert parse_frame(text) == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://127.0.0.1:8080/a", "'127.0.0.1' is the host of the stage itself: write http://localhost:8080/a"),
        ("http://[::1]:8080", "'::1' is the host of the stage itself: write http://localhost:8080/"),
        ("http://0.0.0.0:80/", "'0.0.0.0' is the host of the stage itself: write http://localhost:80/"),
        (
            "https://example.org/",
            "'example.org' is not what runs here: only localhost, as in https://localhost:8080/",
        ),
        (
            "http://localhost.evil:81/",
            "'localhost.evil' is not what runs here: only localhost, as in http://localhost:81/",
        ),
        ("http://localhost:99999/", "'http://localhost:99999/' is no URL: Port out of range 0-65535"),
    ],
)
def test_another_host_is_told_what_to_write(text: str, why: str) -> None:
    with pytest.raises(UnfitError) as wrong:
        parse_frame(text)
    assert wrong.value.why == why


@pytest.mark.parametrize(
    "text",
    [
        *("", "8080", "localhost:8080", "tcp:8080", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"),
        *("http://u:p@localhost/", "http://localhost/ x", "http://localhost/;script-src *", 'http://localhost/"', True),
    ],
)
def test_what_is_no_address_of_a_page_is_not_framed(text: object) -> None:
    with pytest.raises(UnfitError) as wrong:
        parse_frame(text)
    assert "such as http://localhost:8080/" in wrong.value.expected


def test_an_address_as_policies_and_as_people_say_it() -> None:
    assert origin("http://localhost:8080/a?b") == "http://localhost:8080"
    assert [shown(f"http://localhost:80{rest}") for rest in ("/", "/a", "/?b")] == [
        "localhost:80",
        "localhost:80/a",
        "localhost:80/?b",
    ]


def test_a_page_that_is_framed_is_waited_for_unless_something_else_is() -> None:
    url = "http://localhost:8080/"
    assert RunOptions(display=DisplayOptions(frame=url)).conditions == (Address(url=url),)
    waiting = CheckOptions(wait=(Port(port=8080),))
    assert RunOptions(display=DisplayOptions(frame=url), checks=waiting).conditions == (Port(port=8080),)
    assert RunOptions().conditions == ()


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ([], ""),
        ([("X-Frame-Options", "DENY")], "X-Frame-Options: DENY"),
        ([("x-frame-options", "SameOrigin")], "X-Frame-Options: SameOrigin"),
        ([("X-Frame-Options", "ALLOW-FROM https://a")], ""),  # which no browser knows any more
        (
            [("Content-Security-Policy", "default-src 'self'; frame-ancestors 'self' https://a")],
            "Content-Security-Policy: frame-ancestors 'self' https://a",
        ),
        ([("Content-Security-Policy", "frame-ancestors 'none'")], "Content-Security-Policy: frame-ancestors 'none'"),
        ([("Content-Security-Policy", "frame-ancestors")], "Content-Security-Policy: frame-ancestors"),
        ([("Content-Security-Policy", "frame-ancestors http://127.0.0.1:*"), ("X-Frame-Options", "DENY")], ""),
        ([("Content-Security-Policy", "frame-ancestors *")], ""),
        (
            [("Content-Security-Policy", "frame-ancestors *"), ("Content-Security-Policy", "frame-ancestors 'none'")],
            "Content-Security-Policy: frame-ancestors 'none'",
        ),
        ([("Content-Security-Policy", "default-src 'none'")], ""),
    ],
)
def test_headers_that_keep_a_page_out_of_frames(headers: list[tuple[str, str]], why: str) -> None:
    assert refusal(headers) == why


def png(rows: list[bytes], *, filters: list[int], level: int = 6, extra: bytes = b"") -> bytes:
    """A picture in RGB; the filters are applied as ISO 15948 says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = b""
    above = bytes(len(rows[0]))
    for row, kind in zip(rows, filters, strict=True):
        packed += bytes([kind]) + bytes(
            (byte - guess(kind, row[at - 3] if at > 2 else 0, above[at], above[at - 3] if at > 2 else 0)) & 255
            for at, byte in enumerate(row)
        )
        above = row
    head = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), extra and chunk(b"tEXt", extra), chunk(b"IDAT", zlib.compress(packed, level))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def guess(kind: int, left: int, up: int, corner: int) -> int:
    nearest = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
    return (0, left, up, (left + up) // 2, nearest)[kind]


ROWS = [bytes((x * y * 7 + x) & 255 for x in range(30)) for y in range(5)]


def test_the_same_pixels_are_the_same_picture_however_they_are_packed() -> None:
    plain = png(ROWS, filters=[0] * 5)
    assert same_pixels(plain, png(ROWS, filters=[0, 1, 2, 3, 4], level=1, extra=b"Software\0x"))
    assert same_pixels(plain, png(ROWS, filters=[4, 3, 2, 1, 0]))
    assert not same_pixels(plain, png([*ROWS[:4], bytes(30)], filters=[0] * 5))
    assert not same_pixels(plain, png([b"".join(ROWS[:2]), b"".join(ROWS[2:4])], filters=[0, 0]))
    assert not same_pixels(plain, plain[:40])
    assert not same_pixels(b"no picture", b"no picture")


def test_a_picture_is_written_where_it_shows_something_else(tmp_path: Path) -> None:
    one, same, other = png(ROWS, filters=[0] * 5), png(ROWS, filters=[2] * 5), png(ROWS[::-1], filters=[0] * 5)
    assert write_picture(tmp_path, "web", one)
    assert not write_picture(tmp_path, "web", same)
    assert (tmp_path / "web.frame.png").read_bytes() == one
    assert write_picture(tmp_path, "web", other)
    assert write_picture(tmp_path, "gone", one)
    assert stray_pictures(tmp_path, ["web"]) == ("gone.frame.png",)
    assert prune_pictures(tmp_path, ["web"]) == ("gone.frame.png",)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.frame.png"]


def test_without_pillow_it_is_said_where_the_same_picture_would_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, same = png(ROWS, filters=[0] * 5), png(ROWS, filters=[2] * 5)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert write_picture(tmp_path, "web", one)
    assert not write_picture(tmp_path, "web", one)
    with pytest.raises(SurroundingsError, match="Pillow") as caught:
        write_picture(tmp_path, "web", same)
    assert caught.value.fix == "pip install 'quarterdeck[pictures]'"
