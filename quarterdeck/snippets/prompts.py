"""A shell session as an author pastes it: which lines are commands, which go on with one, which are output. Pure.

What is highlighted, copied, run and compared is decided here once, so that a slide cannot disagree with its recording.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from quarterdeck.regex import regex

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

_PROMPT = regex(
    r"""(?P<venv>\([\w. -]{1,64}\)[ ]?)?
        (?:(?P<power>PS(?:[ ][^\n>]{0,160})?>)
          |(?P<host>\[?[\w.-]{1,64}@[\w.-]{1,64}[: ]?[^\s$#]{0,160}\]?)?[ ]?(?P<sign>[$#])
          |(?P<path>[~/][\w./~-]{0,160})[ ](?P<at>[$#]))
        (?:[ ]|$)""",
    re.VERBOSE,
)
_HEREDOC = regex(r"""<<(?P<tabs>-?)[ \t]*(?P<quote>['"]?)(?P<word>[A-Za-z_][\w.-]{0,64})(?P=quote)""")
_WORD = regex(r"[A-Za-z_]+")
_OPENERS = frozenset(("if", "for", "while", "until", "case", "select", "{"))
_CLOSERS = frozenset(("fi", "done", "esac", "}"))
_BEFORE_COMMAND = frozenset(("then", "else", "elif", "do", "!", "time", "if", "while", "until", "{"))


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
    into a program, and a bare `#` beside `$` prompts is a comment or output. Lines below a command belong to it while
    it is unfinished: after a backslash or an operator, in a heredoc, in quotes, in a `for` without its `done`.
    """
    lines = lines_of(code)
    found = [_PROMPT.match(line) for line in lines]
    shapes = [_shape(match) if match else "" for match in found]
    home = _home(shapes)
    last = {line.strip(): at for at, line in enumerate(lines)}
    out: list[SessionLine] = []
    fresh = True
    """Whether a comment may stand here: at the top, or after a blank line or another comment."""
    while len(out) < len(lines):
        at = len(out)
        line, match = lines[at], found[at]
        if match and (shapes[at] == home or shapes[at] != "#"):  # `#` beside another prompt is no prompt
            part = LinePart.COMMAND if shapes[at] == home else LinePart.INNER
            out.append(SessionLine(part=part, prompt=match[0], text=line[match.end() :]))
            for further in _continuation(lines, shapes, at, line[match.end() :], last):
                mark = "> " if further.startswith("> ") else ">" if further == ">" else ""
                out.append(SessionLine(part=LinePart.MORE, prompt=mark, text=further[len(mark) :]))
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


def lines_of(code: str) -> list[str]:
    """The lines of a text; a last newline ends a line and begins none."""
    lines = code.split("\n")
    return lines if lines[-1] else lines[:-1]


def _shape(match: re.Match[str]) -> str:
    """What two prompts of one shell have in common: user and host, and the sign; folders and environments change."""
    if match["power"]:
        return "PS"
    host = (match["host"] or "").partition(":")[0]
    place = "/" if match["path"] else ""
    return f"{host}{place}{match['sign'] or match['at']}"


def _continuation(lines: list[str], shapes: list[str], at: int, text: str, last: dict[str, int]) -> list[str]:
    """The lines below the command at `at` that belong to it."""
    state = Unfinished()
    state.feed(text)
    end = at + 1
    while state.open and end < len(lines):
        if shapes[end] == shapes[at] and not state.heredocs and not state.backslash:
            break
        if state.heredocs and not any(last.get(mark + state.heredocs[0], -1) >= end for mark in ("", "> ")):
            break
        line = lines[end]
        state.feed(line[2:] if line.startswith("> ") else "" if line == ">" else line)
        end += 1
    if not state.open:
        return lines[at + 1 : end]
    return _marked(lines, at, text)


def _marked(lines: list[str], at: int, text: str) -> list[str]:
    """What surely continues a command that nothing below completes: `> ` lines, and those after a backslash."""
    end = at + 1
    while end < len(lines) and (lines[end].startswith("> ") or lines[end] == ">" or _continues(text)):
        text = lines[end]
        end += 1
    return lines[at + 1 : end]


def _continues(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


class Unfinished:
    """Whether the lines fed so far still wait for more, as bash would see it, roughly; each line is looked at once."""

    __slots__ = ("_depth", "_operator", "_parens", "_quote", "_words_end", "backslash", "heredocs")

    def __init__(self) -> None:
        self.heredocs: list[str] = []
        """Delimiters of heredocs whose bodies are still to come."""
        self.backslash = False
        self._quote = ""
        self._depth = 0
        self._parens = 0
        self._operator = False
        self._words_end = True
        """Whether the next word would be a command's name."""

    @property
    def open(self) -> bool:
        return bool(self.heredocs or self.backslash or self._quote or self._depth > 0 or self._parens or self._operator)

    def feed(self, line: str) -> None:
        if self.heredocs:
            if line.strip() == self.heredocs[0]:
                del self.heredocs[0]
            return
        self._operator = False
        if not self.backslash:
            self._words_end = True
        self.backslash = self._quote != "'" and _continues(line)
        at = 0
        while at < len(line):
            at = self._in_quote(line, at) if self._quote else self._plain(line, at)

    def _in_quote(self, line: str, at: int) -> int:
        if line[at] == "\\" and self._quote != "'":
            return at + 2
        if line[at] == self._quote:
            self._quote = ""
        return at + 1

    def _plain(self, line: str, at: int) -> int:
        char = line[at]
        if char in "'\"`":
            self._quote = char
        elif char == "\\":
            self._words_end = False
            return at + 2
        elif char == "#" and (at == 0 or line[at - 1] in " \t;"):
            return len(line)
        elif char == "<" and (heredoc := _HEREDOC.match(line, at)) and line[at : at + 3] != "<<<":
            self.heredocs.append(heredoc["word"])
            return heredoc.end()
        elif char in ";&|":
            rest = line[at:].strip() if len(line) - at < 8 else ""
            self._operator = rest in ("|", "||", "&&", "|&")
            self._words_end = True
        elif char in "()":
            # `a)` of a `case` closes nothing
            self._parens = max(self._parens + (1 if char == "(" else -1), 0)
            self._words_end = char == "("
        elif self._words_end and (char in "{}" or char.isalpha() or char == "_"):
            return self._command_word(line, at)
        elif char not in " \t":
            self._words_end = False
        return at + 1

    def _command_word(self, line: str, at: int) -> int:
        match = _WORD.match(line, at)
        word = match[0] if match else line[at]
        end = at + len(word)
        whole = end == len(line) or line[end] in " \t;&|()"
        if whole and word in _OPENERS:
            self._depth += 1
        elif whole and word in _CLOSERS:
            self._depth -= 1
        self._words_end = whole and word in _BEFORE_COMMAND
        return end
