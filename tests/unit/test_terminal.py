"""Terminal stills: what is drawn is what a person would have seen, and what was printed is text and nothing more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.recordings.folder import CommandRun, compose
from quarterdeck.recordings.still import LONGEST_ROW, fold, lines, outputs, rows_html, still
from quarterdeck.recordings.style import PLAIN, Style

BOLD_RED = Style(fg="1", bold=True)
RED = '<span class="qd-fg-1">{}</span>'
SAFE = 'rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("", []),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("one\ntwo", ["one", "two"]),
        ("\r\n\r\nx", ["", "", "x"]),
        ("  5%\r 50%\r100%\r\n", ["100%"]),
        ("long line\rshort", ["shortline"]),
        ("abc\b\bX", ["aXc"]),
        ("a\tb\r\n1234567\t8\r\n", ["a       b", "1234567 8"]),
        ("é\tb", ["é       b"]),
        ("日\tb", ["日      b"]),
        ("working\x1b[K\r\x1b[Kdone\x1b[K\r\n", ["done"]),
        ("\x1b[2K\rpulling\x1b[2K\rpulled", ["pulled"]),
        ("abcdef\x1b[3D\x1b[K", ["abc"]),
        ("abc\x1b[1GX\x1b[5CY", ["Xbc   Y"]),
        ("be\x07ll\x00\x7f", ["bell"]),
        ("\x1b]0;title\x07a\x1b(Bb\x1b=c\x1b>", ["abc"]),
        ("\x1b[?25l\x1b[?2004hx\x1b[?25h", ["x"]),
        ("\x1b[>4;1mplain\x1b[4:3mx", ["plainx"]),
        ("\x1bP1$tx\x1b\\done", ["done"]),
        ("e\u0301a\u0300!", ["e\u0301a\u0300!"]),
        ("⚠️ warning\r\n", ["⚠️ warning"]),
        ("日本語\rx", ["x 本語"]),
        ("日本語\x1b[2Gx", [" x本語"]),
        (b"caf\xc3\xa9 \xff".decode("utf-8", "replace"), ["café \ufffd"]),
    ],
)
def test_a_line_is_what_was_left_of_it(printed: str, seen: list[str]) -> None:
    assert list(lines(still(printed))) == seen


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("one\r\ntwo\r\n\x1b[2A\x1b[2KONE\x1b[2B\r", ["ONE", "two"]),
        ("#1 a\r\n#2 b\r\n\x1b[1A\x1b[K#2 done\r\n", ["#1 a", "#2 done"]),
        ("\x1b[1;2;3;4Ax", ["x"]),
        ("before\r\n\x1b[?1049h\x1b[2J\x1b[Hvim vim\x1b[?1049lafter\r\n", ["before", "after"]),
        ("before\r\n\x1b[?1049h\x1b[Hstill open", ["before", "still open"]),
        ("gone\r\n\x1b[H\x1b[2J\x1b[3Jhere\r\n", ["here"]),
        ("".join(f"{n}\r\n" for n in range(60)) + "\x1b[1Alast\r\n", [*map(str, range(59)), "last"]),
        ("a\x1b7b\x1b8c\r\n\x1b[1A\r", ["ac"]),
        ("x\x1b[4b\x1b[1B", ["xxxxx"]),
        ("⚠️ kept whole\x1b[1A\x1b[1B", ["⚠️ kept whole"]),
        ("\x1b[?6h\x1b[?3h\x1b[99999;99999H\x1b[1;1Hok\x1b[0J", ["ok"]),
        ("日本語\x1b[1;1Hx\x1b[1;4Hy", ["x  y語"]),
        ("ab\x1b[1@X\x1b[1;1H\x1b[PY", ["YX"]),
    ],
)
def test_cursor_movement_is_followed(printed: str, seen: list[str]) -> None:
    assert [line for line in lines(still(printed)) if line] == seen


def test_long_lines_wrap_where_the_cursor_moves_and_nowhere_else() -> None:
    assert lines(still("x" * 30, cols=20)) == ("x" * 30,)
    assert lines(still("x" * 30 + "\x1b[1A\x1b[1B", cols=20)) == ("x" * 20, "x" * 10)


@pytest.mark.parametrize(
    ("printed", "style"),
    [
        ("\x1b[1;31mx", BOLD_RED),
        ("\x1b[31m\x1b[1mx", BOLD_RED),
        ("\x1b[97;104mx", Style(fg="15", bg="12")),
        ("\x1b[38;5;9mx", Style(fg="9")),
        ("\x1b[38;5;196mx", Style(fg="#ff0000")),
        ("\x1b[38;5;244mx", Style(fg="#808080")),
        ("\x1b[48;2;1;2;3mx", Style(bg="#010203")),
        ("\x1b[38:2::1:2:3mx", Style(fg="#010203")),
        ("\x1b[38:2:1:2:3;4mx", Style(fg="#010203", underline=True)),
        ("\x1b[38:5:9mx", Style(fg="9")),
        ("\x1b[58;5;9;3mx", Style(italic=True)),
        ("\x1b[4:3;9mx", Style(underline=True, strike=True)),
        ("\x1b[4m\x1b[4:0mx", PLAIN),
        ("\x1b[1;2;3;4;7;9mx", Style(bold=True, dim=True, italic=True, underline=True, reverse=True, strike=True)),
        ("\x1b[1;2;3;4;7;9;31;41m\x1b[22;23;24;27;29;39;49mx", PLAIN),
        ("\x1b[31m\x1b[mx", PLAIN),
        ("\x1b[38;5;999mx\x1b[38mx\x1b[38;2;1mx\x1b[;;mx\x1b[999999999999mx", PLAIN),
        ("\x1b[38;5mx", PLAIN),
        ("\x1b[31\x00mx", None),
    ],
)
@pytest.mark.parametrize("moving", [False, True])
def test_colours(printed: str, style: Style | None, moving: bool) -> None:
    rows = still(printed + ("\x1b[1B\x1b[1A" if moving else ""))
    assert style is None or {found for _, found in rows[0]} == {style}


def test_a_colour_lasts_until_it_is_changed_over_lines_and_redraws() -> None:
    rows = still("\x1b[1;31ma\r\nb\rc\x1b[0m\r\nd")
    assert rows == ((("a", BOLD_RED),), (("c", BOLD_RED),), (("d", PLAIN),))


def session() -> tuple[CommandRun, ...]:
    return (
        CommandRun(text="docker build \\\n  .", status=0, at_s=0.0, chunks=((0.1, b"built"),)),
        CommandRun(text="false", status=1, at_s=1.0),
    )


def test_prompts_and_commands_are_told_from_output() -> None:
    recording = compose(session(), id="x", key="k", ended_s=2.0)
    assert lines(still(recording.events)) == ("$ docker build \\", ">   .", "built", "$ false")
    assert [style.role for row in still(recording.events) for _, style in row] == [
        *("prompt", "command", "prompt", "command", "", "prompt", "command")
    ]
    assert lines(still(recording.events, echo=False)) == ("built",)
    assert outputs(recording.events) == ("built", "")


def test_output_that_looks_like_a_prompt_is_output() -> None:
    take = CommandRun(text="echo", status=0, at_s=0.0, chunks=((0.5, b"$ echo\r\n"),))
    rows = still(compose([take], id="x", key="k", ended_s=1.0).events)
    assert [row[0][1].role for row in rows] == ["prompt", ""]


def test_clear_takes_earlier_commands_with_it() -> None:
    takes = (
        *session(),
        CommandRun(text="clear; ls", status=0, at_s=3.0, chunks=((3.1, b"\x1b[H\x1b[2J\x1b[3Jfile\r\n"),)),
    )
    assert lines(still(compose(takes, id="x", key="k", ended_s=4.0).events)) == ("file",)


@pytest.mark.parametrize(
    ("printed", "html"),
    [
        ("a <b> & \"c\"", 'a &lt;b&gt; &amp; "c"'),
        ("<img onerror=alert(1)></pre><script>", "&lt;img onerror=alert(1)&gt;&lt;/pre&gt;&lt;script&gt;"),
        ("\x1b[32mok\x1b[0m.", '<span class="qd-fg-2">ok</span>.'),
        ("\x1b[1;38;2;1;2;3;44mx", '<span class="qd-bold qd-bg-4" style="color:#010203">x</span>'),
        ("\x1b[7;31mx", '<span class="qd-reverse qd-bg-1">x</span>'),
        ("\x1b]8;;https://x.y/?a=1&b\x07docs\x1b]8;;\x07", f'<a href="https://x.y/?a=1&amp;b" {SAFE}>docs</a>'),
        ("\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07", "x"),
        ("\x1b]8;;https://x/\" onclick=\"y\x07x\x1b]8;;\x07", "x"),
        (
            "\x1b]8;id=1;http://x.y/\x1b\\a\x1b[31mb\x1b]8;;\x1b\\c",
            f'<a href="http://x.y/" {SAFE}>a</a><a href="http://x.y/" {SAFE}>{RED.format("b")}</a>{RED.format("c")}',
        ),
        ("\x1b]52;c;AAAA\x07x", "x"),
        ("user\u202etxt.exe \u2066\u200f", "user\ufffdtxt.exe \ufffd\ufffd"),
        ("pass\u200bword\ufeff\u00ad\U000e0041", "password"),
        ("a\u2028b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\0n\x000\0", "n0"),
    ],
)  # fmt: skip
def test_markup_is_made_of_styles_only(printed: str, html: str) -> None:
    assert rows_html(still(printed)) == f'<span class="qd-row">{html}</span>'


def test_a_link_survives_cursor_movement() -> None:
    rows = still("\x1b]8;;https://x.y/\x07docs\x1b]8;;\x07\r\n\x1b[1A\x1b[9Cz")
    assert rows[0][0] == ("docs", Style(link="https://x.y/"))


def test_a_line_of_ten_megabytes_is_cut_and_says_by_how_much() -> None:
    html = rows_html(still("x" * 10_000_000))
    assert html.count("x") == LONGEST_ROW
    assert f'<span class="qd-cut">… {10_000_000 - LONGEST_ROW}</span>' in html
    assert len(still("\r" + "x" * 2_000_000 + "\ty")[0][0][0]) <= 10_000


def test_long_output_is_folded_with_a_count() -> None:
    rows = still("".join(f"{n}\n" for n in range(10)))
    assert [lines(fold(rows, 3).rows), fold(rows, 3).hidden] == [("7", "8", "9"), 7]
    assert [lines(fold(rows, 3, "head").rows), fold(rows, 3, "head").hidden] == [("0", "1", "2"), 7]
    assert [fold(rows, 3, "all"), fold(rows, 10), fold(rows, 0)] == [(rows, 0), (rows, 0), ((), 10)]


TAG = re.compile(
    r'<(?:span(?: class="[a-z0-9 -]+")?(?: style="[a-z0-9#:;-]+")?|/span|/a)>'
    r'|<a href="https?://[^"<>]+" rel="noopener noreferrer">'
)
scraps = st.sampled_from(
    (
        *(
            "\x1b[",
            "\x1b]8;;https://x/\x07",
            "\x1b]",
            "\x1b",
            "31m",
            "2J",
            "H",
            "?1049h",
            "?1049l",
            "1;1H",
            "A",
            "r",
            "7",
        ),
        *(
            "\r",
            "\n",
            "\b",
            "\t",
            "é",
            "日",
            "e\u0301",
            "<b>",
            "&",
            '"',
            "\x9b",
            "\x07",
            "5",
            ";",
            ":",
            "S",
            "T",
            "M",
            "L",
        ),
        *("X", "9999", "K", "\u202e"),
    )
)


@settings(deadline=None, max_examples=150)
@given(st.lists(scraps | st.text(max_size=3), max_size=40).map("".join))
def test_any_output_at_all_gives_rows_of_clean_markup(printed: str) -> None:
    html = rows_html(still(printed, cols=20, rows=5))
    rest = TAG.sub("", html)
    assert not set(rest) & set("<>\x1b\x07\x9b\u202e\r\0")
    assert still(printed.encode("utf-8", "replace"), cols=20, rows=5) == still(
        printed.encode("utf-8", "replace").decode("utf-8", "replace"), cols=20, rows=5
    )


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["ab", "\r", "\b", "\x1b[31m", "\x1b[K", "\r\n", "é", "\x1b[2D"]), max_size=25).map(
        "".join
    )
)
def test_the_direct_path_and_the_emulator_agree(printed: str) -> None:
    direct = still(printed, cols=200, rows=60)
    moved = still(printed + "\x1b[1;1H", cols=200, rows=60)
    assert [line.rstrip() for line in lines(moved)] == [*lines(direct)][: len(moved)]
    assert not any(line.strip() for line in lines(direct)[len(moved) :])


@pytest.mark.parametrize(
    "output", ["some plain log line\r\n" * 500_000, "\r50 %  [####    ]" * 500_000, "\x1b[32mINFO\x1b[0m\r\n" * 500_000]
)
def test_what_stays_in_its_lines_is_drawn_without_the_emulator(output: str) -> None:
    """The emulator would take a minute for each of them, longer than a test may."""
    assert still(output)
