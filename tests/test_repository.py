"""What the repository says to GitHub, to editors and to pre-commit is well formed, and fetches nothing unnamed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / "templates/starter/pages.yml"]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_their_commits(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    pinned = re.compile(r"\./\S+|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [each for each in used if not pinned.fullmatch(each)] == []
    assert loaded(path)["jobs"]


def test_an_action_has_one_pin() -> None:
    texts = [path.read_text("utf-8") for path in (*WORKFLOWS, ROOT / "docs/publishing.md")]
    pins = set(re.findall(r"uses: (\S+?)@(\w+) #", "\n".join(texts)))
    assert len({name for name, _ in pins}) == len(pins)


def test_workflows_ask_for_no_right_that_a_job_does_not_name() -> None:
    for path in WORKFLOWS[:-1]:
        assert loaded(path)["permissions"] == {}, path.name


@pytest.mark.parametrize("path", [path for path in FORMS if path.stem != "config"], ids=lambda path: path.name)
def test_issue_forms_are_forms(path: Path) -> None:
    form = loaded(path)
    assert {"name", "description", "body"} <= form.keys()
    kinds = {field["type"] for field in form["body"]}
    assert kinds <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
    named = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(named) == len(set(named))


def test_hooks_are_tools_of_the_project() -> None:
    config = loaded(ROOT / ".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {hook["language"] for repo in config["repos"] for hook in repo["hooks"]} == {"system"}


def test_the_version_has_its_heading_in_the_changelog() -> None:
    from quarterdeck import __version__

    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1].partition(" ")[0] == __version__
    assert all(re.fullmatch(r"\d+\.\d+\.\d+( \(\d{4}-\d\d-\d\d\))?", heading) for heading in headings[1:])


def test_the_floor_of_coverage_is_in_one_place() -> None:
    report = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage"]["report"]
    assert report["fail_under"] > 0
    assert "fail-under" not in (ROOT / "Makefile").read_text("utf-8")
