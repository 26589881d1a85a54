"""Containers on stage: typed into, shown, made again, and gone at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audience import House, present
from desk import Desk, fence, talk_of

from quarterdeck.run.docker.engine import Engine, ask

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
    assert "cancelled" in window.end_of(run)["problem"]
    assert ask(engine, "ps", "-q", "--filter", f"name={name}f").out == ""
