"""Whether bash would wait for another line after those that it was given. Pure: nothing runs, and nothing is expanded.

As in bash's own reader, what is open is a stack: of quotes and expansions, and of the compound commands around them.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from quarterdeck.regex import regex

_COMMANDS = frozenset(("top", "(", "{", "if", "loop", "case"))
"""Frames in which commands stand: words may be reserved, `#` begins a comment, `<<` a heredoc."""
_CLOSES = {"fi": "if", "done": "loop", "esac": "case", "}": "{"}
_OPENS = {"if": "if", "while": "loop", "until": "loop", "for": "loop", "select": "loop", "case": "case", "{": "{"}
_GO_ON = frozenset(("then", "else", "elif", "do", "if", "while", "until", "{", "!", "time"))
"""Reserved words behind which the next command stands."""
_OPERATOR = regex(r"&&|\|\||\|&|;;&|;;|;&|[;&|]")
_WAITING = frozenset(("&&", "||", "|", "|&"))
_REDIRECTION = regex(r"<<<|<<-|<<|&>>|&>|[<>]&|>>|>\||<>|[<>](?!\()")
_PLAIN = regex(r"[^\s\\'\"`$()<>;&|]+")
_IN_DOUBLE = regex(r"[^\\\"`$]+")
_IN_BRACE = regex(r"[^\\'\"`$}]+")
_IN_BRACKETS = regex(r"[^\\'\"`$()\[\]]+")
_NO_PARAMETERS = regex(r"\([ \t]*\)")
"""Of a function: what they are is never written."""
_ARRAY = regex(r"\+?=\Z")
_EXTENDED_GLOB = frozenset("?*+@!")


class _Frame(Struct):
    kind: str
    """One of `_COMMANDS`, or what is open otherwise: `'`, `"`, `$'`, "`", `${`, `((`, `$[`, `[[`, `array`, `glob`."""
    begins: bool = True
    """The next word is the first one of a command."""
    pattern: bool = False
    """Of a `case`: a pattern is next, and no command."""
    depth: int = 1
    """Brackets that are open in an arithmetic expression."""


class ShellReader(Struct):
    """Is fed line by line. What bash would refuse at once waits for nothing."""

    broken: bool = False
    backslash: bool = False
    """The last line goes on in the next one."""
    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    """Delimiters of heredocs whose bodies are still to come, and whether tabs before them do not count."""
    _stack: list[_Frame] = field(default_factory=lambda: [_Frame("top")])
    _operator: bool = False
    """A command has to come after `&&`, `|` or the like."""
    _body: bool = False
    """The body of a function has to come."""
    _named: str = ""
    """The reserved word whose name comes next, `function` or `coproc`."""
    _word: str = ""
    """The word that is being read, as it is written."""

    @property
    def waits(self) -> bool:
        if self.broken:
            return False
        return bool(self.heredocs or self.backslash or self._operator or self._body or len(self._stack) > 1)

    @property
    def _top(self) -> _Frame:
        return self._stack[-1]

    def feed(self, line: str) -> None:
        if self.heredocs and not self.backslash:
            delimiter, tabs = self.heredocs[0]
            if (line.lstrip("\t") if tabs else line) == delimiter:
                del self.heredocs[0]
            return
        self.backslash = False
        at = 0
        while at < len(line) and not self.broken:
            at = self._read(line, at)
        if not self.backslash:
            self._end_word()
            if self._top.kind in _COMMANDS and not self._named:
                self._top.begins = True

    def _read(self, line: str, at: int) -> int:
        if line[at] == "\\" and self._top.kind != "'":
            if at + 1 == len(line):
                self.backslash = True
            else:
                self._word += line[at : at + 2]
            return at + 2
        match self._top.kind:
            case "'" | "$'":
                return self._until(line, at, "'")
            case "`":
                return self._until(line, at, "`")
            case '"':
                return self._in_double(line, at)
            case "${":
                return self._in_brace(line, at)
            case "((" | "$[" | "glob":
                return self._in_brackets(line, at)
            case _:
                return self._plain(line, at)

    def _until(self, line: str, at: int, mark: str) -> int:
        """To the mark that closes what is open, or to a backslash before it where that hides one."""
        found = line.find(mark, at)
        if self._top.kind != "'" and (hidden := line.find("\\", at)) >= 0 and (found < 0 or hidden < found):
            return hidden
        if found < 0:
            return len(line)
        self._pop()
        return found + 1

    def _in_double(self, line: str, at: int) -> int:
        if line[at] == '"':
            self._pop()
            return at + 1
        return self._expansion(line, at) or self._skip(_IN_DOUBLE, line, at)

    def _in_brace(self, line: str, at: int) -> int:
        if line[at] == "}":
            self._pop()
            return at + 1
        return self._quote_or_expansion(line, at) or self._skip(_IN_BRACE, line, at)

    def _in_brackets(self, line: str, at: int) -> int:
        char, frame = line[at], self._top
        opening, closing = "[]" if frame.kind == "$[" else "()"
        if char in (opening, closing):
            frame.depth += 1 if char == opening else -1
            if frame.depth == 0:
                self._pop()
            return at + 1
        return self._quote_or_expansion(line, at) or self._skip(_IN_BRACKETS, line, at)

    def _skip(self, pattern: re.Pattern[str], line: str, at: int) -> int:
        found = pattern.match(line, at)
        return found.end() if found else at + 1

    def _quote_or_expansion(self, line: str, at: int) -> int:
        """Behind the opening of quotes or of an expansion; 0 where none begins."""
        if line[at] in "'\"":
            self._push(line[at])
            return at + 1
        if line.startswith(("$'", '$"'), at):
            self._push("$'" if line[at + 1] == "'" else '"')
            return at + 2
        return self._expansion(line, at)

    def _expansion(self, line: str, at: int) -> int:
        if line[at] == "`":
            self._push("`")
            return at + 1
        for mark, kind, depth in (("$((", "((", 2), ("$(", "(", 1), ("${", "${", 1), ("$[", "$[", 1)):
            if line.startswith(mark, at):
                self._push(kind, depth=depth)
                return at + len(mark)
        return 0

    def _push(self, kind: str, *, depth: int = 1) -> None:
        if self._top.kind in _COMMANDS and kind not in _COMMANDS:
            self._word += kind  # a word with quotes in it is none of the reserved ones
        self._stack.append(_Frame(kind, depth=depth))

    def _pop(self) -> None:
        del self._stack[-1]
        if self._top.kind in _COMMANDS and not self._word:
            self._top.begins = False  # a command substitution or a group stands where a command's name would

    # where words are

    def _plain(self, line: str, at: int) -> int:
        char = line[at]
        if char in " \t":
            self._end_word()
            return at + 1
        if char == "#" and not self._word:
            return len(line)
        if end := self._quote_or_expansion(line, at):
            return end
        if self._top.kind == "[[":
            return self._in_condition(line, at)
        if self._top.kind == "array":
            return self._in_array(line, at)
        if char in "()":
            return self._paren(line, at)
        if char in "<>" and line.startswith("(", at + 1):
            self._word += char
            self._stack.append(_Frame("("))
            return at + 2
        if found := _REDIRECTION.match(line, at):
            return self._redirection(found[0], line, found.end())
        if found := _OPERATOR.match(line, at):
            self._end_word()
            self._control(found[0])
            return found.end()
        found = _PLAIN.match(line, at)
        end = found.end() if found else at + 1
        self._word += line[at:end]
        return end

    def _in_condition(self, line: str, at: int) -> int:
        found = _PLAIN.match(line, at)
        if found is None:  # a parenthesis or an operator
            self._end_word()
            return at + (self._top.kind == "[[")
        self._word += found[0]
        return found.end()

    def _in_array(self, line: str, at: int) -> int:
        if line[at] == ")":
            self._word = "array"
            del self._stack[-1]
            return at + 1
        found = _PLAIN.match(line, at)
        self._word += found[0] if found else line[at]
        return found.end() if found else at + 1

    def _paren(self, line: str, at: int) -> int:
        if line[at] == ")":
            self._closing_paren()
        elif self._top.kind == "case" and self._top.pattern:
            if self._word:
                self._push("glob")
        elif _ARRAY.search(self._word):
            self._stack.append(_Frame("array"))
            self._word = ""
        elif self._word and self._word[-1] in _EXTENDED_GLOB:
            self._push("glob")
        elif (self._word or self._named or not self._top.begins) and (found := _NO_PARAMETERS.match(line, at)):
            self._word, self._named, self._body = "", "", True
            return found.end()
        else:
            twice = line.startswith("((", at)
            expected = (
                self._top.begins or self._body or self._named == "coproc name" or (twice and self._top.kind == "loop")
            )
            self.broken = bool(self._word) or not expected
            self._begin("((" if twice else "(", depth=1 + twice)
            return at + 1 + twice
        return at + 1

    def _closing_paren(self) -> None:
        self._end_word()
        frame = self._top
        if frame.kind == "case" and frame.pattern:
            frame.pattern, frame.begins = False, True
        elif frame.kind == "(" and not (self._operator or self._body):
            self._pop()
        else:
            self.broken = True

    def _begin(self, kind: str, *, depth: int = 1) -> None:
        self._operator = self._body = False
        self._named = ""
        self._top.begins = False
        self._stack.append(_Frame(kind, depth=depth))

    def _redirection(self, mark: str, line: str, end: int) -> int:
        self._end_word(digits=True)
        self._operator = False
        if not mark.startswith("<<") or mark == "<<<":
            self._top.begins = False
            return end
        while end < len(line) and line[end] in " \t":
            end += 1
        delimiter, end = _delimiter(line, end)
        self._top.begins = False
        if delimiter is None:
            self.broken = True
        else:
            self.heredocs.append((delimiter, mark == "<<-"))
        return end

    def _control(self, operator: str) -> None:
        frame = self._top
        if frame.kind == "case" and frame.pattern:
            return  # `a|b)`
        if self._operator or self._body or (frame.begins and operator in _WAITING):
            self.broken = True
        self._operator = operator in _WAITING
        self._named = ""
        frame.begins = True
        if operator in (";;", ";&", ";;&"):
            self.broken = self.broken or frame.kind != "case"
            frame.pattern = True

    def _end_word(self, *, digits: bool = False) -> None:
        word, self._word = self._word, ""
        frame = self._top
        if not word or (digits and word.isdigit()):
            return
        if frame.kind == "[[":
            if word == "]]":
                self._pop()
            return
        if frame.kind not in _COMMANDS:
            return
        if frame.kind == "case" and frame.pattern:
            if word == "esac":
                self._close("case")
            return
        if self._named:
            self._name(word)
        elif frame.begins or self._body:
            self._first_word(word)
        elif frame.kind == "case" and word == "in":
            frame.pattern = True

    def _name(self, word: str) -> None:
        """The word behind `function` is a name, and so is that behind `coproc` if a compound command follows."""
        named, self._named = self._named, ""
        if named == "function":
            self._body = True
            self._top.begins = False
        elif word in _OPENS or word in ("[[", "function"):
            self._first_word(word)
        else:
            self._named = "coproc name" if named == "coproc" else ""
            self._top.begins = False

    def _first_word(self, word: str) -> None:
        frame, awaited = self._top, self._body
        self._operator = False
        if word in _OPENS:
            self._begin(_OPENS[word])
            self._top.begins = word in _GO_ON
        elif word == "[[":
            self._begin("[[")
        elif awaited:
            self.broken = True  # a function whose body is no compound command
        elif word in _CLOSES:
            self._close(_CLOSES[word])
        elif word in ("function", "coproc"):
            self._named = word
            frame.begins = False
        else:
            frame.begins = word in _GO_ON

    def _close(self, kind: str) -> None:
        if self._top.kind != kind:
            self.broken = True
            return
        self._pop()
        self._top.begins = False


def _delimiter(line: str, at: int) -> tuple[str | None, int]:
    """The word behind `<<` without its quotes, and where it ends; None where there is none."""
    start, word = at, ""
    while at < len(line) and line[at] not in " \t;&|<>()":
        if line.startswith(("'", '"', "$'", '$"'), at):
            mark = line[at + 1] if line[at] == "$" else line[at]
            first = at + (2 if line[at] == "$" else 1)
            closing = line.find(mark, first)
            if closing < 0:
                return None, len(line)
            word += line[first:closing]
            at = closing + 1
        elif line[at] == "\\":
            word += line[at + 1 : at + 2]
            at += 2
        else:
            word += line[at]
            at += 1
    return (word if at > start else None), at
