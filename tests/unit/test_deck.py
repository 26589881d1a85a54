"""What the slides of a deck share, and that it changes only when definitions do."""

from __future__ import annotations

from quarterdeck.markdown.deck import DeckContext, deck_context, with_content
from quarterdeck.markdown.split import split, split_rule
from quarterdeck.model import Chunk, Span
from quarterdeck.project.deck_options import DeckOptions

OPTIONS = DeckOptions(lang="fr", notes_separator="Say:")
DECK = """\
# Docker

[Docker][docs], see[^why]

---

[docs]: https://docs.docker.com "The \\"docs\\" & more"

[^why]: Because
    it is there.

    Twice.

---

```
[code]: /is-no-definition
[^code]: nor is this
```

> [quoted]: /quoted
>
> [^quoted]: in a quote
>     over two lines
"""


def chunks_of(text: str) -> tuple[Chunk, ...]:
    rule, _ = split_rule(OPTIONS, span=Span(path="talk.md", line=1))
    return split(text, line=1, path="talk.md", rule=rule)[0]


def shared(text: str) -> DeckContext:
    return deck_context(chunks_of(text), OPTIONS)


def test_definitions_of_all_slides_are_gathered() -> None:
    found = shared(DECK)
    assert found.references == (
        '[DOCS]: <https://docs.docker.com> "The &quot;docs&quot; &amp; more"\n[QUOTED]: </quoted>'
    )
    assert found.footnotes == (
        "[^quoted]: in a quote\n    over two lines\n\n[^why]: Because\n    it is there.\n\n    Twice.\n"
    )
    assert (found.lang, found.notes, found.incremental) == ("fr", "Say:", False)


def test_what_was_gathered_gives_the_same_when_it_is_read_again() -> None:
    found = shared(DECK)
    again = shared(f"{found.references}\n\n{found.footnotes}")
    assert (again.references, again.footnotes) == (found.references, found.footnotes)


def test_of_two_definitions_with_one_label_the_first_counts() -> None:
    found = shared("[a]: /one\n\n[^n]: one\n\n---\n\n[A]: /two\n\n[^n]: two\n")
    assert found.references == "[A]: </one>"
    assert found.footnotes == "[^n]: one\n"


def test_editing_text_leaves_the_digest_and_editing_a_definition_does_not() -> None:
    digest = shared(DECK).digest
    assert shared(DECK.replace("# Docker", "# Podman") + "\n---\n\n# More\n").digest == digest
    assert shared(DECK.replace("docs.docker.com", "podman.io")).digest != digest
    assert shared(DECK.replace("it is there", "we can")).digest != digest
    assert deck_context(chunks_of(DECK), DeckOptions(lang="en", notes_separator="Say:")).digest != digest


def test_slides_close_ranks_where_one_held_definitions_only() -> None:
    chunks = with_content(chunks_of("# One\n---\n[a]: /a\n--\n# Two\n--\n[^b]: b\n--\n# Three\n---\n# Four\n"))
    assert [(chunk.text, chunk.column, chunk.row) for chunk in chunks] == [
        ("# One\n", 0, 0),
        ("# Two\n", 1, 0),
        ("# Three\n", 1, 1),
        ("# Four\n", 2, 0),
    ]
