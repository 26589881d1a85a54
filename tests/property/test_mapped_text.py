"""What holds for texts that are woven from notes: nothing is lost, and each place is the one that was written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.embeds import Note, Wanted, embedded
from quarterdeck.markdown.mapped_text import MappedText, Stretch, cut, passages_of, text_of
from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.slide_templates import TemplateSource, framed
from quarterdeck.model import Diagnostic, Span

WORDS = (
    "\n", "\n\n", "a", "é ", "# One\n", "## Two\n", "- ", "> ", "---\n", "```\n", "`", "^x\n", "%%", "<!-- c -->",
    "![[A]]", "![[B]]", "![[C]]", "![[A#One]]", "![[B#^x]]", "![](C.md)", "![[a.png]]", "<% content %>", "<%? b %>",
    '<!-- slide template="[[B]]" -->', "::: b\n", ":::\n", "Note: ",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
quick = settings(deadline=None, max_examples=150)


def woven(texts: tuple[str, str, str], *, default: str = "") -> tuple[MappedText, dict[str, Note]]:
    notes = {
        name: Note(key=name, path=f"{name}.md", text=text, line=1) for name, text in zip("ABC", texts, strict=True)
    }

    def find(wanted: Wanted) -> Note | Diagnostic:
        absent = Diagnostic(code="A101", message="none", span=Span(path="", line=1))
        return notes.get(wanted.name.removesuffix(".md"), absent)

    whole, _ = embedded(notes["A"], find=find)
    frame = TemplateSource(find=find, key="A", default=default, values={"b": 1}, notes=notes_pattern(""))
    return framed(whole, frame)[0], notes


@quick
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS), default=st.sampled_from(("", "C")))
def test_any_notes_can_be_woven_and_come_to_an_end(texts: tuple[str, str, str], default: str) -> None:
    assert woven(texts, default=default) == woven(texts, default=default)


@quick
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS))
def test_what_was_written_is_found_where_it_is_said_to_be(texts: tuple[str, str, str]) -> None:
    whole, notes = woven(texts)
    sources = {note.path: note.text.split("\n") for note in notes.values()}
    places = passages_of(whole)
    for number, line in enumerate(text_of(whole).split("\n"), 1):
        for col, letter in enumerate(line, 1):
            place = written_at(Span(path="", line=number, col=col), places, path="")
            written = sources[place.path][place.line - 1]
            # blanks, quotation marks and values of the front matter are put in by us
            assert letter in " >1" or written[place.col - 1] == letter


@quick
@given(text=TEXTS, numbers=st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_a_piece_of_a_woven_text_knows_its_place(text: str, numbers: tuple[int, int]) -> None:
    start, end = sorted(numbers)
    whole: MappedText = tuple(
        Stretch(text=f"{part}\n", path=str(at), line=1) for at, part in enumerate(text.split("\n"))
    )
    assert text_of(cut(whole, start, end)) == text_of(whole)[start:end]
    for stretch in cut(whole, start, end):
        assert (text.split("\n")[int(stretch.path)] + "\n")[stretch.col - 1 :].startswith(stretch.text)
