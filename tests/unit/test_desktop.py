"""Which editor is started, and with which words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from quarterdeck.desktop import commands, edit, has_screen

TALK = Path("/talks/my talk.md")


def first(
    *installed: str, wanted: str = "", environ: Mapping[str, str] | None = None, path: Path = TALK
) -> tuple[str, ...]:
    """The first command on a machine with these programs; nothing where there is none to start."""

    def which(name: str) -> str | None:
        bare = name.rpartition("/")[2]
        return f"/bin/{bare}" if bare in installed else None

    return next(commands(path, 12, wanted=wanted, environ=environ or {}, which=which), ())


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("code", ("--goto", "/talks/my talk.md:12")),
        ("codium", ("--goto", "/talks/my talk.md:12")),
        ("cursor", ("--goto", "/talks/my talk.md:12")),
        ("subl", ("/talks/my talk.md:12",)),
        ("zed", ("/talks/my talk.md:12",)),
        ("idea", ("--line", "12", "/talks/my talk.md")),
        ("pycharm", ("--line", "12", "/talks/my talk.md")),
        ("gedit", ("+12", "/talks/my talk.md")),
        ("kate", ("--line", "12", "/talks/my talk.md")),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(program: str, words: tuple[str, ...]) -> None:
    assert first(program) == (f"/bin/{program}", *words)


def test_the_projects_editor_comes_before_the_users() -> None:
    environ = {"VISUAL": "code --wait"}
    assert first("code", "kate", "subl", wanted="kate", environ=environ)[0] == "/bin/kate"
    assert first("code", "kate", "subl", environ=environ)[0] == "/bin/code"
    assert first("code", "subl", wanted="kate", environ=environ)[0] == "/bin/code"


@pytest.mark.parametrize("wanted", ["rm -rf /", "/tmp/evil/code", "../code", "sh", "code --extensions-dir evil"])
def test_settings_that_came_with_a_talk_start_no_other_program(wanted: str) -> None:
    assert first("rm", "sh", wanted=wanted) == ()
    assert first("code", "rm", "sh", wanted=wanted)[:2] == ("/bin/code", "--goto")


@pytest.mark.parametrize("program", ["vim", "nano", "emacs -nw", "", "'unclosed", "ed"])
def test_an_editor_that_needs_the_terminal_is_not_started(program: str) -> None:
    assert first("vim", "nano", "emacs", "ed", environ={"EDITOR": program, "VISUAL": program}) == ()


def test_the_terminal_of_an_editor_says_which_one_is_in_use() -> None:
    assert first("code", "zed", environ={"ZED_TERM": "true"})[0] == "/bin/zed"
    assert first("code", "zed", environ={"TERM_PROGRAM": "vscode"})[0] == "/bin/code"
    assert first("code", "cursor", environ={"TERM_PROGRAM": "vscode", "CURSOR_TRACE_ID": "1"})[0] == "/bin/cursor"


def test_without_a_screen_no_editor_is_started() -> None:
    assert edit(TALK, 1, environ={"PATH": "/usr/bin:/bin", "VISUAL": "code"}) is False


def test_obsidian_opens_only_what_lies_in_a_vault(tmp_path: Path) -> None:
    assert edit(tmp_path / "talk.md", 1, wanted="Obsidian", environ={"DISPLAY": ":0"}) is False


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "1"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_a_window_can_appear_where_there_is_a_screen(environ: dict[str, str], platform: str, there: bool) -> None:
    assert has_screen(environ, platform=platform) is there
