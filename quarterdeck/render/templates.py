"""The Jinja environment: our templates, and those of a theme or project before them. They can read values and no more.

Templates that a project brings are text from strangers: they run in Jinja's immutable sandbox, where no attribute leads
to Python's internals and no value can be changed, and within bounds (see `render.bounds`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from markupsafe import Markup
from msgspec import Struct

from quarterdeck.model import Html
from quarterdeck.render.bounds import BoundedEnvironment, TooMuchError, limited


def safe(html: Html) -> Markup:
    """Markup that a template does not escape."""
    return Markup(html)  # noqa: S704 - the type says that it is ours or cleared by us


class BrokenTemplateError(Exception):
    """A template of the project or theme that cannot be used: the parts of a diagnostic."""

    def __init__(self, *, path: Path, line: int, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.message = message


class Templates(Struct, frozen=True):
    """Templates by name, looked up in `own` first and then among the built-in ones."""

    environment: BoundedEnvironment
    own: tuple[Path, ...]
    built_in: Path

    def render(self, name: str, **values: object) -> Html:
        """Raises `BrokenTemplateError` where a template that is not ours is at fault."""
        try:
            with limited(self.own):
                return Html(self.environment.get_template(name).render(**values))
        except TemplateSyntaxError as error:
            place = Path(error.filename) if error.filename else self.built_in / name
            message = error.message or "not understood"
            raise BrokenTemplateError(path=place, line=error.lineno, message=message) from None
        except Exception as error:  # a template of strangers may fail in any way that Python knows
            path, line = self._place_of(error, name)
            if path.is_relative_to(self.built_in):
                raise
            raise BrokenTemplateError(path=path, line=line, message=_told(error)) from None

    def _place_of(self, error: BaseException, name: str) -> tuple[Path, int]:
        """File and line of the innermost template on the error's way up."""
        place, trace = (self._file(name), 1), error.__traceback__
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            if any(path.is_relative_to(folder) for folder in (*self.own, self.built_in)):
                place = (path, trace.tb_lineno)
            trace = trace.tb_next
        return place

    def _file(self, name: str) -> Path:
        places = (folder / name for folder in (*self.own, self.built_in))
        return next((path for path in places if path.is_file()), self.built_in / name)


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it calls or includes itself without an end"
    if isinstance(error, SyntaxError):
        return "its blocks stand too deep in one another"
    text = str(error) or type(error).__name__
    return text if isinstance(error, TemplateError | TooMuchError) else f"{type(error).__name__}: {text}"


def load_templates(own: Iterable[Path], *, built_in: Path) -> Templates:
    """`own` are folders of a project or theme, the first searched first."""
    folders = tuple(own)
    loaders: list[BaseLoader] = [FileSystemLoader([str(folder) for folder in folders])] if folders else []
    environment = BoundedEnvironment(
        # every template is HTML, whatever its name
        autoescape=True,
        loader=ChoiceLoader([*loaders, FileSystemLoader(str(built_in))]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return Templates(environment=environment, own=folders, built_in=built_in)
