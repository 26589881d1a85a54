"""A theme's name to the files it consists of. Reads no file's content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from quarterdeck.diagnostics import did_you_mean
from quarterdeck.model import Diagnostic, Span, Theme
from quarterdeck.project.files import children, is_file, is_folder, may_enter
from quarterdeck.project.resources import asset_file, reveal_themes, themes_folder

DEFAULT = "quarterdeck"
GROUP = "quarterdeck.themes"
"""Entry points of packages that bring themes: theme name = package; the package's folder is the theme."""
_BASE = ("vendor/reveal.js/dist/reset.css", "vendor/reveal.js/dist/reveal.css")
_BODY = ("css/elements.css", "css/layouts.css")
"""What themes of our kind dress."""
_STAGE = ("css/stage.css", "css/code.css", "css/terminal.css", "css/print.css")


def find_theme(
    name: str, *, themes: Path | None, folders: Iterable[Path], span: Span
) -> tuple[Theme, tuple[Diagnostic, ...]]:
    """The theme that a talk names: a project's, ours, a package's, one of reveal.js', a stylesheet.

    `themes` is the project's folder of themes, `folders` where a stylesheet may lie. An unknown name is a diagnostic,
    and the default theme.
    """
    sheets = [folder / name for folder in folders] if name.lower().endswith(".css") else []
    if sheet := next((sheet for sheet in sheets if is_file(sheet)), None):
        return _foreign(name, sheet), ()
    stem = name[:-4] if name.lower().endswith(".css") else name
    known = dict(_folders(themes))
    if stem not in known:
        known = dict(_packages()) | known
    if stem in known:
        return _ours(stem, known[stem]), ()
    foreign = reveal_themes()
    if stem in foreign:
        return _foreign(stem, foreign[stem]), ()
    problem = Diagnostic(
        code="T101",
        message=f"no file '{name}' for the theme" if sheets else f"no theme '{name}'",
        span=span,
        hint=did_you_mean(name, [*known, *foreign], noun="themes"),
    )
    return _ours(DEFAULT, known[DEFAULT]), (problem,)


def _folders(themes: Path | None) -> Iterator[tuple[str, Path]]:
    """Our themes and the project's; a later one of the same name wins."""
    for parent in (themes_folder(), themes):
        if parent is not None:
            yield from ((child.name, child) for child in children(parent) if is_folder(child) and may_enter(child))


def _packages() -> Iterator[tuple[str, Path]]:
    """Themes that packages bring."""
    from importlib.metadata import entry_points  # loaded here: few talks ask for one, and it takes as long as a slide

    for entry in entry_points(group=GROUP):
        # found, not imported: a theme is data, and building runs nobody's code
        spec = find_spec(entry.module.partition(".")[0])
        for place in (spec.submodule_search_locations or []) if spec else []:
            yield entry.name, Path(place, *entry.module.split(".")[1:])


def _ours(name: str, folder: Path) -> Theme:
    """A theme of our kind. One without a `theme.css` stands on the default theme: twelve tokens are a brand.

    `layouts/NAME.css` adds the layout `NAME`: a slide that names it has `data-layout="NAME"`, and its blocks as they
    are.
    """
    base = themes_folder() / DEFAULT
    look = [base / "tokens.css", *map(asset_file, _BODY)]
    if not is_file(folder / "theme.css"):
        look.append(base / "theme.css")
    look += [sheet for part in ("tokens.css", "theme.css") if is_file(sheet := folder / part)]
    layouts = sorted((folder / "layouts").glob("*.css"))
    templates = folder / "templates"
    return Theme(
        name=name,
        stylesheets=tuple(dict.fromkeys((*map(asset_file, _BASE), *look, *layouts, *map(asset_file, _STAGE)))),
        templates=(templates,) if is_folder(templates) else (),
        scripts=tuple(sorted(folder.glob("*.js"))),
        layouts=frozenset(sheet.stem for sheet in layouts),
        folders=(folder, folder / "layouts"),
    )


def _foreign(name: str, sheet: Path) -> Theme:
    return Theme(
        name=name,
        stylesheets=(*map(asset_file, _BASE), sheet, asset_file("css/bridge.css"), *map(asset_file, _STAGE)),
        ours=False,
    )
