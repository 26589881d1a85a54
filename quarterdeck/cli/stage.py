"""The commands for the talk itself: rehearse, present."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterdeck.cli.show import count, folder_name, legible, report, report_findings, running, texts_of, warn
from quarterdeck.cli.snippets import agreed, talks_to_run
from quarterdeck.cli.words import cli, paths_argument, reading_options, running_options, server_options
from quarterdeck.errors import UsageError

if TYPE_CHECKING:
    from quarterdeck.model import Diagnostic
    from quarterdeck.serve.stage.trust_watch import TrustChange
    from quarterdeck.talk.request import Request


@cli.command()
@click.argument("deck", required=False, type=click.Path(path_type=Path))
@server_options
@click.option("--edit", is_flag=True, help="Let snippets whose fence says {edit} be changed on stage.")
@click.option("--recorded", is_flag=True, help="Show recordings only: nothing runs, and nobody is asked.")
@running_options
@reading_options
def present(
    deck: Path | None, port: int | None, no_open: bool, edit: bool, recorded: bool, yes: bool, **overrides: str | None
) -> None:
    """Give a talk with its snippets live, on this machine.

    Only the browser that this command opens may run anything, or one in which you type the code that it shows; Enter
    shows another code. What was started is gone at the end. A talk that you do not trust is shown with its recordings.

    What you save changes in the open deck, which stays where it is. When that changes what can run, nothing runs until
    you have looked at the change here and typed t.
    """
    from quarterdeck.serve.stage.present import PresentersTerminal
    from quarterdeck.serve.stage.present import present as run
    from quarterdeck.talk.request import request

    if recorded and (edit or yes):
        other = "edit" if edit else "yes"
        raise UsageError(f"--recorded runs nothing, and --{other} is about what runs", fix="leave one of them out")

    def ask() -> Request:
        return request((deck,) if deck else (), cwd=Path.cwd(), output=None, overrides=overrides)

    run(
        ask,
        trusted=set() if recorded else _trusted(ask(), yes=yes),
        port=port,
        open_browser=not no_open,
        edit=edit,
        terminal=PresentersTerminal(
            announce=click.echo, report=report, warn=warn, changed=_show_change, accepted=_show_trust, lines=_at_enter
        ),
    )


@cli.command()
@paths_argument()
@running_options
@reading_options
def rehearse(paths: tuple[Path, ...], yes: bool, **overrides: str | None) -> None:
    """Run a whole deck here, and say what would fail on stage.

    Tells snippets that fail, or take long for the talk's minutes, images that are not pulled, names and ports that are
    taken, and recordings that are stale, each with what mends it. Nothing is written.
    """
    from quarterdeck.execute.rehearsal import rehearse as run

    talks = talks_to_run(paths, overrides, yes=yes)
    found: list[Diagnostic] = []
    with running() as reporter:
        for talk in talks:
            if reporter.cancelled:
                break
            done = run(talk, cache=reporter.cache, **reporter.surroundings)
            reporter.show(done.report)
            minutes = f" of {talk.options.minutes:g} minutes" if talk.options.minutes else ""
            click.echo(f"{talk.source.name}: snippets ran for {done.total_s:.0f} s{minutes}")
            found += done.findings
    report_findings(found, texts_of(talks))
    click.echo("nothing stands in the way" if not found else f"{count(len(found), 'thing')} to mend before the talk")
    sys.exit(130 if reporter.cancelled else 1 if found else 0)


def _trusted(asked: Request, *, yes: bool) -> set[Path]:
    """The folders whose talks may run what they hold now; their owner is asked where that is not known."""
    from quarterdeck.project.folders import state_folder
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.trust.question import questions
    from quarterdeck.trust.store import Store

    builder = Builder()
    talks = builder.read(asked)
    folders = {talk.file.path.parent for talk in talks if talk.snippets.plan.jobs}
    store = Store(state_folder())
    for question in questions(builder, asked, talks, store=store):
        if yes or agreed(question, "Run it on stage?", otherwise="--recorded shows its recordings and runs nothing"):
            store.put(question.folder, digest=question.digest)
        else:
            click.echo(f"nothing of {folder_name(question.folder)} runs, its recordings are shown", err=True)
            folders.discard(question.folder)
    return folders


def _show_change(changed: TrustChange) -> None:
    since = "git has moved, and what" if changed.git_moved else "what"
    click.echo(f"'{changed.folder.name}' has changed: {since} it would run is not what you trusted:", err=True)
    for line in changed.lines:
        colour = {"-": "red", "+": "green"}.get(line[0])
        click.echo(click.style(f"    {legible(line)}", fg=colour), err=True)
    click.echo("type t and Enter to trust it; until then nothing runs", err=True)


def _show_trust(folders: Collection[Path]) -> None:
    if not folders:
        click.echo("nothing has changed that you do not trust", err=True)
    for folder in folders:
        click.echo(f"'{folder.name}' is trusted as it was shown", err=True)


def _at_enter(act: Callable[[str], None]) -> None:
    """Calls it with each line that is typed, without holding up the end."""

    def read() -> None:
        for line in sys.stdin:
            act(line)

    threading.Thread(target=read, name="keys", daemon=True).start()
