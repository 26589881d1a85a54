"""Where the tool's own templates and assets are: in the installed package, or in the checkout around it.

Gives paths and reads nothing. An editable install has no copy of its own, so that a change in the checkout counts.
"""

from __future__ import annotations

from pathlib import Path

from quarterdeck.errors import SurroundingsError

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "_data", _PACKAGE.parent)
"""A wheel's data, else the checkout."""


def root_folder() -> Path:
    """The folder that holds `templates/` and `assets/`."""
    found = next((place for place in _PLACES if (place / "templates").is_dir()), None)
    if found is None:
        raise SurroundingsError(
            f"the templates of quarterdeck are missing beside {_PACKAGE}",
            fix="install it again: pip install --force-reinstall quarterdeck",
        )
    return found


def templates_folder() -> Path:
    return root_folder() / "templates"


def assets_folder() -> Path:
    """Holds `css/`, `bundles/`, `themes/` and `vendor/`."""
    return root_folder() / "assets"


def themes_folder() -> Path:
    return assets_folder() / "themes"


def vendor_folder() -> Path:
    """reveal.js (`reveal.js/dist/…`) and `fonts/NAME/files/…`."""
    folder = assets_folder() / "vendor"
    if not folder.is_dir():
        raise SurroundingsError(f"{folder} is missing: reveal.js and the fonts come with the build", fix="run: make")
    return folder


def asset_file(name: str) -> Path:
    """A built-in asset by its path under `assets/`: `bundles/deck.js`, `vendor/reveal.js/dist/reveal.js`."""
    if name.startswith("vendor/"):
        return vendor_folder() / name.removeprefix("vendor/")
    path = assets_folder() / name
    if name.startswith("bundles/") and not path.is_file():
        raise SurroundingsError(f"{path} is missing: it comes with the build", fix="run: make")
    return path


def reveal_themes() -> dict[str, Path]:
    """The stylesheets that reveal.js brings, by theme name."""
    return {path.stem: path for path in sorted((vendor_folder() / "reveal.js/dist/theme").glob("*.css"))}


def licences_of(asset: Path) -> tuple[Path, ...]:
    """The licence texts of the vendored package that hold for a file; none for one of ours or of the author's.

    A package may keep the text of a part, such as a font, in a folder of that name which lies elsewhere than the part.
    """
    vendor = assets_folder() / "vendor"
    asset = asset.resolve()  # stylesheets lead to the fonts by way of `..`
    if not asset.is_relative_to(vendor):
        return ()
    package = next((parent for parent in asset.parents if any(parent.glob("LICENSE*"))), vendor)
    if package == vendor:
        return ()
    parts = asset.relative_to(package).parts[:-1]
    texts = sorted(package.rglob("LICENSE*"))
    return tuple(text for text in texts if asset.is_relative_to(text.parent) or text.parent.name in parts)
