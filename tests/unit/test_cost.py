"""What a slide costs grows with its length and no faster: calls are counted, at three sizes, and never time."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from quarterdeck.markdown.deck import DeckContext
from quarterdeck.markdown.parser import parse_slide

REPEATED = {
    # dialect: texts that a slide may have hundreds of
    "quarterdeck": (
        *("word ", "*a* ", "**a", "_a", "`a` ", "`a", "[a](b) ", "]", "![a](b.png) ", "![a](b c)\n"),
        *("https://a.b ", "- a\n", "+ a\n", "- a <!-- .element: class='x' -->\n", "- [ ] a\n", "a\n: b\n\n", "> a\n"),
        *("'a' ", '"a" ', '*"a"* ', '("', "('", "x' ", "a -- b ", "...", "==a== ", "~~a~~ ", ":smile: ", ":fas_home: "),
        *("$a$ ", "$a ", "$$a\n\n", "$$\na\n$$\n\n", "::: a\n\n", "%% a %%\n", "%% a\n", "^a\n"),
        *("::: a\nb\n:::\n", "[[a]] ", "![[a.png]]\n"),
        *("<b>x</b> ", "<b>", "</b>", "<style> ", "<i class='fas fa-home'></i>\n", "<a href='b'>c</a>\n", "<div>\n"),
        *("<div>\n\n", "</div>\n\n", "<!-- c --> ", "<!-- c -->\n\n", "<!--\n\n", "<section>a</section>\n"),
        *("<!-- .element: class='x' -->", "x <!-- .element: class='x' --> ", "<!-- .slide: a='b' -->\n"),
        *("<pre><code data-trim>a</code></pre>\n", "<pre><code data-trim>a</code></pre>\n\n", "<pre>\n"),
        *("> [!note] a\n> b\n\n", "# a {.b}\n\n", "a | b\n-|-\n\n", "```js {a=b}\nx\n```\n", "~~~\n", "    a\n\n"),
        *("^[a] ", "[^1] ", "[^1]: a\n\n"),
    ),
    "obsidian": ("<grid drag='5 5'>a</grid>\n", "![[a.png]]\n", "- a ^b\n", "[[a|b]] "),
    "marp": ("![bg](a.png)\n", "<!-- _class: a -->\n", "<style>p{}</style>\n\n", "![w:3](a.png) "),
    "pandoc": ("::: {.a}\n", "::: a\nb\n:::\n", "[a]{.b} ", "[a]{.b ", "`a`{.b} ", ". . .\n\n", "{{< a >}} "),
    "remark": (".a[b] ", ".a[\nb\n]\n", "--\na\n", "--\n- a\n"),
    "reveal": ("<section>a</section>\n", "<section>\n", "<aside class='notes'>a</aside>\n\n"),
    "slidev": ("<v-click>a</v-click>\n", "<v-clicks>\n\n- a\n\n</v-clicks>\n", "<div v-click>a</div>\n", "::right::\n"),
}  # fmt: skip
NESTED = {"obsidian": ("<grid drag='5 5'>\n\n", "<split even>\n"), "remark": (".a[",)}
"""What is never closed costs more until it is nested too deeply, at 100."""
SIZE = 30
"""Even: some signs open and close by turns."""
BEYOND_THE_DEEPEST = 240


@pytest.mark.parametrize(
    ("dialect", "piece", "size"),
    [
        *((dialect, piece, SIZE) for dialect, pieces in REPEATED.items() for piece in pieces),
        *((dialect, piece, BEYOND_THE_DEEPEST) for dialect, pieces in NESTED.items() for piece in pieces),
    ],
)
def test_twice_as_much_on_a_slide_is_twice_the_work(dialect: str, piece: str, size: int) -> None:
    context = DeckContext(dialect=dialect, lang="fr")
    parse_slide(piece * size, context=context)  # what is made once is made
    once, twice, fourfold = (calls(piece * (size * times), context) for times in (1, 2, 4))
    assert fourfold - twice <= 2.05 * (twice - once), (once, twice, fourfold)


def calls(text: str, context: DeckContext) -> int:
    """How many functions are called to parse the slide, those written in C among them."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        parse_slide(text, context=context)
    finally:
        sys.setprofile(before)
    return count
