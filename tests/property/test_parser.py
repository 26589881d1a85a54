"""What holds for a slide of any text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st
from spec_slide import Talk

from quarterdeck.markdown.parser import parse_slide
from quarterdeck.model import BlockKind, Html, Slide, Snippet, Span

if TYPE_CHECKING:
    from quarterdeck.markdown.deck import DeckContext

FRAGMENTS = (
    # blocks
    "\n", "\n\n", "a", " ", "  ", "    ", "\t", "é", "\0", "\\", "- ", "+ ", "1) ", "> ", "# ", "***\n", "===\n",
    "Note: ", "[ ] ", ": ", "| a | b |\n|--|--|\n", "```", "```py {run}\n", "~~~\n", "#| a: b\n", "{.x}", "{#id}",
    "[1|2]", "$$", "[^1]: b\n",
    # text
    "*", "**", "`", "==", "~~", "'", '"', "--", "...", "$", "http://a.b", "[^1]", "[^d]", "^[c]", "[r]", "[l](f.pdf)",
    "![a](b c.png)", "![[x.png|3]]", "&#0;", "&amp;",
    # HTML
    '<!-- .slide: a="b" -->', "<!-- .element: class='x' -->", "<!-- c -->", "<!--", "-->", "<div>", "</div>", "<span>",
    "</span>", "<b", "<p>", "<x/>", "<br/>", "<script>", "</script>", "<img src=a.png>", "</section>",
    "<style>a{b:url(x.png)}</style>", "<svg><path/></svg>",
    # Obsidian
    '<grid drag="60 55" drop="5 10">', "</grid>", "<grid drop='top'/>", "<split even>", "</split>", "::: a", ":::",
    "> [!tip]- ", "%%", "^id", "[[n|", "]]", ":smile:", ":fas_x:", "![](fas fa-x)", '<i class="fas fa-x">',
    "<!-- element drop='1 2' -->",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=30).map("".join)
TALKS = st.builds(
    Talk,
    lang=st.sampled_from(("en", "fr", "fr-CA", "de", "eo", "")),
    incremental=st.booleans(),
    references=st.sampled_from(("", '[r]: x.pdf "t"\n')),
    footnotes=st.sampled_from(("", "[^d]: e ![z](q.png)\n")),
)
MARK = re.compile("\0([0-9]+)\0")
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
SELF_CLOSED = frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot"))

any_text = settings(deadline=None, max_examples=200)


def parsed(text: str, talk: Talk) -> Slide:
    return parse_slide(text, context=cast("DeckContext", talk))


@any_text
@given(text=TEXTS, talk=TALKS)
@example(text="<div><script>\n\nNote: a\n", talk=Talk())
@example(text="- <!-- .slide: a=1 --> # b\n\n  Note: c\n  Note: d", talk=Talk())
def test_any_text_is_a_slide_and_the_same_one_each_time(text: str, talk: Talk) -> None:
    assert parsed(text, talk) == parsed(text, talk)


@any_text
@given(text=TEXTS, talk=TALKS)
def test_each_slot_has_one_mark(text: str, talk: Talk) -> None:
    slide = parsed(text, talk)
    html = "".join([*(block.html for block in slide.blocks), slide.notes, *(value for _, value in slide.attrs)])
    assert sorted(map(int, MARK.findall(html))) == list(range(len(slide.slots)))
    assert "\0" not in MARK.sub("", html).replace("\0key\0", "")


@any_text
@given(text=TEXTS, talk=TALKS)
def test_every_place_is_in_the_text(text: str, talk: Talk) -> None:
    slide = parsed(text, talk)
    lines = text.split("\n")
    spans = [*(slot.span for slot in slide.slots), *(problem.span for problem in slide.diagnostics)]
    spans += [option.span for slot in slide.slots if isinstance(slot, Snippet) for option in slot.options]
    for span in [*spans, *([slide.anchor] if slide.anchor else [])]:
        assert 1 <= span.line <= len(lines)
        assert 1 <= span.col <= len(lines[span.line - 1]) + 1
        assert span.end_col == 0 or span.col < span.end_col <= len(lines[span.line - 1]) + 1
        assert span == Span(path="", line=span.line, col=span.col, end_col=span.end_col)


@any_text
@given(text=TEXTS, talk=TALKS)
def test_a_slide_never_reaches_out_of_its_section(text: str, talk: Talk) -> None:
    slide = parsed(text, talk)
    for html in (Html("".join(block.html for block in slide.blocks)), slide.notes):
        assert open_after(html + "<section>") == ["section"]


@any_text
@given(code=st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=60))
def test_code_is_inert(code: str) -> None:
    body = "".join(f"{line}\n" for line in code.split("\n"))
    slide = parsed(f"~~~~~~~~ text\nx\n{body}~~~~~~~~", Talk(lang="fr"))
    assert [block.kind for block in slide.blocks] == [BlockKind.CODE]
    (snippet,) = slide.slots
    assert isinstance(snippet, Snippet)
    assert snippet.code == f"x\n{body}"


class _Balance(HTMLParser):
    """Follows the open elements as a browser does; a closing tag that closes none of them is remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID and "svg" not in self.open:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in SELF_CLOSED:
            self.open.pop()
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in SELF_CLOSED:
            self.stray.append(tag)


def open_after(html: str) -> list[str]:
    balance = _Balance()
    balance.feed(html)
    balance.close()
    return [*balance.stray, *(tag for tag in balance.open if tag not in SELF_CLOSED)]
