"""Slides partition the lines of a talk, whatever is written in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.markdown.frontmatter import read_front_matter
from quarterdeck.markdown.shields import scan, shielded
from quarterdeck.markdown.split import SplitRule, separator_pattern, split, split_rule
from quarterdeck.model import Chunk, Source, Span
from quarterdeck.project.deck_options import DeckOptions

FIRST_LINE = 7
"""Of the text in its file, which may begin with front matter."""

RULES = {
    "usual": ("---", "--"),
    "literal": ("<!--s-->", "***"),
    "reveal": (r"\r?\n---\r?\n", r"\r?\n----\r?\n"),
    "blank lines": (r"\n\n\n", "^---$"),
    "everything": (r"(.|\n)+", r"^"),
}

pieces = st.sampled_from(
    [
        *("---", "--", "----", " ---", "--- ", "***", "<!--s-->", "", "", "Title", "a | b", "    code", "\t---"),
        *("```", "```py", "````", "````md", "~~~", "  ```", "- ```sh", "  - x", "> ```", "> ---", "> text", "1. ~~~"),
        *("<!--", "-->", "<!-- x -->", "<!-- .slide: a -->", "`<!--`", "$$", "$$ x $$", "\\<!--"),
        *("<pre>", "</pre>", "<script>", "</script>", "<style>x</style>", "</div>", "<textarea>", "\x0c", "\u2028---"),
    ]
)
talks = st.one_of(
    st.lists(pieces, max_size=30).map("\n".join), st.text(alphabet="-`~<>!$ \n\tab*", max_size=80), st.text()
)


def rule(name: str) -> SplitRule:
    horizontal, vertical = RULES[name]
    return SplitRule(horizontal=separator_pattern(horizontal), vertical=separator_pattern(vertical))


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def covered(chunk: Chunk) -> range:
    """The lines of a chunk, as indices of the text."""
    start = chunk.line - FIRST_LINE
    return range(start, start + len(lines_of(chunk.text)))


@given(text=talks, name=st.sampled_from(sorted(RULES)))
def test_every_line_is_in_one_chunk_or_separates_or_is_blank(text: str, name: str) -> None:
    chunks, _ = split(text, line=FIRST_LINE, path="talk.md", rule=rule(name))
    lines = lines_of(text)
    in_chunks = [number for chunk in chunks for number in covered(chunk)]
    assert in_chunks == sorted(set(in_chunks))
    assert [lines[number] for number in in_chunks] == [line for chunk in chunks for line in lines_of(chunk.text)]
    if name == "usual":
        lost = {line.strip() for number, line in enumerate(lines) if number not in set(in_chunks)}
        assert lost - {"---", "--"} <= {line.strip() for line in lines if not line.strip()}


@given(text=talks, name=st.sampled_from(sorted(RULES)))
def test_places_count_up_without_a_gap_and_no_slide_is_empty(text: str, name: str) -> None:
    chunks, _ = split(text, line=FIRST_LINE, path="talk.md", rule=rule(name))
    place = (-1, 0)
    for chunk in chunks:
        assert (chunk.column, chunk.row) in ((place[0] + 1, 0), (place[0], place[1] + 1))
        assert chunk.text.strip()
        place = chunk.column, chunk.row
    assert not chunks or (chunks[0].column, chunks[0].row) == (0, 0)


@given(text=talks)
def test_a_separator_that_nothing_shields_is_in_no_chunk(text: str) -> None:
    lines = lines_of(text)
    candidates = [number for number, line in enumerate(lines) if line.rstrip(" \t") in ("---", "--", " ---", " --")]
    shields, _ = scan(lines, separators=candidates)
    chunks, _ = split(text, line=FIRST_LINE, path="talk.md", rule=rule("usual"))
    within = {number for chunk in chunks for number in covered(chunk)}
    assert [number for number in candidates if not shielded(shields, number) and number in within] == []


@given(text=talks)
def test_shields_are_in_order_and_inside_of_the_text(text: str) -> None:
    lines = lines_of(text)
    shields, unclosed = scan(lines)
    last = -1
    for shield in shields:
        assert last < shield.first < shield.last < len(lines)
        last = shield.last
    for each in unclosed:
        assert lines[each.line][each.offset :].lower().lstrip("<").startswith(each.mark.lstrip("<"))


@given(text=talks)
def test_every_diagnostic_lies_in_the_file(text: str) -> None:
    _, found = split(text, line=1, path="talk.md", rule=rule("usual"))
    lines = text.split("\n")
    for diagnostic in found:
        span = diagnostic.span
        assert 1 <= span.line <= len(lines)
        assert 1 <= span.col <= span.end_col <= len(lines[span.line - 1]) + 1 or diagnostic.code == "M107"


@given(separator=st.text(max_size=12))
def test_any_text_can_be_a_separator_or_is_reported(separator: str) -> None:
    options = DeckOptions(separator=separator)
    made, found = split_rule(options, span=Span(path="talk.md", line=1))
    assert {diagnostic.code for diagnostic in found} <= {"M106"}
    split("a\n\n\n---\nb\n", line=1, path="talk.md", rule=made)


yaml_lines = st.lists(
    st.one_of(
        st.sampled_from(["title: x", "css: [a, b]", "reveal:", "  hash: true", "- a", "a: &a [*a]", "x: !!set {a}"]),
        st.text(alphabet="ab:-[]{}&*!'\"#|>%@ \t0.e1~", max_size=12),
    ),
    max_size=6,
).map("\n".join)


@given(yaml=st.one_of(yaml_lines, st.text()), body=st.text(max_size=20), closed=st.booleans())
def test_any_front_matter_gives_options_and_keeps_the_body(yaml: str, body: str, closed: bool) -> None:
    text = f"---\n{yaml}\n" + (f"---\n{body}" if closed else body)
    source = Source(path=Path("/talk.md"), name="talk.md", text=text, digest="")
    matter, found = read_front_matter(source, defaults={}, overrides={})
    assert text.endswith(matter.body)
    assert matter.line == text[: len(text) - len(matter.body)].count("\n") + 1
    assert all(1 <= each.span.line <= text.count("\n") + 1 for each in found)


GROWING: dict[str, Callable[[int], str]] = {
    # texts in which a search that is repeated would be one to the end, each time
    "openings of fences": lambda size: "```a\n" * size,
    "openings of fences in quotes": lambda size: "> ```a\n" * size,
    "openings of fences in a list": lambda size: "- ```a\n" + "  ```a\n" * size,
    "openings of comments": lambda size: "<!-- a\n" * size,
    "openings of comments, and one end": lambda size: "<!-- a\n" * size + "---\n" + "b\n" * size + "<!-- -->\n",
    "openings of raw tags": lambda size: "<pre>\n" * size,
    "openings of all kinds": lambda size: "```a\n~~~b\n<!--\n<pre>\n<style>\n" * (size // 5),
    "fences without an end before another": lambda size: "```a\n" * size + "---\n" + "b\n" * size + "```c\n",
    "comments in one line": lambda size: "<!-- x --> " * size,
    "separators": lambda size: "---\na\n" * (size // 2),
    "blank lines": lambda size: "\n" * size,
}


@pytest.mark.parametrize("name", sorted(GROWING))
def test_time_grows_with_the_text_and_not_with_its_square(name: str) -> None:
    """A square would take a minute for this many lines, longer than a test may."""
    assert split(GROWING[name](60_000), line=1, path="talk.md", rule=rule("usual"))
