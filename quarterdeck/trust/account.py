"""Everything that could run of a folder's talks, in lines that people read: to show what changed in it.

Pure but for the digests of scripts and templates. Whatever the digest of trust depends on has its line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff

from quarterdeck.project.files import digest_of_file, digest_of_folder
from quarterdeck.snippets.plan import Job
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.question import raw_html, scripts_of

SHORT = 12
"""Digits of a digest that tell two files apart."""
NAMELESS = ("text", "after", "format")
"""Parts of a key that the lines of commands show better."""


def account(talks: Iterable[Talk], asked: Request) -> tuple[str, ...]:
    """What runs as it is written; what is only looked at by its digest has that in its line."""
    lines = [f"runner of {language}: {' '.join(words)}" for language, words in sorted(asked.project.runners.items())]
    folders = {asked.project.templates}
    for talk in talks:
        lines += _of_talk(talk, asked)
        folders.update(talk.theme.templates)
    for folder in sorted(folder for folder in folders if folder is not None):
        lines.append(f"templates in {folder.name}: {digest_of_folder(folder)[:SHORT]}")
    return tuple(lines)


def _of_talk(talk: Talk, asked: Request) -> Iterator[str]:
    yield f"{talk.source.name}:"
    for job in talk.snippets.plan.jobs:
        yield from _of_job(job)
    for file in talk.snippets.plan.files:
        yield f"file {file.path}:"
        yield from file.text.split("\n")
    for html in raw_html(talk):
        yield from html.strip().split("\n")
    for name in talk.options.scripts:
        yield f"script {name}"
    for path in scripts_of(talk, asked):
        yield f"script {path.name}: {digest_of_file(path)[:SHORT]}"


def _of_job(job: Job) -> Iterator[str]:
    for command in job.commands:
        yield from command.text.split("\n")
    for name, digest in job.parts:
        if not name.startswith(NAMELESS):
            yield f"{job.id}: {name} {digest[:SHORT]}"
    if job.options.display.frame:
        yield f"{job.id}: frames {job.options.display.frame}"
    requires = " ".join(job.options.checks.requires) or "nothing special"
    yield f"{job.id}: for {job.options.checks.timeout_s:g} s at most, with {requires}"


def changes(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """`- what went` and `+ what came`, all of it: whoever says yes has seen what to."""
    diff = list(unified_diff(before, after, n=0, lineterm=""))[2:]
    lines = tuple(f"{line[0]} {line[1:]}" for line in diff if not line.startswith("@@ "))
    return lines or ("something that these lines do not show",)
