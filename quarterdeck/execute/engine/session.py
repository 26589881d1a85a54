"""What a session makes on an engine, and its removal: by label, its own calls and its own events, never by prune.

What the engine held before the session is noted in a ledger before anything runs, so that even after a crash nothing
that was there already is touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import asdict

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute.engine import command_line, wrapper
from quarterdeck.execute.engine.find import Engine, ask
from quarterdeck.recordings.folder import replace_file
from quarterdeck.regex import regex

try:
    import fcntl
except ImportError:  # Windows, where nothing is run
    fcntl = None  # type: ignore[assignment]

_PROJECT = "com.docker.compose.project"
_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ANONYMOUS = regex(r"[0-9a-f]{64}")
_EARLIER_S = 5
"""The engine's clock may lag behind ours, if it runs in a virtual machine."""


class EngineInventory(Struct, frozen=True, kw_only=True):
    """What an engine holds: ids of containers, networks and images, names of volumes and tags."""

    containers: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


class RemovedResources(Struct, frozen=True, kw_only=True):
    """What was removed, or would be; by name where there is one, sorted."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """What the engine said about what it did not remove."""

    def __bool__(self) -> bool:
        return any(getattr(self, kind) for kind in self.__struct_fields__)


def inventory_of(engine: Engine) -> EngineInventory:
    """What the engine holds now."""
    images = [row.partition(" ")[::2] for row in _rows(engine, "images", "-a", "--no-trunc", "--format", _IMAGE_ROW)]
    return EngineInventory(
        containers=frozenset(_rows(engine, "ps", "-aq", "--no-trunc")),
        networks=frozenset(_rows(engine, "network", "ls", "-q", "--no-trunc")),
        volumes=frozenset(_rows(engine, "volume", "ls", "-q")),
        images=frozenset(id_ for id_, _ in images),
        tags=frozenset(command_line.full_name(name) for _, name in images if "<none>" not in name),
    )


_IMAGE_ROW = "{{.ID}} {{.Repository}}:{{.Tag}}"


def _rows(engine: Engine, *arguments: str) -> list[str]:
    answer = ask(engine, *arguments)
    if answer.status != 0:
        reason = answer.err.strip().splitlines() or ["it gave no reason"]
        what = f"{engine.kind} {' '.join(arguments[:2])} did not work: {reason[-1]}"
        raise SurroundingsError(what, fix=f"see what it says by itself: {engine.kind} version")
    return [row.strip() for row in answer.out.splitlines() if row.strip()]


class EngineSession:
    """One shell session's use of an engine: `path` goes first on its PATH, `clean` removes all that it made."""

    def __init__(self, engine: Engine, *, id: str, folder: Path, started: float, before: EngineInventory) -> None:  # noqa: A002
        self.engine = engine
        self.id = id
        self.folder = folder
        self.started = started
        self.before = before
        self._lock: int | None = None

    @classmethod
    def start(cls, engine: Engine, *, id: str, ledger: Path) -> Self:  # noqa: A002
        """Notes what the engine holds and puts the wrapper in place; `ledger` is a folder under the user's cache.

        `id`: unique, of letters and digits; it is seen in labels and in names of compose projects.
        """
        if not _NAME.fullmatch(id):
            raise ValueError(f"an id of letters and digits is needed, not {id!r}")
        folder = ledger / id
        session = cls(engine, id=id, folder=folder, started=time.time(), before=inventory_of(engine))
        try:
            session.path.mkdir(parents=True)
            folder.chmod(0o700)
            session.notes.mkdir()
        except OSError as error:
            what = f"cannot write {error.filename}: {error.strerror}"
            raise SurroundingsError(what, fix="sessions keep their notes there; make room or leave to write") from None
        session._hold()
        replace_file(folder / "session.json", _written(session))
        text = wrapper.script(program=engine.program, notes=session.notes, id=id, builder=engine.builder)
        # where podman is the engine, `docker` on a slide means podman too
        for name in ("docker",) if engine.kind == "docker" else command_line.CLIENTS:
            client = session.path / name
            client.write_text(text, "utf-8")
            client.chmod(0o755)
        return session

    @property
    def path(self) -> Path:
        return self.folder / "bin"

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    def _hold(self) -> bool:
        """Takes the lock that says that the session is alive; a crash lets go of it."""
        if fcntl is None:
            return True
        descriptor = os.open(self.folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def running(self, snippet: str = "") -> tuple[str, ...]:
        """Names of the session's running containers, or of those that one snippet started."""
        labels = _label(wrapper.LABEL, self.id) + (_label(wrapper.SNIPPET_LABEL, snippet) if snippet else ())
        return tuple(sorted(_rows(self.engine, "ps", *labels, "--format", "{{.Names}}")))

    def stop(self, snippet: str = "", *, grace_s: int = 3) -> tuple[str, ...]:
        """Stops the containers that the session, or one snippet of it, left running; their names.

        Ending a client is not enough: its container may live on.
        """
        names = self.running(snippet)
        if names:
            ask(self.engine, "stop", "-t", str(grace_s), *names, timeout_s=grace_s * len(names) + 20)
        return names

    def clean(self, *, dry_run: bool = False) -> RemovedResources:
        """Removes the session's containers, then its networks, its volumes and the tags it made, then its notes."""
        made = _own_resources(self)
        if dry_run:
            return made.removed()
        failed = tuple(_remove(self.engine, made))
        self.close()
        if not failed:
            shutil.rmtree(self.folder, ignore_errors=True)
        return made.removed(failed)

    def close(self) -> None:
        """Lets go of the session without removing anything: `clean_leftovers` will."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class _OwnResources(Struct, frozen=True, kw_only=True):
    """What is the session's own: ids to remove by, with the names to tell."""

    containers: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def removed(self, failed: tuple[str, ...] = ()) -> RemovedResources:
        return RemovedResources(
            containers=tuple(sorted(self.containers.values())),
            networks=tuple(sorted(self.networks.values())),
            volumes=self.volumes,
            tags=self.tags,
            failed=failed,
        )


def _label(name: str, value: str) -> tuple[str, str]:
    return "--filter", f"label={name}={value}"


def _own_resources(session: EngineSession) -> _OwnResources:
    engine, before = session.engine, session.before
    calls = [
        (project, call)
        for project, words in wrapper.noted(session.notes)
        if (call := command_line.parse(words)) is not None
    ]
    projects = {f"qd-{session.id}"}
    for project, call in calls:
        if call.verb == "compose":
            projects |= {project, *call.all("project-name")}
    owners = [
        _label(wrapper.LABEL, session.id),
        *(_label(_PROJECT, project) for project in sorted(projects) if project),
    ]

    def owned(known: frozenset[str], *command: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for owner in owners:
            rows = (row.partition(" ")[::2] for row in _rows(engine, *command, *owner))
            found.update({id_: name or id_ for id_, name in rows if id_ not in known})
        return found

    containers = owned(before.containers, "ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}}")
    networks = owned(before.networks, "network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}")
    volumes = set(owned(before.volumes, "volume", "ls", "-q"))
    used = {name for _, call in calls for name in command_line.named_volumes(call)}
    used |= _mounted(engine, containers) | _mounted_by_gone(session, set(containers))
    used = {name for name in used if not _ANONYMOUS.fullmatch(name)}  # these go with their containers
    now = inventory_of(engine)
    volumes |= used & (now.volumes - before.volumes)
    tags = {tag for _, call in calls for tag in command_line.tags_made(call)}
    tags |= {
        tag for tag in now.tags if any(re.match(rf"{re.escape(project)}[-_]", tag) for project in projects if project)
    }
    images = set(wrapper.noted_images(session.notes)) - before.images
    return _OwnResources(
        containers=containers,
        networks=networks,
        volumes=tuple(sorted(volumes)),
        tags=tuple(sorted(tags & (now.tags - before.tags))),
        images=tuple(sorted(images & now.images)),
    )


def _mounted(engine: Engine, containers: Iterable[str]) -> set[str]:
    """Volumes that containers use."""
    ids = list(containers)
    if not ids:
        return set()
    answer = ask(engine, "inspect", "--format", "{{json .Mounts}}", *ids)
    mounts = [mount for row in answer.out.splitlines() for mount in _parsed(row) or [] if isinstance(mount, dict)]
    return {str(mount["Name"]) for mount in mounts if mount.get("Type") == "volume" and mount.get("Name")}


def _mounted_by_gone(session: EngineSession, containers: set[str]) -> set[str]:
    """Volumes that the session's containers used, those among them that are gone (`--rm`), by the engine's events."""
    window = ("--since", f"{session.started - _EARLIER_S:.6f}", "--until", f"{time.time():.6f}")
    answer = ask(session.engine, "events", *window, "--format", "{{json .}}", timeout_s=15)
    told = []
    for row in answer.out.splitlines():
        match _parsed(row):  # podman tells it differently; there, labels and calls have to do
            case {"Type": str() as kind, "Actor": {"ID": str() as id_, "Attributes": dict() as attributes}}:
                told.append((kind, id_, attributes))
            case _:
                pass
    ours = containers | {
        id_ for kind, id_, about in told if kind == "container" and about.get(wrapper.LABEL) == session.id
    }
    return {id_ for kind, id_, about in told if kind == "volume" and about.get("container") in ours}


def _parsed(row: str) -> Any:
    try:
        return json.loads(row)
    except ValueError:
        return None


def _remove(engine: Engine, made: _OwnResources) -> Iterator[str]:
    """Removes in the order in which things depend on each other; gives what the engine says of what it kept."""
    orders: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
        (("rm", "-f", "-v"), tuple(made.containers)),
        (("network", "rm"), tuple(made.networks)),
        (("volume", "rm"), made.volumes),
        (("rmi",), made.tags),
    )
    for command, names in orders:
        if names:
            answer = ask(engine, *command, *names, timeout_s=60)
            if answer.status != 0:
                yield from (row.strip() for row in answer.err.splitlines() if row.strip() and not _is_gone(row))
    if made.images:
        # what is still used, or has another name by now, stays: the engine sees to that
        ask(engine, "rmi", *made.images, timeout_s=60)


def _is_gone(row: str) -> bool:
    return bool(re.search(r"(?i)no such|not found|already in progress", row))


def _written(session: EngineSession) -> bytes:
    told = {
        "engine": asdict(session.engine),
        "started": session.started,
        "before": {kind: sorted(ids) for kind, ids in asdict(session.before).items()},
    }
    return json.dumps(told, indent=1).encode()


def _read(folder: Path) -> EngineSession | None:
    try:
        told = json.loads((folder / "session.json").read_bytes())
        engine = told["engine"] | {"environment": tuple((name, value) for name, value in told["engine"]["environment"])}
        before = EngineInventory(**{name: frozenset(ids) for name, ids in told["before"].items()})
        return EngineSession(Engine(**engine), id=folder.name, folder=folder, started=told["started"], before=before)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def clean_leftovers(ledger: Path, *, dry_run: bool = False) -> tuple[tuple[str, RemovedResources], ...]:
    """Cleans up after sessions that ended without doing so; those that are alive are left alone. By session's id."""
    done: list[tuple[str, RemovedResources]] = []
    for folder in sorted(path for path in ledger.iterdir() if path.is_dir()) if ledger.is_dir() else ():
        session = _read(folder)
        if session is None:  # ended before it had begun
            if not dry_run and _abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)
            continue
        if not session._hold():
            continue
        try:
            done.append((session.id, session.clean(dry_run=dry_run)))
        except SurroundingsError as error:
            done.append((session.id, RemovedResources(failed=(error.what,))))
        finally:
            session.close()
    return tuple(done)


def _abandoned(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > 60
