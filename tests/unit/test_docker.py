"""Engines that are not there, and command lines that are only read: no engine needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from quarterdeck.execute.engine import command_line as line
from quarterdeck.execute.engine.find import Absence, Engine, find, fingerprint, run
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.engine.wrapper import noted, noted_images, script

VERSION = (
    '{"Client":{"Version":"28.2.2","Context":"default","Os":"linux","Arch":"amd64"},'
    '"Server":{"Version":"27.0","Os":"linux","Arch":"arm64"}}'
)
PODMAN = '{"Client":{"Version":"5.1.0","OsArch":"linux/amd64"}}'
NO_SERVER = '{"Client":{"Version":"28.2.2","Context":"%s"},"Server":null}'


def client(folder: Path, body: str, name: str = "docker") -> dict[str, str]:
    """An environment in which the client of that name is a script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return {"PATH": str(folder), "HOME": str(folder)}


def says(out: str, err: str = "", status: int = 0) -> str:
    return f'case "$1" in version) echo \'{out}\'; echo "{err}" >&2; exit {status} ;; *) exit 1 ;; esac'


CANNOT = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
DENIED = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("body", "more", "kind", "what", "fix"),
    [
        (says(NO_SERVER % "default", CANNOT, 1), {}, "down", "no container engine answers", "systemctl start docker"),
        (
            *(says(NO_SERVER % "default", CANNOT, 1), {"DOCKER_HOST": "tcp://far:2375"}, "down"),
            *("no container engine answers at tcp://far:2375", "systemctl start docker"),
        ),
        (
            says(NO_SERVER % "default", DENIED, 1),
            {},
            "denied",
            "you may not use the container engine",
            "group 'docker'",
        ),
        (
            says(NO_SERVER % "lab", CANNOT, 1),
            {},
            "context",
            "the docker context 'lab' leads to no engine",
            "context use",
        ),
        (
            *(says("", "Failed to initialize: unable to resolve docker endpoint: context gone: context not found", 1),),
            *({"DOCKER_CONTEXT": "gone"}, "context", "the docker context 'gone' leads to no engine", "context use"),
        ),
        ("sleep 60 & sleep 60", {}, "slow", "the container engine gave no answer in 0.3 s", "docker info"),
        (
            says("rubbish", "weird: thing", 3),
            {},
            "broken",
            "the container engine does not work: weird: thing",
            "docker version",
        ),
    ],
)
def test_each_absence_is_named_with_its_remedy(
    body: str, more: dict[str, str], kind: str, what: str, fix: str, tmp_path: Path
) -> None:
    environment = {**client(tmp_path, body), **more}
    environment["PATH"] += os.pathsep + os.environ["PATH"]
    found = find(environment | {"QUARTERDECK_ENGINE": "docker"}, timeout_s=0.3 if kind == "slow" else 10)
    assert isinstance(found, Absence)
    assert (found.kind, found.what) == (kind, what)
    assert fix in found.fix


def test_no_client_at_all_is_an_absence_too(tmp_path: Path) -> None:
    found = find({"PATH": str(tmp_path)})
    assert isinstance(found, Absence)
    assert (found.kind, found.what) == ("none", "there is no docker and no podman on PATH")


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker client")
def test_the_real_client_without_an_engine_is_understood(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    found = find(environment | {"QUARTERDECK_ENGINE": "docker"}, timeout_s=10)
    assert isinstance(found, Absence)
    assert (found.kind, found.what) == ("down", f"no container engine answers at unix://{tmp_path}/no.sock")


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker client")
def test_the_real_client_with_a_context_that_is_none_is_understood(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOCKER_CONTEXT": "gone"}
    found = find(environment | {"QUARTERDECK_ENGINE": "docker"}, timeout_s=10)
    assert isinstance(found, Absence)
    assert found.kind == "context"


def test_an_engine_that_answers_tells_versions_and_builder(tmp_path: Path) -> None:
    environment = client(tmp_path, says(VERSION)) | {"DOCKER_HOST": "tcp://far:1", "SECRET": "x"}
    found = find(environment, timeout_s=10)
    assert isinstance(found, Engine)
    assert (found.kind, found.platform, found.builder, found.local) == ("docker", "linux/arm64", "legacy", False)
    assert fingerprint(found)[1:3] == (("docker", "28.2.2"), ("engine", "27.0"))
    assert "SECRET" not in dict(found.environment)


def test_podman_answers_by_the_same_verbs_and_steps_in_for_a_docker_that_is_down(tmp_path: Path) -> None:
    client(tmp_path, says(NO_SERVER % "default", CANNOT, 1))
    environment = client(tmp_path, says(PODMAN), "podman")
    found = find(environment, timeout_s=10)
    assert isinstance(found, Engine)
    assert (found.kind, found.builder, found.server, found.local) == ("podman", "buildah", "5.1.0", True)


def test_one_engine_of_several_may_be_named(tmp_path: Path) -> None:
    client(tmp_path, says(VERSION))
    environment = client(tmp_path, says(PODMAN), "podman")
    found = [find(environment | {"QUARTERDECK_ENGINE": name}, timeout_s=10) for name in ("docker", "podman", "dock")]
    assert [each.kind for each in found] == ["docker", "podman", "none"]
    assert found[2] == Absence(
        kind="none", what="QUARTERDECK_ENGINE is 'dock', no engine that is known", fix="set it to docker or podman"
    )


def test_where_podman_is_the_engine_docker_on_a_slide_means_podman(tmp_path: Path) -> None:
    environment = client(
        tmp_path,
        f'case "$1" in version) echo \'{PODMAN}\' ;; ps|images|network|volume) ;; *) echo "$0" ;; esac',
        "podman",
    )
    engine = find(environment, timeout_s=10)
    assert isinstance(engine, Engine)
    session = EngineSession.start(engine, id="one", ledger=tmp_path / "ledger")
    for name in ("docker", "podman"):
        done = subprocess.run(
            [name, "info"], env={"PATH": f"{session.path}:/usr/bin:/bin"}, capture_output=True, text=True
        )
        assert (done.stdout, done.stderr) == (f"{tmp_path / 'podman'}\n", "")
    session.clean()


def test_a_client_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    environment = client(tmp_path, 'sleep 60 & echo $! >"$HOME/child"; wait') | {"PATH": os.environ["PATH"]}
    assert run([str(tmp_path / "docker")], environment, timeout_s=1) is None
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")

    def alive() -> bool:
        with suppress(FileNotFoundError, ProcessLookupError):
            return state.read_text().rpartition(")")[2].split()[0] != "Z"
        return False

    deadline = time.monotonic() + 10
    while alive():  # it is killed, which is not to say that it is gone
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ("run nginx", "run"),
        ("--context x container run nginx", "run"),
        ("-H tcp://x:1 --debug create x", "create"),
        ("image build .", "build"),
        ("buildx --builder b build .", "build"),
        ("volume create v", "volume create"),
        ("network create n", "network create"),
        ("--config=x compose up", "compose"),
        ("ps -a", ""),
        ("volume ls", ""),
        ("", ""),
        ("--version", ""),
    ],
)
def test_the_verb_is_found_behind_global_flags(words: str, verb: str) -> None:
    assert line.verb_of(words.split())[0] == verb


def test_commands_are_read_for_what_they_would_use() -> None:
    commands = (
        "docker build --pull -t web . && docker run -dit --name web -p 8080:80 -p127.0.0.1:8443:443/tcp web",
        "for x in 1; do\n  sudo docker run --rm -v data:/d -v ./src:/app -v $P:/x --name=w2 nginx:1.25 sh -p 1:2\ndone",
        "docker run --mount type=volume,source=m,target=/m --mount type=bind,source=/x,target=/y --pull always busybox",
        "docker run -p 9000-9002:9000-9002/udp -P -p 80 $IMAGE; docker run <image>",
        "echo 'docker run quoted' # docker run comment\nX=1 docker create --init \\\n  docker.io/library/redis",
        "docker tag web me/web:2; docker run me/web:2 >out.txt 2>&1 | cat",
        "echo 'never closed\ndocker run lost",
    )
    calls = [call for command in commands for call in line.calls(command)]
    assert [name for call in calls for name in call.all("name")] == ["web", "w2"]
    assert [port for call in calls for _, port, _ in line.published(call)] == [8080, 8443, 9000, 9001, 9002]
    made = {tag for call in calls for tag in line.tags_made(call)}
    images = [line.full_name(image) for call in calls if (image := line.image_of(call))]
    assert [image for image in images if image not in made] == ["nginx:1.25", "busybox:latest", "redis:latest"]
    assert [name for call in calls for name in line.named_volumes(call)] == ["data", "m"]


@pytest.mark.parametrize("shell", ["/bin/sh", "bash", "dash", "busybox"])
def test_the_wrapper_marks_what_makes_something_and_passes_on_the_rest(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    real = tmp_path / "it's real"
    real.write_text('#!/bin/sh\nfor word do printf "[%s]" "$word"; done\nprintf " %s" "$COMPOSE_PROJECT_NAME"\n')
    real.chmod(0o755)
    notes = tmp_path / "notes"
    notes.mkdir()

    def through(*words: str, builder: str = "buildx", **more: str) -> str:
        wrapper = tmp_path / "docker"
        wrapper.write_text(script(program=str(real), notes=notes, id="s1", builder=builder))
        start = [program, "sh"] if shell == "busybox" else [program]
        environment = {"PATH": os.environ["PATH"], **more}
        told = subprocess.run(
            [*start, str(wrapper), *words], env=environment, capture_output=True, text=True, check=True
        )
        return told.stdout.replace(str(notes), "NOTES")

    mark = "[--label][io.quarterdeck.session=s1]"
    assert through("ps", "-a") == "[ps][-a] qd-s1"
    assert through() == " qd-s1"
    assert through("run", "-it", "x y", "", "*") == f"[run]{mark}[-it][x y][][*] qd-s1"
    assert through("-c", "run", "container", "create", "x") == f"[-c][run][container][create]{mark}[x] qd-s1"
    assert through("volume", "create") == f"[volume][create]{mark} qd-s1"
    assert through("network", "create", "n") == f"[network][create]{mark}[n] qd-s1"
    assert through("run", "x", QUARTERDECK_SNIPPET="a b").count("[io.quarterdeck.snippet=a b]") == 1
    assert through("compose", "up", COMPOSE_PROJECT_NAME="own") == "[compose][up] own"
    assert through("exec", "run", "run") == "[exec][run][run] qd-s1"
    assert "[build][--iidfile][NOTES/" in through("image", "build", ".")
    assert "[--force-rm]" in through("build", ".", builder="legacy")
    assert through("build", "--iidfile", "f", ".") == "[build][--iidfile][f][.] qd-s1"
    calls = {tuple(words) for _, words in noted(notes)}
    assert ("run", "-it", "x y", "", "*") in calls
    assert ("ps", "-a") not in calls
    assert noted_images(notes) == ()
