"""Containers on stage: typed into, shown, made again, and gone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import eventually, processes_below
from audience import House, present, presented
from desk import Desk, fence, talk_of

from quarterdeck.execute.engine.find import Engine, ask

IMAGE = "busybox:latest"


@pytest.fixture
def house(desk: Desk, engine: Engine, name: str) -> Iterator[House]:
    desk.write(
        talk_of(
            fence(f"$ docker run --rm -it --name {name}i {IMAGE} sh", "#sh run", "console"),
            fence(f"$ docker run -d --name {name}d {IMAGE} sleep 300", "#detached run", "console"),
            fence(f"$ docker run --name {name}f {IMAGE} sleep 300", "#front run session=front", "console"),
        )
    )
    standing = present(desk, "--no-open", env=dict(engine.environment))
    yield standing
    standing.close()


def containers(engine: Engine, name: str) -> list[str]:
    return ask(engine, "ps", "-a", "--format", "{{.Names}}", "--filter", f"name={name}").out.split()


def test_a_shell_in_a_container_is_typed_into(house: House) -> None:
    window = house.window()
    run = window.run("sh", cols=90, rows=30)
    window.until_printed(run, b"# ")
    window.send(type="input", run=run, data="echo $((6 * 7)); stty size\r")
    window.until_printed(run, b"42\r\n30 90\r\n")
    window.send(type="resize", run=run, cols=70, rows=20)
    window.send(type="input", run=run, data="exit 3\r")
    assert window.end_of(run)["status"] == 3


def test_the_panel_shows_what_the_deck_made_and_all_of_it_goes(house: House, engine: Engine, name: str) -> None:
    window = house.window()
    assert window.whole("detached")[0]["ok"]
    told = window.until(lambda m: m["type"] == "state" and bool(m["containers"]))
    assert [(each["name"], each["image"], each["running"]) for each in told["containers"]] == [
        (f"{name}d", IMAGE, True)
    ]
    assert window.whole("detached")[0]["ok"]  # the same name again
    assert house.stop()[0] == 0
    assert containers(engine, name) == []


def test_a_container_in_the_foreground_is_stopped_with_its_client(house: House, engine: Engine, name: str) -> None:
    window = house.window()
    run = window.run("front")
    window.until(lambda m: m["type"] == "state" and any(each["running"] for each in m["containers"]))
    window.send(type="cancel", run=run)
    assert window.end_of(run)["problem"]["kind"] == "cancelled"
    assert ask(engine, "ps", "-q", "--filter", f"name={name}f").out == ""


@pytest.mark.timeout(240)  # a hundred conversations with an engine that others use as well
def test_fifty_runs_and_cancels_leave_no_container_no_process_and_no_descriptor(
    desk: Desk, engine: Engine, name: str
) -> None:
    held = fence(f"$ docker run --rm -it --name {name}h {IMAGE} sh -c 'echo begun; cat'", "#held run", "console")
    brief = fence(f"$ docker run --name {name}b {IMAGE} true", "#brief run session=brief", "console")
    desk.write(talk_of(held, brief))
    with presented(desk, "--no-open", env=dict(engine.environment)) as house:
        window = house.window()

        def both() -> None:
            run = window.run("held")
            window.until_printed(run, b"begun")
            window.send(type="cancel", run=run)
            window.end_of(run)
            assert window.whole("brief")[0]["ok"]

        def counted() -> tuple[int, int]:
            return len(processes_below(house.process.pid)), len(list(Path(f"/proc/{house.process.pid}/fd").iterdir()))

        both()
        before = counted()
        for _ in range(25):
            both()
        eventually(lambda: counted() <= before)
        assert containers(engine, name) == [f"{name}b"]
    assert containers(engine, name) == []
