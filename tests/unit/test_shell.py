"""One real bash per test, and what authors and programs do to it on a bad day."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper
from quarterdeck.execute.bash.marks import decoded
from quarterdeck.execute.bash.session import ShellSession
from quarterdeck.execute.bash.start import find_bash
from quarterdeck.execute.process import Size, environment
from quarterdeck.snippets.conditions import parse_condition
from quarterdeck.snippets.escapes import plain
from quarterdeck.snippets.steps import Step

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets do not run on Windows")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ShellSession]]:
    """Opens sessions in `tmp_path`; after the test nothing of them may be alive."""
    opened: list[ShellSession] = []

    def start(**options: object) -> ShellSession:
        env = environment(home=tmp_path, base=os.environ)
        session = ShellSession(tmp_path, env=env, **options)  # type: ignore[arg-type]
        opened.append(session)
        session.open()
        return session

    yield start
    for session in opened:
        nonce = nonce_of(session)
        assert session.close() == ()
        assert reaper.marked(nonce) == set()


@pytest.fixture
def shell(start: Callable[..., ShellSession]) -> ShellSession:
    return start()


def nonce_of(session: ShellSession) -> str:
    return session._terminal.nonce if session.is_open else "none"


def alive(pid: int) -> bool:
    return any(process.pid == pid and not process.dead for process in reaper.processes())


# what a session is for


def test_folder_variables_functions_and_aliases_last(shell: ShellSession, tmp_path: Path) -> None:
    ran = shell.run("mkdir a && cd a\nX=1; export Y=2\nf() { echo f $X $Y; }\nalias g=f")
    assert (ran.status, ran.text, ran.cwd) == (0, "", str(tmp_path / "a"))
    assert shell.run("g; pwd").text == f"f 1 2\n{tmp_path}/a\n"
    assert shell.run("printenv Y").text == "2\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [("true", 0), ("false", 1), ("(exit 7)", 7), ("return 5", 5), ("nosuch", 127), ("kill -TERM $BASHPID | cat", 0)],
)
def test_the_status_is_that_of_the_last_command(shell: ShellSession, text: str, status: int) -> None:
    assert shell.run(text).status == status
    if "|" not in text:
        assert shell.run("echo $?").text == f"{status}\n"


def test_a_question_of_ours_leaves_the_last_status_alone(shell: ShellSession) -> None:
    shell.run("(exit 7)")
    shell.ask("false")
    assert shell.run("echo $?").text == "7\n"


def test_programs_see_a_terminal_of_the_size_asked_for(start: Callable[..., ShellSession]) -> None:
    shell = start(size=Size(cols=91, rows=17))
    assert shell.run("[ -t 1 ] && stty size </dev/tty; env | grep -c '^COLUMNS'").text == "17 91\n0\n"
    shell.resize(40, 10)
    assert shell.run("stty size </dev/tty").text == "10 40\n"


def test_heredocs_and_multi_line_text_work_and_lines_count_from_one(shell: ShellSession) -> None:
    assert shell.run("cat <<END\none\n$((1 + 1))\nEND\necho $LINENO").text == "one\n2\n5\n"


def test_output_comes_with_its_times_while_it_is_printed(shell: ShellSession) -> None:
    seen: list[bytes] = []
    ran = shell.run("echo a; read -t 0.2 </dev/tty; echo b", on_output=lambda _, part: seen.append(part))
    assert b"".join(seen) == ran.output
    (first, a), (second, b) = ran.events
    assert (a, b) == (b"a\r\n", b"b\r\n")
    assert 0 <= first <= second - 0.15
    assert ran.duration_s >= second


def test_the_environment_is_clean(tmp_path: Path) -> None:
    base = {
        "PATH": f"{os.environ['PATH']}:relative::",
        "HOME": "/nonexistent",
        "SECRET": "x",
        "BASH_ENV": "/x",
        "PROMPT_COMMAND": "echo x",
        "DOCKER_HOST": "unix:///d",
    }
    env = environment(home=tmp_path, base=base, extra={"ADDED": "1"}, first_on_path=[tmp_path])
    with ShellSession(tmp_path, env=env) as shell:
        assert shell.run("echo ${SECRET-no} ${BASH_ENV-no} $DOCKER_HOST $TERM $PAGER $ADDED ~").text == (
            f"no no unix:///d xterm-256color cat 1 {tmp_path}\n"
        )
        assert shell.run("echo $BUILDKIT_PROGRESS $GIT_PAGER $LC_ALL").text == "plain cat C.UTF-8\n"
    assert env["PATH"].split(":")[0] == str(tmp_path)
    assert "relative" not in env["PATH"]


def test_the_engine_settings_of_the_author_are_found_from_a_private_home(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    base = {"PATH": "/bin", "HOME": str(tmp_path)}
    assert environment(home=tmp_path / "private", base=base)["DOCKER_CONFIG"] == str(tmp_path / ".docker")


# mistakes in the text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("echo 'ab", 1, "matching `''"),
        ('echo a\necho "b', 2, "matching `\"'"),
        ("if true; then\n  echo x", 2, "unexpected end of file"),
        ("echo a\nfi\necho b", 2, "near unexpected token `fi'"),
    ],
)
def test_a_syntax_error_ends_with_status_2_and_its_line(shell: ShellSession, text: str, line: int, said: str) -> None:
    ran = shell.run(text)
    assert ran.status in (1, 2)
    assert said in ran.text
    assert f"bash: line {line}: " in ran.text
    assert "/qd-" not in ran.text
    assert ran.line_errors[0].line == line
    assert said in ran.line_errors[0].message
    assert shell.run("echo on").text == "on\n"


def test_an_unclosed_heredoc_ends(shell: ShellSession) -> None:
    assert shell.run("cat <<END\nx").text.endswith("delimited by end-of-file (wanted `END')\nx\n")
    assert shell.run("echo on").text == "on\n"


def test_messages_look_as_at_a_prompt(shell: ShellSession) -> None:
    assert shell.run("nosuch").text == "bash: nosuch: command not found\n"
    assert shell.run("cd /nosuch").text == "bash: cd: /nosuch: No such file or directory\n"


# the shell ends


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("echo a\nexit 3\necho b", 3, "the shell ended with status 3"),
        ("set -e\necho a\nfalse\necho b", 1, "the shell ended with status 1"),
        ("echo a; kill -9 $$", 137, "the shell ended by signal SIGKILL"),
        ("echo a; exec true", 0, "the shell ended with status 0"),
        ("trap 'echo a' EXIT; exit 4", 4, "the shell ended with status 4"),
    ],
)
def test_a_shell_that_ends_is_lost_and_can_be_restarted(shell: ShellSession, text: str, status: int, why: str) -> None:
    ran = shell.run(text)
    assert (ran.status, ran.text, ran.lost) == (status, "a\n", why)
    later = shell.run("echo never")
    assert (later.status, later.events, later.lost) == (None, (), why)
    assert shell.ask("echo never") == ""
    with pytest.raises(SurroundingsError, match="nothing more runs"):
        shell.start_background("true")
    shell.restart()
    assert shell.run("echo again").text == "again\n"


def test_killing_the_reaper_ends_the_session_with_all_that_it_started(shell: ShellSession) -> None:
    ran = shell.run("sleep 1000 & echo $!; kill -9 $PPID; sleep 1000", timeout_s=5)
    assert ran.lost
    shell.close()
    assert not alive(int(ran.text.split()[0]))


def test_set_e_without_a_failure_goes_on(shell: ShellSession) -> None:
    assert shell.run("set -e; ! true").lost == ""
    assert shell.run("echo on").text == "on\n"


def test_suspend_does_not_stop_the_session(shell: ShellSession) -> None:
    assert shell.run("suspend; echo on", timeout_s=5).text == "on\n"


# input


def test_a_reader_of_the_input_finds_its_end(shell: ShellSession, tmp_path: Path) -> None:
    assert shell.run("read x; echo $?; cat; bash; python3 -c 'print(len(input()))' 2>&1 | tail -1").text == (
        "1\nEOFError: EOF when reading a line\n"
    )
    assert shell.run("echo on").text == "on\n"


def test_input_comes_from_a_file(shell: ShellSession, write: Callable[[str, str], Path]) -> None:
    assert shell.run("read x; echo got $x; cat", stdin=write("in.txt", "one\ntwo\n")).text == "got one\ntwo\n"


def test_a_missing_input_file_is_an_error_of_the_command(shell: ShellSession, tmp_path: Path) -> None:
    ran = shell.run("echo never", stdin=tmp_path / "nosuch", timeout_s=5)
    assert (ran.status, ran.lost) == (1, "")


def test_a_conversation_types_after_it_has_seen_and_is_echoed(shell: ShellSession) -> None:
    steps = [Step(wait="name?"), Step(send="Ada"), Step(wait="/h[ae]llo (\\w+)/"), Step(key="ctrl-d")]
    ran = shell.run("read -p 'name? ' n; echo hello $n; cat", steps=steps, timeout_s=10)
    assert (ran.status, ran.problem, ran.text) == (0, "", "name? Ada\nhello Ada\n")
    assert shell.run("echo quiet").text == "quiet\n"


def test_a_conversation_with_a_program_of_its_own_terminal_modes(shell: ShellSession) -> None:
    steps = [Step(wait=">>> "), Step(send="6 * 7"), Step(wait="42"), Step(send="exit()")]
    ran = shell.run("python3 -q", steps=steps, timeout_s=15)
    assert (ran.status, ran.problem) == (0, "")
    assert plain(ran.text).splitlines()[:2] == [">>> 6 * 7", "42"]


def test_a_step_that_is_not_reached_says_so(shell: ShellSession) -> None:
    ran = shell.run("echo a; cat", steps=[Step(wait="a"), Step(wait="never", timeout_s=0.3)], timeout_s=10)
    assert ran.problem == "step 2, wait 'never': not seen within 0.3 s"
    assert ran.lost == ""
    ended = shell.run("echo a", steps=[Step(wait="b")], timeout_s=10)
    assert ended.problem == "step 1, wait 'b': the program ended before it"
    assert shell.run("echo on").text == "on\n"


def test_keys_may_be_typed_into_a_running_program(shell: ShellSession) -> None:
    def answer(_at_s: float, part: bytes) -> None:
        if b"?" in part:
            shell.write(b"yes\r")

    assert shell.run("read -p 'sure? ' x; echo [$x]", stdin="tty", on_output=answer).text == "sure? yes\n[yes]\n"


# terminal modes, redirections, traps, options


@pytest.mark.parametrize(
    "text",
    [
        "stty -echo </dev/tty",
        "stty sane </dev/tty",
        "stty raw </dev/tty",
        "stty raw -echo intr ^G kill ^T </dev/tty",
        "unset PROMPT_COMMAND",
        "PROMPT_COMMAND=",
        "PROMPT_COMMAND='echo x'",
        "readonly PROMPT_COMMAND",
        "PROMPT_COMMAND='echo x'; readonly PROMPT_COMMAND",
        "PS1='$ '; PS2='> '; PS0=x; PS4=y",
        "readonly PS1",
        "set -u",
        "set -f -C -k -h -P",
        "set -o posix",
        "set -b",
        "shopt -s extdebug failglob nocasematch",
        "IFS=0123456789abcdef",
        "trap 'echo debug' DEBUG",
        "trap 'echo err' ERR",
        "trap '' INT TERM",
        "printf() { echo x; }; local() { echo x; }; alias true=false stty=false",
        "LC_ALL=C LANG=",
        "TERM=dumb; unset TERM HOME PATH; PATH=/usr/bin:/bin",
        "cd /; umask 777",
        "exec 3</dev/null 4>/dev/null 10>/dev/null",
        "exec </dev/null",
        "mkdir gone; cd gone; rmdir ../gone",
    ],
)
def test_what_a_snippet_leaves_behind_does_not_disturb_the_next(shell: ShellSession, text: str) -> None:
    first = shell.run(text, timeout_s=10)
    assert first.lost == ""
    second = shell.run("(exit 6)", timeout_s=10)
    assert (second.status, second.text.replace("err\n", ""), second.lost) == (6, "", "")
    assert shell.run("command echo o\\\nn", timeout_s=10).text == "on\n"


def test_output_that_a_snippet_sent_away_stays_away_and_the_marks_come(shell: ShellSession) -> None:
    assert shell.run("exec >/dev/null; echo a").status == 0
    ran = shell.run("echo b; (exit 4)")
    assert (ran.status, ran.text) == (4, "")
    assert shell.run("exec >/dev/tty; echo c").text == "c\n"


def test_tracing_shows_the_snippet_and_nothing_of_ours(shell: ShellSession) -> None:
    assert shell.run("set -x\necho a").text == "++ echo a\na\n"
    assert shell.run("echo b").text == "++ echo b\nb\n"
    assert shell.run("echo b\necho 'c").line_errors[0].line == 2
    assert shell.run("set +x").text == "++ set +x\n"
    assert shell.run("echo $LINENO; set -v").text in ("1\n", "2\n")
    assert shell.run("echo d").text == "echo d\nd\n"


def test_a_debug_trap_is_not_shown_around_the_snippets_that_follow(shell: ShellSession) -> None:
    shell.run("trap 'echo debug' DEBUG")
    assert shell.run("echo a").text in ("a\n", "debug\na\n")


# what programs print


def test_bytes_that_are_no_text_arrive_as_they_are(shell: ShellSession) -> None:
    ran = shell.run(r"printf '\000\001\377\376\033[31m\200'; head -c 100000 /dev/urandom | tr -d '\n' >x; cat x")
    assert ran.status == 0
    assert ran.output[:11] == b"\x00\x01\xff\xfe\x1b[31m\x80" + Path(shell.folder, "x").read_bytes()[:1]
    assert len(ran.output) == 10 + Path(shell.folder, "x").stat().st_size
    assert "�" in "".join(text for _, text in decoded(ran.events))


def test_a_character_cut_by_reads_is_whole_in_the_text(shell: ShellSession) -> None:
    ran = shell.run(r"printf 'a\303'; read -t 0.1 </dev/tty; printf '\251b\303'")
    assert "".join(text for _, text in decoded(ran.events)) == "aéb�"
    assert len(ran.events) == 2


def test_fifty_megabytes_are_cut_in_the_middle_in_bounded_memory(shell: ShellSession) -> None:
    ran = shell.run("seq 1 6500000; echo the end", timeout_s=18)
    assert (ran.status, ran.timed_out) == (0, False)
    assert ran.cut_bytes > 45_000_000
    assert len(ran.output) <= 512 * 1024
    assert len(ran.output) + ran.cut_bytes == sum(9 * 10**n * (n + 3) for n in range(6)) + 5_500_001 * 9 + 9
    assert ran.events[ran.cut_at - 1][1].endswith(b"\n")
    assert ran.events[ran.cut_at][1].split(b"\r\n")[0].isdigit()
    assert ran.text.startswith("1\n2\n")
    assert ran.text.endswith("\n6500000\nthe end\n")
    assert len(ran.events) < 20_000


def test_one_endless_line_is_cut_too(shell: ShellSession) -> None:
    ran = shell.run("head -c 3000000 /dev/zero | tr '\\0' x")
    assert len(ran.output) + ran.cut_bytes == 3_000_000
    assert len(ran.output) == 512 * 1024


def test_forged_marks_are_output(shell: ShellSession) -> None:
    forged = r"\e]5379;D;00000000000000000000000000000000;1;9;2f;x\a"
    ran = shell.run(f"printf '{forged}'; echo on; (exit 3)")
    assert ran.status == 3
    assert ran.output == b"\x1b]5379;D;" + b"0" * 32 + b";1;9;2f;x\x07on\r\n"


def test_an_end_mark_with_another_number_is_no_end(shell: ShellSession) -> None:
    ran = shell.run(r'printf "\e]5379;D;%s;77;9;;\a" "$QUARTERDECK_SESSION"; echo on')
    assert (ran.status, ran.text) == (0, "on\n")


def test_late_output_of_a_background_job_belongs_to_no_command(start: Callable[..., ShellSession]) -> None:
    late = bytearray()
    shell = start(on_late=late.extend)
    (shell.folder / "go").unlink(missing_ok=True)
    ran = shell.run("(until [ -e go ]; do sleep 0.01; done; echo late; : >went) & echo now")
    assert ran.text == "now\n"
    (shell.folder / "go").touch()
    deadline = time.monotonic() + 5
    while b"late" not in late and time.monotonic() < deadline:
        shell.pump(0.1)
    assert b"late\r\n" in late
    assert shell.run("echo on").text == "on\n"
    assert b"on\r\n" not in late


# time


def test_ctrl_c_of_the_author_ends_the_command_and_keeps_the_session(shell: ShellSession) -> None:
    cancel = threading.Event()
    ran = shell.run("X=1; sh -c 'echo a; exec sleep 1000'; echo b", on_output=lambda *_: cancel.set(), cancel=cancel)
    assert (ran.status, ran.cancelled, ran.timed_out, ran.lost) == (130, True, False, "")
    assert "b" not in ran.text
    assert shell.run("echo $X").text == "1\n"


def test_a_command_without_its_marks_is_cancelled_too(shell: ShellSession) -> None:
    ran = shell.run("unset PROMPT_COMMAND; sleep 1000", timeout_s=0.3)
    assert (ran.status, ran.timed_out, ran.lost) == (130, True, "")
    assert shell.run("echo on").text == "on\n"


@pytest.mark.parametrize(
    "text",
    [
        "sleep 1000 | cat",
        "while :; do sleep 0.01; done",
        "while :; do :; done",
        "stty raw </dev/tty; sleep 1000",
        "bash --norc -c 'sleep 1000'",
    ],
)
def test_a_command_that_takes_too_long_is_interrupted(shell: ShellSession, text: str) -> None:
    ran = shell.run(text, timeout_s=0.3)
    assert (ran.status, ran.timed_out, ran.lost) == (130, True, "")  # 137 where the key was not enough
    assert shell.run("echo on").text == "on\n"


def test_a_program_that_ignores_every_polite_signal_is_killed_and_the_session_goes_on(shell: ShellSession) -> None:
    ran = shell.run("X=1; bash --norc -c 'trap \"\" INT TERM HUP; while :; do sleep 0.05; done'", timeout_s=0.3)
    assert (ran.status, ran.timed_out, ran.lost) == (137, True, "")
    assert shell.run("echo $X").text == "1\n"


def test_a_shell_that_ignores_every_signal_is_killed_as_a_whole(shell: ShellSession) -> None:
    ran = shell.run("trap '' INT TERM HUP; sleep 1000 & echo $!; while :; do :; done", timeout_s=0.3)
    assert (ran.status, ran.timed_out) == (137, True)
    assert ran.lost == "a command did not end within 0.3 s, and its shell had to be killed"
    assert not alive(int(ran.text))


# nothing is left


@pytest.mark.parametrize(
    "text",
    [
        "sh -c 'echo $$ >pid; exec sleep 1000' &",
        "setsid sh -c 'echo $$ >pid; exec sleep 1000' &",
        "nohup sh -c 'echo $$ >pid; exec sleep 1000' >/dev/null 2>&1 & disown",
        "(setsid sh -c 'echo $$ >pid; exec sleep 1000' >/dev/null 2>&1 &)",
        "(env -i setsid sh -c 'echo $$ >pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &)",
        "(trap '' HUP TERM INT; exec env -i setsid sh -c 'echo $$ >pid; exec sleep 1000') </dev/null >/dev/null 2>&1 &",
    ],
)
def test_a_daemon_does_not_hold_the_run_and_does_not_outlive_the_session(shell: ShellSession, text: str) -> None:
    ran = shell.run(f"{text}\nuntil [ -s pid ]; do sleep 0.01; done; cat pid", timeout_s=10)
    assert (ran.status, ran.timed_out) == (0, False)
    pid = int(ran.text.split()[-1])
    assert alive(pid)
    assert shell.close() == ()
    assert not alive(pid)


def test_a_daemon_that_holds_the_terminal_does_not_hide_the_end_of_the_shell(shell: ShellSession) -> None:
    ran = shell.run("setsid sleep 1000 & exit 5", timeout_s=10)
    assert (ran.status, ran.timed_out) == (5, False)


def test_quarterdeck_may_die_and_nothing_of_the_session_survives(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from quarterdeck.execute.bash.session import ShellSession\n"
        "shell = ShellSession(Path(sys.argv[1]), env={'PATH': os.environ['PATH'], 'HOME': sys.argv[1]})\n"
        "shell.open()\n"
        "shell.run('env -i sleep 1000 & echo $! >pid')\n"
        "Path('control').write_text(str(shell.control))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}", str(tmp_path)],
        cwd=tmp_path,
        timeout=15,
        check=False,
    )
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    control = Path((tmp_path / "control").read_text())
    while (alive(pid) or control.exists()) and time.monotonic() < deadline:
        os.sched_yield()
    assert not alive(pid)
    assert not control.exists()


def test_fifty_runs_leave_no_descriptor_and_no_file(start: Callable[..., ShellSession]) -> None:
    def descriptors() -> int:
        return len(os.listdir("/dev/fd"))  # noqa: PTH208

    start().close()
    before = descriptors()
    shell = start()
    control = shell.control
    for number in range(50):
        assert shell.run(f"echo {number}").text == f"{number}\n"
    assert sorted(path.name for path in control.iterdir()) == ["setup.bash", "setup.sh"]
    background = shell.start_background("sleep 1000")
    background.stop()
    shell.close()
    assert descriptors() == before
    assert not control.exists()


def test_sessions_run_in_threads_at_the_same_time(start: Callable[..., ShellSession]) -> None:
    sessions = [start() for _ in range(4)]
    texts: dict[int, str] = {}

    def work(number: int) -> None:
        for _ in range(10):
            texts[number] = texts.get(number, "") + sessions[number].run(f"echo {number}").text

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert texts == {number: f"{number}\n" * 10 for number in range(4)}


# beside the session


def test_a_background_job_has_the_folder_variables_and_functions_of_its_session(shell: ShellSession) -> None:
    shell.run("mkdir sub; cd sub; export A=1; B=two; f() { echo $A $B $PWD; }; alias g=f; (exit 9)")
    job = shell.start_background("g")
    ran = job.wait(10)
    assert ran is not None
    assert (ran.status, ran.text) == (0, f"1 two {shell.folder}/sub\n")
    assert shell.run("echo $?").text == "9\n"


def test_a_server_is_waited_for_and_stopped(shell: ShellSession) -> None:
    job = shell.start_background("echo $$; python3 -u -m http.server --bind 127.0.0.1 0")
    ready = parse_condition(r"log:/Serving HTTP on .* port (\d+)/")
    assert not isinstance(ready, str)
    assert job.wait_ready(ready, timeout_s=10) == ""
    port = job.text.partition(" port ")[2].split()[0]
    answers = parse_condition(f"http://localhost:{port}/")
    assert not isinstance(answers, str)
    assert job.wait_ready(answers, timeout_s=10) == ""
    assert "Directory listing" in shell.run(f"curl -s http://127.0.0.1:{port}/").text
    assert job.status is None
    ran = job.stop()
    assert ran.cancelled
    assert '"GET / HTTP/1.1" 200' in ran.text
    assert not alive(int(ran.text.split()[0]))
    assert shell.run("echo on").text == "on\n"


def test_a_job_that_ends_before_it_is_ready_says_how(shell: ShellSession) -> None:
    ready = parse_condition("log:/never/")
    assert not isinstance(ready, str)
    why = shell.start_background("echo no; exit 3").wait_ready(ready, timeout_s=10)
    assert why == "it ended with status 3 before it was ready (nothing in its output matches /never/)"


def test_a_talkative_job_does_not_block_while_the_session_runs_something(shell: ShellSession) -> None:
    job = shell.start_background("seq 1 200000; echo done >finished; sleep 1000")
    ran = shell.run("until [ -e finished ]; do sleep 0.02; done", timeout_s=15)
    assert (ran.status, ran.timed_out) == (0, False)
    assert job.text.endswith("200000\n")


def test_jobs_end_with_their_session(shell: ShellSession) -> None:
    job = shell.start_background("echo $$; setsid sleep 1000")
    ready = parse_condition(r"log:/^\d+/")
    assert not isinstance(ready, str)
    assert job.wait_ready(ready, timeout_s=10) == ""
    pid = int(job.text)
    shell.close()
    assert not alive(pid)
    assert job.text == f"{pid}\n"


# which bash


def test_an_old_bash_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "bash").write_text("#!/bin/sh\necho 3 2\n")
    (tmp_path / "bash").chmod(0o755)
    with pytest.raises(SurroundingsError, match=r"needs bash 4\.4 or newer: .*bash is 3\.2") as caught:
        find_bash(str(tmp_path), places=())
    assert "brew install bash" in caught.value.fix
    assert find_bash(str(tmp_path), places=("/usr/bin", "/bin")).name == "bash"


def test_no_bash_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="there is none on PATH"):
        find_bash(f"{tmp_path}:relative:", places=())


LATE = "trap '' HUP; (while kill -0 $$ 2>/dev/null; do echo up; done; echo broken) &"
"""Something of the shell that speaks until the shell has been gone for a moment."""


@pytest.mark.parametrize(
    ("said", "why"),
    [("echo broken >/dev/tty", "broken"), (LATE, "broken"), ("", "it ended with status 4")],
    ids=["in time", "late", "nothing"],
)
def test_a_shell_that_does_not_answer_is_an_error_with_what_it_said(said: str, why: str, tmp_path: Path) -> None:
    bash = tmp_path / "bash"
    bash.write_text(f"#!/bin/sh\ncase $3 in -c) echo 5 2; exit; esac\n{said}\nexit 4\n")
    bash.chmod(0o755)
    env = environment(home=tmp_path, base=os.environ, first_on_path=[tmp_path])
    with pytest.raises(SurroundingsError, match=rf"(?s)does not start .*{why}\n"):
        ShellSession(tmp_path, env=env).open()


def test_limits_hold_for_what_runs(start: Callable[..., ShellSession]) -> None:
    shell = start(largest_file_bytes=1 << 20)
    assert shell.run("ulimit -f; ulimit -c").text == "1024\n0\n"
    assert shell.run("head -c 3000000 /dev/zero >big 2>/dev/null; stat -c %s big").text.endswith(f"{1 << 20}\n")
