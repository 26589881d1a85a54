"""The commands that turn talks into decks, and nothing of whose makes a snippet run."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterdeck.cli.show import AuthorsTerminal, count, progress, report, shown, warn
from quarterdeck.cli.snippets import talks_to_run
from quarterdeck.cli.words import cli, paths_argument, reading_options, running_options, server_options
from quarterdeck.errors import UsageError

if TYPE_CHECKING:
    from quarterdeck.serve.author.recording import BackgroundRecorder
    from quarterdeck.site.builds import Build
    from quarterdeck.talk.request import Request


@cli.command()
@paths_argument()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the site (default site)."
)
@click.option("--strict", is_flag=True, help="Fail, and write nothing, when there is any finding.")
@click.option("--watch", is_flag=True, help="Build again whenever a file changes, until Ctrl-C.")
@reading_options
def build(paths: tuple[Path, ...], output: Path | None, strict: bool, watch: bool, **overrides: str | None) -> None:
    """Build talks into a static site.

    PATH is a Markdown file, or a folder in which each talk is NAME.md or NAME/index.md; without one, the project's own
    source folder. What is found wrong is shown, and the site is written all the same; --strict makes that fail. The
    site opens from a file, needs no network and runs nothing. A site that is there is replaced as a whole, or left as
    it was when the build fails.

    Settings, themes/ and templates/ are looked for from the talk upwards, as far as the nearest folder with
    quarterdeck.toml (or [tool.quarterdeck] in pyproject.toml) or .git, and never in your home directory itself.
    """
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request

    asked = request(paths, cwd=Path.cwd(), output=output, overrides=overrides)
    builder = Builder()
    failed = _build_once(builder, asked, strict=strict)
    if watch:
        from quarterdeck.serve.watch import watch as changes

        click.echo("watching for changes; Ctrl-C ends")
        for _ in changes(lambda: builder.inputs):
            failed = _build_once(
                builder, request(paths, cwd=Path.cwd(), output=output, overrides=overrides), strict=strict
            )
    sys.exit(1 if failed else 0)


def _build_once(builder: Any, asked: Request, *, strict: bool) -> bool:
    from quarterdeck.site import output as site

    started = time.monotonic()
    with progress() as tick:
        built: Build = builder.build(asked, tick=tick)
    report(built)
    if strict and built.diagnostics:
        click.echo(f"not written, because of --strict: {shown(asked.output)} is as it was", err=True)
        return True
    site.write(built.site, asked.output, keep=[talk.path for talk in asked.talks])
    for deck in built.decks:
        slides = sum(len(stack) for stack in deck.stacks)
        click.echo(f"{shown(asked.output / deck.url)}  {count(slides, 'slide')}")
    click.echo(f"built {count(len(built.decks), 'deck')} in {time.monotonic() - started:.2f} s")
    return False


@cli.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@server_options
@click.option("--no-follow", is_flag=True, help="Do not move the deck to the slide that was edited.")
@click.option("--run", "runs", is_flag=True, help="Record, after each save, the snippets that changed.")
@running_options
@reading_options
def serve(
    path: Path | None,
    port: int | None,
    no_open: bool,
    no_follow: bool,
    runs: bool,
    yes: bool,
    **overrides: str | None,
) -> None:
    """Show talks in the browser and change them there while you write.

    PATH is a Markdown file or a folder of talks; without one, the project's own source folder. On save only the slides
    that changed are replaced in the open page, which stays where it is or goes to the slide that you edit. Mistakes
    show over the deck. In the deck, `e` opens your editor at the slide.

    Nothing is written and nothing is run, unless you say --run: then you are shown what would run and asked, as by
    `quarterdeck record`, and what you change is recorded with every save. When git has moved meanwhile, nothing runs
    until you have looked again.
    """
    from quarterdeck.serve.author.server import serve as run
    from quarterdeck.serve.loop import ServerReporter
    from quarterdeck.talk.request import request

    paths = (path,) if path else ()

    asked: Request | None = None

    def ask() -> Request:
        nonlocal asked
        asked = request(paths, cwd=Path.cwd(), output=None, overrides=overrides, before=asked)
        return asked

    recorder = None
    if runs:
        recorder = _background_recorder({talk.path.parent for talk in ask().talks})
        talks_to_run(paths, overrides, yes=yes)
    run(
        ask,
        port=port,
        open_browser=not no_open,
        follow=False if no_follow else None,
        terminal=ServerReporter(announce=click.echo, report=report, warn=warn),
        recorder=recorder,
    )


def _background_recorder(folders: Iterable[Path]) -> BackgroundRecorder:
    """Made before its author is asked: from then on it knows their edits from what git does."""
    from quarterdeck.project.folders import cache_folder, state_folder
    from quarterdeck.serve.author.recording import BackgroundRecorder
    from quarterdeck.trust.store import Store, git_head

    return BackgroundRecorder(
        store=Store(state_folder()),
        cache=cache_folder(),
        environ=dict(os.environ),
        terminal=AuthorsTerminal(),
        heads={folder: git_head(folder) for folder in folders},
    )


@cli.command()
@click.argument("place", metavar="FILE:LINE")
def goto(place: str) -> None:
    """Move the open deck to the slide at FILE:LINE. For editors; needs a running `quarterdeck serve`."""
    from quarterdeck.serve.author.server import send_goto

    file, colon, line = place.rpartition(":")
    if not colon or not file or not line.isdecimal():
        raise UsageError(f"'{place}' is not FILE:LINE", fix="for example: quarterdeck goto deck/docker.md:120")
    click.echo(send_goto(Path(file).absolute(), int(line)))


@cli.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a first talk in the folder NAME.

    A small deck with a snippet to run, its settings, and a workflow that publishes it to GitHub Pages.
    """
    from quarterdeck.project.starter import create

    for path in create(folder):
        click.echo(shown(path))
    name = str(folder) if not str(folder).startswith("-") else f"./{folder}"
    click.echo(f"next: cd {shlex.quote(name)} && quarterdeck serve")


@cli.command()
def schema() -> None:
    """Print the JSON Schema of the front matter, for editors."""
    from quarterdeck.project.deck_options import schema as front_matter

    click.echo(json.dumps(front_matter(), indent=2, ensure_ascii=False))
