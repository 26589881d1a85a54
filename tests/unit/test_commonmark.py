"""With slides and extensions off, the parser is CommonMark: every example of its specification."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quarterdeck.markdown.parser import commonmark

EXAMPLES = json.loads((Path(__file__).parent.parent / "spec/commonmark.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example['example']}-{example['section'].replace(' ', '-')}"
)
def test_an_example_of_the_specification(example: dict[str, str]) -> None:
    html = commonmark().render(example["markdown"])
    # an empty quotation is written on one line by markdown-it and on two by the specification
    assert html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>") == example["html"]


def test_no_example_is_missing() -> None:
    assert [example["example"] for example in EXAMPLES] == list(range(1, 653))
