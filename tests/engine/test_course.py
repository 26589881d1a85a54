"""The Docker course as its author runs it, on a real engine: all of it works, and nothing of it stays behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk, fence, talk_of

from quarterdeck.execute.engine.find import Engine, ask
from quarterdeck.execute.engine.wrapper import LABEL

REPOSITORY = Path(__file__).resolve().parents[2]
COURSE = REPOSITORY / "deck"
INSIDE = REPOSITORY.parent / "shared/engine/inside"
"""Runs a command where the ports of an engine with a network of its own are to be found."""
IMAGE = "busybox:latest"


def where_ports_are() -> tuple[str, ...]:
    named = os.environ.get("ENGINE_INSIDE", "")
    if named:
        return (named,)
    return (str(INSIDE),) if os.access(INSIDE, os.X_OK) else ()


@pytest.fixture
def author(desk: Desk, engine: Engine) -> Desk:
    return replace(desk, through=where_ports_are())


@pytest.fixture
def foreign(engine: Engine, name: str) -> Iterator[str]:
    """A container of somebody else, which publishes a port."""
    made = ask(engine, "run", "-d", "--name", f"{name}f", "-p", "127.0.0.1::80", IMAGE, "sleep", "600", timeout_s=60)
    assert made.status == 0, made.err
    yield f"{name}f"
    ask(engine, "rm", "-f", f"{name}f", timeout_s=60)


def held_by_others_than_tests(engine: Engine) -> set[str]:
    """What the engine holds, without what other tests make at the same time, and without volumes of no name."""
    row = f'{{{{.Names}}}} {{{{.Label "{LABEL}"}}}}'
    rows = [f"container {line}" for line in ask(engine, "ps", "-a", "--format", row).out.splitlines()]
    rows += [f"network {line}" for line in ask(engine, "network", "ls", "--format", "{{.Name}}").out.splitlines()]
    rows += [f"volume {line}" for line in ask(engine, "volume", "ls", "-q").out.splitlines() if len(line) < 64]
    rows += [f"tag {line}" for line in ask(engine, "images", "--format", "{{.Repository}}:{{.Tag}}").out.splitlines()]
    return {line for line in rows if "qdtest" not in line and "<none>" not in line}


def casts(author: Desk) -> list[str]:
    """Without pictures of pages, which need a browser."""
    return [name for name in author.casts("docker") if name.endswith(".cast")]


@pytest.mark.timeout(400)  # the whole course, twice
def test_the_course_is_true_can_be_recorded_and_leaves_nothing(author: Desk, engine: Engine) -> None:
    shutil.copytree(COURSE, author.folder, dirs_exist_ok=True)
    committed = casts(author)
    before = held_by_others_than_tests(engine)
    done = author.run("check", "--run", "--yes", "docker.md")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"docker.md: {len(committed)} snippets ran"
    assert held_by_others_than_tests(engine) <= before
    shutil.rmtree(author.folder / "recordings")
    done = author.run("record", "docker.md")
    assert done.returncode == 0, done.stdout + done.stderr
    assert casts(author) == committed
    assert set(author.status("docker.md").values()) == {"fresh"}
    assert held_by_others_than_tests(engine) <= before


def test_what_a_killed_run_left_on_the_engine_is_cleaned(author: Desk, engine: Engine, name: str) -> None:
    up = author.fifo("up")
    made = f"$ docker volume create {name}v\n$ docker network create {name}n\n$ docker tag {IMAGE} {name}:t"
    busy = f"{made}\n$ docker run -d --name {name}c --network {name}n -v {name}v:/v {IMAGE} sleep 600"
    author.write(talk_of(fence(f"{busy}\n$ echo up > {up}; cat {up}", "#it run", "console")))
    process = author.start("record", "--yes")
    assert up.read_text() == "up\n"
    process.kill()
    process.communicate()
    assert ask(engine, "container", "inspect", f"{name}c").status == 0
    left = [f"container {name}c", f"network {name}n", f"volume {name}v", f"tag {name}:t"]
    told = author.run("clean", "--dry-run").stdout
    assert [line for line in left if f"would remove {line}" not in told] == []
    done = author.run("clean")
    assert done.returncode == 0, done.stderr
    assert [line for line in left if f"removed {line}" not in done.stdout] == []
    assert ask(engine, "container", "inspect", f"{name}c").status != 0
    assert ask(engine, "volume", "inspect", f"{name}v").status != 0
    assert ask(engine, "network", "inspect", f"{name}n").status != 0
    assert ask(engine, "image", "inspect", f"{name}:t").status != 0
    assert author.run("clean").stdout == "nothing to remove\n"


@pytest.mark.parametrize("what", ["name", "port"])
def test_what_is_in_the_way_is_told_before_anything_runs(
    author: Desk, engine: Engine, foreign: str, name: str, what: str
) -> None:
    port = ask(engine, "port", foreign, "80").out.split(":")[1].strip()
    option = f"--name {foreign}" if what == "name" else f"-p {port}:80"
    author.write(
        talk_of(fence(f"touch {author.root}/ran", "run"), fence(f"$ docker run {option} {IMAGE}", "run", "console"))
    )
    done = author.record()
    assert done.returncode == 1
    taken = f"a container named '{foreign}' exists already" if what == "name" else f"port {port} is taken by container"
    assert f"talk.md:12:1: error[X102]: {taken}" in done.stderr
    assert foreign in done.stderr
    assert done.stdout == "talk.md: nothing ran\n"
    assert not (author.root / "ran").exists()


def test_a_failed_run_leaves_nothing_on_the_engine(author: Desk, engine: Engine, name: str) -> None:
    author.write(
        talk_of(
            fence(f"$ docker run -d --name {name}c -v {name}v:/v {IMAGE} sleep 600", "run", "console"),
            fence(f"docker run --rm {IMAGE} sh -c 'exit 9'", "#bad run"),
        )
    )
    done = author.record()
    assert done.returncode == 1
    assert "error[X101]: the snippet 'bad' ended with status 9" in done.stderr
    assert ask(engine, "container", "inspect", f"{name}c").status != 0
    assert ask(engine, "volume", "inspect", f"{name}v").status != 0


def test_a_session_that_lives_inside_of_an_image(author: Desk, engine: Engine) -> None:
    front = f"---\nsessions: {{box: {{image: '{IMAGE}'}}}}\n---\n"
    slides = fence("X=5; ls /bin/busybox", "#in run session=box"), fence("echo $X", "#more run session=box")
    author.write(front + talk_of(*slides))
    author.recorded()
    assert author.output("in") == "/bin/busybox\n"
    assert author.output("more") == "5\n"
