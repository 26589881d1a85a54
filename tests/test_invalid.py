"""Every author mistake that has a code, as a talk that makes it, and the exact answer.

The talks lie in `tests/decks/invalid/CODE-name/`: `talk.md`, what it needs, and `expected.txt`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from quarterdeck.diagnostics import CODES, headline
from quarterdeck.model import Diagnostic
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

FOLDER = Path(__file__).parent / "decks/invalid"
FAILING = FOLDER.with_name("failing")
"""Those that only running shows: see `test_record.py`."""
REHEARSED = FOLDER.with_name("rehearsed")
"""Those that only a rehearsal shows: see `test_rehearse.py`."""
UNREADABLE = FOLDER.with_name("unreadable")
"""Those that permissions make: see `test_unreadable.py`."""
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def told(diagnostic: Diagnostic) -> str:
    return headline(diagnostic) + (f"\n  hint: {diagnostic.hint}" if diagnostic.hint else "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_answered_with_its_place_and_what_to_do(case: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(case, folder)
    (tmp_path / "outside.png").write_bytes(b"")
    if not list(folder.glob("quarterdeck.toml")):
        (folder / "quarterdeck.toml").write_text("")  # the project ends here, not at the checkout around the tests
    asked = request([Path("talk.md")], cwd=folder, output=None, overrides={})
    built = Builder().build(asked)
    expected = (case / "expected.txt").read_text("utf-8")
    assert "\n".join(map(told, built.diagnostics)) == expected.rstrip("\n")
    assert case.name.partition("-")[0] in {diagnostic.code for diagnostic in built.diagnostics}
    assert "talk/index.html" in built.site.entries


def test_every_code_has_a_talk_that_shows_it() -> None:
    shown = {
        case.name.partition("-")[0]
        for case in (*CASES, *FAILING.iterdir(), *REHEARSED.iterdir(), *UNREADABLE.iterdir())
    }
    assert sorted(CODES) == sorted(shown)
