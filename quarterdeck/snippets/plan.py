"""A deck's slides to the jobs that would record its snippets: ids, sessions, order, files and keys. Pure.

Runs nothing and reads nothing: digests of dependencies come in, lines in diagnostics are those of the deck's file.
"""

from __future__ import annotations

import shlex
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.model import Diagnostic, Snippet, Span, Stack
from quarterdeck.regex import regex
from quarterdeck.snippets.captures import Captures, CaptureUse, SnippetWithHoles, read_captures, too_early
from quarterdeck.snippets.found import (
    FoundSnippet,
    JobKind,
    Role,
    SnippetReader,
    inside,
    nowhere,
    role_of,
    session_defaults,
    settle_sessions,
    snippets_of,
)
from quarterdeck.snippets.ids import ids_of
from quarterdeck.snippets.keys import Parts, clean, digest, key_of, matching, parts_of, shortened
from quarterdeck.snippets.options import LoadYaml, Place, RunOptions, merge, read_defaults, read_fence
from quarterdeck.snippets.prompts import LinePart, session_lines
from quarterdeck.snippets.runners import Runner

_ELEMENT_ID = regex(r"""\sid=["']?([^"'\s>]+)""")
_NONE: Mapping[str, object] = MappingProxyType({})


class CommandLine(Struct, frozen=True, kw_only=True):
    """One thing to execute."""

    text: str
    """Without prompts; lines joined by LF."""
    line: int
    """Line of the deck's file on which it begins."""
    expected: tuple[str, ...] | None = None
    """Output that the author wrote below it; None where there is none."""
    expected_at: tuple[int, ...] = ()
    """Lines of the deck's file on which that stands."""


class SlideFile(Struct, frozen=True, kw_only=True):
    """A file that the deck itself supplies, as it is when a job runs."""

    path: str
    """Relative to the session's folder, POSIX."""
    text: str
    digest: str
    line: int
    """First line of its text in the deck's file."""


class Job(Struct, frozen=True, kw_only=True):
    id: str
    named: bool = False
    """By its author, not by what its fence runs."""
    key: str
    parts: Parts
    """What the key was made of, shortened: a recording keeps them (`Recording.parts`)."""
    kind: JobKind
    role: Role
    session: str
    snippet: Snippet
    slide: str
    """Key of its slide."""
    span: Span
    """Of its fence, in the deck's file."""
    options: RunOptions
    commands: tuple[CommandLine, ...]
    runner: Runner | None = None
    """Of a program."""
    files: tuple[SlideFile, ...] = ()
    """What lies in the session's folder, latest version each; one is written when it is not yet there as it is here."""
    deps: tuple[tuple[str, str], ...] = ()
    """Paths relative to the deck's folder, with digests: they are put into the session's folder."""
    previous: str = ""
    """Id of the job before in the session."""
    uses: tuple[str, ...] = ()
    """Names of captured values in its commands and steps, sorted."""


class PlannedSession(Struct, frozen=True, kw_only=True):
    name: str
    jobs: tuple[str, ...]
    """Ids in the order in which they run: set-ups, then as in the deck, then tear-downs in reverse."""
    kernel: str = ""
    """Name of the kernel; empty for a shell."""
    isolation: Literal["", "none", "bubblewrap"] = ""
    image: str = ""


class Plan(Struct, frozen=True, kw_only=True):
    jobs: tuple[Job, ...]
    """Session by session, in the order in which they run."""
    sessions: tuple[PlannedSession, ...]
    files: tuple[SlideFile, ...] = ()
    """Every version of every file on the slides, in the order of the deck."""
    captures: Mapping[str, str] = field(default_factory=dict)
    """By name of a value, the id of the job that captures it."""
    holed: tuple[SnippetWithHoles, ...] = ()
    """The fences that show captured values, whether they run or not."""

    @property
    def digest(self) -> str:
        """Of everything that would run, whatever its recordings say: for the question of trust."""
        # not the ids: what they are made of is in the keys, and what an author calls a snippet is nobody's danger
        jobs = [(job.key, job.options.checks.timeout_s, job.options.checks.requires) for job in self.jobs]
        pages = [(job.id, job.options.display.frame) for job in self.jobs if job.options.display.frame]
        return digest([jobs, [(file.path, file.digest) for file in self.files], *([pages] if pages else [])])

    def job(self, id: str) -> Job | None:  # noqa: A002
        return next((job for job in self.jobs if job.id == id), None)


def dep_globs(
    stacks: Sequence[Stack],
    *,
    load_yaml: LoadYaml,
    snippets: Mapping[str, object] = _NONE,
    sessions: Mapping[str, object] = _NONE,
) -> tuple[str, ...]:
    """The globs of all `deps` options, sorted: the files they mean are what `plan_deck` wants digests of."""
    layers = [read_defaults(snippets, scope="deck", keys=(), place=nowhere)[0]]
    layers += [
        read_defaults(each, scope="session", keys=(), place=nowhere)[0]
        for each in sessions.values()
        if isinstance(each, Mapping)
    ]
    layers += [read_fence(snippet, load_yaml=load_yaml).values for _, snippet in snippets_of(stacks)]
    return tuple(sorted({pattern for layer in layers for pattern in merge(layer).plan.deps}))


def plan_deck(
    stacks: Sequence[Stack],
    *,
    path: str,
    load_yaml: LoadYaml,
    snippets: Mapping[str, object] = _NONE,
    sessions: Mapping[str, object] = _NONE,
    runners: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    deps: Mapping[str, str] | None = None,
    place: Place | None = None,
) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The jobs of a deck, and what is wrong with its snippets' options.

    `snippets` and `sessions` are those of the front matter, `runners` those of the settings. `deps` are the files that
    the globs of `dep_globs` mean, with digests; None: they are not known yet. `path` is the deck in diagnostics.
    """
    place = place or (lambda _keys: Span(path=path, line=1))
    deck, problems = read_defaults(snippets, scope="deck", keys=("snippets",), place=place)
    by_session, more = session_defaults(sessions, place)
    reader = SnippetReader(path=path, load_yaml=load_yaml, deck=deck, sessions=by_session, runners=runners)
    found = [reader.read(number, placed, snippet) for number, (placed, snippet) in enumerate(snippets_of(stacks))]
    commands = {each.number: _commands(each, each.kind) for each in found if each.kind is not None}
    texts = {number: [command.text for command in each] for number, each in commands.items()}
    ids, id_problems = ids_of(found, texts, path)
    effective, session_problems = settle_sessions(found, path)
    captures = read_captures(effective, path)
    jobs, files, dep_problems = _jobs(effective, ids, commands, captures, path, deps)
    plan = Plan(
        jobs=jobs,
        sessions=_sessions(jobs),
        files=files,
        captures=MappingProxyType({name: ids[each.number] for name, each in captures.producers.items()}),
        holed=captures.holed,
    )
    target_problems = _missing_targets(effective, stacks, ids, path)
    located = [*reader.problems, *id_problems, *session_problems, *captures.problems, *dep_problems]
    located += target_problems
    return plan, (*problems, *more, *sorted(located, key=lambda each: (each.span.line, each.span.col)))


def _jobs(
    found: Sequence[FoundSnippet],
    ids: Mapping[int, str],
    commands: Mapping[int, tuple[CommandLine, ...]],
    captures: Captures,
    path: str,
    deps: Mapping[str, str] | None,
) -> tuple[tuple[Job, ...], tuple[SlideFile, ...], list[Diagnostic]]:
    """Session by session; each job is made when those are that it depends on, because their keys are part of its."""
    files = [(each, _file(each)) for each in found if each.options.plan.file]
    sessions: dict[str, list[FoundSnippet]] = {}
    for each in found:
        if each.kind is not None:
            sessions.setdefault(each.options.plan.session, []).append(each)
    problems: list[Diagnostic] = []
    made: dict[str, list[Job]] = {name: [] for name in sessions}
    keys: dict[int, str] = {}
    left = {name: deque(_in_order(members)) for name, members in sessions.items()}

    def missing(each: FoundSnippet) -> list[CaptureUse]:
        return [use for use in captures.uses_of(each) if captures.producers[use.name].number not in keys]

    def make(name: str, each: FoundSnippet, names: Iterable[str]) -> None:
        visible = {file.path: file for owner, file in files if owner.number <= each.number and _sees(name, owner)}
        used, more = _deps(each, path, deps)
        problems.extend(more)
        uses = tuple(sorted(set(names)))
        producers = {use: captures.producers[use] for use in uses}
        captured = {use: keys[from_.number] for use, from_ in producers.items() if from_.options.plan.session != name}
        previous = made[name][-1] if made[name] else None
        job = _job(
            each, ids[each.number], commands[each.number], path, tuple(visible.values()), used, previous, captured
        )
        made[name].append(replace(job, uses=uses))
        keys[each.number] = job.key

    while any(left.values()):
        ready = [name for name, queue in left.items() if queue and not missing(queue[0])]
        for name in ready:
            while left[name] and not missing(left[name][0]):
                each = left[name].popleft()
                make(name, each, (use.name for use in captures.uses_of(each)))
        if not ready:  # one of them waits for what comes after it
            name = _at_fault(left, lambda each: [captures.producers[use.name] for use in missing(each)])
            each = left[name].popleft()
            problems += [too_early(use, captures.producers[use.name], path) for use in missing(each)]
            make(name, each, ())
    jobs = tuple(job for members in made.values() for job in members)
    return jobs, tuple(file for _, file in files), problems


def _at_fault(left: Mapping[str, deque[FoundSnippet]], wanted: Callable[[FoundSnippet], list[FoundSnippet]]) -> str:
    """A session whose next snippet waits for a later one of its own, else the first that waits."""
    waiting = [name for name, queue in left.items() if queue]
    own = [name for name in waiting if any(each in left[name] for each in wanted(left[name][0]))]
    return (own or waiting)[0]


def _in_order(members: Sequence[FoundSnippet]) -> list[FoundSnippet]:
    first = [each for each in members if role_of(each) is Role.SETUP]
    last = [each for each in members if role_of(each) is Role.TEARDOWN]
    return [*first, *(each for each in members if role_of(each) is Role.BODY), *reversed(last)]


def _sees(session: str, owner: FoundSnippet) -> bool:
    """Whether a session has a file: all have it, unless its fence names one session."""
    return "session" not in owner.written.values or owner.options.plan.session == session


def _file(found: FoundSnippet) -> SlideFile:
    text = found.snippet.code
    return SlideFile(
        path=found.options.plan.file, text=text, digest=digest(clean(text)), line=found.line(found.snippet.code_line)
    )


def _deps(
    found: FoundSnippet, path: str, known: Mapping[str, str] | None
) -> tuple[tuple[tuple[str, str], ...], list[Diagnostic]]:
    used: dict[str, str] = {}
    problems = []
    for pattern in found.options.plan.deps if known is not None else ():
        met = matching(pattern, known or {})
        used |= dict(met)
        if not met:
            hint = did_you_mean(pattern, known or (), noun="the deck has")
            what = f"deps '{pattern}' means no file beside the deck"
            problems.append(Diagnostic(code="S111", message=what, span=found.span(path, "deps"), hint=hint))
    return tuple(sorted(used.items())), problems


def _job(
    found: FoundSnippet,
    name: str,
    commands: tuple[CommandLine, ...],
    path: str,
    files: tuple[SlideFile, ...],
    deps: tuple[tuple[str, str], ...],
    previous: Job | None,
    captured: Mapping[str, str],
) -> Job:
    kind = found.kind or JobKind.SCRIPT
    how = (kind.value, *(found.runner.argv if found.runner else ()))
    parts = parts_of(
        runner=(*how, found.options.plan.kernel or found.snippet.language.lower()) if kind is JobKind.KERNEL else how,
        texts=[command.text for command in commands],
        options=found.options.execution,
        deps=deps,
        files=[(file.path, file.digest) for file in files],
        previous=(previous.id, previous.key) if previous else None,
        captured=captured.items(),
    )
    return Job(
        id=name,
        key=key_of(parts),
        parts=shortened(parts),
        kind=kind,
        role=role_of(found),
        named=found.explicit_id == name,
        session=found.options.plan.session,
        snippet=found.snippet,
        slide=found.placed.key,
        span=found.span(path),
        options=found.options,
        commands=commands,
        runner=found.runner,
        files=files,
        deps=deps,
        previous=previous.id if previous else "",
    )


def _commands(found: FoundSnippet, kind: JobKind) -> tuple[CommandLine, ...]:
    first = found.line(found.snippet.code_line)
    if kind is JobKind.SESSION:
        return commands_of(found.snippet.code, first=first)
    if kind is JobKind.BUILD:
        plan = found.options.plan
        file = () if plan.file == inside(plan.context, "Dockerfile") else ("-f", plan.file)
        words = ("docker", "build", "-t", plan.build, *file, plan.context)
        return (CommandLine(text=shlex.join(words), line=found.line(found.snippet.span.line)),)
    return (CommandLine(text=clean(found.snippet.code), line=first),)


def commands_of(code: str, *, first: int = 1) -> tuple[CommandLine, ...]:
    """The commands of a session that an author pasted, each with the output below it; `first` is the code's line.

    What stands above the first of them counts as output of that one.
    """
    found: list[CommandLine] = []
    above: list[tuple[int, str]] = []
    owner = LinePart.OUTPUT
    for number, line in enumerate(session_lines(code), start=first):
        if line.part is LinePart.COMMAND:
            found.append(_with_output(CommandLine(text=line.text.rstrip(), line=number), above))
            above = []
        elif line.part is LinePart.MORE and owner is LinePart.COMMAND:
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line.text.rstrip()}")
        elif line.part is not LinePart.COMMENT and (found or line.text.strip()):
            output = [(number, f"{line.prompt}{line.text}")]
            if found:
                found[-1] = _with_output(found[-1], output)
            else:
                above += output
        owner = owner if line.part is LinePart.MORE else line.part
    return tuple(_without_last_blanks(each) for each in found if each.text.strip())


def _with_output(line: CommandLine, output: Sequence[tuple[int, str]]) -> CommandLine:
    if not output:
        return line
    numbers, texts = zip(*output, strict=True)
    return replace(line, expected=(*(line.expected or ()), *texts), expected_at=(*line.expected_at, *numbers))


def _without_last_blanks(line: CommandLine) -> CommandLine:
    expected = list(line.expected or ())
    while expected and not expected[-1].strip():
        expected.pop()
    return replace(line, expected=tuple(expected) or None)


def _sessions(jobs: Sequence[Job]) -> tuple[PlannedSession, ...]:
    names = dict.fromkeys(job.session for job in jobs)
    return tuple(_session(name, [job for job in jobs if job.session == name]) for name in names)


def _session(name: str, jobs: Sequence[Job]) -> PlannedSession:
    options = jobs[0].options
    return PlannedSession(
        name=name,
        jobs=tuple(job.id for job in jobs),
        kernel=(options.plan.kernel or jobs[0].snippet.language.lower()) if options.plan.kernel is not None else "",
        isolation=options.execution.isolation,
        image=options.execution.image,
    )


def _missing_targets(
    found: Sequence[FoundSnippet], stacks: Sequence[Stack], ids: Mapping[int, str], path: str
) -> list[Diagnostic]:
    """`out=#name` where no element of the deck has that id."""
    wanted = [each for each in found if each.options.display.out.kind == "target"]
    if not wanted:
        return []
    slides = [placed for stack in stacks for placed in stack.slides]
    known = (
        {placed.key for placed in slides} | {each.explicit_id for each in found if each.explicit_id} | set(ids.values())
    )
    known |= {match for placed in slides for block in placed.slide.blocks for match in _ELEMENT_ID.findall(block.html)}
    known |= {value for placed in slides for slot in placed.slide.slots for name, value in _attrs(slot) if name == "id"}
    return [
        Diagnostic(
            code="S108",
            message=f"no element of the deck has the id '{each.options.display.out.target}'",
            span=each.span(path, "out"),
            hint=_near_id(each.options.display.out.target, known),
        )
        for each in wanted
        if each.options.display.out.target not in known
    ]


def _attrs(slot: object) -> tuple[tuple[str, str], ...]:
    attrs: tuple[tuple[str, str], ...] = getattr(slot, "attrs", ())
    return attrs


def _near_id(name: str, known: set[str]) -> str:
    near = nearest(name, known)
    return f"did you mean '#{near}'?" if near else 'give an element the id, as in <div id="NAME"></div>'
