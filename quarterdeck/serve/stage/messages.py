"""What a deck on stage and its server tell each other: JSON objects, told apart by their `type`.

`make docs` writes their TypeScript types. Output of runs comes beside them as binary frames: four bytes of the run's
number, most significant first, then what was printed.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from quarterdeck.execute.engine.containers import Container
from quarterdeck.execute.problems import AnyProblem
from quarterdeck.markdown.pace import Section

LONGEST_TEXT = 16 * 1024
Columns = Annotated[int, Meta(ge=2, le=500)]
Rows = Annotated[int, Meta(ge=2, le=200)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
SnippetPhase = Literal["idle", "waiting", "running", "ready", "done"]
SessionPhase = Literal["cold", "starting", "warm", "busy", "closing", "lost"]
FramePhase = Literal["gone", "waiting", "live"]
RefusalCode = Literal["malformed", "trust", "unknown", "stale", "edit", "lost", "empty", "busy"]

# In the page


class SnippetConfig(Struct, frozen=True, kw_only=True):
    """What a page knows of a snippet before anything has run."""

    digest: str
    """Of this version of it."""
    session: str
    slide: str
    """Key of the one that it stands on."""
    kind: str
    typed: bool
    """Its commands are shown being typed."""
    edit: bool
    next: bool
    """The key that goes on runs it first."""
    commands: tuple[str, ...]
    cols: int
    rows: int
    frame: str
    """URL of the page that it serves; empty where none is shown."""


class StageConfig(Struct, frozen=True, kw_only=True):
    """Nothing in it is secret."""

    deck: str
    trusted: bool
    edit: bool
    release: str
    """The key that gives the keyboard back to the deck."""
    minutes: float | None
    sections: tuple[Section, ...]
    snippets: dict[str, SnippetConfig]
    words: dict[str, str]
    live: str = ""
    """Paths of the socket, and of what takes the code; empty where nothing can be run."""
    enter: str = ""

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


# From the server


class ToWindow(Struct, frozen=True, kw_only=True):
    def encoded(self) -> str:
        """ASCII only: what commands hold may be no valid UTF-8."""
        return json.dumps(msgspec.to_builtins(self), separators=(",", ":"))


class SnippetState(ToWindow, frozen=True, kw_only=True, tag="snippet"):
    """How the last run of a snippet stands."""

    id: str
    state: SnippetPhase
    run: int | None = None
    status: int | None = None
    ok: bool | None = None
    """Once it is ready or done: whether it went as its author expects."""
    problem: AnyProblem | None = None
    elapsed_s: float = 0.0
    cols: int = 0
    rows: int = 0
    edited: bool = False
    """It ran other commands than those on the slide."""
    unseen: bool = False
    """It ran for what it leaves behind; nobody is shown what it prints."""


class SessionState(ToWindow, frozen=True, kw_only=True, tag="session"):
    session: str
    state: SessionPhase
    problem: str
    done: tuple[str, ...]
    """Ids of what it has run as the deck has it, in order."""


class CommandBegun(ToWindow, frozen=True, kw_only=True, tag="command"):
    run: int
    index: int
    """Among the commands that are shown."""
    text: str
    echo: bool
    """The page shows it being typed."""


class CommandEnded(ToWindow, frozen=True, kw_only=True, tag="end"):
    run: int
    index: int
    status: int | None
    elapsed_s: float


class OutputGap(ToWindow, frozen=True, kw_only=True, tag="gap"):
    """Of too much output the middle is left out."""

    run: int
    bytes: int


class Stall(ToWindow, frozen=True, kw_only=True, tag="stall"):
    """A run has printed nothing for longer than its `patience`; 0 s: it prints again."""

    run: int
    id: str
    quiet_s: float


class EngineState(ToWindow, frozen=True, kw_only=True, tag="engine"):
    available: bool
    wanted: bool
    """Whether a snippet of the deck uses one."""
    what: str = ""
    """Why there is none."""
    fix: str = ""


class EngineContents(ToWindow, frozen=True, kw_only=True, tag="state"):
    """What the deck has made on the engine."""

    containers: tuple[Container, ...]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    images: tuple[str, ...]
    ports: tuple[int, ...]
    """Of this machine."""


class FrameState(ToWindow, frozen=True, kw_only=True, tag="frame"):
    """Whether the page that a snippet serves can be shown beside it."""

    id: str
    run: int
    state: FramePhase
    refuses: str
    """Why no browser frames it; empty where it may be framed."""


class CapturedValue(ToWindow, frozen=True, kw_only=True, tag="captured"):
    name: str
    value: str | None
    """None where it is not known any more."""


class KernelResults(ToWindow, frozen=True, kw_only=True, tag="outputs"):
    """All that a kernel has made besides text in a run."""

    run: int
    id: str
    html: str


class MakingProgress(ToWindow, frozen=True, kw_only=True, tag="making"):
    """The state of a slide is being made."""

    slide: str
    id: str
    """The snippet that runs for it, which is number `at` of `of`."""
    at: int
    of: int


class StateMade(ToWindow, frozen=True, kw_only=True, tag="made"):
    slide: str
    ran: tuple[str, ...] = ()
    problem: AnyProblem | None = None
    id: str = ""
    """The snippet that has the problem."""


class TrustState(ToWindow, frozen=True, kw_only=True, tag="trust"):
    what: str
    """Why nothing may be run; empty where it may."""


class WindowCount(ToWindow, frozen=True, kw_only=True, tag="windows"):
    count: int


class Relayed(ToWindow, frozen=True, kw_only=True, tag="relay"):
    """What another window of the deck has shared."""

    value: Any


class Refused(ToWindow, frozen=True, kw_only=True, tag="refused"):
    code: RefusalCode
    what: str
    fix: str


class Welcome(ToWindow, frozen=True, kw_only=True, tag="hello"):
    """The first message: all that there is."""

    deck: str
    edit: bool
    """Whether commands may be changed."""
    trust: str
    """As in `trust`."""
    engine: EngineState
    sessions: tuple[SessionState, ...]
    snippets: tuple[SnippetState, ...]
    state: EngineContents | None
    frames: tuple[FrameState, ...]
    captured: dict[str, str]


FromServer = (
    Welcome
    | SnippetState
    | SessionState
    | CommandBegun
    | CommandEnded
    | OutputGap
    | Stall
    | EngineState
    | EngineContents
    | FrameState
    | CapturedValue
    | KernelResults
    | MakingProgress
    | StateMade
    | TrustState
    | WindowCount
    | Relayed
    | Refused
)

# From a window


class Introduction(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message."""

    token: str
    deck: str


class RunSnippet(Struct, frozen=True, kw_only=True, tag="run"):
    id: str
    digest: str
    """Of the version that the page shows."""
    cols: Columns | None = None
    rows: Rows | None = None
    paced: bool = False
    """Each command waits for `go`: the page shows it being typed."""
    text: str | None = None
    """Other commands, where they may be changed."""


class BeginCommand(Struct, frozen=True, kw_only=True, tag="go"):
    run: int


class CancelRun(Struct, frozen=True, kw_only=True, tag="cancel"):
    run: int


class CancelMaking(Struct, frozen=True, kw_only=True, tag="cancel_making"):
    """The state of a slide is not wanted any more."""


class TypeText(Struct, frozen=True, kw_only=True, tag="input"):
    run: int
    data: Text


class TypeBytes(Struct, frozen=True, kw_only=True, tag="input_bytes"):
    """What is no text, such as reports of the mouse."""

    run: int
    data: Annotated[bytes, Meta(max_length=LONGEST_TEXT)]
    """As base64."""


class ResizeTerminal(Struct, frozen=True, kw_only=True, tag="resize"):
    run: int
    cols: Columns
    rows: Rows


class RestartSession(Struct, frozen=True, kw_only=True, tag="restart"):
    session: str


class MakeState(Struct, frozen=True, kw_only=True, tag="make"):
    slide: str


class ClearSnippet(Struct, frozen=True, kw_only=True, tag="clear"):
    id: str


class AcknowledgeOutput(Struct, frozen=True, kw_only=True, tag="ack"):
    bytes: int
    """That are on a screen, since the connection began."""


class Relay(Struct, frozen=True, kw_only=True, tag="relay"):
    """For every other window of the deck."""

    value: Any


class LookAtEngine(Struct, frozen=True, kw_only=True, tag="look"):
    pass


FromWindow = (
    Introduction
    | RunSnippet
    | BeginCommand
    | CancelRun
    | CancelMaking
    | TypeText
    | TypeBytes
    | ResizeTerminal
    | RestartSession
    | MakeState
    | ClearSnippet
    | AcknowledgeOutput
    | Relay
    | LookAtEngine
)


TYPES = frozenset(each.__struct_config__.tag for each in FromWindow.__args__)


class SaidWrongError(Exception):
    """What came is no message of ours; the text says what is wrong with it."""


class UnknownMessageError(Exception):
    """A message of another version, perhaps; its text is the type."""


def from_window(text: str) -> FromWindow:
    """Raises SaidWrongError or UnknownMessageError."""
    try:
        # not by msgspec: half of a surrogate pair, where a browser cut what was pasted, is no mistake
        said = json.loads(text)
        if isinstance(said, dict) and isinstance(kind := said.get("type"), str) and kind not in TYPES:
            raise UnknownMessageError(kind)
        told: FromWindow = msgspec.convert(said, FromWindow)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise SaidWrongError(str(error)) from None
    return told
