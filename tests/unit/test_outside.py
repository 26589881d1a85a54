"""Pictures as authors and their machines name them, and files outside of a project, which only some folders give."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from quarterdeck.cli.words import cli
from quarterdeck.site.builds import Build
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault with pictures, a talk's folder in it, and a picture outside of it."""
    folder = tmp_path / "vault"
    for name in ("Assets/Plan A (1).PNG", f"Assets/{unicodedata.normalize('NFD', 'Été.png')}", "Talks/sub/own.png"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (folder / ".obsidian").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/far.png").write_bytes(b"x")
    return folder


def built(vault: Path, text: str, *, allow: str | None = None) -> Build:
    talk = vault / "Talks/sub/talk.md"
    talk.write_text(text, "utf-8")
    return Builder().build(request((talk,), cwd=vault, output=None, overrides={"allow": allow}))


@pytest.mark.parametrize(
    "written",
    [
        "![[Plan A (1).PNG]]",
        "![[plan a (1).png|300]]",
        "![x](../../Assets/Plan%20A%20(1).PNG)",
        "![x](<../../Assets/Plan A (1).PNG>)",
        "![x](../../Assets/Plan A (1).PNG)",
        "![x](Assets/Plan%20A%20(1).PNG)",
        "![x](..\\\\..\\\\Assets\\\\Plan A (1).PNG)",
        '<img src="../../Assets/Plan A (1).PNG">',
        "![[Été.png]]",
        "![x](../../Assets/%C3%89t%C3%A9.png)",
        "![[../../Assets/Été.png]]",
    ],
)
def test_a_picture_is_found_as_it_is_written_on_other_machines(vault: Path, written: str) -> None:
    made = built(vault, f"# A\n\n{written}\n")

    assert made.diagnostics == ()
    assert sum(url.lower().endswith(".png") for url in made.site.entries) == 1


@pytest.mark.parametrize("written", ["{out}/far.png", "file://{out}/far.png", "../../../out/far.png"])
def test_a_file_outside_of_the_project_is_refused_until_its_folder_is_allowed(vault: Path, written: str) -> None:
    out = vault.parent / "out"
    text = f"# A\n\n![x]({written.format(out=out)})\n"

    refused = built(vault, text).diagnostics
    assert [each.code for each in refused] == ["A103"]
    assert "--allow FOLDER" in refused[0].hint
    assert built(vault, text, allow=str(out)).diagnostics == ()


def test_settings_allow_folders_too(vault: Path) -> None:
    (vault / "quarterdeck.toml").write_text('[site]\nallow = ["../out"]\n')

    assert built(vault, "# A\n\n![x](../../../out/far.png)\n").diagnostics == ()


def test_a_link_out_of_the_project_is_a_file_outside_of_it(vault: Path) -> None:
    (vault / "Assets/linked.png").symlink_to(vault.parent / "out/far.png")
    (vault / "Assets/inner.png").symlink_to("Plan A (1).PNG")

    made = built(vault, "# A\n\n![[linked.png]]\n\n![[inner.png]]\n")

    assert [(each.code, each.span.line) for each in made.diagnostics] == [("A103", 3)]


def test_folders_are_allowed_on_the_command_line(vault: Path) -> None:
    talk = vault / "talk.md"
    talk.write_text("# A\n\n![x](../out/far.png)\n\n![y](../more/other.png)\n")
    (vault.parent / "more").mkdir()
    (vault.parent / "more/other.png").write_bytes(b"y")

    allow = [f"--allow={vault.parent / name}" for name in ("out", "more")]
    first = CliRunner().invoke(cli, ["check", str(talk), allow[0]])
    both = CliRunner().invoke(cli, ["check", str(talk), *allow])

    assert first.exit_code == 1
    assert "other.png" in first.output
    assert "far.png" not in first.output
    assert both.exit_code == 0, both.output
    assert os.pathsep not in both.output


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_talk_in_another_encoding_is_read(vault: Path, encoding: str) -> None:
    talk = vault / "talk.md"
    talk.write_bytes("---\ntitle: Été\n---\n# Été\n\n---\n\nnaïve\n".encode(encoding))

    made = Builder().build(request((talk,), cwd=vault, output=None, overrides={}))

    assert [deck.title for deck in made.decks] == ["Été"]
    assert [each.code for each in made.diagnostics] == (["R101"] if encoding == "cp1252" else [])
