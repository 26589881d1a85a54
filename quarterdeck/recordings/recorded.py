"""What a talk's snippets are, how their recordings stand, and what carries recordings over to the names of now.

Runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.digests import digest_of
from quarterdeck.memo import Memo
from quarterdeck.model import Diagnostic, Recording, Snippet, Span, Stack
from quarterdeck.project.deck_options import DeckOptions
from quarterdeck.project.files import is_file, may_read, shown
from quarterdeck.project.yaml_text import load_yaml
from quarterdeck.recordings.cast import dump
from quarterdeck.recordings.folder import (
    SUFFIX,
    StoredRecordings,
    diagnostic,
    discard,
    exclusive,
    file_name,
    read_all,
    replace_file,
    strays,
)
from quarterdeck.recordings.matching import as_called_now, match
from quarterdeck.recordings.outputs import KernelOutput, read_outputs, write_outputs
from quarterdeck.recordings.pictures import PICTURE, has_picture, picture_name, stray_pictures, write_picture
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.holes import Values
from quarterdeck.snippets.keys import globs_of
from quarterdeck.snippets.plan import Job, Plan, dep_globs, plan_deck
from quarterdeck.snippets.status import RecordingStatus, recording_problems, statuses

FOLDER = "recordings"


class Snippets(Struct, frozen=True, kw_only=True):
    """The snippets of one talk that run, with what is recorded of them."""

    plan: Plan
    folder: Path
    """Of the recordings; it need not exist."""
    recordings: Mapping[str, Recording]
    """By id of a snippet; those without a snippet by their own."""
    stored: Mapping[str, str]
    """By id of a snippet with a recording, the id under which that is stored."""
    digests: Mapping[str, str]
    """Of the files of recordings, by the ids under which they are stored."""
    states: Mapping[str, RecordingStatus]
    """By id."""
    redact: tuple[str, ...] = ()
    """Regular expressions of what no recording may hold."""
    outputs: Mapping[str, tuple[KernelOutput, ...]]
    """Pictures and tables of kernels, by id."""
    framed: frozenset[str] = frozenset()
    """Ids of what frames a page, of which its author gives no picture."""
    unpictured: frozenset[str] = frozenset()
    """Those of them that have no picture yet."""
    mistakes: tuple[Diagnostic, ...] = ()
    """In the options of snippets."""
    findings: tuple[Diagnostic, ...] = ()
    """About recordings: stale, missing, damaged, without a snippet."""
    inputs: tuple[Path, ...] = ()
    """Files and folders that were read or looked for."""

    @property
    def renamed(self) -> Mapping[str, str]:
        """Those of `stored` whose recording has another name than its snippet, until it is carried over."""
        return {name: stored for name, stored in self.stored.items() if name != stored}

    def stored_as(self, id: str) -> str:  # noqa: A002
        """The id in the names of a snippet's files."""
        return self.stored.get(id, id)

    def job_of(self, slide: str, snippet: Snippet) -> Job | None:
        """What runs for a snippet of a slide, by the slide's key."""
        return next((job for job in self.plan.jobs if job.slide == slide and job.snippet == snippet), None)

    def holes_of(self, slide: str, snippet: Snippet) -> Values:
        """The captured values that a snippet of a slide shows, as they were recorded; an empty one is not recorded."""
        holed = (each for each in self.plan.holed if each.slide == slide and each.snippet == snippet)
        names = next((each.names for each in holed), ())
        job = self.job_of(slide, snippet)
        own = self.recordings.get(job.id) if job is not None else None
        return {name: dict(own.filled if own else ()).get(name) or self._captured(name) for name in names}

    def _captured(self, name: str) -> str:
        recording = self.recordings.get(self.plan.captures[name])
        return dict(recording.captured).get(name, "") if recording is not None else ""


def read_snippets(
    stacks: Sequence[Stack],
    *,
    talk: Path,
    deck: str,
    name: str,
    base: Path,
    options: DeckOptions,
    runners: Mapping[str, tuple[str, ...]],
    redact: tuple[str, ...],
    spans: Mapping[tuple[str, ...], Span],
    memo: Memo,
) -> Snippets:
    """The snippets of the talk in the file `talk`, called `deck` in the site and `name` in diagnostics.

    Its recordings lie beside it in `recordings/DECK/`; paths in diagnostics are those that the user types in `base`.
    """
    plan, mistakes, paths = _planned(stacks, talk=talk, name=name, options=options, runners=runners, spans=spans)
    folder = talk.parent / FOLDER / deck
    files = read_all(folder, memo)
    found = match(plan, files.recordings)
    recordings = _by_snippet(files, found)
    states = statuses(plan, recordings)
    where = shown(folder, base=base)
    stored = {job.id: found.get(job.id, job.id) for job in plan.jobs}
    made = {job.id: read_outputs(folder, stored[job.id]) for job in plan.jobs if job.kind is JobKind.KERNEL}
    broken = [*files.problems, *(damage for _, damages in made.values() for damage in damages)]
    damaged = {damage.name for damage in files.problems}
    framed = frozenset(job.id for job in plan.jobs if job.options.display.frame and not job.options.display.still)
    return Snippets(
        plan=plan,
        folder=folder,
        recordings=recordings,
        stored=MappingProxyType(found),
        digests=files.digests,
        redact=redact,
        states=MappingProxyType({state.id: state for state in states}),
        outputs=MappingProxyType({name: outputs for name, (outputs, _) in made.items()}),
        framed=framed,
        unpictured=frozenset(name for name in framed if not has_picture(folder, stored[name])),
        mistakes=mistakes,
        findings=(
            *recording_problems(state for state in states if file_name(state.id) not in damaged),
            *(diagnostic(damage, folder=where) for damage in broken),
            *_without_snippet(folder, where, stored, framed, damaged),
        ),
        inputs=(*paths, folder),
    )


def _planned(
    stacks: Sequence[Stack],
    *,
    talk: Path,
    name: str,
    options: DeckOptions,
    runners: Mapping[str, tuple[str, ...]],
    spans: Mapping[tuple[str, ...], Span],
) -> tuple[Plan, tuple[Diagnostic, ...], list[Path]]:
    """The plan, the mistakes in the options of its snippets, and the files that these depend on."""
    globs = dep_globs(stacks, load_yaml=_plain, snippets=options.snippets, sessions=options.sessions)
    paths = files_of(talk.parent, globs)
    plan, mistakes = plan_deck(
        stacks,
        path=name,
        load_yaml=_plain,
        snippets=options.snippets,
        sessions=options.sessions,
        runners=runners,
        deps={path.relative_to(talk.parent).as_posix(): digest_of(path.read_bytes()) for path in paths},
        place=_places(spans, name),
    )
    return plan, mistakes, paths


def _without_snippet(
    folder: Path, where: str, stored: Mapping[str, str], framed: Iterable[str], damaged: Collection[str]
) -> Iterator[Diagnostic]:
    """Recordings and pictures of which the snippet is gone; a picture beside such a recording goes with it."""

    def prunable(name: str, what: str) -> Diagnostic:
        span = Span(path=f"{where}/{name}", line=1)
        return Diagnostic(code="X203", message=what, span=span, hint="quarterdeck record --prune removes it")

    casts = strays(folder, stored.values())
    for name in casts:
        if name not in damaged:
            yield prunable(name, f"'{name}' records a snippet that is gone")
    for name in stray_pictures(folder, (stored[each] for each in framed)):
        if f"{name.removesuffix(PICTURE)}{SUFFIX}" not in casts:
            yield prunable(name, f"'{name}' is the picture of a page that no snippet frames")


def reread(snippets: Snippets) -> Snippets:
    """The same snippets as their recordings stand now; findings stay what they were."""
    files = read_all(snippets.folder)
    found = match(snippets.plan, files.recordings)
    recordings = _by_snippet(files, found)
    states = {state.id: state for state in statuses(snippets.plan, recordings)}
    return replace(
        snippets,
        recordings=recordings,
        stored=MappingProxyType(found),
        digests=files.digests,
        states=MappingProxyType(states),
    )


def carry_over(snippets: Snippets) -> tuple[Snippets, tuple[tuple[str, str], ...]]:
    """Recordings that are called otherwise than their snippets get their names, with all that belongs to them.

    Gives the snippets as they are stored now, and the names of casts, those of before and of now.
    """
    renamed = snippets.renamed
    if not renamed:
        return snippets, ()
    folder = snippets.folder
    with exclusive(folder):
        # all are read before any is written: two may have changed their names with each other
        outputs = {name: read_outputs(folder, stored)[0] for name, stored in renamed.items()}
        pictures = {name: _content(folder / picture_name(stored)) for name, stored in renamed.items()}
        for name in renamed:
            write_outputs(folder, name, outputs[name])
            if pictures[name]:
                write_picture(folder, name, pictures[name])
            replace_file(folder / file_name(name), dump(snippets.recordings[name]))
        left = [stored for stored in renamed.values() if stored not in renamed]
        for stored in left:
            (folder / picture_name(stored)).unlink(missing_ok=True)
        discard(folder, left)
    pairs = ((file_name(stored), file_name(name)) for name, stored in renamed.items())
    return reread(snippets), tuple(sorted(pairs))


def _content(path: Path) -> bytes:
    return path.read_bytes() if is_file(path) else b""


def _by_snippet(files: StoredRecordings, found: Mapping[str, str]) -> Mapping[str, Recording]:
    recordings = {name: each for name, each in files.recordings.items() if name not in found.values()}
    recordings |= {name: as_called_now(files.recordings[old], name, found) for name, old in found.items()}
    return MappingProxyType(dict(sorted(recordings.items())))


def files_of(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """The files that globs mean, as far as they may be read."""
    patterns = [each for pattern in patterns for each in globs_of(pattern)]
    if not patterns:
        return []
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.DOTGLOB | glob.CASE
    found = glob.iglob(patterns, root_dir=folder, flags=flags)
    return sorted(path for name in found if is_file(path := folder / name) and may_read(path))


def _plain(text: str) -> object:
    value, _ = load_yaml(text)
    return value


def _places(spans: Mapping[tuple[str, ...], Span], name: str) -> Callable[[tuple[str, ...]], Span]:
    """The place of a key of the front matter, or of the nearest one above it that the talk writes."""

    def place(keys: tuple[str, ...]) -> Span:
        near = next((spans[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in spans), None)
        return near or Span(path=name, line=1)

    return place
