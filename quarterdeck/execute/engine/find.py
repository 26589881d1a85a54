"""Which container engine answers, and when none does, why and what to do about it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from msgspec import Struct

from quarterdeck.regex import regex

CLIENTS = ("docker", "podman")
CHOICE = "QUARTERDECK_ENGINE"
SPOKEN = (
    "PATH",
    "HOME",
    "USER",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "CONTAINER_HOST",
    "CONTAINER_CONNECTION",
    "SSH_AUTH_SOCK",
)
"""Variables that a client needs to find its engine, beside all that begin with DOCKER_."""


class Engine(Struct, frozen=True, kw_only=True):
    kind: Literal["docker", "podman"]
    program: str
    """The client, absolute."""
    client: str
    server: str
    """Versions."""
    platform: str
    """As in `linux/amd64`."""
    builder: Literal["buildx", "legacy", "buildah"]
    """Their outputs have nothing in common."""
    environment: tuple[tuple[str, str], ...]
    """With which the client finds the engine."""

    @property
    def local(self) -> bool:
        """Whether published ports are ports of this machine."""
        host = dict(self.environment).get("DOCKER_HOST", "")
        return not host or host.startswith(("unix:", "npipe:", "/"))


class Absence(Struct, frozen=True, kw_only=True):
    """Why no engine can be used."""

    kind: Literal["none", "down", "denied", "context", "slow", "broken"]
    what: str
    fix: str


class EngineAnswer(Struct, frozen=True, kw_only=True):
    status: int
    out: str = ""
    err: str = ""


def fingerprint(engine: Engine) -> tuple[tuple[str, str], ...]:
    """What a recording says about the engine it was made with."""
    return (
        ("builder", engine.builder),
        (engine.kind, engine.client),
        ("engine", engine.server),
        ("platform", engine.platform),
    )


def spoken(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a client needs to find its engine."""
    return {name: value for name, value in environment.items() if name in SPOKEN or name.startswith("DOCKER_")}


def run(argv: Sequence[str], environment: Mapping[str, str], *, timeout_s: float) -> EngineAnswer | None:
    """What a client answers; None when it did not within the time. Nothing of it is left running."""
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        return EngineAnswer(status=127, err=f"{argv[0]}: {error.strerror}")
    with process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            _end(process)
            return None
        except BaseException:
            _end(process)
            raise
    return EngineAnswer(
        status=process.returncode, out=out.decode("utf-8", "replace"), err=err.decode("utf-8", "replace")
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """The client and the plugins that it started: one that lives on would hold the pipes open."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def ask(engine: Engine, *arguments: str, timeout_s: float = 20.0) -> EngineAnswer:
    """One question to the engine; no answer in time has status 124, as with `timeout`."""
    answer = run([engine.program, *arguments], dict(engine.environment), timeout_s=timeout_s)
    return answer or EngineAnswer(status=124, err=f"{engine.kind} gave no answer in {timeout_s:g} s")


def find(environment: Mapping[str, str], *, timeout_s: float = 2.0) -> Engine | Absence:
    """The engine that answers, or why the first one that should have does not.

    QUARTERDECK_ENGINE names the only one that is asked.
    """
    wanted = environment.get(CHOICE)
    if wanted and wanted not in CLIENTS:
        known = " or ".join(CLIENTS)
        return Absence(kind="none", what=f"{CHOICE} is '{wanted}', no engine that is known", fix=f"set it to {known}")
    first: Absence | None = None
    for name in (wanted,) if wanted else CLIENTS:
        program = shutil.which(name, path=environment.get("PATH", os.defpath))
        if program is None:
            continue
        found = _asked(os.path.abspath(program), environment, timeout_s)  # noqa: PTH100
        if isinstance(found, Engine):
            return found
        first = first or found
    what = f"there is no {wanted}" if wanted else "there is no docker and no podman"
    return first or Absence(
        kind="none",
        what=f"{what} on PATH",
        fix="install Docker (https://docs.docker.com/engine/install/) or Podman; replaying recordings needs neither",
    )


def _asked(program: str, environment: Mapping[str, str], timeout_s: float) -> Engine | Absence:
    asking = spoken(environment)
    answer = run([program, "version", "--format", "{{json .}}"], asking, timeout_s=timeout_s)
    if answer is None:
        return Absence(
            kind="slow",
            what=f"the container engine{_at(asking)} gave no answer in {timeout_s:g} s",
            fix="look whether it is still starting or hangs: docker info",
        )
    told = _json(answer.out)
    client = told.get("Client") or {}
    podman = "OsArch" in client or "podman" in os.path.basename(program)  # noqa: PTH119
    server = told.get("Server") or (client if podman and answer.status == 0 else {})
    if not server or not client or answer.status != 0:
        return _absence(answer, client, asking)
    where = server.get("OsArch") or f"{server.get('Os', '')}/{server.get('Arch', '')}"
    return Engine(
        kind="podman" if podman else "docker",
        program=program,
        client=str(client.get("Version", "")),
        server=str(server.get("Version", "")),
        platform=str(where),
        builder="buildah" if podman else _builder(program, asking, timeout_s),
        environment=tuple(sorted(asking.items())),
    )


def _builder(program: str, environment: Mapping[str, str], timeout_s: float) -> Literal["buildx", "legacy"]:
    if environment.get("DOCKER_BUILDKIT") == "0":
        return "legacy"
    answer = run([program, "buildx", "version"], environment, timeout_s=timeout_s)
    return "buildx" if answer and answer.status == 0 else "legacy"


def _json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


_SIGNS: tuple[tuple[Literal["denied", "context", "down"], re.Pattern[str]], ...] = (
    ("denied", regex(r"(?i)permission denied|access is denied")),
    ("context", regex(r"(?i)context .{0,80}(?:not found|does not exist)|unable to resolve docker endpoint")),
    (
        "down",
        regex(r"(?i)cannot connect|daemon running|connection refused|error during connect|no such host|dial "),
    ),
)
_FIXES = {
    "denied": "add yourself to the group 'docker' and log in again: sudo usermod -aG docker $USER",
    "down": "start it: Docker Desktop, or on Linux: sudo systemctl start docker",
    "broken": "see what it says by itself: docker version",
}


def _absence(answer: EngineAnswer, client: Mapping[str, Any], environment: Mapping[str, str]) -> Absence:
    said = answer.err.strip()
    kind: Literal["denied", "context", "down", "broken"]
    kind = next((kind for kind, sign in _SIGNS if sign.search(said)), "broken")
    context = environment.get("DOCKER_CONTEXT") or str(client.get("Context") or "")
    chosen = context not in ("", "default") and "DOCKER_HOST" not in environment
    if kind == "context" or (kind == "down" and chosen):
        what = f"the docker context '{context}' leads to no engine" if context else "the docker context leads nowhere"
        return Absence(
            kind="context", what=what, fix="choose another one: docker context ls; docker context use default"
        )
    if kind == "denied":
        what = f"you may not use the container engine{_at(environment)}"
    elif kind == "down":
        what = f"no container engine answers{_at(environment)}"
    else:
        what = f"the container engine{_at(environment)} does not work: {_last_line(said)}"
    return Absence(kind=kind, what=what, fix=_FIXES[kind])


def _at(environment: Mapping[str, str]) -> str:
    host = environment.get("DOCKER_HOST") or environment.get("CONTAINER_HOST")
    return f" at {host}" if host else ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "it says nothing"
