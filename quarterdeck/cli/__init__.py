"""The commands. The only room that prints and exits; everything heavy is imported by the command that needs it.

talks               build, serve, goto, new, schema
snippets            record, check, status, clean
stage               rehearse, present
explain             what the codes of findings mean
importing           what was understood of a talk for another tool
show                what the user sees: findings, progress, what ran
words               how commands are declared
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable

import click

from quarterdeck.cli import explain, snippets, stage, talks
from quarterdeck.cli.words import cli
from quarterdeck.errors import SurroundingsError, UsageError

__all__ = ["cli", "explain", "main", "snippets", "stage", "talks"]


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
    except PermissionError as error:
        click.echo(f"{click.style('quarterdeck:', fg='red')} {error.filename}: {error.strerror}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _wants_colour(environ: Iterable[str]) -> bool | None:
    """False under NO_COLOR (https://no-color.org), else click decides by looking at the stream."""
    return False if "NO_COLOR" in environ and os.environ["NO_COLOR"] else None
