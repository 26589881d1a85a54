"""What a folder of talks would do, told before it may: what trust is about. Runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import BlockKind
from quarterdeck.project.assets import AssetCollection, place_of
from quarterdeck.project.files import TalkFile, digest_of_file, digest_of_folder, find_talks
from quarterdeck.regex import regex
from quarterdeck.site.heads import locate_named
from quarterdeck.site.pipeline import Builder
from quarterdeck.snippets.effects import Effects, effects_of
from quarterdeck.talk.request import Request
from quarterdeck.talk.talk import Talk
from quarterdeck.trust.store import Store, Trust


class Question(Struct, frozen=True, kw_only=True):
    """A folder that has not been trusted as it is now, and what it would do."""

    folder: Path
    talks: tuple[str, ...]
    """As they stand in diagnostics."""
    effects: tuple[Effects, ...]
    """One for each of them."""
    digest: str
    changed: bool
    """It was trusted once, and is another now."""
    others: str
    """Digest of what its talks hold that were not asked for."""
    scripts: tuple[tuple[str, ...], ...] = ()
    """That each of them brings for its pages, and that run on stage."""


def questions(
    builder: Builder,
    asked: Request,
    talks: Sequence[Talk],
    *,
    store: Store,
    runs: Callable[[Talk], bool] = lambda _talk: True,
) -> tuple[Question, ...]:
    """The folders of those of the talks that would run something now, and that need their owner's word first."""
    folders = dict.fromkeys(talk.file.path.parent for talk in talks if talk.snippets.plan.jobs and runs(talk))
    found = []
    for folder in folders:
        trusted = store.find(folder)
        each = question(builder, asked, folder, talks=talks, trusted=trusted)
        if trusted is None or trusted.digest != each.digest:
            found.append(each)
    return tuple(found)


def question(
    builder: Builder, asked: Request, folder: Path, *, talks: Sequence[Talk] = (), trusted: Trust | None
) -> Question:
    """What a folder would do as it is now, whether or not that needs to be asked; `talks` have been read already."""
    return question_about(read_folder(builder, asked, folder, talks=talks), asked, folder, trusted=trusted)


def read_folder(builder: Builder, asked: Request, folder: Path, *, talks: Sequence[Talk] = ()) -> tuple[Talk, ...]:
    """All talks of a folder: what trust is about. Those of `talks` are not read again."""
    read = {talk.file: talk for talk in talks}
    files = _files_of(asked, folder)
    others = builder.read(replace(asked, talks=tuple(file for file in files if file not in read)))
    read |= {talk.file: talk for talk in others}
    return tuple(read[file] for file in files)


def question_about(own: Sequence[Talk], asked: Request, folder: Path, *, trusted: Trust | None) -> Question:
    """The same of talks that have been read, so that nobody is asked about others than those that then run."""
    digest = runnable_digest(own, asked)
    with_jobs = [talk for talk in own if talk.snippets.plan.jobs]
    named = {talk.path for talk in asked.talks}
    return Question(
        folder=folder,
        talks=tuple(talk.source.name for talk in with_jobs),
        effects=tuple(effects_of(talk.snippets.plan) for talk in with_jobs),
        scripts=tuple((*talk.options.scripts, *(path.name for path in talk.theme.scripts)) for talk in with_jobs),
        digest=digest,
        changed=trusted is not None and trusted.digest != digest,
        others=digest_of(*(part for talk in own if talk.file.path not in named for part in _runnable(talk, asked))),
    )


def _files_of(asked: Request, folder: Path) -> tuple[TalkFile, ...]:
    """The files of all talks of a folder: trust is about the folder, not about the talk that was named."""
    files = {file.path: file for file in find_talks([folder], base=asked.cwd)[0]}
    files |= {file.path: file for file in asked.talks if file.path.parent == folder}
    return tuple(sorted(files.values(), key=lambda file: file.name))


def runnable_digest(talks: Iterable[Talk], asked: Request) -> str:
    """Changes with everything that can run: snippets, their files, runners, raw HTML, scripts, templates."""
    project = asked.project
    parts = [repr(sorted(project.runners.items()))]
    for talk in talks:
        parts += _runnable(talk, asked)
    folders = dict.fromkeys((project.templates, *(folder for talk in talks for folder in talk.theme.templates)))
    parts += [digest_of_folder(folder) for folder in folders if folder is not None]
    return digest_of(*parts)


_TAG = regex(r"(?is)<script\b.*?</script>|<!?[a-z/-][^>]*>")


def _runnable(talk: Talk, asked: Request) -> tuple[str, ...]:
    """What can run of a talk itself."""
    scripts = [digest_of_file(path) for path in scripts_of(talk, asked)]
    return talk.file.path.name, talk.snippets.plan.digest, *raw_html(talk), *talk.options.scripts, *scripts


def raw_html(talk: Talk) -> tuple[str, ...]:
    """Whatever of a talk may be a script of its own: raw blocks, inline HTML, attributes that annotations give."""
    slides = [placed.slide for stack in talk.stacks for placed in stack.slides]
    blocks = (block.html for slide in slides for block in slide.blocks if block.kind is BlockKind.RAW)
    return (*blocks, *_TAG.findall(talk.source.text))


def scripts_of(talk: Talk, asked: Request) -> tuple[Path, ...]:
    """The files of scripts that a talk and its theme bring."""
    place = place_of(talk.file.path, asked.project)
    assets = AssetCollection(memo=Memo())
    named = (locate_named("scripts", name, talk.reading, place, assets) for name in talk.options.scripts)
    return (*(path for path in named if isinstance(path, Path)), *talk.theme.scripts)
