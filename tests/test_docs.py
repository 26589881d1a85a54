"""What the README says works as written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"^(`{{3,4}}){language}\n(.*?)^\1$", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[2]


def quarterdeck(*words: str, cwd: Path) -> str:
    line = [sys.executable, "-m", "quarterdeck", *words]
    own = {"XDG_STATE_HOME": str(cwd / ".state"), "XDG_CACHE_HOME": str(cwd / ".cache")}
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | own)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 120


def test_the_first_talk_builds_without_a_finding(tmp_path: Path) -> None:
    (tmp_path / "hello.md").write_text(block("markdown"), "utf-8")
    assert len(block("markdown").splitlines()) <= 16
    assert "1 recording written" in quarterdeck("record", "--yes", "hello.md", cwd=tmp_path)
    command = next(line for line in README.splitlines() if line.startswith("    quarterdeck build"))
    said = quarterdeck(*shlex.split(command.partition("#")[0])[1:], cwd=tmp_path)
    assert "site/hello/index.html  3 slides" in said
    page = (tmp_path / "site/hello/index.html").read_text("utf-8")
    assert 'class="qd-row">3<' in page


def test_front_matter_and_settings_are_understood(tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck/docker.md").write_text(f"---\n{block('yaml')}---\n# A\n", "utf-8")
    (tmp_path / "quarterdeck.toml").write_text(block("toml"), "utf-8")
    quarterdeck("build", "--strict", cwd=tmp_path)
    page = (tmp_path / "site/docker/index.html").read_text("utf-8")
    assert '<html lang="fr"' in page
    assert '"autoSlide": 20000' in page
    assert "Courses" in (tmp_path / "site/index.html").read_text("utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"quarterdeck ([a-z]+)", README))))
def test_every_command_of_the_readme_exists(command: str) -> None:
    assert "Usage: quarterdeck" in quarterdeck(command, "--help", cwd=ROOT)


def test_every_command_is_in_the_readme() -> None:
    from quarterdeck.cli.words import cli

    assert [name for name in cli.commands if f"`quarterdeck {name}" not in README] == []


def test_every_target_of_make_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [t for t in re.findall(r"^    make (\w+)", README, re.MULTILINE) if f"\n{t}:" not in makefile] == []


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    # what `make` builds is not there before it
    paths = [path for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", text) if "/" in path and path != "site/"]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    one = re.search(r"pytest (\S+) -k (\w+)", text)
    assert one is not None
    assert re.search(rf"def test_\w*{one[2]}", (ROOT / one[1]).read_text("utf-8"))


def test_links_of_the_readme_lead_to_files() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", README) if not t.startswith("http")]
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert (ROOT / ".github/slide.png").stat().st_size < 200_000
