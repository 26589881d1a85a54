"""Recordings as files: what is written is what is read, whatever happens while it is written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from quarterdeck.diagnostics import CODES
from quarterdeck.errors import SurroundingsError
from quarterdeck.model import Command, Event, Recording
from quarterdeck.recordings.cast import LIMIT_BYTES, Damage, canonical, dump, load, typed
from quarterdeck.recordings.folder import (
    CommandRun,
    compose,
    diagnostic,
    exclusive,
    file_name,
    prune,
    read_all,
    same_truth,
    write,
)


def recording(*chunks: tuple[float, bytes], id: str = "build", status: int = 0, command: str = "make") -> Recording:  # noqa: A002
    end = max((at for at, _ in chunks), default=0.0)
    return compose(
        [CommandRun(text=command, status=status, at_s=0.0, chunks=chunks)],
        id=id,
        key="k1",
        ended_s=end,
        recorded="2025-03-06T10:00:00+00:00",
        fingerprint=[("docker", "28.2.2"), ("bash", "5.2")],
        parts=[("text", "ab12")],
    )


def printed(kept: Recording) -> str:
    return "".join(event.text for event in kept.events if event.kind == "o")


texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    [
        "\x1b]0;title\x07",
        "\x1b]52;c;aGk=\x07",
        "\x1b[31mred\x1b[0m",
        "\x1b",
        "]0;x\x07",
        "\r\n",
        "$ a\r\n",
        "\x1bPq",
        "é",
    ]
)
events = st.builds(
    Event,
    at_s=st.floats(allow_nan=True) | st.floats(0, 100),
    kind=st.sampled_from(["o", "o", "o", "m", "x", "i"]),
    text=texts,
)
recordings = st.builds(
    Recording,
    id=texts,
    key=texts,
    commands=st.lists(st.builds(Command, text=texts, status=st.integers(0, 300))).map(tuple),
    events=st.lists(events, max_size=12).map(tuple),
    cols=st.integers(1, 500),
    rows=st.integers(1, 200),
    recorded=texts,
    fingerprint=st.lists(st.tuples(texts, texts)).map(tuple),
    parts=st.lists(st.tuples(texts, texts)).map(tuple),
    cut_bytes=st.integers(0, 10**9),
)


@settings(deadline=None, max_examples=60)
@given(recordings)
def test_what_is_written_is_read(some: Recording) -> None:
    file = dump(some)
    assert load(file, "x.cast") == canonical(some)
    assert dump(canonical(some)) == file


@settings(deadline=None, max_examples=60)
@given(recordings, st.data())
def test_a_file_that_was_damaged_is_never_a_traceback(some: Recording, data: st.DataObject) -> None:
    file = dump(some)
    at = data.draw(st.integers(0, len(file) - 1))
    broken = file[:at] + data.draw(st.sampled_from([b"", b"\xff", b"{", b"\n", b"]"])) + file[at + 1 :]
    found = load(broken, "x.cast")
    assert isinstance(found, Recording) or (found.line >= 1 and found.message)


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda text: text[:0], 1, "this line is no JSON"),
        (lambda text: text.replace('"version": 3', '"version": 2'), 1, "this is asciicast version 2, expected 3"),
        (lambda text: text.replace('"quarterdeck"', '"other"'), 1, "this asciicast was not recorded by quarterdeck"),
        (lambda text: text.replace("[0.000, ", "[-1, ", 1), 2, "expected an event: [seconds, code, text]"),
        (lambda text: text.replace("[0.000, ", "[NaN, ", 1), 2, "expected an event: [seconds, code, text]"),
        (lambda text: text[: text.rindex("[")], 4, "the file ends before the exit status: it was cut short"),
        (lambda text: text[: text.rindex('"x"')], 4, "this line is no JSON"),
        (lambda text: text.replace("\n", "\n<<<<<<< HEAD\n", 1), 2, "git left a conflict in this file"),
        (lambda text: text.replace('"cols": 100', '"cols": "wide"'), 1, "the header does not say the terminal's size"),
        (lambda text: text.replace('"status": 0', '"status": true'), 1, "'commands' in the header: expected text and"),
        (lambda text: text.replace("[0.0", "[" * 100_000, 1), 2, "this line is no JSON"),
        (lambda text: text.replace("[0.000", "[" + "9" * 5000, 1), 2, "this line is no JSON"),
    ],
)
def test_damage_is_told_with_its_line(change: Callable[[str], str], line: int, message: str) -> None:
    found = load(change(dump(recording()).decode()).encode(), "build.cast")
    assert isinstance(found, Damage)
    assert (found.line, found.message[: len(message)]) == (line, message)
    told = diagnostic(found, folder="recordings/talk")
    assert (told.code in CODES, told.span.path, told.span.line) == (True, "recordings/talk/build.cast", line)


def test_other_players_find_an_asciicast() -> None:
    file = dump(recording((1.5, b"done\r\n"), command="docker build \\\n  .", status=3))
    head, *rest = [json.loads(line) for line in file.decode().splitlines()]
    assert head["version"] == 3
    assert head["term"] == {"cols": 100, "rows": 24, "type": "xterm-256color"}
    assert head["timestamp"] == 1741255200
    assert head["quarterdeck"]["commands"] == [{"text": "docker build \\\n  .", "status": 3}]
    assert rest == [
        [0, "m", "docker build \\\n  ."],
        [0, "o", "$ docker build \\\r\n>   .\r\n"],
        [1.5, "o", "done\r\n"],
        [0, "x", "3"],
    ]


def test_comments_and_events_of_other_kinds_are_skipped() -> None:
    head, *rest = dump(recording((0.5, b"a"))).decode().splitlines()
    text = "\n".join([head, "# a comment", '[0.25, "r", "80x24"]', rest[0], "", *rest[1:]])
    found = load(text.encode(), "x.cast")
    assert isinstance(found, Recording)
    assert [event.kind for event in found.events] == ["m", "o", "o", "x"]
    assert found.events[-1].at_s == 0.75


def test_times_do_not_drift() -> None:
    kept = recording(*((n * 1.0004, b".") for n in range(1, 1001)))
    assert kept.events[-1].at_s == 1000.4
    assert load(dump(kept), "x.cast") == kept


def test_output_that_comes_in_drops_is_one_event() -> None:
    kept = recording(*((n / 1000, b".") for n in range(100)))
    prompt, *drops = [event.text for event in kept.events if event.kind == "o"]
    assert (prompt, [len(text) for text in drops]) == ("$ make\r\n", [10] * 10)


def test_a_character_spread_over_two_reads_is_whole_and_bytes_that_are_none_are_replaced() -> None:
    assert printed(recording((0.1, "é".encode()[:1]), (0.5, "é".encode()[1:]), (0.9, b"\xff\xfe|"))).endswith(
        "é\ufffd\ufffd|"
    )


@pytest.mark.parametrize(
    "unsafe",
    [
        *("\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]52;c;c2VjcmV0\x07", "\x1b]5379;C;nonce;1\x07"),
        *("\x1bPtmux;\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x9d52;c;AAAA\x9c", "\x1b]1337;File=:AAAA\x07"),
    ],
)
@pytest.mark.parametrize("spread", [False, True])
def test_titles_clipboard_and_marks_are_left_out(unsafe: str, spread: bool) -> None:
    raw = f"a{unsafe}b".encode()
    chunks = [(n / 10, raw[n : n + 1]) for n in range(len(raw))] if spread else [(0.0, raw)]
    assert printed(recording(*chunks)) == "$ make\r\nab"


def test_a_sequence_hidden_in_another_one_is_left_out_too() -> None:
    nested = "\x1b]0;" + "\x1b]0;\x07" * 50 + "]52;c;AAAA\x07"
    assert "\x1b]" not in printed(recording((0.0, nested.encode())))


def test_links_and_colours_stay() -> None:
    text = "\x1b]8;;https://example.org/\x07\x1b[1mhere\x1b[0m\x1b]8;;\x07"
    assert printed(recording((0.0, text.encode()))) == f"$ make\r\n{text}"


def test_a_title_that_never_ends_takes_no_more_than_its_line() -> None:
    assert printed(recording((0.0, b"\x1b]0;title\r\nkept\r\n"))) == "$ make\r\n\r\nkept\r\n"


def test_control_characters_in_a_command_are_shown_and_not_obeyed() -> None:
    assert typed("printf '\x1b[2J'\tx\n") == "$ printf '^[[2J'\tx\r\n> \r\n"


def test_the_next_prompt_begins_a_line() -> None:
    takes = [
        CommandRun(text="printf a", status=0, at_s=0.0, chunks=((0.1, b"a"),)),
        CommandRun(text="true", status=0, at_s=0.2),
    ]
    assert printed(compose(takes, id="x", key="k", ended_s=0.3)) == "$ printf a\r\na\r\n$ true\r\n"


def test_a_recording_of_nothing_still_has_an_event_for_players() -> None:
    assert len(dump(Recording(id="x", key="", commands=(), events=())).splitlines()) == 3


@pytest.mark.parametrize("line", ["one line of output\r\n", "\x1b[31m\x07\x00\r\n", "é", "x"])
def test_large_output_keeps_both_ends_and_says_what_is_missing(line: str) -> None:
    raw = line.encode()
    output = b"first\r\n" + raw * (3_000_000 // len(raw)) + b"\r\nlast\r\n"
    kept = recording(*((n / 10, output[n * 65536 : (n + 1) * 65536]) for n in range(len(output) // 65536 + 1)))
    file = dump(kept)
    assert len(file) <= LIMIT_BYTES
    assert load(file, "x.cast") == kept
    shown = printed(kept)
    assert shown.startswith("$ make\r\nfirst\r\n")
    assert shown.endswith("\r\nlast\r\n")
    assert f"[… {kept.cut_bytes} bytes left out …]" in shown
    gap = len(f"\x1b[0m\r\n[… {kept.cut_bytes} bytes left out …]\r\n")
    assert kept.cut_bytes + len(shown.encode()) - len("$ make\r\n") == pytest.approx(len(output) + gap, abs=4)


def test_what_the_run_already_left_out_is_stated_where_it_was() -> None:
    take = CommandRun(text="yes", status=0, at_s=0.0, chunks=((0.1, b"a\n"), (9.0, b"z\n")), cut_bytes=1000, cut_at=1)
    kept = compose([take], id="x", key="k", ended_s=9.0)
    assert printed(kept) == "$ yes\r\na\n\x1b[0m\r\n[… 1000 bytes left out …]\r\nz\n"
    assert kept.cut_bytes == 1000


def test_a_second_run_that_says_the_same_leaves_the_file_alone(tmp_path: Path) -> None:
    first = recording((0.1, b"hello "), (0.2, b"you\r\n"))
    assert write(tmp_path, first)
    before = (tmp_path / "build.cast").stat()
    again = replace(recording((3.1, b"hello you\r\n")), recorded="2026-01-01T00:00:00+00:00")
    assert not write(tmp_path, again)
    assert (tmp_path / "build.cast").stat() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "build.cast"]


@pytest.mark.parametrize(
    "change",
    [{"key": "k2"}, {"cols": 80}, {"parts": ()}, {"fingerprint": (("docker", "29"),)}, {"commands": ()}],
)
def test_whatever_else_differs_is_another_truth(change: dict[str, object]) -> None:
    one = recording((0.1, b"a"))
    assert not same_truth(one, replace(one, **change))
    assert not same_truth(one, recording((0.1, b"b")))
    assert same_truth(one, recording((0.1, b"b")), normal=lambda text: text.replace("b", "a"))


def test_a_folder_gives_its_recordings_and_its_problems(tmp_path: Path) -> None:
    write(tmp_path, recording(id="b"))
    write(tmp_path, recording(id="démarrer-1"))
    (tmp_path / "broken.cast").write_text("nonsense\n")
    (tmp_path / "moved.cast").write_bytes(dump(recording(id="b")))
    (tmp_path / "notes.txt").write_text("not a cast")
    stored = read_all(tmp_path)
    assert list(stored.recordings) == ["b", "démarrer-1"]
    assert [problem.name for problem in stored.problems] == ["broken.cast", "moved.cast"]
    assert read_all(tmp_path / "nowhere").recordings == {}


@pytest.mark.parametrize(
    "id_", ["../../etc/passwd", "a/b", "con", "NUL.x", "x" * 300, "", ".hidden", "e\u0301", "a:b", "x.", "\0"]
)
def test_an_id_that_is_no_file_name_still_has_a_file_of_its_own(id_: str, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    assert write(folder, recording(id=id_))
    assert list(read_all(folder).recordings) == [id_]
    assert [path.parent for path in tmp_path.rglob("*.cast")] == [folder]
    assert file_name(id_).removesuffix(".cast") != id_


def test_prune_removes_what_no_snippet_has_any_more(tmp_path: Path) -> None:
    for name in ("keep", "gone", "gone.too"):
        write(tmp_path, recording(id=name))
    (tmp_path / "gone.outputs.json").write_text("{}")
    (tmp_path / "gone.outputs").mkdir()
    (tmp_path / "gone.outputs" / "1.png").write_bytes(b"")
    (tmp_path / "keep.outputs.json").write_text("{}")
    assert prune(tmp_path, ["keep", "new"]) == ("gone.cast", "gone.too.cast")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keep.cast", "keep.outputs.json"]
    assert prune(tmp_path, []) == ("keep.cast",)


def test_two_records_at_once_are_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / "talk"
    code = (
        "import sys, pathlib\n"
        "from quarterdeck.recordings.folder import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SurroundingsError, match="another record is running"), exclusive(folder):
            pass
        other.communicate("")
    with exclusive(folder):
        assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_the_old_recording_whole(tmp_path: Path) -> None:
    write(tmp_path, recording((0.1, b"old\r\n")))
    before = (tmp_path / "build.cast").read_bytes()
    code = (
        # a process whose files may not grow past 100 bytes fails at the write, as on a full disk
        "import resource, signal, sys, pathlib\n"
        "from msgspec.structs import replace\n"
        "from quarterdeck.recordings import cast, folder as recording\n"
        "from quarterdeck.errors import SurroundingsError\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "old = recording.read_all(folder).recordings['build']\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n"
        "    recording.write(folder, replace(old, key='k2'))\n"
        "except SurroundingsError as error:\n"
        "    print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith(f"cannot write {tmp_path / 'build.cast'}: ")
    assert (tmp_path / "build.cast").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "build.cast"]
