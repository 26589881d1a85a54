"""A shell session as an author pastes it: which lines are commands, which go on with one, which are output. Pure.

What is highlighted, copied, run and compared is decided here once, so that a slide cannot disagree with its recording.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from quarterdeck.regex import regex
from quarterdeck.snippets.shell_syntax import ShellReader

SESSIONS = frozenset(
    (
        "console",
        "shell-session",
        "shellsession",
        "sh-session",
        "bash-session",
        "terminal",
        "term",
        "shellscript-session",
    )
)
"""Languages whose blocks are always sessions."""
SHELLS = frozenset(("bash", "sh", "shell", "zsh", "ksh", ""))
"""Languages (and none) whose blocks are sessions when their first line starts with `$ `."""

_BLANKS = r"[ \t\u00a0\u202f]"
_PROMPT = regex(
    rf"""(?P<venv>\([\w. -]{{1,64}}\){_BLANKS}?)?
        (?:(?P<power>PS(?:[ ][^\n>]{{0,160}})?>)
          |(?P<shell>\w{{0,8}}sh-\d[\w.]{{0,16}})(?P<its>[$#%])
          |(?P<host>\[?[\w.-]{{1,64}}@[\w.-]{{1,64}}[: ]?[^\s$#%>]{{0,160}}\]?)?[ ]?(?P<sign>[$#])
          |(?P<path>[~/][\w./~-]{{0,160}})[ ](?P<at>[$#]))
        (?:{_BLANKS}|$)""",
    re.VERBOSE,
)
_RARER = regex(
    rf"""(?:\([\w. -]{{1,64}}\){_BLANKS}?)?
        (?:(?:(?P<host>[A-Za-z][\w.-]{{0,63}}(?:@[\w.-]{{1,64}})?)(?:[: ][^\s$#%>]{{1,160}})?|[~/][^\s$#%>]{{0,160}})?
            [ ]?(?P<sign>[%>])
          |(?P<arrow>[❯❮λ»→])
          |(?P<directory>➜)[ ]+[^\s$#%>]{{1,160}}(?:[ ]git:\([^)\n]{{0,160}}\))?(?:[ ]✗)?)
        (?:{_BLANKS}+|$)""",
    re.VERBOSE,
)
"""Of zsh, fish and others: such a line is a prompt only where the block begins with one."""
_MORE = regex(rf">(?:{_BLANKS}|$)")
"""In front of a line that goes on with a command: bash's second prompt."""


class LinePart(StrEnum):
    COMMAND = "command"
    MORE = "more"
    """Goes on with the command above."""
    INNER = "inner"
    """Typed at the prompt of another program, inside a container say: shown as a prompt, never run by us."""
    COMMENT = "comment"
    OUTPUT = "output"


class SessionLine(Struct, frozen=True, kw_only=True):
    part: LinePart
    prompt: str = ""
    """With its blanks; empty where the line has none."""
    text: str
    """The rest of the line."""


def is_prompted(code: str, language: str) -> bool:
    """Whether the block is a session rather than a script."""
    word = language.lower()
    return word in SESSIONS or (word in SHELLS and code.startswith("$ "))


def session_lines(code: str) -> tuple[SessionLine, ...]:
    """One `SessionLine` per line of the code.

    The first prompt is the session's own. A line with a prompt of another shape (`root@3f2a:/#` after `$`) was typed
    into a program, and a bare `#` beside `$` prompts is a comment or output. Lines below a command belong to it for as
    long as bash would wait for more: after a backslash or an operator, in a heredoc, in quotes, in a `for` without its
    `done`.
    """
    lines = lines_of(code)
    found = [_PROMPT.match(line) for line in lines]
    shapes = [_shape(match) if match else "" for match in found]
    if own := _rarer(lines, shapes):
        for at, line in enumerate(lines):
            if (match := _RARER.match(line)) and _rarer_shape(match) == own:
                found[at], shapes[at] = match, own
    home = own or _home(shapes)
    last = {key: at for at, line in enumerate(lines) for key in (line, line.lstrip("\t"))}
    out: list[SessionLine] = []
    fresh = True
    """Whether a comment may stand here: at the top, or after a blank line or another comment."""
    while len(out) < len(lines):
        at = len(out)
        line, match = lines[at], found[at]
        if match and (shapes[at] == home or shapes[at] != "#"):  # `#` beside another prompt is no prompt
            part = LinePart.COMMAND if shapes[at] == home else LinePart.INNER
            out.append(SessionLine(part=part, prompt=match[0], text=line[match.end() :]))
            below = _continuation(lines, shapes, at, line[match.end() :], last)
            marked = bool(below) and bool(_MORE.match(below[0]))
            for further in below:
                mark = _MORE.match(further) if marked else None
                prompt = mark[0] if mark else ""
                out.append(SessionLine(part=LinePart.MORE, prompt=prompt, text=further[len(prompt) :]))
            fresh = False
        elif fresh and line.startswith("#"):
            out.append(SessionLine(part=LinePart.COMMENT, text=line))
        else:
            out.append(SessionLine(part=LinePart.OUTPUT, text=line))
            fresh = not line.strip()
    return tuple(out)


def _home(shapes: list[str]) -> str:
    """The shape of the session's own prompt; `#` alone may be a comment, so any other prompt goes before it."""
    return next((shape for shape in shapes if shape not in ("", "#")), "#" if "#" in shapes else "")


def _rarer(lines: list[str], shapes: list[str]) -> str:
    """The shape of the block's first line with anything on it, if that is a prompt of another shell than bash."""
    first = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is None or shapes[first] or _home(shapes):
        return ""
    match = _RARER.match(lines[first])
    return _rarer_shape(match) if match and lines[first][match.end() :].strip() else ""


def _rarer_shape(match: re.Match[str]) -> str:
    return match["arrow"] or match["directory"] or f"{match['host'] or ''}{match['sign']}"


def lines_of(code: str) -> list[str]:
    """The lines of a text; a last newline ends a line and begins none."""
    lines = code.split("\n")
    return lines if lines[-1] else lines[:-1]


def _shape(match: re.Match[str]) -> str:
    """What two prompts of one shell have in common: user and host, and the sign; folders and environments change."""
    if match["power"]:
        return "PS"
    if match["shell"]:
        return f"{match['shell']}{match['its']}"
    host = (match["host"] or "").partition(":")[0]
    place = "/" if match["path"] else ""
    return f"{host}{place}{match['sign'] or match['at']}"


def _continuation(lines: list[str], shapes: list[str], at: int, text: str, last: dict[str, int]) -> list[str]:
    """The lines below the command at `at` that belong to it."""
    reader = ShellReader()
    reader.feed(text)
    end = at + 1
    marked = end < len(lines) and bool(_MORE.match(lines[end]))
    while reader.waits and end < len(lines):
        if shapes[end] == shapes[at] and not reader.heredocs and not reader.backslash:
            break
        if reader.heredocs and not any(last.get(mark + reader.heredocs[0][0], -1) >= end for mark in ("", "> ")):
            break
        reader.feed(_MORE.sub("", lines[end]) if marked else lines[end])
        end += 1
    if not reader.waits:
        return lines[at + 1 : end]
    return _marked(lines, at, text)


def _marked(lines: list[str], at: int, text: str) -> list[str]:
    """What surely continues a command that nothing below completes: `> ` lines, and those after a backslash."""
    end = at + 1
    while end < len(lines) and (_MORE.match(lines[end]) or _continues(text)):
        text = lines[end]
        end += 1
    return lines[at + 1 : end]


def _continues(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1
