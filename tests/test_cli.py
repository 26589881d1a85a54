"""The commands as a user types them, in real processes."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = ("build", "explain", "goto", "new", "schema", "serve")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `quarterdeck WORDS` in `tmp_path`, not on a terminal."""

    def command(
        *words: str, env: dict[str, str] | None = None, cwd: Path = tmp_path
    ) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "quarterdeck", *words]
        return subprocess.run(line, cwd=cwd, capture_output=True, text=True, env=os.environ | (env or {}), check=False)

    return command


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talks" / "hello.md"
    path.parent.mkdir()
    path.write_text("# Hello\n\n---\n\n## Second\n\n--\n\n## Below\n")
    return path


def test_a_build_says_where_the_deck_is_and_how_long_it_took(run: Run, talk: Path) -> None:
    done = run("build", "talks")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "site/hello/index.html  3 slides"
    assert lines[1].startswith("built 1 deck in 0.") or lines[1].startswith("built 1 deck in ")
    assert len(lines) == 2
    assert done.stderr == ""
    assert (talk.parent.parent / "site" / "hello" / "index.html").is_file()
    assert (talk.parent.parent / "site" / ".nojekyll").is_file()


def test_one_file_gives_a_folder_too(run: Run, talk: Path, tmp_path: Path) -> None:
    assert run("build", "talks/hello.md", "-o", "out").returncode == 0
    assert (tmp_path / "out" / "hello" / "index.html").is_file()


def test_the_same_input_gives_the_same_bytes(run: Run, talk: Path, tmp_path: Path) -> None:
    assert run("build", "talks", "-o", "one", env={"PYTHONHASHSEED": "1"}).returncode == 0
    assert run("build", "talks", "-o", "two", env={"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}).returncode == 0
    first, second = (
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("one", "two")
    )
    assert first == second


OURS = {"reveal.js-LICENSE.txt", "fonts-inter-LICENSE.txt", "fonts-jetbrains-mono-LICENSE.txt"}


@pytest.mark.parametrize("theme", ["quarterdeck", "league", "black"])
def test_a_site_carries_the_licences_of_what_it_carries(run: Run, talk: Path, tmp_path: Path, theme: str) -> None:
    talk.write_text(f"---\ntheme: {theme}\n---\n\n# Hello\n")
    assert run("build", "talks").returncode == 0
    carried = {path.name for path in (tmp_path / "site/licences").iterdir()}
    fonts = {name for name in carried if "theme-fonts" in name}
    files = {path.name for path in (tmp_path / "site/assets").iterdir()}
    assert carried - fonts == OURS
    for font in ("league-gothic", "source-sans-pro"):
        is_used = any(name.startswith(font) for name in files)
        assert (f"reveal.js-css-theme-fonts-{font}-LICENSE.txt" in fonts) == is_used


def test_findings_are_shown_with_their_line_and_the_site_is_written(run: Run, talk: Path, tmp_path: Path) -> None:
    talk.write_text("# Hello\n\n![A cat](cat.png)\n")
    done = run("build", "talks")
    assert done.returncode == 0
    assert "talks/hello.md:3:1: error[A101]: no file 'cat.png'" in done.stderr
    assert "3 | ![A cat](cat.png)" in done.stderr
    assert done.stderr.splitlines()[-1] == "1 error"
    assert "\x1b" not in done.stderr
    assert (tmp_path / "site" / "hello" / "index.html").is_file()


def test_strict_fails_on_a_finding_and_leaves_the_site_as_it_was(run: Run, talk: Path, tmp_path: Path) -> None:
    assert run("build", "talks", "--strict").returncode == 0
    page = tmp_path / "site" / "hello" / "index.html"
    before = page.read_bytes()
    talk.write_text("# Hello\n\n![](cat.png)\n")
    done = run("build", "talks", "--strict")
    assert done.returncode == 1
    assert page.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["biuld"], "did you mean 'build'?"),
        (["build", "talks/helo.md"], "did you mean 'talks/hello.md'?"),
        (["build", "--ouptut", "x"], "--output"),
        (["goto", "talks/hello.md"], "quarterdeck goto deck/docker.md:120"),
        (["explain", "M99"], "M10"),
        (["new", "talks"], "is not empty"),
        (["serve", "--port", "99999"], "65535"),
    ],
)
def test_words_that_are_off_are_answered_with_what_would_be_right(
    run: Run, talk: Path, words: list[str], said: str
) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_talks_is_told_how_to_get_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("build", "empty")
    assert done.returncode == 2
    assert "quarterdeck new" in done.stderr


def test_goto_without_a_server_says_how_to_start_one(run: Run, talk: Path, tmp_path: Path) -> None:
    done = run(
        "goto",
        "talks/hello.md:3",
        env={"XDG_RUNTIME_DIR": str(tmp_path / "run"), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert done.returncode == 1
    assert "quarterdeck serve" in done.stderr


def test_a_new_talk_builds_without_a_finding(run: Run, tmp_path: Path) -> None:
    made = run("new", "my-first-talk")
    assert made.returncode == 0, made.stderr
    assert "my-first-talk/deck/my-first-talk.md" in made.stdout
    built = run("build", "--strict", cwd=tmp_path / "my-first-talk")
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "my-first-talk" / "site" / "my-first-talk" / "index.html").read_text("utf-8")
    assert "My first talk" in page
    workflow = (tmp_path / "my-first-talk" / ".github" / "workflows" / "pages.yml").read_text("utf-8")
    assert "quarterdeck build --strict" in workflow
    assert "${{ steps.deployment.outputs.page_url }}" in workflow


def test_the_schema_is_json_and_knows_the_front_matter(run: Run) -> None:
    schema = json.loads(run("schema").stdout)
    text = json.dumps(schema)
    assert all(f'"{key}"' in text for key in ("title", "theme", "scheme", "reveal", "verticalSeparator"))


def test_every_code_is_explained(run: Run) -> None:
    from quarterdeck.diagnostics import CODES

    told = run("explain").stdout
    assert [line.split()[0] for line in told.splitlines()] == sorted(CODES)
    assert run("explain", "m101").stdout.startswith("M101  error   ")


def test_version_and_help(run: Run) -> None:
    from quarterdeck import __version__

    assert run("--version").stdout == f"quarterdeck {__version__}\n"
    overview = run("--help").stdout
    assert [name for name in COMMANDS if f"  {name} " not in overview] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_how_it_exits(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Exit status:" in done.stdout


def test_colour_is_for_terminals_and_not_for_those_who_decline(talk: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
    talk.write_text("![](cat.png)\n")

    def on_terminal(env: dict[str, str]) -> bytes:
        ours, theirs = pty.openpty()
        line = [sys.executable, "-m", "quarterdeck", "build", "talks"]
        process = subprocess.Popen(line, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | env)
        os.close(theirs)
        said = b""
        try:
            while block := os.read(ours, 4096):
                said += block
        except OSError:  # Linux ends a pseudo-terminal's output with EIO
            pass
        finally:
            os.close(ours)
        assert process.wait() == 0
        return said

    assert b"\x1b[31m" in on_terminal({"TERM": "xterm-256color", "NO_COLOR": ""})
    assert b"\x1b[" not in on_terminal({"TERM": "xterm-256color", "NO_COLOR": "1"})


@pytest.mark.parametrize("name", ["Mon exposé d'été", "assets", "README", "index", "--help", "a/b", 'quote "x" \\'])
def test_a_first_talk_can_have_any_name(run: Run, tmp_path: Path, name: str) -> None:
    done = run("new", "--", name)
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout.splitlines()[-1].removeprefix("next: "))
    assert words[2:] == ["&&", "quarterdeck", "serve"]
    built = run("build", "--strict", cwd=tmp_path / words[1])
    assert (built.returncode, built.stderr) == (0, "")


def test_a_folder_that_cannot_be_made_is_no_traceback(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("file", "file/talk"):
        done = run("new", name)
        assert done.returncode in (1, 2)
        assert done.stderr.startswith("quarterdeck: ")
        assert "Traceback" not in done.stderr


def test_commands_that_find_nothing_to_do_say_so(run: Run, talk: Path, tmp_path: Path) -> None:
    (tmp_path / "talks/empty").mkdir()
    assert "no snippet runs" in run("status", "talks").stderr
    assert "no talk in this folder" in run("build", cwd=tmp_path / "talks/empty").stderr
    assert run("explain", "Z9").stderr.count("\n") == 2
