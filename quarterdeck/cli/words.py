"""How commands are declared: what they share, and help that a newcomer understands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from quarterdeck import __version__
from quarterdeck.diagnostics import nearest

EPILOG = "Exit status: 0 all is well, 1 something was found or failed, 2 the command was not understood."


DIALECTS = ("quarterdeck", "obsidian", "reveal", "reveal-md", "mkslides", "marp", "slidev", "pandoc", "remark")
"""Those of `quarterdeck.markdown.dialects`; a test compares."""


class Command(click.Command):
    """Every command's help ends with what its exit status means."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"epilog": EPILOG, **options})


class Group(click.Group):
    command_class = Command

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


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every command that reads talks understands."""
    for option in (
        click.option(
            "--dialect",
            type=click.Choice(DIALECTS),
            help="The tool that the talks were written for; without it, it is recognised.",
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
    cls=Group,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="quarterdeck %(version)s")
def cli() -> None:
    """Markdown talks to reveal.js decks.

    Write slides in Markdown, `---` between them and `--` above the ones below. `quarterdeck new my-talk` makes a
    first talk, `quarterdeck serve` shows it while you write, `quarterdeck build` makes the site.
    """
