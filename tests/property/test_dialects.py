"""Whatever a talk holds and whatever dialect it is read in, no line and no word of it is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from spec_dialect import parsed

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.html_page import read_page
from quarterdeck.markdown.inventory import gathered, inventory
from quarterdeck.model import Chunk, Span

PIECES = (
    "---", "--", "----", "***", "- - -", ". . .", "???", "Note:", "===",
    "---\nlayout: two-cols\n---", "---\nclass: x\n---", "class: a, b", "layout: true", "template: x", "name: x",
    "# One", "## Two {#x .y background-color=red}", "Setext\n---", "% Title",
    "::: notes", "::: {.columns}", '::: {.column width="40%"}', "::: {.callout-tip}", "::: incremental", ":::",
    "::right::", "::left::", ".left-column[", "]", ".x[", "a .red[b] c", ".right-column[\nr\n]",
    "- a", "+ b", "1) c", "- a\n--\n- b", "> q", "  indented", "    code",
    "```js {2|3}\na\n---\n```", "```{python}\n#| a: b\nx\n```", "```yaml\nlayout: x\n```", "~~~", "```",
    "<!-- _class: x -->", "<!-- note -->", "<!-- fit -->", "<!-- .slide: a='b' -->", "<!-- class: y\ncolor: red -->",
    "![bg](a.png)", "![bg left:30%](a.png)", "![w:3](a.png){width=3}", "![[a.png]]", "[w]{.x}", "`c`{.y}",
    "<<< @/a.js#b {1}", "<v-clicks>", "</v-clicks>", "<v-click>x</v-click>", "<div v-click>", "</div>",
    "<section>", "</section>", "{{< a >}}", "<% b %>", "[r]: http://x.y",
)  # fmt: skip
FRONTS = ("", "---\ntitle: T\n---\n", "---\ntitle: T\nlayout: cover\nheadingDivider: 2\nslide-level: 2\n---\n")


@dataclass(frozen=True)
class Talk:
    text: str
    words: tuple[str, ...]


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    """Pieces of all dialects, with words of their own between some of them."""
    lines = [draw(st.sampled_from(FRONTS)).rstrip("\n")]
    words: list[str] = []
    for piece in draw(st.lists(st.sampled_from(PIECES), max_size=12)):
        if draw(st.booleans()):
            words.append(f"word{len(words)}word")
            lines += ["", words[-1], ""]
        lines.append(piece)
        if draw(st.booleans()):
            lines.append("")
    text = "\n".join(lines).lstrip("\n") + "\n"
    return Talk(text=text, words=tuple(words))


no_fixture_check = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"html"}))
@no_fixture_check
@given(talk=talks())
@example(talk=Talk(text="layout: true\n", words=()))
@example(talk=Talk(text="layout: true\n???\n", words=()))
@example(talk=Talk(text="layout: true\nword0word\n---\nlayout: true\nword1word\n---\na", words=("word0word",)))
@example(talk=Talk(text=".x[\nword0word\n]\n", words=("word0word",)))
def test_no_line_and_no_word_is_lost(tmp_path_factory: pytest.TempPathFactory, dialect: str, talk: Talk) -> None:
    folder = tmp_path_factory.mktemp("talk")
    (folder / "quarterdeck.toml").touch()
    path = folder / "talk.md"
    path.write_text(talk.text, "utf-8")
    reading, slides = parsed(folder, path, dialect=dialect)
    lines = talk.text.split("\n")
    front = reading.front.head.count("\n")
    covered = set(range(1, front + 1))
    for chunk in reading.chunks:
        own = chunk.text.removesuffix("\n").split("\n")
        rows = [_line(chunk, row) for row in range(len(own))]
        assert [lines[row - 1] for row, line in zip(rows, own, strict=True) if line] == [line for line in own if line]
        covered |= set(rows)
    left = [line for number, line in enumerate(lines, 1) if number not in covered and line.strip()]
    assert [line for line in left if not _splits(line)] == []
    shown = "\n".join(map(repr, slides)) + reading.context.footnotes + reading.context.references
    hidden = "".join(re.findall(r"<!--.*?(?:-->|\Z)", talk.text, re.DOTALL))
    assert [word for word in talk.words if word not in shown and word not in hidden] == []
    gathered(inventory(reading.front.constructs, reading.chunks, slides, path="talk.md"))


def _line(chunk: Chunk, row: int) -> int:
    """Of the file, where the row of a slide's text was written; rows count from 0."""
    if not chunk.passages:
        return chunk.line + row
    return written_at(Span(path="", line=row + 1, col=1), chunk.passages, path="").line


_SPLITS = re.compile(
    r" {0,3}(?:[-*_][ \t]*){2,}|</?section>|\[\^?\w+\]:.*|(?:layout|class|name|template|background-image): \S.*"
    r"|<!--[^>]*(?:-->)?|color: red -->"
)


def _splits(line: str) -> bool:
    """A separator, a rule, a tag around slides, a slide that only defines links and footnotes, the head of a layout."""
    return _SPLITS.fullmatch(line) is not None


AROUND_SECTIONS = (
    "<section>", "</section>", "<section>\n<section>", "</section>\n</section>", "<section data-background='red'>",
    "```html\n<section>\n```", "`<section>`", "<!-- <section> -->", "<!-- c -->", "Note:", "# T", "- a", "<div>",
    "</div>",
    "---", "----", "", "", "<style>p{}</style>", "<p>p</p>",
)  # fmt: skip


@st.composite
def talks_of_sections(draw: st.DrawFn) -> Talk:
    """Sections of a page in Markdown, with words in and between them."""
    lines = ["<section>"]
    words: list[str] = []
    for piece in draw(st.lists(st.sampled_from(AROUND_SECTIONS), max_size=14)):
        if draw(st.booleans()):
            words.append(f"word{len(words)}word")
            lines.append(words[-1])
        lines.append(piece)
    return Talk(text="\n".join([*lines, "</section>"] if draw(st.booleans()) else lines) + "\n", words=tuple(words))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", ["mkslides", "reveal", "reveal-md"])
@no_fixture_check
@given(talk=talks_of_sections())
@example(talk=Talk(text="<section>A</section>\nword0word\n<section>B</section>\n", words=("word0word",)))
@example(talk=Talk(text="<section>A</section>\nNote: word0word\n<section>B</section>\n", words=("word0word",)))
@example(talk=Talk(text="<section>\nword0word\n<section>B</section>\n</section>\n", words=("word0word",)))
def test_no_word_is_lost_in_sections_and_between_them(
    tmp_path_factory: pytest.TempPathFactory, dialect: str, talk: Talk
) -> None:
    folder = tmp_path_factory.mktemp("talk")
    (folder / "quarterdeck.toml").touch()
    path = folder / "talk.md"
    path.write_text(talk.text, "utf-8")
    _, slides = parsed(folder, path, dialect=dialect)
    shown = "".join(slide.notes + "".join(block.html for block in slide.blocks) for slide in slides)
    assert [word for word in talk.words if word not in shown] == []


HTML = (
    "<section>", "</section>", "<section data-markdown>", '<section data-markdown="a.md" data-separator="^(">',
    "<textarea data-template>", "</textarea>", "<script type='text/template'>", "</script>", "a", "\n", "---", "<",
    "<title>", "</title>", "Reveal.initialize({", "})", "a: [", "'", "// c", "<!--", "-->",
    '<link rel="stylesheet" href="x.css">',
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(text=st.lists(st.sampled_from(HTML) | st.text(max_size=3), max_size=30).map("".join))
def test_any_page_is_read(text: str) -> None:
    for part in read_page(text).parts:
        assert 1 <= part.line <= text.count("\n") + 1


def test_a_page_of_any_kind_becomes_slides(tmp_path: Path) -> None:
    (tmp_path / "quarterdeck.toml").touch()
    path = tmp_path / "talk.html"
    path.write_text('<section data-markdown="a.md" data-separator="^(">', "utf-8")
    (tmp_path / "a.md").write_text("# One\n\n---\n\n# Two")
    reading, slides = parsed(tmp_path, path)
    assert [slide.title for slide in slides] == ["One", "Two"]
    assert [each.code for each in reading.diagnostics] == ["M106"]
