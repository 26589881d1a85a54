"""A theme is a folder of a project or a package: tokens, styles, templates and layouts, and nothing that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import request

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


def build(folder: Path, **env: str) -> str:
    """Builds the talk `a.md` strictly; its page."""
    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck", "build", "a.md", "--strict", "-o", "site"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | env,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (folder / "site/a/index.html").read_text()


def sheets(page: str) -> list[str]:
    """Names of the page's stylesheets in order, without their digests."""
    return [line.partition("assets/")[2].partition(".")[0] for line in page.splitlines() if 'rel="stylesheet"' in line]


def test_tokens_alone_are_a_brand_on_the_default_theme(write: Write, tmp_path: Path) -> None:
    write("themes/acme/tokens.css", ":root { --qd-accent: #b3005e }")
    write("a.md", "---\ntheme: acme\n---\n# A\n")
    assert [sheet for sheet in sheets(build(tmp_path)) if sheet in ("tokens", "theme")] == ["tokens", "theme", "tokens"]


def test_a_theme_of_its_own_takes_nothing_but_the_tokens(write: Write, tmp_path: Path) -> None:
    write("themes/acme/theme.css", "body { color: red }")
    write("a.md", "---\ntheme: acme\n---\n# A\n")
    assert [sheet for sheet in sheets(build(tmp_path)) if sheet in ("tokens", "theme")] == ["tokens", "theme"]


def test_a_stylesheet_below_layouts_adds_a_layout(write: Write, tmp_path: Path) -> None:
    write("themes/acme/layouts/poster.css", '[data-layout="poster"] { color: red }')
    write("a.md", '---\ntheme: acme\n---\n<!-- .slide: layout="poster" -->\n# A\n')
    page = build(tmp_path)
    assert 'data-layout="poster"' in page
    assert "poster" in sheets(page)


def test_a_package_brings_a_theme_and_is_not_imported(write: Write, tmp_path: Path) -> None:
    write("lib/acme_slides/__init__.py", "raise SystemExit('a build runs no code of a theme')")
    write("lib/acme_slides/tokens.css", ":root { --qd-accent: #b3005e }")
    write("lib/acme_slides/layouts/poster.css", "")
    write("lib/acme_slides-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-slides\nVersion: 1\n")
    write("lib/acme_slides-1.dist-info/entry_points.txt", "[quarterdeck.themes]\nacme = acme_slides\n")
    write("a.md", '---\ntheme: acme\n---\n<!-- .slide: layout="poster" -->\n# A\n')
    assert 'data-layout="poster"' in build(tmp_path, PYTHONPATH=str(tmp_path / "lib"))


def test_a_style_of_pygments_colours_code_in_the_place_of_the_theme(write: Write, tmp_path: Path) -> None:
    write("a.md", "---\nhighlightTheme: monokai\ncss: mine.css\n---\n# A\n\n```python\nprint(1)\n```\n")
    write("mine.css", "")
    assert sheets(build(tmp_path))[-2:] == ["highlight", "mine"]
    (sheet,) = (tmp_path / "site/assets").glob("highlight.*.css")
    assert ".qd-code .nb {" in sheet.read_text()


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ cycler.__init__.__globals__.os.system('touch owned') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '{0.__class__}'.format(body) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ words.update({'copy': 'owned'}) }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_hostile_template_runs_nothing_and_is_told_with_its_line(write: Write, tmp_path: Path, hostile: str) -> None:
    write("quarterdeck.toml", "")
    write("templates/slide.html", f"<section{{{{ attributes }}}}>\n{hostile}</section>")
    write("deck/a.md", "# A\n")
    built = Builder().build(request([], cwd=tmp_path, output=None, overrides={}))
    assert [(each.code, each.span.path, each.span.line) for each in built.diagnostics] == [
        ("T102", "templates/slide.html", 2)
    ]
    assert b"<h1>A</h1>" in bytes(built.site.entries["a/index.html"].content)
    assert not (tmp_path / "owned").exists()


def test_hostile_front_matter_runs_nothing(write: Write, tmp_path: Path) -> None:
    write("a.md", "---\ntitle: !!python/object/apply:os.system ['touch owned']\n---\n# A\n")
    built = Builder().build(request([Path("a.md")], cwd=tmp_path, output=None, overrides={}))
    assert [each.code for each in built.diagnostics] == ["F107"]
    assert not (tmp_path / "owned").exists()
