"""Against a real engine: what a session made is found and removed, and nothing else is touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.execute.engine import containers
from quarterdeck.execute.engine.find import Engine, ask, fingerprint
from quarterdeck.execute.engine.preflight import conflicts
from quarterdeck.execute.engine.session import EngineSession, clean_leftovers, inventory_of
from quarterdeck.execute.engine.wrapper import SNIPPET_VARIABLE

IMAGE = "busybox:latest"


def shell(session: EngineSession, script: str, **more: str) -> str:
    """What a script prints when the session's wrapper is first on PATH."""
    environment = {**os.environ, "PATH": f"{session.path}:{os.environ['PATH']}", **more}
    answer = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=session.folder, capture_output=True, text=True, timeout=18
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


@pytest.fixture
def foreign(engine: Engine, name: str) -> Iterator[str]:
    """A container that somebody else made, with the name that is the test's and `f` behind it."""
    assert ask(engine, "run", "-d", "--name", f"{name}f", "-p", "127.0.0.1::80", IMAGE, "sleep", "60").status == 0
    yield f"{name}f"
    ask(engine, "rm", "-f", "-v", f"{name}f")


def test_the_engine_says_what_it_is(engine: Engine) -> None:
    told = dict(fingerprint(engine))
    assert told["platform"].startswith("linux/")
    assert told["builder"] in ("buildx", "legacy", "buildah")
    assert all(told.values())


def test_everything_that_a_session_made_is_removed(
    docker: EngineSession, engine: Engine, name: str, foreign: str
) -> None:
    before = inventory_of(engine)
    shell(
        docker,
        f"""set -e
        docker network create {name}n
        docker volume create {name}v
        docker run -d --name {name}a --network {name}n -v {name}v:/data -v {name}w:/more {IMAGE} sleep 60
        docker --log-level error container run --rm -v {name}x:/x {IMAGE} true
        docker create --name {name}b {IMAGE} true
        mkdir app; printf 'FROM {IMAGE}\\nRUN echo {name}\\n' >app/Dockerfile
        docker build -q -t {name}:demo app
        docker image build app
        docker tag {name}:demo {name}/other
        """,
    )
    made = docker.clean(dry_run=True)
    assert made.containers == (f"{name}a", f"{name}b")
    assert made.networks == (f"{name}n",)
    assert made.volumes == (f"{name}v", f"{name}w", f"{name}x")
    assert made.tags == (f"{name}/other:latest", f"{name}:demo")
    assert docker.clean() == made
    after = inventory_of(engine)
    for part in ("containers", "networks", "volumes", "tags"):
        left = getattr(after, part) - getattr(before, part)
        assert [item for item in left if name in item] == []
    assert ask(engine, "ps", "-aq", "--filter", f"label=io.quarterdeck.session={name}").out == ""
    assert ask(engine, "inspect", foreign).status == 0
    assert not docker.folder.exists()


def test_what_was_there_before_stays(engine: Engine, name: str, tmp_path: Path) -> None:
    ask(engine, "volume", "create", f"{name}v")
    ask(engine, "tag", IMAGE, f"{name}:mine")
    try:
        session = EngineSession.start(engine, id=name, ledger=tmp_path)
        shell(session, f"docker run --rm -v {name}v:/data {IMAGE} true; docker tag {IMAGE} {name}:mine")
        shell(session, f"docker volume create {name}v")
        assert not session.clean()
        assert ask(engine, "volume", "inspect", f"{name}v").status == 0
        assert ask(engine, "image", "inspect", f"{name}:mine").status == 0
    finally:
        ask(engine, "volume", "rm", f"{name}v")
        ask(engine, "rmi", f"{name}:mine")


def test_an_untagged_build_leaves_no_image_behind(docker: EngineSession, engine: Engine, name: str) -> None:
    shell(docker, f"mkdir app; printf 'FROM {IMAGE}\\nRUN echo {name}\\n' >app/Dockerfile; docker build app")
    built = next(docker.notes.glob("*.image")).read_text().strip()
    assert ask(engine, "image", "inspect", built).status == 0
    docker.clean()
    assert ask(engine, "image", "inspect", built).status != 0


def test_a_build_that_fails_leaves_no_container_behind(docker: EngineSession, engine: Engine, name: str) -> None:
    shell(docker, f"mkdir app; printf 'FROM {IMAGE}\\nRUN echo {name} && false\\n' >app/Dockerfile; ! docker build app")
    commands = ask(engine, "ps", "-a", "--no-trunc", "--format", "{{.Command}}").out
    assert name not in commands


def test_the_wrapper_changes_nothing_that_is_seen(docker: EngineSession, engine: Engine) -> None:
    assert shell(docker, "docker run --rm " + IMAGE + " echo 'a  b' '*' ''") == "a  b *"
    assert shell(docker, "docker run --rm -i " + IMAGE + " cat <<<'from stdin'") == "from stdin"
    assert shell(docker, f"docker run --rm {IMAGE} sh -c 'exit 7' || echo $?") == "7"
    assert shell(docker, "docker images -q busybox") == ask(engine, "images", "-q", "busybox").out.strip()
    assert shell(docker, "docker nonsense 2>&1 || true") == ask(engine, "nonsense").err.strip()


def test_the_wrapper_becomes_the_client_so_that_signals_reach_it(docker: EngineSession) -> None:
    environment = {**os.environ, "PATH": f"{docker.path}:{os.environ['PATH']}"}
    wrapper = subprocess.Popen([docker.path / "docker", "events"], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while b"/bin/sh" in (told := Path(f"/proc/{wrapper.pid}/cmdline").read_bytes()) or b"events" not in told:
            assert time.monotonic() < deadline
        assert told.split(b"\0")[0] == docker.engine.program.encode()
    finally:
        wrapper.terminate()
        wrapper.wait()


def test_the_containers_of_one_snippet_can_be_stopped(docker: EngineSession, name: str) -> None:
    run = f"docker run -d --name {name}{{}} {IMAGE} sh -c 'trap exit TERM; sleep 60 & wait'"
    shell(docker, run.format("a"), **{SNIPPET_VARIABLE: "serve"})
    shell(docker, run.format("b"))
    assert docker.running() == (f"{name}a", f"{name}b")
    assert docker.stop("serve") == (f"{name}a",)
    assert docker.running() == (f"{name}b",)


def test_after_a_crash_the_next_command_cleans_up(engine: Engine, name: str, tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys\n"
        "from pathlib import Path\n"
        "from quarterdeck.execute.engine.find import find\n"
        "from quarterdeck.execute.engine.session import EngineSession\n"
        f"session = EngineSession.start(find(os.environ, timeout_s=10), id={name!r}, ledger=Path(sys.argv[1]))\n"
        f"run = [session.path / 'docker', 'run', '-d', '--name', {name + 'a'!r}, '-v', {name + 'v:/v'!r}, {IMAGE!r}]\n"
        "subprocess.run([*run, 'sleep', '60'], check=True, stdout=subprocess.DEVNULL)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crashing:
        assert crashing.stdout is not None
        assert crashing.stdout.readline() == "ready\n"
        assert clean_leftovers(tmp_path) == ()  # it is alive
        crashing.communicate("")
    ((session, would),) = clean_leftovers(tmp_path, dry_run=True)
    assert (session, would.containers, would.volumes) == (name, (f"{name}a",), (f"{name}v",))
    assert clean_leftovers(tmp_path) == ((name, would),)
    assert ask(engine, "inspect", f"{name}a").status != 0
    assert ask(engine, "volume", "inspect", f"{name}v").status != 0
    assert clean_leftovers(tmp_path) == ()


def test_conflicts_are_found_before_anything_runs(engine: Engine, name: str, foreign: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = conflicts(
            [
                "echo docker run --name x",
                f"docker run -d --name {foreign} -p 127.0.0.1:{port}:80 {IMAGE}",
                f"docker run {name}-nowhere\ndocker run {name}-nowhere",
                f"docker build -t {name}-made . && docker run {name}-made",
            ],
            engine,
        )
    assert [(one.kind, one.command) for one in found] == [("name", 1), ("port", 1), ("image", 2)]
    assert found[0].what.startswith(f"a container named '{foreign}' exists already (Up ")
    assert found[1].what == f"port {port} is taken by another program"
    assert found[2].fix == f"docker pull {name}-nowhere:latest"


def test_the_container_that_holds_a_port_is_named(engine: Engine, foreign: str) -> None:
    port = ask(engine, "port", foreign, "80").out.split(":")[1].strip()
    (found,) = conflicts([f"docker run -p {port}:80 {IMAGE}"], engine)
    assert (found.what, found.fix) == (f"port {port} is taken by container '{foreign}'", f"docker stop {foreign}")


def test_a_leftover_of_ours_is_told_as_one(engine: Engine, docker: EngineSession, name: str) -> None:
    shell(docker, f"docker create --name {name}o {IMAGE}")
    (found,) = conflicts([f"docker run --name {name}o {IMAGE}"], engine)
    assert found.fix == "an earlier run left it behind: quarterdeck clean"


def test_health_and_log_of_a_container(engine: Engine, docker: EngineSession, name: str) -> None:
    check = "--health-cmd 'test -e /ok' --health-interval 1s --health-retries 1"
    shell(docker, f"docker run -d --name {name}h {check} {IMAGE} sh -c 'echo out; echo err >&2; sleep 60'")
    shell(docker, f"docker run -d --name {name}p {IMAGE} sleep 60; docker run --name {name}e {IMAGE} true")
    assert containers.health(engine, f"{name}h") in ("starting", "unhealthy")
    shell(docker, f"docker exec {name}h touch /ok")
    deadline = time.monotonic() + 10
    while (said := containers.health(engine, f"{name}h")) != "healthy":
        assert time.monotonic() < deadline, said
    assert containers.health(engine, f"{name}p") == ""
    assert containers.health(engine, f"{name}e") == "exited"
    assert containers.health(engine, f"{name}z") == "there is no such container"
    assert sorted(containers.log(engine, f"{name}h").split()) == ["err", "out"]
    assert containers.log(engine, f"{name}z") == ""
