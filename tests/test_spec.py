"""The cases of `tests/spec`, which are the syntax reference at the same time.

A case is its title in one line, `.`, the input, `.`, what it gives, `.`; any prose may stand between cases. In the
input `␠` is a blank and `␉` a tab that could not be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import spec_dialect
import spec_notes
import spec_slide
import spec_split

FOLDER = Path(__file__).parent / "spec"

RENDERERS: dict[str, Callable[[str], str]] = {
    # name of a file: what its cases show of their input; a file that is not here shows one slide
    **spec_dialect.RENDERERS,
    "deck": spec_split.render_deck,
    "obsidian-embeds": spec_notes.render,
    "obsidian-templates": spec_notes.render,
    "front-matter": spec_split.render_front_matter,
    "split": spec_split.render_chunks,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    file: str
    line: int
    """Of the title."""
    title: str
    given: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def read_cases(text: str, *, file: str) -> Iterator[Case]:
    """The cases in order. One that is not ended is an error, and so is one without a title."""
    before = ""
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        if line != ".":
            before = line
            continue
        if not before.strip():
            raise ValueError(f"{file}:{number}: a case needs its title in the line above")
        given, expected = ("".join(_to_dot(lines, f"{file}:{number}")) for _ in range(2))
        visible = given.replace("␠", " ").replace("␉", "\t")
        yield Case(file=file, line=number - 1, title=before, given=visible, expected=expected)
        before = ""


def _to_dot(lines: Iterator[tuple[int, str]], place: str) -> Iterator[str]:
    for _, line in lines:
        if line == ".":
            return
        yield f"{line}\n"
    raise ValueError(f"{place}: this case is never ended")


CASES = [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path.read_text("utf-8"), file=path.name)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_gives_what_the_reference_says(case: Case) -> None:
    render = RENDERERS.get(Path(case.file).stem, spec_slide.render)
    assert render(case.given) == case.expected, case.title


def test_a_case_that_is_not_ended_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"x\.md:2: this case is never ended"):
        list(read_cases("title\n.\ninput\n.\nexpected\n", file="x.md"))


def test_a_case_without_a_title_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"x\.md:2: a case needs its title"):
        list(read_cases("\n.\ninput\n.\nexpected\n.\n", file="x.md"))
