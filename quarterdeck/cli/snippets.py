"""The commands about snippets that run: record, check, status, clean."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quarterdeck.cli.show import annotate, count, folder_name, report, report_findings, running, show_question, texts_of
from quarterdeck.cli.words import cli, paths_argument, reading_options, running_options
from quarterdeck.diagnostics import severity
from quarterdeck.errors import UsageError
from quarterdeck.model import Severity

if TYPE_CHECKING:
    from quarterdeck.talk.talk import Talk
    from quarterdeck.trust.question import Question


@cli.command()
@paths_argument()
@click.option("--only", multiple=True, metavar="ID", help="Record this snippet even if it is fresh; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Record every snippet again.")
@click.option("--prune", is_flag=True, help="Remove recordings whose snippet is gone.")
@running_options
@reading_options
def record(
    paths: tuple[Path, ...], only: tuple[str, ...], everything: bool, prune: bool, yes: bool, **overrides: str | None
) -> None:
    """Run new and stale snippets, and keep what they print.

    Every snippet whose fence says {run} is executed in a fresh folder of its session, never in yours. Its output
    becomes recordings/TALK/ID.cast beside the talk, to be committed with it; the site replays it with nothing
    installed. A run that fails or is cancelled replaces no good recording. The first time, and whenever what would run
    has changed, you are shown what that is and asked.
    """
    from quarterdeck.execute import recorder

    to_record = partial(recorder.to_record, only=only, everything=everything)
    talks = talks_to_run(paths, overrides, yes=yes, runs=to_record)
    with running() as reporter:
        for talk, ids in recorder.chosen(talks, only):
            if reporter.cancelled:
                break
            told = recorder.record_talk(
                talk,
                only=ids,
                everything=everything,
                prune=prune,
                cache=reporter.cache,
                announce=reporter.announce,
                **reporter.surroundings,
            )
            reporter.show(told)
    report_findings(reporter.problems, texts_of(talks))
    failed = any(severity(problem) is Severity.ERROR for problem in reporter.problems)
    sys.exit(130 if reporter.cancelled else 1 if failed else 0)


@cli.command()
@paths_argument()
@click.option("--run", "runs", is_flag=True, help="Run every snippet and compare with its recording.")
@click.option("--import", "imports", is_flag=True, help="List what became of each construct of another tool.")
@running_options
@reading_options
def check(paths: tuple[Path, ...], runs: bool, imports: bool, yes: bool, **overrides: str | None) -> None:
    """Find mistakes in talks; with --run, prove what is recorded.

    Nothing is written. With --run it is proven that every slide still tells the truth: all snippets run in a scratch
    place; exit statuses are compared with those recorded, and the output of those with verify=output: words after
    masks, those of tables too, and pictures by kind and size. Made for CI: on GitHub each finding is an annotation.
    """
    from quarterdeck.execute import recorder
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request

    if imports:
        from quarterdeck.cli.importing import report_import

        sys.exit(report_import(paths, overrides))
    if not runs:
        built = Builder().build(request(paths, cwd=Path.cwd(), output=None, overrides=overrides))
        report(built)
        annotate(built.diagnostics)
        slides = sum(len(stack) for deck in built.decks for stack in deck.stacks)
        click.echo(f"checked {count(slides, 'slide')} of {count(len(built.decks), 'deck')}")
        sys.exit(1 if built.diagnostics else 0)
    talks = talks_to_run(paths, overrides, yes=yes)
    with running() as reporter:
        for talk in talks:
            if not reporter.cancelled:
                reporter.show(recorder.check_talk(talk, cache=reporter.cache, **reporter.surroundings))
    report_findings(reporter.problems, texts_of(talks))
    sys.exit(130 if reporter.cancelled else 1 if reporter.problems else 0)


@cli.command()
@paths_argument()
@reading_options
def status(paths: tuple[Path, ...], **overrides: str | None) -> None:
    """List snippets: is the recording fresh, and if not, why?

    Exit status 1 where a recording is missing, stale or left over: `quarterdeck record` mends that.
    """
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request

    asked = request(paths, cwd=Path.cwd(), output=None, overrides=overrides)
    stale = False
    report_findings(asked.diagnostics, asked.sources)
    read = Builder().read(asked)
    if not any(talk.snippets.plan.jobs or talk.snippets.findings for talk in read):
        click.echo("no snippet runs; one does when its fence says {run}", err=True)
    for talk in read:
        states = talk.snippets.states.values()
        width = max((len(state.id) for state in states), default=0)
        for state in states:
            place = f"{state.span.path}:{state.span.line}"
            colour = {"fresh": "green", "stale": "yellow"}.get(state.state, "red")
            line = f"{click.style(f'{state.state:8}', fg=colour)}{state.id:{width}}  {place}  {state.reason}"
            click.echo(line.rstrip())
            stale = stale or state.state != "fresh"
        for name, stored in sorted(talk.snippets.renamed.items()):
            click.echo(f"{click.style('renamed ', fg='yellow')}{name}  `quarterdeck record` carries {stored}.cast over")
        for finding in talk.snippets.findings:
            if finding.code in ("X203", "X401"):
                click.echo(f"{click.style('extra   ', fg='yellow')}{finding.span.path}  {finding.message}")
                stale = True
    sys.exit(1 if stale else 0)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def clean(dry_run: bool) -> None:
    """Remove what a crashed run left behind.

    On the container engine only its own containers, networks, volumes and tags: by the label they got and the notes it
    kept, never by prune. In the user's cache, the folders of its sessions. What runs right now is left alone.
    """
    from quarterdeck.execute.engine.session import clean_leftovers
    from quarterdeck.execute.workspace import clean_folders
    from quarterdeck.project.folders import cache_folder

    failed = found = False
    for folder in clean_folders(cache_folder(), dry_run=dry_run):
        found = True
        click.echo(f"{'would remove' if dry_run else 'removed'} folder {folder}")
    for _session, removed in clean_leftovers(cache_folder() / "ledger", dry_run=dry_run):
        for kind in ("containers", "networks", "volumes", "tags"):
            for name in getattr(removed, kind):
                found = True
                click.echo(f"{'would remove' if dry_run else 'removed'} {kind[:-1]} {name}")
        for reason in removed.failed:
            click.echo(reason, err=True)
            failed = True
    if not (found or failed):
        click.echo("nothing to remove")
    sys.exit(1 if failed else 0)


def talks_to_run(
    paths: tuple[Path, ...],
    overrides: dict[str, str | None],
    *,
    yes: bool,
    runs: Callable[[Talk], bool] = lambda _talk: True,
) -> tuple[Talk, ...]:
    """The talks, once their owner has said that those which would run may do so."""
    from quarterdeck.project.folders import state_folder
    from quarterdeck.site.pipeline import Builder
    from quarterdeck.talk.request import request
    from quarterdeck.trust.question import questions
    from quarterdeck.trust.store import Store

    asked = request(paths, cwd=Path.cwd(), output=None, overrides=overrides)
    builder = Builder()
    talks = builder.read(asked)
    report_findings(asked.diagnostics, asked.sources)
    if any(severity(found) is Severity.ERROR for found in asked.diagnostics):
        raise UsageError("nothing runs while the settings are wrong", fix="mend them first")
    store = Store(state_folder())
    for question in questions(builder, asked, talks, store=store, runs=(lambda _talk: True) if yes else runs):
        if not (yes or agreed(question, "Run it?")):
            sys.exit(1)
        store.put(question.folder, digest=question.digest)
    return talks


def agreed(question: Question, words: str, *, otherwise: str = "") -> bool:
    """Whether the owner says yes to what they are shown; `otherwise` is what else can be done without a terminal."""
    show_question(question)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"{folder_name(question.folder)} is not trusted to run this, and there is no terminal to ask on",
            fix="; ".join(filter(None, ("look at it, then run the command again with --yes", otherwise))),
        )
    return click.confirm(words, err=True)
