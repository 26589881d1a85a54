"""What waits for a page: in order, bounded, and fair to every run."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.serve.stage.window import FRAME_BYTES, LatestMessage, OutputQueue, WireMessage

PLENTY = 1 << 30


def taken(queue: OutputQueue, window: int = PLENTY) -> list[WireMessage]:
    found: list[WireMessage] = []
    while (frame := queue.take(window)) is not None:
        found.append(frame)
    return found


def output_of(frames: list[WireMessage], run: int) -> bytes:
    return b"".join(frame[4:] for frame in frames if isinstance(frame, bytes) and frame[:4] == run.to_bytes(4, "big"))


@given(st.lists(st.one_of(st.text(max_size=3), st.tuples(st.integers(1, 3), st.binary(min_size=1, max_size=9)))))
def test_each_run_is_in_order_and_so_are_messages_among_its_output(put: list[str | tuple[int, bytes]]) -> None:
    queue = OutputQueue()
    for each in put:
        queue.say(each) if isinstance(each, str) else queue.add(*each)
    frames = taken(queue)
    for run in (1, 2, 3):
        asked = [each if isinstance(each, str) else each[1] for each in put if isinstance(each, str) or each[0] == run]
        given_ = [f if isinstance(f, str) else f[4:] for f in frames if isinstance(f, str) or f[3] == run]
        assert joined(given_) == joined(asked)


def joined(parts: list[str | bytes]) -> list[str | bytes]:
    """Output between two messages as one."""
    found: list[str | bytes] = []
    for part in parts:
        if found and isinstance(part, bytes) and isinstance(found[-1], bytes):
            found[-1] += part
        else:
            found.append(part)
    return found


def test_one_that_never_stops_printing_holds_up_no_other_run() -> None:
    queue = OutputQueue()
    frames: list[WireMessage] = []
    for number in range(8):
        queue.add(1, b"x" * 2 * FRAME_BYTES)
        if number == 2:
            queue.add(2, b"echo")
            queue.add(3, b"more")
        frames.append(queue.take(PLENTY) or b"")
    assert (output_of(frames[:6], 2), output_of(frames[:6], 3)) == (b"echo", b"more")
    assert len(output_of(frames, 1)) == 6 * FRAME_BYTES


def test_of_too_much_the_middle_is_left_out_and_that_is_said() -> None:
    queue = OutputQueue(100, 100)
    lines = [b"line %04d\n" % number for number in range(1000)]
    for line in lines:
        queue.add(7, line)
    frames = taken(queue)
    gap = next(json.loads(frame) for frame in frames if isinstance(frame, str))
    left = output_of(frames, 7)
    assert left.startswith(b"line 0000\n")
    assert left.endswith(b"line 0999\n")
    assert (gap["type"], gap["run"], gap["bytes"] + len(left)) == ("gap", 7, 10_000)
    assert len(left) <= 200
    assert left[100:105] == b"line "


def test_no_more_goes_out_than_the_window_takes() -> None:
    queue = OutputQueue()
    queue.add(1, b"x" * 10)
    assert queue.take(4) == b"\0\0\0\1xxxx"
    assert queue.take(0) is None
    assert output_of(taken(queue), 1) == b"x" * 6


def test_a_message_that_says_all_takes_the_place_of_those_before_it_that_wait() -> None:
    queue = OutputQueue()
    for text, of in (("a1", 1), ("b1", 2), ("a2", 1)):
        queue.say("x")
        queue.say(LatestMessage(text, of=of))
    assert taken(queue) == ["x", "x", "b1", "x", "a2"]
    queue.say(LatestMessage("a3", of=1))
    assert taken(queue) == ["a3"]


def test_such_messages_take_no_room_in_a_flood_and_are_not_kept_back_by_it() -> None:
    queue = OutputQueue(10, 10)
    for number in range(1000):
        queue.add(1, b"printed ")
        queue.say(LatestMessage(str(number), of=1))
    frames = taken(queue)
    assert frames.count("999") == 1
    assert len(output_of(frames, 1)) <= 20
    queue = OutputQueue()
    queue.add(1, bytes(2 * FRAME_BYTES))
    queue.say(LatestMessage("made", of=1))
    first = [queue.take(PLENTY) for _ in range(2)]
    assert first[1] == "made"
