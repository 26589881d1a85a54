"""Snippets as fresh processes: real interpreters where the machine has them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

from quarterdeck.execute.output import CommandResult
from quarterdeck.execute.process import environment
from quarterdeck.execute.program import _Names, run_code
from quarterdeck.snippets.runners import RUNNERS, Runner, find_runner, known_languages
from quarterdeck.snippets.steps import Step

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets do not run on Windows")

HELLO = {
    "awk": 'BEGIN { print "hello" }',
    "bash": "echo hello",
    "c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }',
    "go": 'package main\nimport "fmt"\nfunc main() { fmt.Println("hello") }',
    "javascript": 'console.log("hello")',
    "lua": 'print("hello")',
    "perl": 'print "hello\\n"',
    "python": 'print("hello")',
    "ruby": 'puts "hello"',
    "sh": "echo hello",
    "sql": "select 'hello';",
}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., CommandResult]:
    def run(language: str, code: str, **options: object) -> CommandResult:
        runner = find_runner(language, {})
        assert runner is not None
        env = environment(home=tmp_path, base=os.environ)
        return run_code(code, runner, folder=tmp_path, env=env, **options)  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("language", sorted(HELLO))
def test_a_language_says_hello(language: str, run: Callable[..., CommandResult], tmp_path: Path) -> None:
    program = {"c": "cc"}.get(language, RUNNERS[language].argv[0])
    if which(program) is None:
        pytest.skip(f"no program '{program}' here")
    ran = run(language, HELLO[language], timeout_s=18)
    assert (ran.status, ran.text, ran.problem) == (0, "hello\n", "")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("snippet")] == []


def test_a_traceback_names_the_snippet_and_its_line(run: Callable[..., CommandResult], tmp_path: Path) -> None:
    ran = run("python", "x = 1\n\nraise ValueError('no')\n")
    assert ran.status == 1
    assert ran.text.splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "snippet.py", line 3, in <module>',
        "    raise ValueError('no')",
    ]
    assert str(tmp_path) not in ran.text


def test_what_lies_beside_can_be_imported_and_an_own_file_of_that_name_is_kept(
    run: Callable[..., CommandResult], write: Callable[[str, str], Path]
) -> None:
    write("app.py", "answer = 42\n")
    own = write("snippet.py", "mine\n")
    assert run("python", "import app, sys\nprint(app.answer, sys.argv[0])").text.startswith("42 snippet-2.py")
    assert own.read_text() == "mine\n"


def test_output_is_a_terminal_and_input_is_at_its_end(run: Callable[..., CommandResult]) -> None:
    code = "import os, sys\nprint(sys.stdout.isatty(), sys.stdin.read() == '', os.get_terminal_size().columns)"
    assert run("py", code).text == "True True 100\n"


def test_a_program_can_be_talked_to(run: Callable[..., CommandResult]) -> None:
    steps = [Step(wait="name? "), Step(send="Ada")]
    assert run("python", "print('hello', input('name? '))", steps=steps).text == "name? Ada\nhello Ada\n"


def test_a_missing_program_is_a_result_with_the_remedy(tmp_path: Path) -> None:
    runner = Runner(argv=("nosuchlang", "{file}"), suffix=".x")
    ran = run_code("x", runner, folder=tmp_path, env={"PATH": os.environ["PATH"]})
    assert ran.status == 127
    assert ran.problem == (
        "there is no program 'nosuchlang': install nosuchlang, or name another runner in the settings"
    )


def test_a_program_of_the_project_replaces_ours(tmp_path: Path) -> None:
    runner = find_runner(
        "Python", {"python": ("{python}", "-c", "import sys; print(open(sys.argv[1]).read())", "{file}")}
    )
    assert runner is not None
    ran = run_code("shown", runner, folder=tmp_path, env={"PATH": os.environ["PATH"]})
    assert (ran.status, ran.text) == (0, "shown\n")
    own = find_runner("cobol", {"cobol": ("cobc", "-x", "{file}")})
    assert own == Runner(argv=("cobc", "-x", "{file}"), suffix=".cobol")
    assert find_runner("cobol", {}) is None
    assert {"js", "python", "cobol"} <= known_languages({"cobol": ("x",)})


def test_time_is_limited_and_children_are_ended(run: Callable[..., CommandResult]) -> None:
    code = (
        "import signal, subprocess\n"
        "for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    ran = run("python", code, timeout_s=1)
    assert (ran.timed_out, ran.status) == (True, 137)
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.text.split()[0]), 0)


def test_cancelling_interrupts(run: Callable[..., CommandResult]) -> None:
    cancel = threading.Event()
    code = "import time\nprint('up', flush=True)\ntime.sleep(1000)"
    ran = run("python", code, cancel=cancel, on_output=lambda *_: cancel.set())
    assert ran.cancelled
    assert ran.text.rstrip().endswith("KeyboardInterrupt")


def test_a_lot_of_output_is_cut(run: Callable[..., CommandResult]) -> None:
    ran = run("python", "for n in range(1_000_000): print(n)", timeout_s=18)
    assert ran.status == 0
    assert ran.cut_bytes > 6_000_000
    assert ran.text.endswith("\n999999\n")


def test_names_of_files_lose_their_folder_wherever_reads_cut_them() -> None:
    text = b"in /tmp/x/snippet.py, not in /tmp/x/other.py nor /tmp/x"
    for size in range(1, len(text)):
        names = _Names(Path("/tmp/x"), "snippet.py")
        parts = [names.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert b"".join([*parts, names.flush()]) == b"in snippet.py, not in /tmp/x/other.py nor /tmp/x"
