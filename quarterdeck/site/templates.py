"""The templates of a site: those of its project and its themes, before ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Span, Theme
from quarterdeck.project import resources
from quarterdeck.project.files import digest_of_folder, shown
from quarterdeck.project.settings import Project
from quarterdeck.render.templates import BrokenTemplateError, Templates, load_templates

T = TypeVar("T")


def template_folders(project: Project, theme: Theme) -> tuple[Path, ...]:
    """Where templates are looked for before ours: the project's own, then the theme's."""
    own = project.templates
    return (*((own,) if own and own != resources.templates_folder() else ()), *theme.templates)


def templates_in(folders: tuple[Path, ...], memo: Memo) -> tuple[Templates, str]:
    """The templates of the folders, and ours for the others; with a digest of them all."""
    built_in = resources.templates_folder()
    digest = digest_of(*(digest_of_folder(folder) for folder in (*folders, built_in)), *map(str, folders))
    return memo.get("templates", digest, lambda: load_templates(folders, built_in=built_in)), digest


def with_templates(
    folders: tuple[Path, ...], render: Callable[[tuple[Path, ...]], T], *, cwd: Path
) -> tuple[T, tuple[Diagnostic, ...]]:
    """What `render` makes with the templates of the folders; where those are at fault, with ours, and why."""
    try:
        return render(folders), ()
    except BrokenTemplateError as problem:
        span = Span(path=shown(problem.path, base=cwd), line=problem.line)
        hint = "the built-in template was used instead; `{{ … }}` may read values and call none of Python's own"
        return render(()), (Diagnostic(code="T102", message=problem.message, span=span, hint=hint),)
