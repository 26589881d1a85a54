"""The commands for the talk itself: rehearse, present."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterdeck.cli.show import count, report, report_findings, running, show_question, shown
from quarterdeck.cli.snippets import talks_to_run
from quarterdeck.cli.words import cli, paths_argument, reading_options, running_options, server_options

if TYPE_CHECKING:
    from quarterdeck.model import Diagnostic
    from quarterdeck.pipeline import Request


@cli.command()
@click.argument("deck", required=False, type=click.Path(path_type=Path))
@server_options
@click.option("--edit", is_flag=True, help="Let snippets whose fence says {edit} be changed on stage.")
@running_options
@reading_options
def present(deck: Path | None, port: int | None, no_open: bool, edit: bool, yes: bool, **overrides: str | None) -> None:
    """Give a talk: its snippets run live, in the slide, on this machine.

    Only the browser that this command opens may run anything, or one in which you type the code that it shows; Enter
    shows another code. A talk that you do not trust is shown with its recordings. What was started is gone at the end.
    """
    from quarterdeck.pipeline import request
    from quarterdeck.serve.stage.present import present as run

    def ask() -> Request:
        return request((deck,) if deck else (), cwd=Path.cwd(), output=None, overrides=overrides)

    run(
        ask,
        trusted=_trusted(ask(), yes=yes),
        port=port,
        open_browser=not no_open,
        edit=edit,
        announce=click.echo,
        report=report,
        keys=_at_enter,
    )


@cli.command()
@paths_argument()
@running_options
@reading_options
def rehearse(paths: tuple[Path, ...], yes: bool, **overrides: str | None) -> None:
    """Run a whole deck on this machine, and say what would go wrong on stage.

    Tells snippets that fail, or take long for the talk's minutes, images that are not pulled, names and ports that are
    taken, and recordings that are stale, each with what mends it. Nothing is written.
    """
    from quarterdeck.rehearsal import rehearse as run

    asked, builder, talks = talks_to_run(paths, overrides, yes=yes)
    found: list[Diagnostic] = []
    with running() as stage:
        for talk in talks:
            if stage.cancelled:
                break
            done = run(talk, cache=stage.cache, **stage.surroundings)
            stage.show(done.report)
            minutes = f" of {talk.options.minutes:g} minutes" if talk.options.minutes else ""
            click.echo(f"{talk.source.name}: snippets ran for {done.total_s:.0f} s{minutes}")
            found += done.findings
    report_findings(found, {talk.source.name: talk.source for talk in builder.read(asked)})
    click.echo("nothing stands in the way" if not found else f"{count(len(found), 'thing')} to mend before the talk")
    sys.exit(130 if stage.cancelled else 1 if found else 0)


def _trusted(asked: Request, *, yes: bool) -> set[Path]:
    """The folders whose talks may run what they hold now; their owner is asked where that is not known."""
    from quarterdeck.folders import state_folder
    from quarterdeck.pipeline import Builder
    from quarterdeck.recorder import questions
    from quarterdeck.trust import Store

    builder = Builder()
    talks = builder.read(asked)
    folders = {talk.talk.path.parent for talk in talks if talk.snippets.plan.jobs}
    store = Store(state_folder())
    for question in questions(builder, asked, talks, store=store):
        if not yes:
            show_question(question)
            on_terminal = sys.stdin.isatty() and sys.stderr.isatty()
            if not (on_terminal and click.confirm("Run it on stage?", err=True)):
                click.echo(f"nothing of {shown(question.folder)} runs, its recordings are shown", err=True)
                folders.discard(question.folder)
                continue
        store.put(question.folder, digest=question.digest)
    return folders


def _at_enter(act: Callable[[], None]) -> None:
    """Calls it for each line that is typed, without holding up the end."""

    def read() -> None:
        for _line in sys.stdin:
            act()

    threading.Thread(target=read, name="keys", daemon=True).start()
