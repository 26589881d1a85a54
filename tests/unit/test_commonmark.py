"""CommonMark's examples: all pass with nothing of ours, and with our rules all but those that are listed here."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import escapeHtml

from quarterdeck.markdown import rules
from quarterdeck.markdown.parser import commonmark
from quarterdeck.markdown.rules.support.slide_draft import KEY, SlideDraft
from quarterdeck.model import Image, Reference, Slot, Snippet

EXAMPLES = json.loads((Path(__file__).parent.parent / "spec/commonmark.json").read_text("utf-8"))

EXCEPTIONS: dict[str, dict[str, tuple[int, ...]]] = {
    # rule of the table, then why examples of the specification are other HTML with it
    "html blocks": {
        "a blank line does not cut `<pre>` inside of a block of HTML: code on a slide has blank lines": (148,),
    },
    "wiki links": {
        "`[[…]]` is a link of Obsidian": (548, 559, 590),
    },
    "fragments": {
        "`+` and `1)` are items that appear one by one": (296, 297),
        "items that appear one by one go on in the list above": (301, 302),
    },
    "element tree": {
        "an element that is never closed would take the next slides in, so it is closed": (
            *(21, 31, 150, 155, 174, 175, 184, 187, 201, 344, 476, 477, 491, 494, 524, 536, 613, 615, 630, 631),
            *(642, 643),
        ),
        "what closes nothing would end the slide, so it is left out": (148, 151, 165, 623),
        "a tag that has no end, and a `<style>`, would take all the rest of the page in, so it is text": (
            *(156, 157, 158, 173),
        ),
        "`<a/>` opens an element for a browser, so it is closed": (614, 616, 617),
    },
    "typography": {
        "quotes are curved": (
            *(14, 197, 209, 210, 352, 359, 363, 380, 385, 395, 508, 590, 619, 620, 622, 624, 632, 650),
        ),
        "`--` is a dash": (46,),
    },
    "slots": {
        "a raw tag with an address is written anew, with a blank before its slash": (475,),
    },
    "linkify": {
        "an address in the text is a link": (602, 608, 611),
    },
}
BY_RULE = {rule: {number for numbers in reasons.values() for number in numbers} for rule, reasons in EXCEPTIONS.items()}
LISTED = sorted(set().union(*BY_RULE.values()))


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example['example']}-{example['section'].replace(' ', '-')}"
)
def test_an_example_of_the_specification(example: dict[str, str]) -> None:
    assert comparable(commonmark().render(example["markdown"])) == example["html"]


def test_no_example_is_missing() -> None:
    assert [example["example"] for example in EXAMPLES] == list(range(1, 653))


def test_with_our_rules_the_examples_that_differ_are_those_listed() -> None:
    assert [number for number in range(1, 653) if not passes(number)] == LISTED


@pytest.mark.parametrize("number", LISTED)
def test_an_exception_is_due_to_the_rules_that_it_is_listed_under(number: int) -> None:
    listed = frozenset(rule for rule, numbers in BY_RULE.items() if number in numbers)
    assert passes(number, without=listed)
    assert [rule for rule in listed if passes(number, without=listed - {rule})] == []


def passes(number: int, *, without: frozenset[str] = frozenset()) -> bool:
    example = EXAMPLES[number - 1]
    draft = SlideDraft(lines=example["markdown"].split("\n"))
    md = grammar(without)
    html = md.renderer.render(md.parse(example["markdown"], {KEY: draft}), md.options, {})
    return bool(comparable(filled(str(html), draft.slots)) == example["html"])


@lru_cache
def grammar(without: frozenset[str]) -> MarkdownIt:
    """Our table of rules as it is for a slide, in the XHTML of the specification."""
    md = MarkdownIt("commonmark", {"linkify": True})
    rules.install(md, lang="en", separator="", without=without)
    return md


def comparable(html: str) -> str:
    # an empty quotation is written on one line by markdown-it and on two by the specification
    return html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


def filled(html: str, slots: list[Slot]) -> str:
    """The HTML with what its marks stand for, as plain as the specification has it."""
    return re.sub(r"\0(\d+)\0", lambda mark: plain_html(slots[int(mark[1])]), html)


def plain_html(slot: Slot) -> str:
    match slot:
        case Snippet():
            language = f' class="language-{escapeHtml(slot.language)}"' if slot.language else ""
            return f"<pre><code{language}>{escapeHtml(slot.code)}</code></pre>"
        case Image():
            title = f' title="{escapeHtml(slot.title)}"' if slot.title else ""
            return f'<img src="{escapeHtml(normalizeLink(slot.target))}" alt="{escapeHtml(slot.alt)}"{title} />'
        case Reference():
            return escapeHtml(slot.target)
        case _:
            raise AssertionError(slot)
