"""Containers as a person looks at them: what a deck has made on an engine, and what one of them says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from quarterdeck.execute.engine.find import Absence, Engine, ask
from quarterdeck.execute.engine.session import EngineSession
from quarterdeck.execute.engine.wrapper import LABEL, SNIPPET_LABEL
from quarterdeck.regex import regex

GONE = Absence(
    kind="down",
    what="the container engine does not answer any more",
    fix="start it again, and look whether it does: docker version",
)
_HEALTH = "{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}"
_PUBLISHED = regex(r":(\d+)->")


class Container(Struct, frozen=True, kw_only=True):
    name: str
    image: str
    status: str
    """`Up 3 seconds`."""
    running: bool
    ports: str


class EngineResources(Struct, frozen=True, kw_only=True):
    containers: tuple[Container, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    """Of this machine."""


def look(sessions: Iterable[EngineSession]) -> EngineResources:
    """All that these sessions have made and that is still there."""
    containers: list[Container] = []
    networks: set[str] = set()
    volumes: set[str] = set()
    images: set[str] = set()
    for session in sessions:
        made = session.clean(dry_run=True)
        networks |= set(made.networks)
        volumes |= set(made.volumes)
        images |= set(made.tags)
        containers += [each for each in _containers(session) if each.name in made.containers]
    ports = {int(port) for each in containers for port in _PUBLISHED.findall(each.ports)}
    return EngineResources(
        containers=tuple(sorted(containers, key=lambda each: each.name)),
        networks=tuple(sorted(networks)),
        volumes=tuple(sorted(volumes)),
        images=tuple(sorted(images)),
        ports=tuple(sorted(ports)),
    )


def _containers(session: EngineSession) -> list[Container]:
    answer = ask(session.engine, "ps", "-a", "--format", "{{json .}}")
    told = [row for line in answer.out.splitlines() if isinstance(row := _json(line), dict)]
    return [
        Container(
            name=_text(row.get("Names")),
            image=_text(row.get("Image")),
            status=_text(row.get("Status")),
            running=_text(row.get("State")) == "running",
            ports=_text(row.get("Ports")),
        )
        for row in told
    ]


def remove_of(session: EngineSession, snippet: str) -> None:
    """Removes the containers that a snippet has made: it is about to make them again, perhaps with the same name."""
    owners = ("--filter", f"label={LABEL}={session.id}", "--filter", f"label={SNIPPET_LABEL}={snippet}")
    ids = ask(session.engine, "ps", "-aq", *owners).out.split()
    if ids:
        ask(session.engine, "rm", "-f", "-v", *ids, timeout_s=30)


def answers(engine: Engine) -> bool:
    """Whether the engine is still there."""
    return ask(engine, "version", "--format", "{{.Server.Version}}", timeout_s=3).status == 0


def health(engine: Engine, container: str) -> str:
    """`healthy`, or what it is instead; empty for a running container without a health check."""
    answer = ask(engine, "inspect", "--type", "container", "--format", _HEALTH, container, timeout_s=5)
    if answer.status == 124:
        return "the engine gives no answer"
    if answer.status != 0:
        return "there is no such container"
    said = answer.out.strip()
    return "" if said == "running" else said


def log(engine: Engine, container: str, *, last: int = 2_000) -> str:
    """The last lines that a container printed, errors included; empty for one that is not there."""
    answer = ask(engine, "logs", "--tail", str(last), container, timeout_s=5)
    return answer.out + answer.err if answer.status == 0 else ""


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _text(told: Any) -> str:
    """Podman tells names as a list."""
    return ", ".join(map(str, told)) if isinstance(told, list) else str(told or "")
