"""The minutes of a talk, shared among its sections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.markdown.pace import sections
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

Write = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("minutes", "slides", "expected"),
    [
        (
            20,
            ("# A", "# B {minutes=6}", "## b", "# C", "## c"),
            [("T", 0, 4.667), ("B", 4.667, 6), ("C", 10.667, 9.333)],
        ),
        (9, ("# A", "## b", "## c"), [("T", 0, 9)]),
        (10, ("# A", "<!-- .slide: data-minutes='12' -->\n# B", "# C"), [("T", 0, 0), ("B", 0, 12), ("C", 12, 0)]),
        (None, ("# A {#a minutes=2}", "# B {minutes=3.5}"), [("T", 0, 2), ("B", 2, 3.5)]),
        (None, ("# A", "# B"), []),
        (10, ("# A", "# B {minutes=many}"), [("T", 0, 5), ("B", 5, 5)]),
    ],
)
def test_sections_without_minutes_share_what_is_left_by_their_slides(
    write: Write, minutes: float | None, slides: tuple[str, ...], expected: list[tuple[str, float, float]]
) -> None:
    # the last slide would have a layout of its own
    talk = write("talk.md", "\n\n---\n\n".join((*slides, "## end\n\nof it")))
    (parsed,) = Builder().read(request([talk], cwd=talk.parent, output=None, overrides={}))
    given = parsed.stacks[:-1]
    found = sections(given, title="T", minutes=minutes)
    assert [(each.title, each.begins, each.minutes) for each in found] == expected
