"""The snippets of a deck as they are read before anything is planned: options, what runs them, ids, sessions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from quarterdeck.diagnostics import did_you_mean, located, nearest, written_at
from quarterdeck.model import Diagnostic, Placed, Snippet, Span, Stack
from quarterdeck.snippets.options import (
    FenceOptions,
    LoadYaml,
    Place,
    PlanOptions,
    RunOptions,
    Values,
    contradictions,
    merge,
    read_defaults,
    read_fence,
    value_of,
)
from quarterdeck.snippets.prompts import LinePart, is_prompted, lines_of, session_lines
from quarterdeck.snippets.runners import Runner, find_runner, known_languages

MAIN = "main"
"""The session of snippets that name none."""
DOCKERFILES = frozenset(("docker", "dockerfile", "containerfile"))
SCRIPTS = frozenset(("bash", "sh", "shell", "shellscript"))


class JobKind(StrEnum):
    """What executes a job."""

    SESSION = "session"
    """The session's shell, command by command, as typed at its prompts."""
    SCRIPT = "script"
    """The session's shell, all of it at once."""
    BUILD = "build"
    """The session's shell: one `docker build` of a Dockerfile on the slide."""
    PROGRAM = "program"
    """A fresh process of a runner."""
    KERNEL = "kernel"


class Role(StrEnum):
    """When in its session a job runs."""

    SETUP = "setup"
    BODY = "body"
    TEARDOWN = "teardown"


class FoundSnippet(Struct, frozen=True, kw_only=True):
    """A snippet with what its fence and the front matter say."""

    number: int
    """In the deck, from 0."""
    placed: Placed
    snippet: Snippet
    written: FenceOptions
    options: RunOptions
    kind: JobKind | None
    """None: it does not run."""
    runner: Runner | None

    def line(self, relative: int) -> int:
        """A line of the slide in the file that it is from."""
        return self.placed_at(Span(path="", line=relative), "").line

    def span(self, path: str, option: str = "") -> Span:
        return self.placed_at(self.written.spans.get(option, self.snippet.span), path)

    def placed_at(self, span: Span, path: str) -> Span:
        """A span of the slide in the file that it is from."""
        if self.placed.passages:
            return written_at(span, self.placed.passages, path=path)
        lines = self.placed.line - 1
        return replace(span, path=path, line=span.line + lines, end_line=span.end_line + lines if span.end_line else 0)

    @property
    def explicit_id(self) -> str:
        named = next((option.value for option in self.snippet.options if option.key == "id"), "")
        return self.snippet.id or named


def nowhere(_keys: tuple[str, ...]) -> Span:
    return Span(path="", line=1)


def snippets_of(stacks: Sequence[Stack]) -> Iterator[tuple[Placed, Snippet]]:
    for stack in stacks:
        for placed in stack.slides:
            yield from ((placed, slot) for slot in placed.slide.slots if isinstance(slot, Snippet))


def session_defaults(sessions: Mapping[str, object], place: Place) -> tuple[dict[str, Values], tuple[Diagnostic, ...]]:
    values: dict[str, Values] = {}
    problems: list[Diagnostic] = []
    for name, given in sessions.items():
        keys = ("sessions", str(name))
        if given is None:
            values[str(name)] = {}
        elif isinstance(given, Mapping):
            values[str(name)], more = read_defaults(given, scope="session", keys=keys, place=place)
            problems += more
        else:
            what = f"session '{name}' is '{given}', expected options such as timeout: 60s"
            problems.append(Diagnostic(code="S102", message=what, span=place(keys)))
    return values, tuple(problems)


class SnippetReader(Struct, kw_only=True):
    """Reads one snippet after the other and keeps what is wrong with them."""

    path: str
    load_yaml: LoadYaml
    deck: Values
    sessions: Mapping[str, Values]
    runners: Mapping[str, tuple[str, ...]]
    problems: list[Diagnostic] = field(default_factory=list)

    def read(self, number: int, placed: Placed, snippet: Snippet) -> FoundSnippet:
        written = read_fence(snippet, load_yaml=self.load_yaml)
        name = str(written.values.get("session") or self.deck.get("session") or MAIN)
        options = merge(self.deck, self.sessions.get(name, {}), written.values)
        plan = replace(options.plan, session=name)
        if plan.kernel is not None:
            plan = replace(plan, session=f"kernel-{plan.kernel or snippet.language.lower()}")
        elif self.sessions and name not in self.sessions and name != MAIN:
            span = written.spans.get("session", snippet.span)
            hint = did_you_mean(name, self.sessions, noun="declared")
            what = f"unknown session '{name}': the front matter declares others"
            self._add(placed, Diagnostic(code="S107", message=what, span=span, hint=hint))
        if plan.build and not plan.file:
            plan = replace(plan, file=inside(plan.context, "Dockerfile"))
        kind, runner, problem = self._kind(snippet, plan)
        wrong = (*contradictions(options, written.spans), *_beyond(snippet, written))
        self._add(placed, *written.diagnostics, *wrong, *problem)
        return FoundSnippet(
            number=number,
            placed=placed,
            snippet=snippet,
            written=written,
            options=replace(options, plan=plan),
            kind=kind,
            runner=runner,
        )

    def _kind(
        self, snippet: Snippet, plan: PlanOptions
    ) -> tuple[JobKind | None, Runner | None, tuple[Diagnostic, ...]]:
        """What would execute the snippet; nothing where it does not ask for it, or where nothing can."""
        language = snippet.language.lower()
        if plan.build:
            if language in DOCKERFILES:
                return JobKind.BUILD, None, ()
            return (
                None,
                None,
                (_unrunnable(snippet, "'build' is for Dockerfiles", "the language of one is 'dockerfile'"),),
            )
        if not (plan.run or plan.setup or plan.teardown):
            return None, None, ()
        if plan.kernel is not None:
            return JobKind.KERNEL, None, ()
        if is_prompted(snippet.code, language):
            problems = _without_commands(snippet)
            return None if problems else JobKind.SESSION, None, problems
        if language in SCRIPTS:
            return JobKind.SCRIPT, None, ()
        runner = find_runner(snippet.language, self.runners) if language else None
        return (JobKind.PROGRAM, runner, ()) if runner else (None, None, (self._no_runner(snippet, language),))

    def _no_runner(self, snippet: Snippet, language: str) -> Diagnostic:
        if not language:
            hint = "name one, such as bash, or begin the first line with '$ '"
            return _unrunnable(snippet, "a fence without a language cannot run", hint)
        if language in DOCKERFILES:
            return _unrunnable(snippet, "a Dockerfile runs by being built", "say build=NAME")
        near = nearest(language, {*known_languages(self.runners), *SCRIPTS, "console"})
        settings = "a runner of your own goes into the settings: [run.runners]"
        hint = f"did you mean '{near}'? {settings}" if near else settings
        return _unrunnable(snippet, f"no runner for the language '{snippet.language}'", hint)

    def _add(self, placed: Placed, *problems: Diagnostic) -> None:
        self.problems += [located(each, placed, path=self.path) for each in problems]


def _beyond(snippet: Snippet, written: FenceOptions) -> tuple[Diagnostic, ...]:
    """Lines that are to be hidden and are not there."""
    hidden = written.values.get("hide", False)
    count = len(lines_of(snippet.code)) if snippet.code else 0
    if not isinstance(hidden, tuple) or hidden[-1] <= count:
        return ()
    has = "1 line" if count == 1 else f"{count} lines"
    what = f"option 'hide' names line {hidden[-1]}, and the code has {has}"
    hint = "lines are counted from 1, without those that begin with #|"
    return (Diagnostic(code="S102", message=what, span=written.spans["hide"], hint=hint),)


def _without_commands(snippet: Snippet) -> tuple[Diagnostic, ...]:
    if any(line.part is LinePart.COMMAND for line in session_lines(snippet.code)):
        return ()
    what = "nothing to run: no line of this session begins with a prompt"
    hint = "begin commands with '$ ', or call the language 'bash'"
    return (Diagnostic(code="S110", message=what, span=snippet.span, hint=hint),)


def _unrunnable(snippet: Snippet, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code="S109", message=message, span=snippet.span, hint=hint)


def settle_sessions(found: Sequence[FoundSnippet], path: str) -> tuple[list[FoundSnippet], list[Diagnostic]]:
    """One isolation and one image per session; fences of one session that disagree are reported."""
    said: dict[tuple[str, str], FoundSnippet] = {}
    problems: list[Diagnostic] = []
    for each in found:
        for name in ("isolation", "image"):
            if name not in each.written.values or each.kind is None:
                continue
            first = said.setdefault((each.options.plan.session, name), each)
            mine, theirs = value_of(each.options, name), value_of(first.options, name)
            if mine != theirs:
                what = f"session '{each.options.plan.session}' has {name}={theirs} since line {first.span(path).line}"
                hint = "use another session, or set it under 'sessions:' in the front matter"
                problems.append(Diagnostic(code="S103", message=what, span=each.span(path, name), hint=hint))
    settled = []
    for each in found:
        session, execution = each.options.plan.session, each.options.execution
        if source := said.get((session, "isolation")):
            execution = replace(execution, isolation=source.options.execution.isolation)
        if source := said.get((session, "image")):
            execution = replace(execution, image=source.options.execution.image)
        settled.append(replace(each, options=replace(each.options, execution=execution)))
    return settled, problems


def role_of(found: FoundSnippet) -> Role:
    if found.options.plan.setup:
        return Role.SETUP
    return Role.TEARDOWN if found.options.plan.teardown else Role.BODY


def inside(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"
