"""What a command asks to be built."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.errors import UsageError
from quarterdeck.model import Diagnostic, Source
from quarterdeck.project.files import TalkFile, find_talks, is_folder, may_enter, shown
from quarterdeck.project.settings import Project, load_project


class Request(Struct, frozen=True, kw_only=True):
    """What a command asks to be built."""

    project: Project
    talks: tuple[TalkFile, ...]
    given: tuple[Path, ...]
    """The files and folders that the talks were found at."""
    cwd: Path
    output: Path
    overrides: Mapping[str, str]
    """Front matter keys set on the command line."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def sources(self) -> Mapping[str, Source]:
        """The texts that its diagnostics are about, by name."""
        settings = self.project.settings
        return {settings.name: settings} if settings else {}


def request(
    paths: Iterable[Path],
    *,
    cwd: Path,
    output: Path | None,
    overrides: Mapping[str, str | None],
    before: Request | None = None,
) -> Request:
    """What the words of a command mean, with the project's settings where the command is silent.

    Settings that are no TOML are told, and those of the request `before` hold on.
    """
    given = tuple(cwd / path for path in paths)
    for path in given:
        _check_open(path, cwd)
    project, diagnostics = load_project(_home_of(given, cwd), base=cwd)
    if before is not None and any(found.code == "F108" for found in diagnostics):
        project = replace(before.project, settings=project.settings)
    if allowed := overrides.get("allow"):
        more = (cwd / folder for folder in allowed.split(os.pathsep))
        project = replace(project, allowed=(*project.allowed, *more))
    if not given:
        given = (project.source,)
    talks, skipped = find_talks(given, base=cwd)
    if not talks:
        raise UsageError(
            f"no talk in {'this folder' if given[0] == cwd else shown(given[0], base=cwd)}",
            fix="a talk is NAME.md or NAME/index.md; `quarterdeck new NAME` makes one",
        )
    return Request(
        project=project,
        talks=talks,
        given=given,
        cwd=cwd,
        output=cwd / output if output else project.output or cwd / "site",
        overrides={key: value for key, value in overrides.items() if value is not None and key != "allow"},
        diagnostics=(*diagnostics, *skipped),
    )


def _check_open(path: Path, cwd: Path) -> None:
    folder = path if is_folder(path) else path.parent
    if is_folder(folder) and not may_enter(folder):
        raise UsageError(f"you may not look into {shown(folder, base=cwd)}", fix="make it readable, or name another")


def _home_of(given: tuple[Path, ...], cwd: Path) -> Path:
    """Where the search for settings starts: at the talk, so that it has the same ones from every folder."""
    if not given:
        return cwd
    return given[0] if given[0].is_dir() else given[0].parent
