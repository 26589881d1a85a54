"""What would stand in the way of a talk's commands on an engine, found before they run."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from quarterdeck.execute.engine import command_line
from quarterdeck.execute.engine.find import Engine, ask
from quarterdeck.execute.engine.wrapper import LABEL
from quarterdeck.regex import regex


class Conflict(Struct, frozen=True, kw_only=True):
    kind: Literal["name", "port", "image"]
    command: int
    """0-based number of the first command that it concerns."""
    what: str
    fix: str


class _CallNeeds:
    def __init__(self, call: command_line.EngineCall) -> None:
        self.call = call
        starts = call.verb in ("run", "create")
        self.names = call.all("name") if starts else ()
        self.ports = command_line.published(call) if starts else ()
        self.tags = command_line.tags_made(call)
        image = command_line.image_of(call)
        self.image = command_line.full_name(image) if image else ""


def conflicts(commands: Sequence[str], engine: Engine) -> tuple[Conflict, ...]:
    """Names and ports that are taken, and images that would have to be pulled, in the order of the commands."""
    names, holders = _containers(engine)
    made: set[str] = set()
    told: set[tuple[str, object]] = set()
    found: list[Conflict] = []

    def tell(number: int, kind: Literal["name", "port", "image"], key: object, what: str, fix: str) -> None:
        if (kind, key) not in told:
            told.add((kind, key))
            found.append(Conflict(kind=kind, command=number, what=what, fix=fix))

    for number, command in enumerate(commands):
        for use in map(_CallNeeds, command_line.calls(command)):
            for name in use.names:
                if name in names:
                    what = f"a container named '{name}' exists already ({names[name].status})"
                    fix = f"remove it ({engine.kind} rm -f {name}), or use another name"
                    ours = "an earlier run left it behind: quarterdeck clean"
                    tell(number, "name", name, what, ours if names[name].ours else fix)
            for address, port, protocol in use.ports:
                holder = holders.get((port, protocol), "")
                if holder or (engine.local and not _free(address, port, protocol)):
                    by = f"container '{holder}'" if holder else "another program"
                    other = f"end it (lsof -i :{port} names it), or publish another port"
                    fix = f"{engine.kind} stop {holder}" if holder else other
                    tell(number, "port", port, f"port {port} is taken by {by}", fix)
            if use.image and use.image not in made and not _is_there(engine, use.image, told):
                what = f"the image {use.image} is not here"
                tell(number, "image", use.image, what, f"{engine.kind} pull {use.image}")
            made |= set(use.tags)
    return tuple(found)


def _is_there(engine: Engine, image: str, told: set[tuple[str, object]]) -> bool:
    return ("image", image) in told or ask(engine, "image", "inspect", "--format", "{{.Id}}", image).status == 0


_PORTS = regex(r":(\d+)(?:-(\d+))?->[\d-]+/(\w+)")


_ROW = f'{{{{.Names}}}}\t{{{{.Status}}}}\t{{{{.Ports}}}}\t{{{{.Label "{LABEL}"}}}}'


class _Container(Struct, frozen=True, kw_only=True):
    status: str
    ours: bool


def _containers(engine: Engine) -> tuple[dict[str, _Container], dict[tuple[int, str], str]]:
    """Containers by name; and names by published port and protocol."""
    answer = ask(engine, "ps", "-a", "--no-trunc", "--format", _ROW)
    names: dict[str, _Container] = {}
    holders: dict[tuple[int, str], str] = {}
    for row in answer.out.splitlines():
        name, status, ports, session = (*row.split("\t"), "", "", "")[:4]
        names[name] = _Container(status=status, ours=bool(session.strip()))
        for first, last, protocol in _PORTS.findall(ports):
            for port in range(int(first), int(last or first) + 1):
                holders[port, protocol] = name
    return names, holders


def _free(address: str, port: int, protocol: str) -> bool:
    """Whether the port could be opened here; what cannot be tried, as a privileged port, counts as free."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    try:
        with socket.socket(family, kind) as tried:
            if kind == socket.SOCK_STREAM:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((address, port))
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True
