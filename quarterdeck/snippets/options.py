"""The options of a snippet that runs: one table, a place and a nearest name for every mistake. Pure.

An option comes from the fence (`{run timeout=60s}`), from a `#| key: value` line, from the deck's front matter
(`snippets:`) or from that of a session (`sessions:`); the nearer one wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.model import Diagnostic, Option, Snippet, Span
from quarterdeck.snippets import values as parse
from quarterdeck.snippets.conditions import Address, Condition
from quarterdeck.snippets.frames import parse_frame, parse_still
from quarterdeck.snippets.holes import Capture
from quarterdeck.snippets.steps import Step
from quarterdeck.snippets.values import Expect, Hidden, OutputPlace, ShownLines

LoadYaml = Callable[[str], object]
"""YAML text to a plain value; ValueError where it is none."""

Place = Callable[[tuple[str, ...]], Span]
"""Where a key of the front matter stands: `("snippets", "timeout")`."""


class PlanOptions(Struct, frozen=True, kw_only=True):
    """What becomes of a fence in the deck's plan."""

    run: bool | Literal["next"] = False
    """`next`: on stage, the key for the next slide runs it first."""
    session: str = ""
    kernel: str | None = None
    """A kernel's name; empty for the one of the language; None: no kernel."""
    file: str = ""
    build: str = ""
    """Tag of the image that the Dockerfile becomes."""
    context: str = "."
    setup: bool = False
    teardown: bool = False
    deps: tuple[str, ...] = ()
    """Globs, relative to the deck's folder."""


class ExecutionOptions(Struct, frozen=True, kw_only=True):
    """How it is executed: a recording depends on all of these, see `snippets.keys`."""

    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    """Sorted by name."""
    stdin: str = "none"
    """`none` (it ends at once), `tty`, or a file of the session's folder."""
    pty: tuple[int, int] | None = (100, 24)
    """Columns and rows; None: output goes to a pipe."""
    capture: tuple[Capture, ...] = ()
    """Values in its output that later snippets use by name."""
    bg: bool = False
    steps: tuple[Step, ...] = ()
    isolation: Literal["", "none", "bubblewrap"] = ""
    image: str = ""
    progress: Literal["plain", "tty"] = "plain"


class CheckOptions(Struct, frozen=True, kw_only=True):
    """Whether it can run, when it is ready, and what counts as having gone well."""

    timeout_s: float = 120.0
    wait: tuple[Condition, ...] = ()
    expect: Expect = field(default_factory=Expect)
    verify: Literal["status", "output"] = "status"
    mask: tuple[str, ...] = ()
    """Regular expressions."""
    requires: tuple[str, ...] = ()


class StageOptions(Struct, frozen=True, kw_only=True):
    """What the stage wants to know of it."""

    typed: bool = False
    """The command is typed, key by key."""
    edit: bool = False
    """The command may be changed."""
    patience_s: float = 8.0
    """After this time the recording is offered instead."""


class DisplayOptions(Struct, frozen=True, kw_only=True):
    """What the slide shows of it."""

    out: OutputPlace = field(default_factory=OutputPlace)
    lines: ShownLines = field(default_factory=lambda: ShownLines(count=20))
    hide: Hidden = False
    """See `snippets.hidden`."""
    frame: str = ""
    """Address of a page that it serves, which the slide frames."""
    still: str = ""
    """The author's own picture of that page."""


class RunOptions(Struct, frozen=True, kw_only=True):
    """The options of a snippet, apart by who reads them."""

    plan: PlanOptions = PlanOptions()
    execution: ExecutionOptions = ExecutionOptions()
    checks: CheckOptions = CheckOptions()
    stage: StageOptions = StageOptions()
    display: DisplayOptions = DisplayOptions()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """When it is ready; a page that is framed and not waited for is waited for."""
        return self.checks.wait or ((Address(url=self.display.frame),) if self.display.frame else ())


BUILT_IN = RunOptions()


Scope = Literal["fence", "session", "deck"]


class OptionSpec(Struct, frozen=True, kw_only=True):
    means: str
    """For the reference, as Markdown."""
    parse: Callable[[object], object]
    becomes: str = ""
    """Field of a part of `RunOptions`, where it is not the option's name."""
    scopes: tuple[Scope, ...] = ("fence", "session", "deck")
    alone: bool = False
    """Whether it means something on a snippet that does not run."""


_FENCE: tuple[Scope, ...] = ("fence",)

OPTIONS: Mapping[str, OptionSpec] = MappingProxyType(
    {
        "run": OptionSpec(
            means="`record` executes it, and the stage does live; `next`: the key for the next slide runs it first.",
            parse=parse.run,
            scopes=_FENCE,
            alone=True,
        ),
        "session": OptionSpec(
            means="The shell that it shares with other snippets, and its folder; without one, that of the talk.",
            parse=parse.matching(parse.NAME, "a name of letters, digits, - and _"),
            scopes=("fence", "deck"),
            alone=True,
        ),
        "kernel": OptionSpec(
            means="It is a cell of a Jupyter kernel, which keeps its state; by itself, the kernel of the language.",
            parse=parse.kernel,
            scopes=_FENCE,
        ),
        "file": OptionSpec(
            means="It is written into the session's folder under this name, before what comes after it runs.",
            parse=parse.file,
            scopes=_FENCE,
            alone=True,
        ),
        "build": OptionSpec(
            means="The image that its Dockerfile becomes.",
            parse=parse.matching(parse.IMAGE, "the name of an image such as web:demo"),
            scopes=_FENCE,
            alone=True,
        ),
        "context": OptionSpec(
            means="The build context of `build`.", parse=parse.path("a folder inside of the session's folder")
        ),
        "cwd": OptionSpec(
            means="Where its commands begin.",
            parse=parse.path("a folder inside of the session's folder, or an absolute one", absolute=True),
        ),
        "env": OptionSpec(
            means="Variables of its environment; `env.NAME=value` sets one. Those of talk, session and fence add up.",
            parse=parse.env,
        ),
        "stdin": OptionSpec(means="Where its programs read from: nothing, the terminal, or a file.", parse=parse.stdin),
        "timeout": OptionSpec(
            means="How long it may take; longer is a failure.", parse=parse.seconds, becomes="timeout_s"
        ),
        "expect": OptionSpec(means="How it has to end.", parse=parse.expect),
        "out": OptionSpec(means="Where its output stands on the slide.", parse=parse.out),
        "lines": OptionSpec(
            means="How much of a long output the slide shows; the rest is a click away.", parse=parse.lines
        ),
        "pty": OptionSpec(
            means="Columns and rows of its terminal; `no`: a pipe, and programs see no terminal.", parse=parse.pty
        ),
        "capture": OptionSpec(
            means="A value of its output, `<NAME>` in later snippets: the last line, or what the expression finds.",
            parse=parse.capture,
            scopes=_FENCE,
        ),
        "bg": OptionSpec(
            means="It keeps running while the next ones run, until its session ends.", parse=parse.flag, scopes=_FENCE
        ),
        "wait": OptionSpec(
            means="What tells that it is ready; `record`, `check --run` and the stage go on then.",
            parse=parse.wait,
            scopes=_FENCE,
        ),
        "frame": OptionSpec(
            means="The page that it serves, shown beside its terminal: live on stage, a picture on the site.",
            parse=parse_frame,
            scopes=_FENCE,
        ),
        "still": OptionSpec(means="Your own picture of that page.", parse=parse_still, scopes=_FENCE),
        "steps": OptionSpec(
            means="What is typed into a program that asks, and what is waited for.", parse=parse.steps, scopes=_FENCE
        ),
        "setup": OptionSpec(
            means="It runs first in its session, wherever it stands.", parse=parse.flag, scopes=_FENCE, alone=True
        ),
        "teardown": OptionSpec(
            means="It runs last in its session, after a failure too.",
            parse=parse.flag,
            scopes=_FENCE,
            alone=True,
        ),
        "hide": OptionSpec(
            means="It runs, and is not shown; numbers hide those lines of it.",
            parse=parse.hide,
            scopes=_FENCE,
            alone=True,
        ),
        "deps": OptionSpec(
            means="Files beside the talk that it uses: copied into the session's folder, and part of its key.",
            parse=parse.deps,
        ),
        "verify": OptionSpec(
            means="What `check --run` compares: how it ended, or what it printed as well.",
            parse=parse.choice("status", "output"),
        ),
        "mask": OptionSpec(means="What differs from run to run in its output, and is not compared.", parse=parse.masks),
        "requires": OptionSpec(means="What it needs, told before it runs.", parse=parse.requires),
        "isolation": OptionSpec(
            means="Whether its session runs out of sight of your files (Linux).",
            parse=parse.choice("none", "bubblewrap"),
        ),
        "image": OptionSpec(
            means="The image of the container that its session runs in.",
            parse=parse.matching(parse.IMAGE, "the name of an image such as python:3.12"),
        ),
        "progress": OptionSpec(
            means="How builds of images tell their progress: as lines, or drawn as on a terminal.",
            parse=parse.choice("plain", "tty"),
        ),
        "type": OptionSpec(means="On stage its command is typed, key by key.", parse=parse.flag, becomes="typed"),
        "edit": OptionSpec(means="On stage its command may be changed, with `present --edit`.", parse=parse.flag),
        "patience": OptionSpec(
            means="On stage the recording is offered after so long without a word; `rehearse` warns at that time.",
            parse=parse.seconds,
            becomes="patience_s",
        ),
    }
)

SHOWN = frozenset(("id", "title", "filename"))
"""Options of the same group that are about the look of a block, and read elsewhere."""

Values = Mapping[str, object]
"""By field of the parts of `RunOptions`."""


class FenceOptions(Struct, frozen=True, kw_only=True):
    """What one fence says."""

    values: Values
    spans: Mapping[str, Span]
    """By option as written; relative to the slide."""
    diagnostics: tuple[Diagnostic, ...] = ()


def read_fence(snippet: Snippet, *, load_yaml: LoadYaml) -> FenceOptions:
    """The options of a fence, typed; what cannot be understood is left out and reported."""
    values: dict[str, object] = {}
    spans: dict[str, Span] = {}
    problems: list[Diagnostic] = []
    for option in snippet.options:
        key, value = option.key, option.value
        if key in SHOWN or key.startswith(("data-", "aria-")):
            continue
        if key in spans:
            problems.append(_problem("S103", f"option '{key}' is given twice", option.span, "keep one of them"))
            continue
        spans[key] = option.span
        try:
            content = _content(option, snippet, load_yaml)
        except ValueError as error:
            problems.append(
                _problem("S102", f"the value of '{key}' is no YAML: {error}", option.span, f"'{value.strip()}'")
            )
            continue
        problems += _take(values, key, content, scope="fence", span=option.span)
    return FenceOptions(values=values, spans=spans, diagnostics=tuple(problems))


def _content(option: Option, snippet: Snippet, load_yaml: LoadYaml) -> object:
    """A flag is True, text of the fence's own line is text, that of a `#|` line is YAML."""
    if option.value == "":
        return True
    return option.value if option.span.line == snippet.span.line else load_yaml(option.value)


def read_defaults(
    given: Mapping[str, object], *, scope: Literal["session", "deck"], keys: tuple[str, ...], place: Place
) -> tuple[Values, tuple[Diagnostic, ...]]:
    """The options of a mapping in the front matter, typed; `keys` lead to the mapping."""
    values: dict[str, object] = {}
    problems: list[Diagnostic] = []
    for key, content in given.items():
        problems += _take(values, str(key), content, scope=scope, span=place((*keys, str(key))))
    return values, tuple(problems)


def _take(values: dict[str, object], key: str, content: object, *, scope: Scope, span: Span) -> list[Diagnostic]:
    """Adds one option to `values`, or says what is wrong with it."""
    name, dot, variable = key.partition(".")
    spec = OPTIONS.get(name if dot and name == "env" else key)
    known = sorted(each for each, one in OPTIONS.items() if scope in one.scopes)
    if spec is None:
        near = nearest(key, known)
        hint = f"did you mean '{near}'?" if near else f"known: {', '.join(known)}"
        return [_problem("S101", f"unknown option '{key}'", span, hint)]
    if scope not in spec.scopes:
        return [
            _problem("S103", f"option '{key}' belongs to one snippet", span, "write it on the fence of the snippet")
        ]
    try:
        typed = spec.parse({variable: content} if dot else content)
    except parse.UnfitError as error:
        shown = "nothing" if content is True else f"'{_brief(content)}'"
        what = f"option '{key}': {error.why}" if error.why else f"option '{key}' is {shown}, expected {error.expected}"
        word = error.word or (content if isinstance(content, str) else "")
        hint = did_you_mean(word, error.known) if word and error.known else ""
        return [_problem("S102", what, span, hint)]
    if name == "env":
        typed = _together(values.get("env", ()), typed)
    values[spec.becomes or name] = typed
    return []


def _brief(content: object) -> str:
    text = " ".join(str(content).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _problem(code: str, message: str, span: Span, hint: str = "") -> Diagnostic:
    return Diagnostic(code=code, message=message, span=span, hint=hint)


def _together(first: Any, second: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**dict(first), **dict(second)}.items()))


def merge(*layers: Values) -> RunOptions:
    """The layers over the built-in defaults, later ones over earlier ones; variables of the environment add up."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= {**layer, "env": _together(merged.get("env", ()), layer.get("env", ()))}
    parts = {}
    for name, built_in in _parts(BUILT_IN).items():
        given = {key: merged[key] for key in built_in.__struct_fields__ if key in merged}
        parts[name] = replace(built_in, **given)
    return RunOptions(**parts)


def value_of(options: RunOptions, name: str) -> object:
    """The field of that name, in whichever part it is."""
    return next(getattr(part, name) for part in _parts(options).values() if hasattr(part, name))


def _parts(options: RunOptions) -> dict[str, Any]:
    return asdict(options)


CONTRADICTIONS = (
    ("kernel", "session", "a kernel is a session of its own"),
    ("kernel", "build", "a kernel builds no images"),
    ("kernel", "steps", "a kernel has no terminal"),
    ("kernel", "stdin", "a kernel has no standard input"),
    ("kernel", "bg", "a kernel runs its cells one after the other"),
    ("kernel", "image", "a kernel runs outside of containers"),
    ("setup", "teardown", "a snippet comes either first or last"),
    ("steps", "stdin", "the steps are what is typed"),
    ("steps", "bg", "a conversation is over when its last step is"),
    ("bg", "teardown", "nothing would stop it"),
    ("frame", "teardown", "nothing would be there to be seen"),
    ("capture", "teardown", "nothing would use it"),
    ("image", "isolation", "the container is the isolation"),
)
"""Pairs of options that cannot both hold, with the reason."""


def contradictions(options: RunOptions, spans: Mapping[str, Span]) -> tuple[Diagnostic, ...]:
    """Options of one fence that exclude each other, or do nothing; spans are those of what the fence itself says."""
    found = [
        _problem(
            "S103", f"options '{one}' and '{other}' exclude each other: {why}", spans[other], "leave out one of them"
        )
        for one, other, why in CONTRADICTIONS
        if one in spans and other in spans and _set(options, one) and _set(options, other)
    ]
    plan, execution, display = options.plan, options.execution, options.display
    runs = plan.run or plan.build or plan.setup or plan.teardown
    idle = [key for key in spans if key.partition(".")[0] in OPTIONS and not OPTIONS[key.partition(".")[0]].alone]
    if idle and not runs:
        names = ", ".join(f"'{key}'" for key in idle)
        found.append(_problem("S104", f"{names} without 'run': this snippet never runs", spans[idle[0]], "add 'run'"))
    elif display.still and not display.frame:
        why = "'still' without 'frame': there is no page that this would be the picture of"
        found.append(_problem("S104", why, spans["still"], "add frame=http://localhost:PORT/"))
    elif execution.bg and not options.conditions and "frame" not in spans:
        why = "'bg' without 'wait': the next snippet may run before this one is ready"
        found.append(
            _problem(
                "S104", why, spans.get("bg", Span(path="", line=1)), "add wait=http://localhost:PORT/ or wait=tcp:PORT"
            )
        )
    return tuple(found)


def _set(options: RunOptions, key: str) -> bool:
    """Whether the option is on: `bg=no` excludes nothing."""
    name = OPTIONS[key].becomes or key
    value = value_of(options, name)
    return value is not None and value is not False and value != value_of(BUILT_IN, name)
