"""What the options of a snippet do when it really runs: sessions, files, servers, conversations, other languages."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

import pytest
from desk import Desk, commands_of_machine, fence, talk_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")


@pytest.mark.parametrize(
    ("expect", "status", "good"),
    [
        ("ok", 0, True),
        ("ok", 1, False),
        ("fail", 7, True),
        ("fail", 0, False),
        ("3", 3, True),
        ("3", 4, False),
        ("any", 0, True),
        ("any", 9, True),
    ],
)
def test_expect_says_which_statuses_are_right(desk: Desk, expect: str, status: int, good: bool) -> None:
    desk.write(talk_of(fence(f"(exit {status})", f"#it run expect={expect}")))
    done = desk.record()
    assert (done.returncode, desk.casts()) == ((0, ["it.cast"]) if good else (1, []))
    assert good or f"error[X101]: the snippet 'it' ended with status {status}" in done.stderr


def log_of(desk: Desk, *fences: str) -> list[str]:
    """Records a talk whose snippets write to `LOG`; gives what stands there in the end."""
    log = desk.root / "log"
    desk.write(f"---\nsnippets: {{env: {{LOG: {log}}}}}\n---\n" + talk_of(*fences))
    desk.record()
    return log.read_text("utf-8").split()


def test_set_ups_come_first_and_tear_downs_last_in_reverse(desk: Desk) -> None:
    assert log_of(
        desk,
        fence("echo down-1 >> $LOG", "teardown"),
        fence("echo body-1 >> $LOG", "run"),
        fence("echo up-1 >> $LOG", "setup hide"),
        fence("echo down-2 >> $LOG", "teardown hide"),
        fence("echo body-2 >> $LOG", "run"),
        fence("echo up-2 >> $LOG", "setup"),
    ) == ["up-1", "up-2", "body-1", "body-2", "down-2", "down-1"]


@pytest.mark.parametrize("bad", ["false", "exit 3", "set -e; false", "kill -9 $$", "echo 'open"])
def test_tear_downs_run_whatever_happens(desk: Desk, bad: str) -> None:
    down = fence("echo down >> $LOG; ls made >> $LOG", "#down teardown")
    assert log_of(desk, fence("touch made", "setup"), fence(bad, "#bad run"), down) == ["down", "made"]


def test_a_session_keeps_its_variables_functions_folder_and_files(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence('NAME=mine; export SHOWN=yes; greet() { echo "hello $1"; }\nmkdir -p a/b; cd a/b', "run"),
            fence("$ greet $NAME\n$ sh -c 'echo $SHOWN'\n$ basename $PWD\n$ echo kept > file", "#same run", "console"),
            fence('echo "[$NAME]"; ls -A', "#other run session=other"),
            fence("cat file", "#later run"),
        )
    )
    desk.recorded()
    assert desk.output("same") == "hello mine\nyes\nb\n"
    assert desk.output("other") == "[]\n"
    assert desk.output("later") == "kept\n"


def test_env_cwd_and_stdin_are_those_of_the_snippet(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence("mkdir sub; printf 'line 1\\nline 2\\n' > in.txt", "run"),
            fence(
                "echo $WORD; basename $PWD; read a b; read c; echo $b $c", "#own run env.WORD=hi cwd=sub stdin=in.txt"
            ),
            fence('echo "[$WORD]"; ls -1; read a; echo "[$a]"', "#after run"),
        )
    )
    desk.recorded()
    assert desk.output("own") == "hi\nsub\n1 line 2\n"
    assert desk.output("after") == "[]\nin.txt\nsub\n[]\n"


def test_a_timeout_ends_the_snippet_and_not_those_after_it(desk: Desk) -> None:
    desk.write(talk_of(fence("echo begun; sleep 77.77", "#slow run timeout=300ms"), fence("echo on", "#on run")))
    done = desk.record()
    assert done.returncode == 1
    assert "talk.md:4:1: error[X101]: the snippet 'slow' did not end within 0.3 s" in done.stderr
    assert "it said: begun" in done.stderr
    assert "sleep 77.77" not in commands_of_machine()


def test_files_on_slides_are_edited_in_the_order_of_the_deck(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence("[app]\nport = 1", "file=conf/app.ini", "ini"),
            fence("cat conf/app.ini", "#first run"),
            fence("[app]\nport = 2", "file=conf/app.ini", "ini"),
            fence("cat conf/app.ini; echo by hand >> conf/app.ini", "#second run"),
            fence("cat conf/app.ini", "#third run"),
        )
    )
    desk.recorded()
    assert desk.output("first") == "[app]\nport = 1\n"
    assert desk.output("second") == "[app]\nport = 2\n"
    assert desk.output("third") == "[app]\nport = 2\nby hand\n"


def test_a_file_on_a_slide_and_a_dependency_are_part_of_what_is_proven(desk: Desk) -> None:
    slides = (fence("one", "file=a.txt", "text"), fence("cat a.txt data/b.csv", "#see run deps=data/*.csv"))
    talk = desk.write(talk_of(*slides))
    desk.write("1;2\n", "data/b.csv")
    desk.recorded()
    assert desk.output("see") == "one\n1;2\n"
    desk.write("3;4\n", "data/b.csv")
    assert desk.status() == {"see": "stale dep data/b.csv changed"}
    desk.write("1;2\n", "data/b.csv")
    talk.write_text(talk_of(*slides).replace("one\n", "two\n"))
    assert desk.status() == {"see": "stale file a.txt changed"}
    desk.recorded()
    assert desk.output("see") == "two\n1;2\n"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_server_runs_beside_the_session_until_its_end(desk: Desk) -> None:
    port = free_port()
    serve = f"$ echo served > page.txt\n$ python3 -m http.server --bind 127.0.0.1 {port}"
    get = f"python3 -c 'import urllib.request as r; print(r.urlopen(\"http://localhost:{port}/page.txt\").read())'"
    desk.write(
        talk_of(
            fence(serve, f"#serve run bg wait=http://127.0.0.1:{port}/", "console"),
            fence(get.replace("localhost", "127.0.0.1"), "#get run"),
        )
    )
    desk.recorded()
    assert desk.output("get") == "b'served\\n'\n"
    assert "Serving HTTP on" in desk.output("serve")
    assert f"http.server --bind 127.0.0.1 {port}" not in commands_of_machine()


def test_a_server_that_never_gets_ready_is_told_at_its_line(desk: Desk) -> None:
    port = free_port()
    desk.write(talk_of(fence("$ echo up\n$ sleep 78.78", f"#s run bg wait=tcp:{port} timeout=400ms", "console")))
    done = desk.record()
    assert done.returncode == 1
    assert "talk.md:5:1: error[X101]: the snippet 's' did not get ready: not ready within" in done.stderr
    assert f"port {port}: nothing listens there" in done.stderr
    assert "sleep 78.78" not in commands_of_machine()


def test_a_conversation_is_held_step_by_step(desk: Desk) -> None:
    steps = "#| steps:\n#|   - wait: name\n#|   - send: Ada\n#|   - wait: sure\n#|   - key: enter\n"
    ask = "read -p 'Your name? ' name; read -p 'Are you sure? ' yes; echo \"Hello $name\""
    desk.write(talk_of(fence(steps + ask, "#talk run")))
    desk.recorded()
    assert [line.strip() for line in desk.output("talk").split("\n") if line] == [
        "Your name? Ada",
        "Are you sure?",
        "Hello Ada",
    ]


def test_a_program_that_wants_a_terminal_is_told_with_what_types_into_it(desk: Desk) -> None:
    desk.write(talk_of(fence("$ echo 'the input device is not a TTY' && false", "#it run", "console")))
    assert "'#| steps:' below the fence says what is typed into it" in desk.record().stderr


def test_a_conversation_that_goes_another_way_is_told(desk: Desk) -> None:
    steps = "#| steps:\n#|   - wait: password\n#|   - send: x\n"
    desk.write(talk_of(fence(f"{steps}read -p 'Your name? ' name", "#talk run timeout=500ms")))
    done = desk.record()
    assert done.returncode == 1
    assert "error[X101]: the snippet 'talk' did not end within 0.5 s, at step 1, " in done.stderr
    assert "password" in done.stderr.splitlines()[1]


def test_programs_of_other_languages_run_fresh_each_time(desk: Desk) -> None:
    desk.write('[run.runners]\nshouted = ["sh", "-c", "tr a-z A-Z < $0", "{file}"]\n', "quarterdeck.toml")
    desk.write(
        talk_of(
            fence("import os, sys\nprint(6 * 7, os.path.basename(os.getcwd()))\nx = 1", "#py run", "python"),
            fence("print('x' in globals())\nprint(open('a.txt').read())", "#again run", "python"),
            fence("from the deck", "file=a.txt", "text"),
            fence("raise SystemExit(5)", "#five run expect=5", "python"),
            fence("loud", "#loud run", "shouted"),
        )
    )
    done = desk.record()
    assert done.returncode == 1, done.stderr
    assert "talk.md:14:1: error[X101]: the snippet 'again'" in done.stderr  # its file stands on a later slide
    assert desk.output("py") == "42 folder\n"
    assert desk.output("five") == ""
    assert desk.output("loud") == "LOUD\n"


@pytest.mark.parametrize("linked", [False, True], ids=["as it is", "through a link"])
def test_home_and_session_folder_are_written_as_a_tilde(desk: Desk, linked: bool) -> None:
    where = fence("pwd; pwd -P; echo $HOME; echo ~/x", "#where run")
    desk.write(talk_of(where, fence(f"echo {desk.root}/home/x", "#home run")))
    env = {}
    if linked:
        (desk.root / "real").mkdir()
        (desk.root / "link").symlink_to(desk.root / "real")
        env = {"XDG_CACHE_HOME": str(desk.root / "link")}
    done = desk.record(env=env)
    assert done.returncode == 0, done.stderr
    assert desk.output("where") == "~\n~\n~\n~/x\n"
    assert desk.output("home") == "~/x\n"
    assert desk.recording("home").commands[0].text == "echo ~/x"
    assert all(str(desk.root).encode() not in content for content, _ in desk.files(desk.folder / "recordings").values())


def test_secrets_are_not_recorded_nor_told(desk: Desk) -> None:
    (desk.root / "said").write_text("my value is hunter2-hunter2\n")
    token = "ghp_" + "a1B2" * 9
    desk.write('[run]\nredact = ["internal-[0-9]+"]\n', "quarterdeck.toml")
    leaks = f"cat {desk.root}/said; echo t={token}; echo host internal-42"
    desk.write(talk_of(fence(leaks, "#leak run"), fence(f"{leaks}; (exit 4)", "#bad run")))
    done = desk.record(env={"SERVICE_PASSWORD": "hunter2-hunter2", "GITHUB_ACTIONS": "true"})
    assert done.returncode == 1
    assert desk.output("leak") == "my value is ••••••\nt=••••••\nhost ••••••\n"
    everything = [done.stdout, done.stderr, *(c.decode() for c, _ in desk.files(desk.folder / "recordings").values())]
    everything += [content.decode() for content, _ in desk.files(desk.cache / "failed").values()]
    talk = talk_of(fence(leaks, ""))
    assert [text for text in everything if "hunter2-hunter2" in text] == []
    assert [text for text in everything[2:] if token in text or "internal-42" in text] == [], talk
    assert "leak: hidden from the recording: $SERVICE_PASSWORD (1 time)" in done.stdout


def test_a_kernel_keeps_what_its_cells_made(desk: Desk) -> None:
    pytest.importorskip("ipykernel", reason="the extra 'kernel' is not installed")
    desk.write(talk_of(fence("x = 20", "run kernel", "python"), fence("print(x + 1)", "#sum run kernel", "python")))
    desk.recorded()
    assert desk.output("sum") == "21\n"


def test_the_environment_is_clean(desk: Desk) -> None:
    desk.write(talk_of(fence("env | cut -d= -f1 | sort | tr '\\n' ' '", "#names run")))
    done = desk.record(env={"PRIVATE": "1", "AWS_PROFILE": "x", "DOCKER_CONTEXT": "there", "NODE_OPTIONS": "-v"})
    assert done.returncode == 0, done.stderr
    names = desk.output("names").split()
    assert {"HOME", "PATH", "TERM", "DOCKER_CONTEXT"} <= set(names)
    assert not {"PRIVATE", "AWS_PROFILE", "XDG_CACHE_HOME", "NODE_OPTIONS"} & set(names)
    assert Path(os.devnull).exists()


# lines that run and are not shown


def page_of(desk: Desk) -> str:
    assert desk.run("build", "-o", "../site").returncode == 0
    return (desk.root / "site/talk/index.html").read_text("utf-8")


def test_hidden_commands_run_and_are_neither_shown_nor_copied(desk: Desk) -> None:
    code = "#| hide: 1-2\n$ quiet=kept\n$ echo $quiet-first\n$ echo $quiet-second"
    desk.write(fence(code, "#it run", "console"))
    desk.recorded()
    assert desk.output("it") == "kept-first\nkept-second\n"
    page = page_of(desk)
    assert "kept-second" in page
    assert "echo $quiet-second" in page
    replay = next((desk.root / "site/assets").glob("talk-it.*.js")).read_text("utf-8")
    for place in (page, replay):
        assert "kept-first" not in place
        assert "quiet=kept" not in place


def test_hidden_lines_of_scripts_programs_and_dockerfiles_run(desk: Desk) -> None:
    desk.write(
        talk_of(
            fence("#| hide: 1\nsecret_one=kept\necho $secret_one", "#script run", "bash"),
            fence("secret_two = 'kept'\nprint(secret_two)", "#program run hide=1", "python"),
            fence("FROM scratch\n# secret three\nCOPY . /", "file=Dockerfile hide=2", "dockerfile"),
            fence("$ grep -c three Dockerfile", "#file run", "console"),
        )
    )
    desk.recorded()
    assert [desk.output(name) for name in ("script", "program", "file")] == ["kept\n", "kept\n", "1\n"]
    page = page_of(desk)
    assert page.count("kept") == 2
    for hidden in ("secret_one=", "secret_two =", "secret three"):
        assert hidden not in re.sub(r"<[^>]*>", "", page)


def test_a_snippet_of_which_all_is_hidden_leaves_no_box(desk: Desk) -> None:
    desk.write(fence("$ echo unseen", "#it run hide=1", "console") + "\n" + fence("ls", "hide=no", "bash"))
    desk.recorded()
    page = page_of(desk)
    assert "unseen" not in page
    assert page.count("<figure") == 1


def test_hiding_other_lines_makes_no_recording_stale(desk: Desk) -> None:
    desk.write(fence("$ echo a\n$ echo b", "#it run hide=1", "console"))
    desk.recorded()
    desk.write(fence("$ echo a\n$ echo b", "#it run", "console"))
    assert desk.status() == {"it": "fresh"}
