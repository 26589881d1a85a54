"""What the user sees of it: findings with their lines, progress, what would run, what ran."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterdeck.diagnostics import caret, headline, severity
from quarterdeck.model import Diagnostic, Severity

if TYPE_CHECKING:
    from quarterdeck.errors import SurroundingsError
    from quarterdeck.execute.recorder import RunReport, WrittenRecording
    from quarterdeck.model import Source
    from quarterdeck.site.builds import Build
    from quarterdeck.snippets.plan import Job
    from quarterdeck.talk.talk import Talk
    from quarterdeck.trust.question import Question

LONG_S = 1.0
"""A progress bar appears for work that takes longer than this."""
LOOK_UP_S = 0.2
"""How long a question that is withdrawn still stands."""
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def report(built: Build) -> None:
    """All findings of a build, with their lines, on standard error."""
    report_findings(built.diagnostics, built.sources)


def report_findings(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source]) -> None:
    for diagnostic in diagnostics:
        click.echo(_finding(diagnostic, sources), err=True)
    if diagnostics:
        counts = Counter(severity(diagnostic) for diagnostic in diagnostics)
        click.echo(", ".join(count(counts[kind], kind) for kind in Severity if counts[kind]), err=True)


def _finding(diagnostic: Diagnostic, sources: Mapping[str, Source]) -> str:
    kind = severity(diagnostic)
    head = headline(diagnostic).replace(f"{kind}[", click.style(f"{kind}[", fg=COLOURS[kind]), 1)
    lines = [head]
    source = sources.get(diagnostic.span.path)
    text = source.text.split("\n")[diagnostic.span.line - 1 : diagnostic.span.line] if source else []
    if text and text[0].strip() and len(text[0]) <= 200:
        line, mark = caret(diagnostic.span, text[0])
        number = str(diagnostic.span.line)
        lines += [
            f"  {number} | {line}",
            f"  {' ' * len(number)} | {click.style(mark, fg=COLOURS[kind])} {diagnostic.hint}".rstrip(),
        ]
    elif diagnostic.hint:
        lines.append(f"  {diagnostic.hint}")
    return "\n".join(lines)


def annotate(findings: Iterable[Diagnostic]) -> None:
    """A line that GitHub shows beside the line of the talk, where it is GitHub that runs us."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for finding in findings:
        place = f"file={finding.span.path},line={finding.span.line},col={finding.span.col}"
        text = finding.message + (f"\n{finding.hint}" if finding.hint else "")
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::{severity(finding)} {place},title={finding.code}::{escaped}")


def show_question(question: Question) -> None:
    """What a folder would do to the machine."""
    for name, effects, scripts in zip(question.talks, question.effects, question.scripts, strict=True):
        sessions = count(len(effects.sessions), "session")
        changed = "has changed since you trusted it and " if question.changed else ""
        click.echo(f"{name} {changed}would run, in {sessions}:", err=True)
        for command in effects.commands:
            click.echo(f"    {legible(command)}", err=True)
        for kind in ("images", "builds", "ports", "folders", "files", "pages", "requires"):
            found = getattr(effects, kind)
            if found:
                click.echo(f"  {kind}: {legible(', '.join(found))}", err=True)
        if scripts:
            click.echo(f"  scripts in its pages, on stage too: {legible(', '.join(scripts))}", err=True)
        if "docker" in effects.requires or effects.images or effects.builds:
            click.echo("  it uses the container engine, which has the whole machine", err=True)


def warn(trouble: SurroundingsError) -> None:
    """What is in the way of something that goes on all the same."""
    click.echo(f"{click.style('quarterdeck:', fg='yellow')} {trouble}", err=True)


def legible(text: str) -> str:
    """What a talk holds, with nothing in it that a terminal would obey or show out of its order."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


@contextmanager
def running() -> Iterator[RunReporter]:
    """While snippets run: Ctrl-C ends them in order, a second one at once, and what happens is shown."""
    reporter = RunReporter()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(_signal: int, _frame: object) -> None:
        if reporter.cancelled:
            raise KeyboardInterrupt
        reporter.cancel.set()
        click.echo("stopping, and cleaning up; Ctrl-C again ends at once", err=True)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield reporter
    finally:
        signal.signal(signal.SIGINT, before)


class RunReporter:
    """Shows what runs; collects what is wrong."""

    def __init__(self) -> None:
        from quarterdeck.project.folders import cache_folder

        self.cancel = threading.Event()
        self.cache = cache_folder()
        self.problems: list[Diagnostic] = []
        self._began: dict[str, float] = {}
        self._said: set[str] = set()

    @property
    def cancelled(self) -> bool:
        return self.cancel.is_set()

    @property
    def surroundings(self) -> dict[str, Any]:
        return {"environ": os.environ, "cancel": self.cancel, "on_progress": self.on_progress}

    def on_progress(self, talk: Talk, job: Job, what: str) -> None:
        if what == "run":
            self._began[job.id] = time.monotonic()
            return
        took = time.monotonic() - self._began.pop(job.id, time.monotonic())
        mark = click.style("ok", fg="green") if what == "ok" else click.style("failed", fg="red")
        click.echo(f"{mark:6} {talk.file.name}  {job.id}  {took:.1f} s", err=True)

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            click.echo(line)

    def announce(self, written: WrittenRecording) -> None:
        """What a recording will hold that the one before does not, and what it will not hold."""
        if written.redacted:
            hidden = ", ".join(f"{name} ({count(times, 'time')})" for name, times in written.redacted)
            click.echo(f"{written.id}: hidden from the recording: {hidden}")
        if written.diff:
            click.echo(f"{written.id}: what it prints has changed")
            click.echo("".join(f"    {line}\n" for line in written.diff.splitlines()), nl=False)

    def show(self, told: RunReport) -> None:
        for before, name in told.renamed:
            click.echo(f"carried over {before} to {name}: its snippet is named by its fence")
        for name in told.pruned:
            click.echo(f"removed {name}: its snippet is gone")
        for url, why in told.unseen:
            self._say_once(f"no picture of {url}: {why}; still=FILE on the fence shows one of your own")
        for finding, diff in told.diffs:
            click.echo(f"{finding.span.path}:{finding.span.line}: {finding.message}")
            click.echo("".join(f"    {line}\n" for line in diff.splitlines()), nl=False)
        new = sum(written.changed for written in told.written)
        ran, name = count(len(told.ran), "snippet"), told.talk.source.name
        wrote = f", {count(new, 'recording')} written" if told.written else ""
        nothing = "nothing ran" if told.problems else "nothing to run"
        click.echo(f"{name}: {ran} ran{wrote}" if told.ran else f"{name}: {nothing}")
        if told.held_back:
            click.echo(f"{name}: not recorded, because a snippet before it failed: {', '.join(told.held_back)}")
        if told.kept is not None:
            click.echo(f"{name}: what failed snippets printed is kept in {told.kept}")
        self.problems += [*told.problems, *(finding for finding, _ in told.diffs)]
        annotate((*told.problems, *(finding for finding, _ in told.diffs)))


class AuthorsTerminal(RunReporter):
    """What `serve --run` says and asks beside the deck."""

    def show(self, told: RunReport) -> None:
        super().show(told)
        report_findings(told.problems, told.talk.reading.sources)

    def warn(self, trouble: SurroundingsError) -> None:
        warn(trouble)

    def stopping(self) -> None:
        click.echo("stopping, and cleaning up; Ctrl-C again ends at once", err=True)

    def confirm(self, why: str, asked: Question, *, withdrawn: Callable[[], bool]) -> bool:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        click.echo(f"{why}.", err=True)
        show_question(asked)
        click.echo("Run it? [y/N]: ", nl=False, err=True)
        # not `input`: a thread that waits in there could not be ended
        while not withdrawn():
            ready, _, _ = select.select([sys.stdin.fileno()], [], [], LOOK_UP_S)
            if ready:
                return os.read(sys.stdin.fileno(), 1024).strip().lower() in (b"y", b"yes")
        click.echo(err=True)
        return False


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
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


def shown(path: Path) -> str:
    from quarterdeck.project.files import shown

    return shown(path.absolute(), base=Path.cwd())


def texts_of(talks: Iterable[Talk]) -> dict[str, Source]:
    """Every text in which findings of the talks may stand, by its name."""
    return {name: text for talk in talks for name, text in talk.reading.sources.items()}


def folder_name(path: Path) -> str:
    """A folder in a sentence."""
    return "this folder" if path.absolute() == Path.cwd() else shown(path)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
