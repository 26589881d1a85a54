"""Where a session's programs run: as they are, in bubblewrap, or in a container. Starts nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Literal

from msgspec import Struct

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.process import ENGINE_VARIABLES

Kind = Literal["none", "bubblewrap", "image"]
HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/media", "/mnt", "/srv")  # noqa: S108 - hidden, not used
RESOLVER = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager")
"""Where /etc/resolv.conf often points."""
ENGINE_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock")


class Isolation(Struct, frozen=True, kw_only=True):
    kind: Kind = "none"
    image: str = ""
    """Of the container, for kind `image`."""
    network: bool = False
    """bubblewrap: programs reach the network."""
    engine: bool = False
    """bubblewrap: the container engine is reachable, which is no isolation: it gives the whole machine."""
    engine_program: str = "docker"
    container: str = ""
    """Name of the container, for kind `image`."""
    join: bool = False
    """Run in the container that is there already, instead of a new one."""


class ProcessSpec(Struct, frozen=True, kw_only=True):
    """A command line with what it needs around it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    cleanup: tuple[tuple[str, ...], ...] = ()
    """Run when the session closes: ending a client does not end its container."""
    inside_container: bool = False


def isolate(
    argv: tuple[str, ...],
    *,
    isolation: Isolation,
    folder: Path,
    cwd: Path,
    control: Path,
    env: Mapping[str, str],
    find: Callable[..., str | None] = which,
) -> ProcessSpec:
    """`argv` as it is run under `isolation`; `folder` and `control` are writable there, under their own names."""
    match isolation.kind:
        case "none":
            return ProcessSpec(argv=argv, env=env, cwd=cwd)
        case "bubblewrap":
            return _in_bubblewrap(argv, isolation, folder, cwd, control, env, find)
        case "image":
            return _in_container(argv, isolation, folder, cwd, control, env, find)


def _in_bubblewrap(
    argv: tuple[str, ...],
    isolation: Isolation,
    folder: Path,
    cwd: Path,
    control: Path,
    env: Mapping[str, str],
    find: Callable[..., str | None],
) -> ProcessSpec:
    program = find("bwrap", path=env.get("PATH"))
    if program is None:
        raise SurroundingsError(
            "isolation: bubblewrap, but there is no program 'bwrap'",
            fix="install the package bubblewrap (apt install bubblewrap, dnf install bubblewrap)",
        )
    online = isolation.network or isolation.engine
    line = [program, "--unshare-all", *(("--share-net",) if online else ()), "--die-with-parent"]
    line += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    hidden = [place for place in dict.fromkeys((*HIDDEN, str(Path.home()))) if _is_folder(place)]
    line += [word for place in hidden for word in ("--tmpfs", place)]
    line += [word for place in RESOLVER if online for word in ("--ro-bind-try", place, place)]
    sockets = _engine_sockets(env)
    if isolation.engine:
        line += [word for place in sockets for word in ("--bind-try", place, place)]
        given = [env[name] for name in ("DOCKER_CONFIG", "DOCKER_CERT_PATH") if name in env]
        line += [word for place in given for word in ("--ro-bind-try", place, place)]
    else:
        env = {name: value for name, value in env.items() if name not in ENGINE_VARIABLES}
        # a read-only mount does not keep anyone from connecting to a socket
        covered = [os.path.realpath(place) for place in sockets if Path(place).exists() and not _below(place, hidden)]
        line += [word for place in dict.fromkeys(covered) for word in ("--ro-bind", os.devnull, place)]
    writable = (env.get("HOME", str(folder)), str(folder), str(control))
    line += [word for place in dict.fromkeys(writable) for word in ("--bind", place, place)]
    return ProcessSpec(argv=(*line, "--chdir", str(cwd), "--", *argv), env=env, cwd=cwd)


def _is_folder(place: str) -> bool:
    return Path(place).is_dir() and not Path(place).is_symlink()


def _engine_sockets(env: Mapping[str, str]) -> tuple[str, ...]:
    named = [env.get(name, "").removeprefix("unix://") for name in ("DOCKER_HOST", "CONTAINER_HOST")]
    runtime = env.get("XDG_RUNTIME_DIR", "")
    own = [f"{runtime}/{name}" for name in ("docker.sock", "podman/podman.sock")] if runtime else []
    every = [place for place in (*named, *own, *ENGINE_SOCKETS) if place.startswith("/") and "://" not in place]
    return tuple(dict.fromkeys(every))


def _below(place: str, folders: list[str]) -> bool:
    real = os.path.realpath(place)
    return any(Path(real).is_relative_to(folder) for folder in folders)


NOT_INTO_CONTAINERS = frozenset({"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", *ENGINE_VARIABLES})


def _in_container(
    argv: tuple[str, ...],
    isolation: Isolation,
    folder: Path,
    cwd: Path,
    control: Path,
    env: Mapping[str, str],
    find: Callable[..., str | None],
) -> ProcessSpec:
    program = find(isolation.engine_program, path=env.get("PATH"))
    if program is None:
        raise SurroundingsError(
            f"image: {isolation.image}, but there is no program '{isolation.engine_program}'",
            fix="install Docker Engine or Docker Desktop, or record without `image`",
        )
    variables = [word for name in sorted(set(env) - NOT_INTO_CONTAINERS) for word in ("-e", name)]
    # only names: the values come from the client's environment, and are in no list of processes
    if isolation.join:
        line = [program, "exec", "-i", "-t", *variables, "-w", str(cwd), isolation.container, *argv]
        return ProcessSpec(argv=tuple(line), env=env, cwd=folder, inside_container=True)
    line = [program, "run", "--rm", "-i", "-t", *variables, "-w", str(cwd)]
    line += ["--name", isolation.container] if isolation.container else []
    line += [word for place in (folder, control) for word in ("-v", f"{place}:{place}")]
    line += ["--entrypoint", argv[0], isolation.image, *argv[1:]]
    cleanup = ((program, "rm", "-f", isolation.container),) if isolation.container else ()
    return ProcessSpec(argv=tuple(line), env=env, cwd=folder, cleanup=cleanup, inside_container=True)
