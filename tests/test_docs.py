"""What README and docs/ say works as written: their files are saved, their commands typed, their names looked up."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from desk import Desk
from pages import Command, Fence, commands, fences

from quarterdeck.cli import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}
README = TEXTS["README.md"]
UNDERSTOOD = ("console", "sh", "text", "")
"""Languages of fences that are no file."""

each_page = pytest.mark.parametrize("name", TEXTS)


def words_of(command: Command) -> list[str]:
    return shlex.split(command.line, comments=True)


def is_ours(words: list[str]) -> bool:
    return words[:1] == ["quarterdeck"] and len(words) > 1 and not words[1].startswith("-")


def type_in(line: str, desk: Desk) -> str:
    """What a reader sees who types the line in the folder of the page's files."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=desk.folder,
        env=desk.env | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "```console" in text])
def test_what_a_page_shows_happens(name: str, desk: Desk) -> None:
    for fence in fences(TEXTS[name]):
        if fence.file:
            fence.write(desk.folder)
        for command in commands(fence) if fence.language == "console" else ():
            printed = type_in(command.line, desk)
            assert command.is_what_was_printed(printed), f"{name}:{fence.line}: {command.line}\n{printed}"


@each_page
def test_every_fence_can_be_tried(name: str) -> None:
    odd = [each for each in fences(TEXTS[name]) if not each.file and each.language not in UNDERSTOOD]
    assert [f"{name}:{each.line} {each.language}" for each in odd] == []


def understood(command: Command) -> str:
    """What is wrong with a command of ours, before it does anything."""
    _, verb, *words = words_of(command)
    if verb not in cli.commands:
        return f"no command {verb}"
    try:
        cli.commands[verb].make_context(verb, words, resilient_parsing=False)
    except click.exceptions.Exit:
        return ""
    except click.UsageError as error:
        return error.message
    return ""


@each_page
def test_commands_that_are_not_typed_would_be_understood(name: str) -> None:
    shown: list[Fence] = [each for each in fences(TEXTS[name]) if each.language in ("sh", "console")]
    ours = [command for each in shown for command in commands(each) if is_ours(words_of(command))]
    assert [f"{command.line}: {why}" for command in ours if (why := understood(command))] == []
    assert [each.line for each in shown if not list(commands(each))] == []


@each_page
def test_commands_in_sentences_exist(name: str) -> None:
    spans = re.findall(r"`quarterdeck ((?!explain [A-Z])[a-z]+)((?: --[\w-]+)*)", TEXTS[name])
    wrong = []
    for verb, options in spans:
        known = {flag for each in cli.commands[verb].params for flag in each.opts} if verb in cli.commands else set()
        wrong += [f"{verb}{options}"] if verb not in cli.commands or not set(options.split()) <= known else []
    assert wrong == []


@each_page
def test_links_lead_to_files_and_headings(name: str) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(TEXTS[name])):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            wrong.append(target)
    assert wrong == []


def prose(text: str) -> str:
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Of the headings of a page, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@each_page
def test_files_that_a_page_names_are_there(name: str) -> None:
    named = re.findall(
        r"`((?:quarterdeck|tests|templates|assets|deck|docs|\.github|\.ci)/[\w./*-]*)`", prose(TEXTS[name])
    )
    assert [path for path in named if not list(ROOT.glob(path.rstrip("/")))] == []


@each_page
def test_targets_of_make_that_a_page_names_exist(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = [words_of(command) for each in fences(TEXTS[name]) for command in commands(each)]
    named = [words[1] for words in shown if words[:1] == ["make"] and len(words) > 1]
    named += re.findall(r"`make (\w+)`", TEXTS[name])
    assert [target for target in named if f"\n{target}:" not in makefile] == []


@pytest.mark.parametrize(
    ("writer", "written"),
    [("docs/reference.py", "docs/reference.md"), ("docs/messages.py", "assets/ts/stage/messages.ts")],
)
def test_what_is_written_from_the_code_says_what_the_code_says(writer: str, written: str) -> None:
    page = runpy.run_path(str(ROOT / writer))["page"]
    assert (ROOT / written).read_text("utf-8") == page(), "write it anew: make docs"


def test_the_readme_is_short_and_names_every_command_and_page() -> None:
    assert len(README.splitlines()) < 150
    assert [name for name in cli.commands if f"`quarterdeck {name}" not in README] == []
    assert [name for name in TEXTS if name.startswith("docs/") and f"]({name})" not in README] == []
    assert (ROOT / ".github/slide.png").stat().st_size < 200_000
    talk = next(each for each in fences(README) if each.file)
    assert len(talk.text.splitlines()) <= 16


def test_contributing_fits_a_screen() -> None:
    assert len(TEXTS["CONTRIBUTING.md"].splitlines()) <= 60
