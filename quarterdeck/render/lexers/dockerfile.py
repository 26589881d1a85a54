"""Dockerfiles to tokens: instructions are the structure, what they run is shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

from quarterdeck.regex import regex
from quarterdeck.render.lexers.shell import VARIABLE, Tokens, shell, with_variables, words

INSTRUCTIONS = words(
    """
    add arg cmd copy entrypoint env expose from healthcheck label maintainer onbuild run shell stopsignal user
    volume workdir
    """
)

_DIRECTIVE = regex(r"#[ \t]*(syntax|escape|check)[ \t]*=[ \t]*([^\n]*)", re.IGNORECASE)
_INSTRUCTION = regex(r"[A-Za-z]+(?![^\s])")
_FLAG = regex(r"(--[a-z][a-z-]*)(=?)")
_HEREDOC = regex(r"(?<!<)<<(-?)(['\"]?)([A-Za-z_][\w.-]{0,64})\2")
_JSON = regex(r"""[^\S\n]+|\n|[\[\],]|"[^"\n]*"?|[^\s\[\],"]+""")
_PAIR = regex(r"([A-Za-z_][\w.-]*)(=?)")
_NUMBER = regex(r"\d+")
_WORDS = regex(r"""[^\S\n]+|\n|"|'|\$|[^\s"'$\\`]+|[\\`]""")
_QUOTED = {'"': regex(r'"(?:[^"\\\n]|\\[^\n])*"'), "'": regex(r"'[^'\n]*'")}
_INTERPRETER = regex(r"[^\S\n]*(?:(?:bash|sh|/bin/sh|/bin/bash)[^\S\n]*)?\n")


def dockerfile(text: str) -> Tokens:
    """Tokens of a Dockerfile."""
    return _Dockerfile(text).tokens()


class _Dockerfile:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0
        """Index of the next line."""
        self.escape = "\\"
        self.last = {line.lstrip("\t"): number for number, line in enumerate(self.lines)}
        """Where each line stands last: whether the end of a heredoc is still to come."""

    def tokens(self) -> Tokens:
        directives = True
        while self.at < len(self.lines):
            line = self.lines[self.at]
            body = line.lstrip()
            if body.startswith("#"):
                directive = _DIRECTIVE.match(body) if directives else None
                if directive and directive[1].lower() == "escape" and directive[2].strip() == "`":
                    self.escape = "`"
                directives = directive is not None
                yield Comment.Preproc if directive else Comment.Single, self._line()
            elif not body:
                directives = False
                yield Text, self._line()
            else:
                directives = False
                yield from self._instruction()

    def _line(self) -> str:
        """The next line with its end."""
        self.at += 1
        return self.lines[self.at - 1] + ("\n" if self.at < len(self.lines) else "")

    def _instruction(self) -> Tokens:
        text = self._logical_line()
        indent = len(text) - len(text.lstrip(" \t"))
        if indent:
            yield Text, text[:indent]
        yield from self._named(text[indent:])

    def _named(self, text: str) -> Tokens:
        """An instruction from its name on."""
        match = _INSTRUCTION.match(text)
        name = match[0].lower() if match else ""
        if not match or name not in INSTRUCTIONS:
            yield from self._words(text)
            return
        yield Keyword, match[0]
        rest = text[match.end() :]
        if name == "onbuild":
            blanks = len(rest) - len(rest.lstrip(" \t"))
            yield Text, rest[:blanks]
            yield from self._named(rest[blanks:])
            return
        flags = list(self._flags(rest))
        yield from flags
        rest = rest[sum(len(part) for _, part in flags) :]
        if name in ("run", "copy", "add") and (heredocs := [each[3] for each in _HEREDOC.finditer(rest)]):
            yield from self._with_heredocs(rest, heredocs, script=name == "run")
            return
        yield from _ARGUMENTS.get(name, _Dockerfile._words)(self, rest)

    def _logical_line(self) -> str:
        """An instruction's lines: those after an escape character belong to it, comments between them too."""
        parts = [self._line()]
        while parts[-1].endswith("\n") and parts[-1].rstrip().endswith(self.escape) and self.at < len(self.lines):
            while self.lines[self.at].lstrip().startswith("#") and self.at + 1 < len(self.lines):
                parts.append(self._line())
            parts.append(self._line())
        return "".join(parts)

    def _with_heredocs(self, rest: str, delimiters: list[str], *, script: bool) -> Tokens:
        bodies = []
        for word in delimiters:
            if self.last.get(word, -1) < self.at:
                break  # its end is missing: the lines below are instructions again
            lines = []
            while self.lines[self.at].lstrip("\t") != word:
                lines.append(self._line())
            bodies.append(("".join(lines), self._line()))
        if script and len(bodies) == 1 and (start := _HEREDOC.search(rest)) and not rest[: start.start()].strip():
            yield Text, rest[: start.start()]
            yield Operator, f"<<{start[1]}"
            yield String.Delimiter, rest[start.end(1) : start.end()]
            yield from shell(rest[start.end() :])
            in_shell = _INTERPRETER.fullmatch(rest, start.end()) is not None
            yield from shell(bodies[0][0]) if in_shell else iter([(String.Heredoc, bodies[0][0])])
            yield String.Delimiter, bodies[0][1]
            return
        yield from shell(rest + "".join(body + end for body, end in bodies)) if script else self._words(rest)
        if not script:
            for body, end in bodies:
                yield from with_variables(body, String.Heredoc)
                yield String.Delimiter, end

    def _flags(self, text: str) -> Tokens:
        """The `--name=value` words that an instruction begins with, and the blanks between them."""
        at = 0
        while True:
            blanks = _blanks(text, at, self.escape)
            flag = _FLAG.match(text, blanks)
            if not flag:
                return
            yield from self._space(text[at:blanks])
            yield Name.Attribute, flag[1]
            if flag[2]:
                yield Operator, "="
            at = flag.end()
            while at < len(text) and not text[at].isspace():
                at += 1
            if at > flag.end():
                kind = Name.Label if flag[1] == "--from" else Text
                yield from with_variables(text[flag.end() : at], kind)

    def _space(self, text: str) -> Tokens:
        """Blanks, with the escape characters that continue a line and the comments after them."""
        for line in text.splitlines(keepends=True):
            stripped = line.strip()
            yield (Comment.Single if stripped.startswith("#") else String.Escape if stripped else Text), line

    def _words(self, text: str, kind: _TokenType = Text) -> Tokens:
        """Arguments that are plain words: strings, variables and continued lines are told apart."""
        at = 0
        fresh = False
        while at < len(text):
            if fresh and text.startswith("#", at):
                end = text.find("\n", at) + 1 or len(text)
                yield Comment.Single, text[at:end]
                at = end
                continue
            match = _WORDS.match(text, at)
            end = match.end() if match else at + 1
            word = text[at:end]
            if word in _QUOTED and (quoted := _QUOTED[word].match(text, at)):
                end = quoted.end()
                yield from (
                    with_variables(quoted[0], String.Double) if word == '"' else iter([(String.Single, quoted[0])])
                )
            elif word == "$" and (variable := VARIABLE.match(text, at)):
                end = variable.end()
                yield Name.Variable, variable[0]
            elif word == self.escape and text.startswith("\n", end):
                yield String.Escape, word
            else:
                yield (Text if word.isspace() else kind), word
            fresh = word.isspace() and (fresh or word == "\n")
            at = end

    def _from(self, text: str) -> Tokens:
        """`image [AS name]`."""
        number = 0
        named = False
        for kind, word in self._words(text):
            if kind is not Text or word.isspace():
                yield kind, word
            elif number and word.lower() == "as":
                named = True
                yield Keyword, word
            else:
                number += 1
                yield (Name.Label if named else String), word

    def _command(self, text: str) -> Tokens:
        """JSON form, or shell form."""
        yield from self._json(text) if text.lstrip().startswith("[") else self._script(text)

    def _script(self, text: str) -> Tokens:
        return shell(text, escape=self.escape, dockerfile=True)

    def _paths(self, text: str) -> Tokens:
        return self._json(text) if text.lstrip().startswith("[") else self._words(text)

    def _json(self, text: str) -> Tokens:
        for match in _JSON.finditer(text):
            word = match[0]
            if word[0] == '"':
                yield String.Double, word
            elif word == self.escape:
                yield String.Escape, word
            else:
                yield (Punctuation if word in "[]," else Text), word

    def _pairs(self, text: str) -> Tokens:
        """`key=value …`, `key` alone, or the old `key value`."""
        fresh = True
        old = False
        for kind, word in self._words(text):
            pair = _PAIR.match(word) if fresh and kind is Text else None
            if pair:
                yield Name.Variable, pair[1]
                if pair[2]:
                    yield Operator, "="
                if pair.end() < len(word):
                    yield Text, word[pair.end() :]
                old = old or not pair[2]
                fresh = False
            else:
                yield kind, word
                fresh = not old and (word.isspace() or fresh)

    def _ports(self, text: str) -> Tokens:
        for kind, word in self._words(text):
            number = _NUMBER.match(word) if kind is Text else None
            if number:
                yield Number.Integer, number[0]
                word = word[number.end() :]
            if word:
                yield kind, word

    def _health(self, text: str) -> Tokens:
        blanks = _blanks(text, 0, self.escape)
        word = _INSTRUCTION.match(text, blanks)
        if not word or word[0].lower() not in ("cmd", "none"):
            yield from self._words(text)
            return
        yield from self._space(text[:blanks])
        yield Keyword, word[0]
        yield from self._command(text[word.end() :])


def _blanks(text: str, at: int, escape: str) -> int:
    """Where the next word begins: after blanks, continued lines and comments between them."""
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == escape and text[at + 1 : at + 2] == "\n":
            at += 2
        elif text[at] == "#" and not text[text.rfind("\n", 0, at) + 1 : at].strip() and text.find("\n", 0, at) >= 0:
            at = text.find("\n", at) + 1 or len(text)
        else:
            break
    return at


_ARGUMENTS: dict[str, Callable[[_Dockerfile, str], Iterator[tuple[_TokenType, str]]]] = {
    "add": _Dockerfile._paths,
    "arg": _Dockerfile._pairs,
    "cmd": _Dockerfile._command,
    "copy": _Dockerfile._paths,
    "entrypoint": _Dockerfile._command,
    "env": _Dockerfile._pairs,
    "expose": _Dockerfile._ports,
    "from": _Dockerfile._from,
    "healthcheck": _Dockerfile._health,
    "label": _Dockerfile._pairs,
    "run": _Dockerfile._command,
    "shell": _Dockerfile._command,
    "volume": _Dockerfile._paths,
}
