"""Masks hide what changes from run to run, and nothing else."""

from __future__ import annotations

import re

import pytest

from quarterdeck.model import Recording
from quarterdeck.recordings.comparison import compare, differs_from_expected, unprinted
from quarterdeck.recordings.folder import CommandRun, compose
from quarterdeck.recordings.masks import masked, masks_of


def run(*takes: tuple[str, str, int]) -> Recording:
    made = [
        CommandRun(text=text, status=status, at_s=0.0, chunks=((0.1, out.encode()),)) for text, out, status in takes
    ]
    return compose(made, id="x", key="k", ended_s=1.0)


SAME = [
    ("Successfully built 1674738b302e", "Successfully built 6bcde0b74227"),
    ("4f5" + "0" * 61, "9" * 63 + "a"),
    ("Digest: sha256:" + "a" * 64, "Digest: sha256:" + "b" * 64),
    (" => [1/2] FROM x@sha256:abc123def0", " => [1/2] FROM x@sha256:0123456789"),
    ("real\t0m0.003s", "real\t1m12.100s"),
    ("#5 DONE 0.1s", "#5 DONE 12.0s"),
    ("took 3 seconds", "took 1 second"),
    ("Up 3 seconds", "Up About a minute"),
    ("Up Less than a second (healthy)", "Up 2 minutes (healthy)"),
    ("Exited (0) 3 seconds ago", "Exited (0) About an hour ago"),
    ("created 2 weeks ago", "created 5 months ago"),
    ("sending 2.048kB", "sending 31.2MB"),
    ("total 4.0K", "total 12K"),
    ("2026-11-24T22:36:00.123456789Z start", "2027-01-02T03:04:05.9Z start"),
    ("2026/11/24 22:36:00 [notice] 1#1: ok", "2026/12/01 01:02:03 [notice] 1#1: ok"),
    ("2026-11-24 22:36:00 +0100 CET", "2025-01-24 02:36:00 +0000 UTC"),
    ("Tue Nov 24 22:36:00 UTC 2026", "Wed Nov  4 02:06:10 UTC 2026"),
    ("Date: Tue, 24 Nov 2026 22:36:00 GMT", "Date: Wed, 25 Nov 2026 02:36:00 GMT"),
    ('127.0.0.1 - - [24/Nov/2026:22:36:00 +0000] "GET /', '127.0.0.1 - - [01/Dec/2026:02:03:04 +0000] "GET /'),
    ("-rw-r--r-- 1 root root 12 Nov 24 22:36 a", "-rw-r--r-- 1 root root 12 Dec  1 02:03 a"),
    ("NAMES  peaceful_cerf", "NAMES  admiring_bose"),
    ("0.0.0.0:49153->80/tcp, :::49153->80/tcp", "0.0.0.0:32768->80/tcp, :::32768->80/tcp"),
    ("inet 172.17.0.2/16", "inet 172.18.0.12/16"),
    ("ether 02:42:ac:11:00:02", "ether 02:42:ac:12:00:0c"),
    ("file in /tmp/tmp.Ab3xYz12", "file in /tmp/tmp.Q0w9E8r7"),
    ("[1] 12345", "[1] 991"),
    ("CONTAINER ID   IMAGE     STATUS         NAMES", "CONTAINER ID   IMAGE     STATUS                  NAMES"),
]  # fmt: skip
OTHER = [
    ("Exited (0) 3 seconds ago", "Exited (1) 3 seconds ago"),
    ("Up 3 seconds (healthy)", "Up 3 seconds (unhealthy)"),
    ("Up 3 seconds", "Created"),
    ("0.0.0.0:8080->80/tcp", "0.0.0.0:8081->80/tcp"),
    ("0.0.0.0:49153->80/tcp", "0.0.0.0:49153->81/tcp"),
    ("inet 172.17.0.2/16", "inet 172.17.0.2/24"),
    ("listening on 10.0.0.1", "listening on 10.0.0.2"),
    ("hello_world", "hello_moon"),
    ("happy-path", "happy-flow"),
    ("my_great_success", "my_great_failure"),
    ("3 containers", "4 containers"),
    ("version 1.2.3", "version 1.2.4"),
    ("deadbeef", "deadbeee"),
    ("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"),
    ("  indented: 1", "indented: 1"),
    ("x = 5", "x = 6"),
    ("nginx:1.25", "nginx:1.26"),
    ("error: port 8080", "error: port 8090"),
    ("took 3 seconds", "took 3 tries"),
    ("sha256:zzz", "sha256:yyy"),
    ("/tmp/data", "/tmp/other"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_what_changes_from_run_to_run_is_hidden(one: str, two: str) -> None:
    assert masked(one) == masked(two)
    assert compare(run(("c", one, 0)), run(("c", two, 0))) is None


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_a_real_change_is_not_hidden(one: str, two: str) -> None:
    assert masked(one) != masked(two)
    difference = compare(run(("c", one, 0)), run(("c", two, 0)))
    assert difference is not None
    assert difference.kind == "output"
    assert compare(run(("c", one, 0)), run(("c", two, 0)), output=False) is None


def test_a_difference_is_a_readable_diff() -> None:
    before = run(("true", "", 0), ("docker ps", "one\r\ntwo Up 3 seconds\r\nthree\r\n", 0))
    after = run(("true", "", 0), ("docker ps", "one\r\n\x1b[31mTWO\x1b[0m Up 9 minutes\r\nthree\r\n", 0))
    found = compare(before, after)
    assert found is not None
    assert (found.commands, found.summary) == ((1,), "'docker ps' printed something else than was recorded")
    assert found.diff == (
        "--- recorded\n+++ now\n@@ -1,3 +1,3 @@\n one\n-two Up <duration>\n+TWO Up <duration>\n three\n"
    )


def test_a_status_counts_even_where_output_does_not() -> None:
    found = compare(run(("make\nmake", "a", 0)), run(("make\nmake", "b", 2)), output=False)
    assert found is not None
    assert (found.kind, found.summary) == ("status", "'make …' ended with status 2, recorded was 0")
    assert "-a\n+b\n" in found.diff


def test_other_commands_are_another_recording() -> None:
    found = compare(run(("a", "", 0)), run(("a", "", 0), ("b", "", 0)))
    assert found is not None
    assert found.kind == "commands"
    assert "+b\n" in found.diff


def test_what_was_redrawn_is_compared_as_it_was_left() -> None:
    assert compare(run(("c", " 5%\r100%\r\n", 0)), run(("c", " 1%\r 7%\r100%\r\n", 0))) is None


def test_an_authors_mask_hides_what_it_matches() -> None:
    masks, problems = masks_of([r"run \d+", "("])
    assert [pattern for pattern, _ in problems] == ["("]
    assert compare(run(("c", "run 7 ok", 0)), run(("c", "run 8 ok", 0)), masks=masks) is None
    assert compare(run(("c", "run 7 ok", 0)), run(("c", "run 8 bad", 0)), masks=masks) is not None


@pytest.mark.parametrize(
    ("expected", "output", "fits"),
    [
        (["hello"], "hello\r\n", True),
        (["hello"], "hello\r\nyou\r\n", False),
        (["hello <...>"], "hello you\r\n", True),
        (["hello <...>!"], "hello you\r\n", False),
        (["<...>", "last"], "1\r\n2\r\nlast\r\n", True),
        (["first", "<...>", "last"], "first\r\nlast\r\n", True),
        (["first", "<...>", "last"], "first\r\n2\r\n", False),
        (["<...>"], "", True),
        ([], "", True),
        ([], "x\r\n", False),
        (["x", "", ""], "x\r\n", True),
        (["Up 3 seconds"], "Up 2 minutes\r\n", True),
        (["id 1674738b302e <...> 80/tcp"], "id 6bcde0b74227  Up 2 minutes  80/tcp\r\n", True),
        (["cost: $5 (.*)"], "cost: $5 (x)\r\n", False),
        (["CONTAINER ID  NAMES", "<...>  web"], "CONTAINER ID   NAMES\r\n6bcde0b74227   web\r\n", True),
    ],
)
def test_expected_output_of_a_slide(expected: list[str], output: str, fits: bool) -> None:
    found = differs_from_expected(expected, output)
    assert (found is None) == fits
    assert found is None or found.diff.startswith("--- expected\n+++ now\n")


def test_expected_output_is_met_through_masks_of_the_author() -> None:
    assert differs_from_expected(["run 1"], "run 2\r\n", masks=[re.compile(r"\d")]) is None


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        (["a", "b", "c"], ()),
        (["a", "c"], ()),
        (["b"], ()),
        (["", "a", "<...>", "c", ""], ()),
        (["x <...>"], (0,)),
        (["<...>"], ()),
        (["x", "a"], (0,)),
        (["c", "a"], (1,)),
        (["$ b", "b", "y"], (0, 2)),
        ([], ()),
    ],
)
def test_lines_of_an_author_that_were_not_printed_are_found(written: list[str], missing: tuple[int, ...]) -> None:
    assert unprinted(written, "a\r\nb\r\n\r\nc  \r\n") == missing
