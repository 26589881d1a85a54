"""Where sessions run: bubblewrap where the machine has it, containers where there is an engine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.bash.session import ShellSession
from quarterdeck.execute.isolation import Isolation, ProcessSpec, isolate
from quarterdeck.execute.process import environment
from quarterdeck.execute.program import run_code
from quarterdeck.snippets.runners import Runner
from quarterdeck.snippets.steps import Step

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets do not run on Windows")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below /tmp: an engine in another mount namespace must see it, and bubblewrap hides /tmp."""
    place = Path.home() / ".cache"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


def process_spec(
    isolation: Isolation, folder: Path, env: dict[str, str], found: str | None = "/usr/bin/program"
) -> ProcessSpec:
    return isolate(
        ("true",),
        isolation=isolation,
        folder=folder,
        cwd=folder,
        control=folder / "control",
        env=env,
        find=lambda _name, **_: found,
    )


def pairs(argv: tuple[str, ...]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(argv))


def test_no_isolation_changes_nothing(tmp_path: Path) -> None:
    assert process_spec(Isolation(), tmp_path, {"A": "1"}) == ProcessSpec(argv=("true",), env={"A": "1"}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("isolation", "fix"),
    [
        (Isolation(kind="bubblewrap"), "apt install bubblewrap"),
        (Isolation(kind="image", image="x"), "install Docker"),
    ],
)
def test_a_missing_program_is_named_with_its_package(isolation: Isolation, fix: str, tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match=r"there is no program '(bwrap|docker)'") as caught:
        process_spec(isolation, tmp_path, {}, found=None)
    assert fix in caught.value.fix


def test_bubblewrap_hides_the_engine_unless_it_is_asked_for(tmp_path: Path) -> None:
    socket = tmp_path.parent / "engine.sock"
    socket.touch()
    env = {"PATH": "/bin", "HOME": str(tmp_path), "DOCKER_HOST": f"unix://{socket}"}
    hidden = process_spec(Isolation(kind="bubblewrap"), tmp_path, env)
    assert "DOCKER_HOST" not in hidden.env
    assert "--share-net" not in hidden.argv
    assert ("--bind-try", str(socket)) not in pairs(hidden.argv)
    shown = process_spec(Isolation(kind="bubblewrap", engine=True), tmp_path, env)
    assert shown.env["DOCKER_HOST"] == f"unix://{socket}"
    assert ("--bind-try", str(socket)) in pairs(shown.argv)
    assert "--share-net" in process_spec(Isolation(kind="bubblewrap", network=True), tmp_path, env).argv


def test_a_container_gets_the_folder_and_names_of_variables(tmp_path: Path) -> None:
    isolation = Isolation(kind="image", image="i:1", container="c")
    env = {"PATH": "/bin", "HOME": "/h", "DOCKER_HOST": "unix:///d", "TOKEN": "secret"}
    made = process_spec(isolation, tmp_path, env)
    assert {
        ("--name", "c"),
        ("-e", "TOKEN"),
        ("-v", f"{tmp_path}:{tmp_path}"),
        ("-w", str(tmp_path)),
        ("true", "i:1"),
    } <= pairs(made.argv)
    assert "secret" not in " ".join(made.argv)
    assert not {"PATH", "HOME", "DOCKER_HOST"} & set(made.argv)
    assert made.cleanup == (("/usr/bin/program", "rm", "-f", "c"),)
    joined = process_spec(Isolation(kind="image", image="i:1", container="c", join=True), tmp_path, env)
    assert joined.argv[1] == "exec"
    assert joined.argv[-2:] == ("c", "true")
    assert joined.cleanup == ()


def bubblewrap_works() -> bool:
    program = which("bwrap")
    if program is None:
        return False
    command = [program, "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0


@pytest.fixture
def boxed(folder: Path) -> Iterator[ShellSession]:
    if not bubblewrap_works():
        pytest.skip("no bubblewrap that works here (Debian: apt-get install bubblewrap)")
    env = environment(home=folder, base=os.environ)
    with ShellSession(folder, env=env, isolation=Isolation(kind="bubblewrap")) as shell:
        yield shell


def test_in_bubblewrap_the_system_is_read_only_and_the_home_private(boxed: ShellSession, folder: Path) -> None:
    assert boxed.run("touch /etc/qd-was-here").text.endswith("Read-only file system\n")
    assert boxed.run("touch here; ls; pwd").text == f"here\n{folder}\n"
    assert (folder / "here").exists()
    mine = Path.home() / ".profile"
    assert boxed.run(f"ls -a /tmp /home | grep -v ^qd-; [ -e {mine} ] || echo hidden").text.endswith("hidden\n")


def test_in_bubblewrap_there_is_no_network_but_a_session(boxed: ShellSession) -> None:
    assert boxed.run("cat /proc/net/dev | grep -c :").text == "1\n"
    assert boxed.run("X=1; sleep 1000", timeout_s=0.3).lost == ""
    job = boxed.start_background("echo $X")
    ran = job.wait(10)
    assert ran is not None
    assert ran.text == "1\n"
    assert boxed.run("setsid sleep 1000 & exit 3").status == 3


@pytest.fixture(scope="module")
def engine() -> None:
    if which("docker") is None:
        pytest.skip("no docker here")
    command = ["docker", "image", "inspect", "busybox:latest", "python:3.12"]
    if subprocess.run(command, capture_output=True, check=False, timeout=15).returncode:
        pytest.skip("no engine with the images busybox:latest and python:3.12")


@pytest.fixture
def contained(engine: None, folder: Path) -> Iterator[Callable[[str], ShellSession]]:
    opened: list[ShellSession] = []
    name = f"qd-test-{folder.name}"

    def start(image: str) -> ShellSession:
        env = environment(home=folder, base=os.environ)
        shell = ShellSession(folder, env=env, isolation=Isolation(kind="image", image=image, container=name))
        opened.append(shell)
        shell.open()
        return shell

    yield start
    for shell in opened:
        shell.close()
    left = subprocess.run(["docker", "ps", "-aq", "--filter", f"name={name}"], capture_output=True, check=True)
    assert left.stdout == b""


@pytest.mark.engine
@pytest.mark.parametrize("image", ["busybox:latest", "python:3.12"])
def test_a_session_lives_in_its_container(image: str, contained: Callable[[str], ShellSession], folder: Path) -> None:
    shell = contained(image)
    assert shell.run("mkdir a; cd a; X=1; export Y=2; pwd; false").text == f"{folder}/a\n"
    assert shell.run("echo $? $X; read x; echo $?").text == "1 1\n1\n"
    assert (folder / "a").is_dir()
    assert shell.run("sh -c 'echo $Y'").text == "2\n"
    ran = shell.run("sleep 1000", timeout_s=0.5)
    assert (ran.timed_out, ran.lost) == (True, "")
    ran = shell.run("echo 'x", timeout_s=8)
    assert (ran.timed_out, ran.line_errors[0].line) == (False, 1)
    shell.run("stty raw </dev/tty")
    assert shell.run("echo on").text == "on\n"


@pytest.mark.engine
def test_a_container_can_be_talked_to_and_has_background_jobs(contained: Callable[[str], ShellSession]) -> None:
    shell = contained("python:3.12")
    ran = shell.run("python3 -q", steps=[Step(wait=">>>"), Step(send="6*7"), Step(wait="42"), Step(send="exit()")])
    assert (ran.status, ran.problem) == (0, "")
    assert shell.run("echo quiet").text == "quiet\n"
    job = shell.start_background("hostname; sleep 1000")
    host = shell.run("hostname").text
    for _ in range(50):
        if host.strip() in job.text:
            break
        shell.pump(0.1)
    assert job.text == host
    assert job.stop().cancelled
    assert shell.run("exit 3").lost == "the shell ended with status 3"


@pytest.mark.engine
def test_a_snippet_runs_in_an_image(engine: None, folder: Path) -> None:
    runner = Runner(argv=("python3", "{file}"), suffix=".py")
    env = environment(home=folder, base=os.environ)
    isolation = Isolation(kind="image", image="python:3.12")
    ran = run_code("import sys\nprint(sys.version_info[:2])", runner, folder=folder, env=env, isolation=isolation)
    assert (ran.status, ran.text) == (0, "(3, 12)\n")
