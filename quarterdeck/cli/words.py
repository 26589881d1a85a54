"""How commands are declared: what they share, and help that a newcomer understands."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from quarterdeck import __version__
from quarterdeck.diagnostics import nearest

EPILOG = (
    "Exit status: 0 all is well, 1 something was found or failed, 2 the command was not understood, or asks what "
    "nobody is there to answer; 130 after Ctrl-C."
)


DIALECTS = ("quarterdeck", "obsidian", "reveal", "reveal-md", "mkslides", "marp", "slidev", "pandoc", "remark")
"""Those of `quarterdeck.markdown.dialects`; a test compares."""


class TalkCommand(click.Command):
    """Every command's help ends with what its exit status means."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"epilog": EPILOG, **options})


class CommandGroup(click.Group):
    command_class = TalkCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None and not name.startswith("-"):
            near = nearest(name, self.list_commands(ctx))
            hint = f"did you mean '{near}'?" if near else f"commands: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no such command '{name}'; {hint}", ctx)
        return super().resolve_command(ctx, args)


def paths_argument(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path), **options)


def _joined(_context: click.Context, _option: click.Parameter, folders: tuple[Path, ...]) -> str | None:
    """Folders as one word, as the other options that say how talks are read are words."""
    return os.pathsep.join(map(str, folders)) or None


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that reads talks understands."""
    for option in (
        click.option(
            "--allow",
            metavar="FOLDER",
            multiple=True,
            type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
            callback=_joined,
            help="A folder outside of the project whose files the talks may use; may be given several times.",
        ),
        click.option(
            "--dialect",
            type=click.Choice(DIALECTS),
            metavar="TOOL",
            help=f"The tool that the talks were written for, where it is not recognised: {', '.join(DIALECTS)}.",
        ),
        click.option(
            "--notes-separator",
            metavar="TEXT",
            help="What begins speaker notes, beside Note: (text or a regular expression).",
        ),
        click.option("--vertical-separator", metavar="TEXT", help="What begins a slide below (default --)."),
        click.option("--separator", metavar="TEXT", help="What begins the next slide (default ---)."),
    ):
        command = option(command)
    return command


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that serves understands."""
    for option in (
        click.option("--no-open", is_flag=True, help="Do not open the browser."),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            metavar="NUMBER",
            help="Port to listen on; 0 picks a free one. Without it, 8000 or the next that is free.",
        ),
    ):
        command = option(command)
    return command


def running_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that runs snippets understands."""
    option = click.option("--yes", is_flag=True, help="Run without asking; also trusts what the talks hold now.")
    return option(command)


@click.group(
    cls=CommandGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="quarterdeck %(version)s")
def cli() -> None:
    """Markdown talks to reveal.js decks.

    Write slides in Markdown, `---` between them and `--` above the ones below. `quarterdeck new my-talk` makes a
    first talk, `quarterdeck serve` shows it while you write, `quarterdeck build` makes the site.
    """
