"""The commands. The only module that prints and exits; everything heavy is imported by the command that needs it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterdeck import __version__
from quarterdeck.diagnostics import CODES, caret, headline, nearest, severity
from quarterdeck.errors import SurroundingsError, UsageError
from quarterdeck.model import Diagnostic, Severity

if TYPE_CHECKING:
    from quarterdeck.pipeline import Build, Request

LONG_S = 1.0
"""A progress bar appears for work that takes longer than this."""
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
EPILOG = "Exit status: 0 all is well, 1 something was found or failed, 2 the command was not understood."


class Command(click.Command):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, epilog=options.pop("epilog", EPILOG), **options)


class Group(click.Group):
    command_class = Command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None and not name.startswith("-"):
            near = nearest(name, self.list_commands(ctx))
            hint = f"did you mean '{near}'?" if near else f"commands: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no such command '{name}'; {hint}", ctx)
        return super().resolve_command(ctx, args)


def paths_argument(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path), **options)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that reads talks understands."""
    for option in (
        click.option("--notes-separator", metavar="TEXT", help="What begins speaker notes, beside Note: (text or a regular expression)."),
        click.option("--vertical-separator", metavar="TEXT", help="What begins a slide below (default --)."),
        click.option("--separator", metavar="TEXT", help="What begins the next slide (default ---)."),
    ):
        command = option(command)
    return command


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that serves understands."""
    for option in (
        click.option("--no-open", is_flag=True, help="Do not open the browser."),
        click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port to listen on; 0 picks a free one."),
    ):
        command = option(command)
    return command


@click.group(
    cls=Group,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.version_option(__version__, message="quarterdeck %(version)s")
def cli() -> None:
    """Markdown talks to reveal.js decks.

    Write slides in Markdown, `---` between them and `--` above the ones below. `quarterdeck new my-talk` makes a
    first talk, `quarterdeck serve` shows it while you write, `quarterdeck build` makes the site.
    """


@cli.command()
@paths_argument()
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the site (default site).")
@click.option("--strict", is_flag=True, help="Fail, and write nothing, when there is any finding.")
@click.option("--watch", is_flag=True, help="Build again whenever a file changes, until Ctrl-C.")
@reading_options
def build(paths: tuple[Path, ...], output: Path | None, strict: bool, watch: bool, **overrides: str | None) -> None:
    """Build talks into a static site.

    PATH is a Markdown file, or a folder in which each talk is NAME.md or NAME/index.md; without one, the project's own
    source folder. The site opens from a file, needs no network and runs nothing. A site that is there is replaced as a
    whole, or left as it was when the build fails.
    """
    from quarterdeck.pipeline import Builder, request

    asked = request(paths, cwd=Path.cwd(), output=output, overrides=overrides)
    builder = Builder()
    failed = _build_once(builder, asked, strict=strict)
    if watch:
        from quarterdeck.serve.watch import watch as changes

        click.echo("watching for changes; Ctrl-C ends")
        for _ in changes(lambda: builder.inputs):
            failed = _build_once(builder, request(paths, cwd=Path.cwd(), output=output, overrides=overrides), strict=strict)
    sys.exit(1 if failed else 0)


def _build_once(builder: Any, asked: Request, *, strict: bool) -> bool:
    from quarterdeck import site

    started = time.monotonic()
    with _progress() as tick:
        built: Build = builder.build(asked, tick=tick)
    report(built)
    if strict and built.diagnostics:
        click.echo(f"not written, because of --strict: {_shown(asked.output)} is as it was", err=True)
        return True
    site.write(built.site, asked.output, keep=[talk.path for talk in asked.talks])
    for deck in built.decks:
        slides = sum(len(stack) for stack in deck.stacks)
        click.echo(f"{_shown(asked.output / deck.url)}  {_count(slides, 'slide')}")
    click.echo(f"built {_count(len(built.decks), 'deck')} in {time.monotonic() - started:.2f} s")
    return False


@cli.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@server_options
@click.option("--no-follow", is_flag=True, help="Do not move the deck to the slide that was edited.")
@reading_options
def serve(path: Path | None, port: int | None, no_open: bool, no_follow: bool, **overrides: str | None) -> None:
    """Show talks in the browser and change them there while you write.

    On save only the slides that changed are replaced in the open page, which stays where it is or goes to the slide that
    you edit. Mistakes show over the deck. Nothing is written and nothing is run. In the deck, `e` opens your editor at
    the slide.
    """
    from quarterdeck.pipeline import request
    from quarterdeck.serve.server import serve as run

    def ask() -> Request:
        return request((path,) if path else (), cwd=Path.cwd(), output=None, overrides=overrides)

    run(
        ask,
        port=port,
        open_browser=not no_open,
        follow=False if no_follow else None,
        announce=click.echo,
        report=report,
    )


@cli.command()
@click.argument("place", metavar="FILE:LINE")
def goto(place: str) -> None:
    """Move the open deck to the slide at FILE:LINE. For editors; needs a running `quarterdeck serve`."""
    from quarterdeck.serve.server import send_goto

    file, colon, line = place.rpartition(":")
    if not colon or not file or not line.isdecimal():
        raise UsageError(f"'{place}' is not FILE:LINE", fix="for example: quarterdeck goto deck/docker.md:120")
    click.echo(send_goto(Path(file).absolute(), int(line)))


@cli.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a new talk in the folder NAME: a small deck, its settings and a workflow for GitHub Pages."""
    from quarterdeck.starter import create

    for path in create(folder):
        click.echo(_shown(path))
    click.echo(f"next: cd {folder} && quarterdeck serve")


@cli.command()
def schema() -> None:
    """Print the JSON Schema of a talk's front matter, for editors that complete and check YAML."""
    from quarterdeck.settings import schema as front_matter

    click.echo(json.dumps(front_matter(), indent=2, ensure_ascii=False))


@cli.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """List what the codes of findings mean, or explain one CODE."""
    wanted = [code.upper()] if code else sorted(CODES)
    for name in wanted:
        if name not in CODES:
            near = nearest(name, CODES)
            raise UsageError(f"no code '{code}'", fix=f"did you mean '{near}'?" if near else "`quarterdeck explain` lists all")
        kind, meaning = CODES[name]
        click.echo(f"{name}  {kind:8}{meaning}")


def report(built: Build) -> None:
    """All findings of a build, with their lines, on standard error."""
    for diagnostic in built.diagnostics:
        click.echo(_finding(diagnostic, built), err=True)
    if built.diagnostics:
        counts = Counter(severity(diagnostic) for diagnostic in built.diagnostics)
        click.echo(", ".join(_count(counts[kind], kind) for kind in Severity if counts[kind]), err=True)


def _finding(diagnostic: Diagnostic, built: Build) -> str:
    kind = severity(diagnostic)
    head = headline(diagnostic).replace(f"{kind}[", click.style(f"{kind}[", fg=COLOURS[kind]), 1)
    lines = [head]
    source = built.sources.get(diagnostic.span.path)
    text = source.text.split("\n")[diagnostic.span.line - 1 : diagnostic.span.line] if source else []
    if text and text[0].strip() and len(text[0]) <= 200:
        line, mark = caret(diagnostic.span, text[0])
        number = str(diagnostic.span.line)
        lines += [f"  {number} | {line}", f"  {' ' * len(number)} | {click.style(mark, fg=COLOURS[kind])} {diagnostic.hint}".rstrip()]
    elif diagnostic.hint:
        lines.append(f"  {diagnostic.hint}")
    return "\n".join(lines)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal once the work has proved long, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    started = time.monotonic()
    bars: list[Any] = []

    def tick(what: str, done: int, total: int) -> None:
        if not bars and time.monotonic() - started > LONG_S:
            from rich.console import Console
            from rich.progress import Progress

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            bars.append((bar, bar.add_task(what, total=total)))
        for bar, task in bars:
            bar.update(task, description=what, completed=done, total=total)

    try:
        yield tick
    finally:
        for bar, _ in bars:
            bar.stop()


def _shown(path: Path) -> str:
    from quarterdeck.source import shown

    return shown(path.absolute(), base=Path.cwd())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _wants_colour(environ: Iterable[str]) -> bool | None:
    """False under NO_COLOR (https://no-color.org), else click decides by looking at the stream."""
    return False if "NO_COLOR" in environ and os.environ["NO_COLOR"] else None


def main() -> None:
    """Runs the command line; never ends in a traceback for what the user can mend."""
    # A terminated build still removes its half-written folder: SystemExit runs the `finally` clauses.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(prog_name="quarterdeck", standalone_mode=False, color=_wants_colour(os.environ)) or 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SurroundingsError as error:
        click.echo(f"{click.style('quarterdeck:', fg='red')} {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
