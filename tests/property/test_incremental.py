"""Building again after any edits gives what a fresh build gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterdeck.model import SiteFile
from quarterdeck.site.builds import Build
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

PIECES = (
    "# Title",
    "## Same",
    "text with `code` and [ref]",
    "[ref]: https://example.org",
    "- a\n- b",
    "+ one",
    "```python\nx = 1\n```",
    "![p](p.svg)",
    "![[q.svg|30]]",
    "Note: say this",
    "<!-- .slide: id='fixed' -->",
    "A note[^1]\n\n[^1]: the note",
    "```",
    "$$",
    "> quote\n>\n> — someone",
)
text = st.lists(st.lists(st.sampled_from(PIECES), max_size=3).map("\n\n".join), min_size=1, max_size=5).flatmap(
    lambda slides: st.sampled_from(("\n---\n", "\n--\n", "\n\n---\n\n")).map(lambda separator: separator.join(slides))
)
picture = st.sampled_from(("", '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>', "<svg/>"))
edit = st.one_of(
    st.tuples(st.just("talk.md"), text),
    st.tuples(st.just("other.md"), text),
    st.tuples(st.just("p.svg"), picture),
    st.tuples(st.just("quarterdeck.toml"), st.sampled_from(("", '[deck]\nlang = "fr"\n'))),
)


def build(builder: Builder, folder: Path) -> Build:
    return builder.build(request([folder], cwd=folder, output=None, overrides={}))


def contents(built: Build) -> dict[str, bytes]:
    def read(entry: SiteFile) -> bytes:
        return entry.content if isinstance(entry.content, bytes) else entry.content.read_bytes()

    return {url: read(entry) for url, entry in built.site.entries.items()}


@pytest.mark.timeout(120)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(edit, min_size=1, max_size=5))
def test_a_cold_build_equals_a_build_after_any_edits(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    (folder / "talk.md").write_text("# Start")
    (folder / "quarterdeck.toml").write_text("")
    warm = Builder()
    build(warm, folder)
    for name, content in edits:
        (folder / name).write_text(content)
        edited = build(warm, folder)
        cold = build(Builder(), folder)
        assert contents(edited) == contents(cold)
        assert edited.diagnostics == cold.diagnostics
        assert edited.decks == cold.decks
