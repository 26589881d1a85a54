"""Marks, captures and conversations without any shell."""

from __future__ import annotations

import pytest

from quarterdeck.execute.bash.marks import Mark, MarkFilter
from quarterdeck.execute.conversation import Conversation
from quarterdeck.execute.output import OutputBuffer
from quarterdeck.snippets.escapes import plain
from quarterdeck.snippets.steps import Step, wrong

NONCE = "0123456789abcdef" * 2
STREAM = (
    b"late\r\n\x1b]5379;C;" + NONCE.encode() + b";1;;;\x07\x1b[31mred\x1b[0m\x1b]0;title\x07"
    b"bash: /tmp/qd-x/1.sh: line 4: syntax error near `fi'\r\nbash: /tmp/qd-x/1.sh: line 4: `fi'\r\n"
    b"at /tmp/qd-x/1.sh /tmp/qd- /tmp/\x1b]5379;D;" + b"f" * 32 + b";1;9;;\x07"
    b"\x1b]5379;D;" + NONCE.encode() + b";1;130;2f746d702fc3a9;himBHs\x07bye"
)
PIECES = [
    b"late\r\n",
    Mark(kind="C", seq=1),
    b"\x1b[31mred\x1b[0m\x1b]0;title\x07bash: line 3: syntax error near `fi'\r\nbash: line 3: `fi'\r\n"
    b"at bash /tmp/qd- /tmp/\x1b]5379;D;" + b"f" * 32 + b";1;9;;\x07",
    Mark(kind="D", seq=1, status=130, cwd="/tmp/é", flags="himBHs"),
    b"bye",
]


def merged(pieces: list[bytes | Mark]) -> list[bytes | Mark]:
    found: list[bytes | Mark] = []
    for piece in pieces:
        if isinstance(piece, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += piece
        else:
            found.append(piece)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64, 1000])
def test_marks_and_names_are_found_wherever_reads_cut_them(size: int) -> None:
    marks = MarkFilter(NONCE, "/tmp/qd-x")
    marks.expect(1, lines=10, added=1)
    found: list[bytes | Mark] = []
    for at in range(0, len(STREAM), size):
        found += marks.feed(STREAM[at : at + size])
    found.append(marks.flush())
    assert merged(found) == PIECES
    assert [(error.line, error.message) for error in marks.line_errors] == [(3, "syntax error near `fi'"), (3, "`fi'")]


def test_ordinary_output_is_held_back_only_while_it_could_be_a_mark() -> None:
    marks = MarkFilter(NONCE, "/tmp/qd-x")
    assert list(marks.feed(b"a\x1b]53")) == [b"a"]
    assert marks.holds
    assert list(marks.feed(b"80;x")) == [b"\x1b]5380;x"]
    assert list(marks.feed(b"cd /tm")) == [b"cd "]
    assert marks.flush() == b"/tm"
    assert list(marks.feed(b"\x1b]5379;C;" + NONCE.encode() + b";1")) == []
    assert marks.flush() == b""
    assert list(marks.feed(b";;;\x07")) == [Mark(kind="C", seq=1)]


def test_a_mark_without_an_end_is_not_held_for_ever() -> None:
    marks = MarkFilter(NONCE, "/tmp/qd-x")
    text = b"\x1b]5379;D;" + NONCE.encode() + b";1;0;" + b"a" * 30_000
    got = b"".join(piece for piece in marks.feed(text) if isinstance(piece, bytes))
    assert got == text


def test_nothing_is_cut_from_what_fits() -> None:
    capture = OutputBuffer(head_bytes=10, tail_bytes=10)
    capture.add(0, b"12345678")
    capture.add(1, b"abcdefghijkl")
    assert capture.events() == (((0, b"12345678"), (1, b"ab"), (1, b"cdefghijkl")), 0, 2)


def test_the_middle_is_cut_at_lines() -> None:
    capture = OutputBuffer(head_bytes=10, tail_bytes=10)
    for number in range(100):
        capture.add(number, b"%04d\n" % number)
    events, cut, at = capture.events()
    assert (b"".join(part for _, part in events[:at]), b"".join(part for _, part in events[at:])) == (
        b"0000\n0001\n",
        b"0098\n0099\n",
    )
    assert cut == 100 * 5 - 20


def test_output_of_one_moment_is_one_event() -> None:
    capture = OutputBuffer()
    for at_s in (0.0, 0.004, 0.009, 0.012):
        capture.add(at_s, b"x")
    assert capture.events()[0] == ((0.0, b"xxx"), (0.012, b"x"))


def test_a_conversation_waits_sees_and_types_in_order() -> None:
    talk = Conversation([Step(wait="/nam(e)/"), Step(send="a"), Step(key="Up"), Step(wait="e")])
    assert talk.speak(0) == b""
    talk.hear(b"\x1b[1mna\x1b[0mm", 0.1)
    assert talk.speak(0.1) == b""
    talk.hear(b"e", 0.2)
    assert talk.speak(0.2) == b"a\r"  # at once: the sign was seen
    assert talk.speak(0.3) == b""
    assert talk.speak(0.6) == b"\x1b[A"  # after a while of silence
    assert not talk.over  # the `e` of `name` was seen already and does not count twice
    talk.hear(b"e", 0.7)
    talk.speak(0.7)
    assert (talk.over, talk.problem) == (True, "")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(send="a", key="up"), "a step is one of send, wait and key"),
        (Step(key="upp"), "no key is called 'upp'"),
        (Step(wait="/(/"), "'/(/' is no regular expression: missing ), unterminated subpattern at position 0"),
        (Step(wait="(", timeout_s=1), ""),
        (Step(send=""), ""),
    ],
)
def test_a_step_that_cannot_work_is_named(step: Step, said: str) -> None:
    assert wrong(step) == said


def test_plain_text_has_no_escapes_and_no_carriage_returns_at_line_ends() -> None:
    assert plain("\x1b[1;31ma\x1b[0m\r\n\x1b]8;;http://x\x1b\\b\x1b]8;;\x07\rc\x1b(B\x1b=") == "a\nb\rc"
