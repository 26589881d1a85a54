"""Shell scripts and shell sessions to tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Name,
    Operator,
    Punctuation,
    String,
    Text,
    _TokenType,
)

from quarterdeck.regex import regex
from quarterdeck.snippets.prompts import LinePart, session_lines

Tokens = Iterator[tuple[_TokenType, str]]


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = words("if then elif else fi for while until do done case esac in function select time coproc { } [[ ]] !")
_OPEN_COMMAND = KEYWORDS - {"for", "case", "in", "select", "function", "[[", "]]", "esac", "}", "fi", "done"}
"""Keywords after which the next word is a command."""
BUILTINS = words(
    """
    . : [ alias bg bind break builtin cd command compgen complete continue declare dirs disown echo enable eval exec
    exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read
    readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias
    unset wait
    """
)
PREFIXES = words("sudo doas env exec command builtin nohup time nice xargs watch")
"""Commands whose first plain argument is a command."""
SUBCOMMANDS = words(
    """
    docker podman nerdctl buildah skopeo docker-compose podman-compose git gh kubectl helm apt apt-get dnf yum apk
    brew pip pip3 pipx uv poetry conda npm pnpm yarn cargo rustup go dotnet systemctl journalctl terraform tofu
    vagrant minikube kind quarterdeck
    """
)
"""Programs whose first plain argument says what they do."""
GROUPS = words(
    """
    builder buildx checkpoint compose config container context image manifest network node plugin secret service
    stack swarm system trust volume pod machine
    """
)
"""Sub-commands of container engines that have sub-commands of their own."""
ENGINES = frozenset(("docker", "podman", "nerdctl"))

_SPACE = regex(r"[ \t\r\f\v]+")
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)(\+?=)")
_OPTION = regex(r"--?[A-Za-z0-9?][\w.-]*|--(?![^\s])")
VARIABLE = regex(r"\$(?:\{[^}\n]{0,300}\}|[A-Za-z_]\w*|[0-9@*#?$!-])")
_REDIRECTION = regex(r"&>>?|\d?(?:>>|>\||>&|<&|<>|<<<|<|>)")
_HEREDOC = regex(r"(\d?<<)(-?)([ \t]*)(\\?)(['\"]?)([A-Za-z_][\w.-]{0,64})(\5)")
_CONTROL = regex(r"&&|\|\||;;|\|&|[;&|]")
_PLAIN = regex(r"""[^\s'"`$\\;&|<>()=#,\[\]-]+""")
_NAME = regex(r"""[^\s'"`$\\;&|<>()=#]+""")
"""A command or sub-command: `apt-get`, `./run.sh`."""
_PLACEHOLDER = regex(r"<[A-Za-z][\w.:-]{0,60}>")
_COMMENT = regex(r"#[^\n]*")
_COMMENT_LINES = regex(r"(?:[ \t]*#[^\n]*\n)+")


def shell(text: str, *, escape: str = "\\", dockerfile: bool = False) -> Tokens:
    """Tokens of a shell script; `dockerfile` allows comments between continued lines and takes its escape character."""
    return _Shell(text, escape=escape, dockerfile=dockerfile).tokens()


class _Shell:
    def __init__(self, text: str, *, escape: str, dockerfile: bool) -> None:
        self.text = text
        self.escape = escape
        self.dockerfile = dockerfile
        self.at = 0
        self.command = True
        """Whether the next word is a command's name."""
        self.words = 0
        """How many of the next plain words are sub-commands."""
        self.engine = False
        self.start = True
        """Whether a word begins here."""
        self.frames: list[str] = []
        """What is open, innermost last: `"` a string, `(` a group, `$(` a substitution, `` ` `` the old kind."""
        self.heredocs: list[tuple[str, bool, bool]] = []
        """Delimiter, tabs stripped, variables expanded."""
        self.last = {quote: text.rfind(quote) for quote in "'\"`"}
        self.ends = {line.lstrip("\t"): at for at, line in _numbered(text)}

    def tokens(self) -> Tokens:
        while self.at < len(self.text):
            if self.frames and self.frames[-1] == '"':
                yield from self._in_string()
            else:
                yield from self._outside()

    def _take(self, kind: _TokenType, end: int) -> Tokens:
        yield kind, self.text[self.at : end]
        self.at = end

    def _in_string(self) -> Tokens:
        text, at = self.text, self.at
        end = at
        while end < len(text) and text[end] not in '"\\$`':
            end += 1
        if end > at:
            yield from self._take(String.Double, end)
            return
        char = text[at]
        if char == '"':
            self.frames.pop()
            yield from self._take(String.Double, at + 1)
        elif char == "\\":
            yield from self._take(String.Escape, min(at + 2, len(text)))
        elif char == "$":
            yield from self._dollar(String.Double)
        else:
            yield from self._backtick(String.Double)

    def _outside(self) -> Tokens:
        text, at = self.text, self.at
        char = text[at]
        if char == "\n":
            yield from self._newline()
        elif space := _SPACE.match(text, at):
            self.start = True
            yield from self._take(Text, space.end())
        elif char == "#" and self.start and (comment := _COMMENT.match(text, at)):
            yield from self._take(Comment.Single, comment.end())
        elif char in (self.escape, "\\"):
            yield from self._escaped()
        elif special := _SPECIAL.get(char):
            yield from special(self)
        else:
            yield from self._word()

    def _escaped(self) -> Tokens:
        text, at = self.text, self.at
        if text.startswith(f"{self.escape}\n", at):
            yield from self._continued()
        elif text[at] == "\\" == self.escape:
            yield from self._take(String.Escape, min(at + 2, len(text)))
            self._inside_word()
        elif text[at] == "`":
            yield from self._backtick(Text)
        else:
            yield from self._take(Text, at + 1)
            self._inside_word()

    def _newline(self) -> Tokens:
        yield from self._take(Text, self.at + 1)
        self._fresh()
        for word, tabs, expands in self.heredocs:
            yield from self._heredoc_body(word, tabs=tabs, expands=expands)
        self.heredocs = []

    def _heredoc_body(self, word: str, *, tabs: bool, expands: bool) -> Tokens:
        text = self.text
        if self.ends.get(word, -1) < self.at:
            return  # its end is missing: what follows is read as commands
        while self.at < len(text):
            end = text.find("\n", self.at)
            end = len(text) if end < 0 else end
            line = text[self.at : end]
            if (line.lstrip("\t") if tabs else line) == word:
                yield from self._take(String.Delimiter, end)
                yield from self._take(Text, min(end + 1, len(text)))
                return
            yield from with_variables(line, String.Heredoc) if expands else iter([(String.Heredoc, line)])
            self.at = end
            yield from self._take(String.Heredoc, min(end + 1, len(text)))

    def _continued(self) -> Tokens:
        yield from self._take(String.Escape, self.at + 1)
        yield from self._take(Text, self.at + 1)
        self.start = True
        if self.dockerfile and (comments := _COMMENT_LINES.match(self.text, self.at)):
            yield from self._take(Comment.Single, comments.end())

    def _quote(self) -> Tokens:
        at = self.at
        char = self.text[at]
        if self.last[char] == at:  # nothing closes it: an apostrophe
            yield from self._take(Text, at + 1)
        elif char == "'":
            yield from self._take(String.Single, self.text.index("'", at + 1) + 1)
        else:
            self.frames.append('"')
            yield from self._take(String.Double, at + 1)
        self._inside_word()

    def _dollar(self, around: _TokenType = Text) -> Tokens:
        text, at = self.text, self.at
        if text.startswith("$(", at):
            self.frames.append("$(")
            yield from self._take(String.Interpol, at + 2)
            self._fresh()
            return
        variable = VARIABLE.match(text, at)
        yield from self._take(Name.Variable, variable.end()) if variable else self._take(around, at + 1)
        self._inside_word()

    def _backtick(self, around: _TokenType = Text) -> Tokens:
        at = self.at
        if "`" in self.frames:
            while self.frames.pop() != "`":
                pass
            yield from self._take(String.Interpol, at + 1)
            self._inside_word()
        elif self.last["`"] == at:
            yield from self._take(around, at + 1)
        else:
            self.frames.append("`")
            yield from self._take(String.Interpol, at + 1)
            self._fresh()

    def _paren(self) -> Tokens:
        if self.text[self.at] == "(":
            self.frames.append("(")
            array = self.text.startswith("=", self.at - 1)
            yield from self._take(Punctuation, self.at + 1)
            self._fresh()
            self.command = not array
            return
        frame = self.frames.pop() if self.frames and self.frames[-1] in ("(", "$(") else ""
        yield from self._take(String.Interpol if frame == "$(" else Punctuation, self.at + 1)
        self._inside_word()
        self.command = not frame  # `a)` of a `case`: a command follows

    def _operator(self) -> Tokens:
        text, at = self.text, self.at
        if heredoc := _HEREDOC.match(text, at):
            yield Operator, heredoc[1] + heredoc[2]
            if heredoc[3]:
                yield Text, heredoc[3]
            yield String.Delimiter, text[heredoc.start(4) : heredoc.end()]
            self.at = heredoc.end()
            self.heredocs.append((heredoc[6], bool(heredoc[2]), not (heredoc[4] or heredoc[5])))
        elif placeholder := _PLACEHOLDER.match(text, at):
            yield from self._take(Name.Entity, placeholder.end())
            self._inside_word()
        elif (self.start or not text[at].isdigit()) and (redirection := _REDIRECTION.match(text, at)):
            yield from self._take(Operator, redirection.end())
            self.start = True
        elif control := _CONTROL.match(text, at):
            yield from self._take(Operator, control.end())
            self._fresh()
        else:
            yield from self._word()

    def _word(self) -> Tokens:
        text, at = self.text, self.at
        if self.start and self.command and (assignment := _ASSIGNMENT.match(text, at)):
            yield Name.Variable, assignment[1]
            yield Operator, assignment[2]
            self.at = assignment.end()
            self.start = False  # the value is part of this word, and the command is still to come
            return
        if self.start and (option := _OPTION.match(text, at)):
            yield from self._take(Name.Attribute, option.end())
            self.start = False
            if text.startswith("=", self.at):
                yield from self._take(Operator, self.at + 1)
            return
        end = at + 1 if text[at] in "-=,[]#" else self._plain_end(at)
        if self.start and (self.command or self.words):
            end = self._name_end(at)
            kind = self._name(text[at:end])
        else:
            kind = Text
        yield from self._take(kind, end)
        self.start = False

    def _plain_end(self, at: int) -> int:
        match = _PLAIN.match(self.text, at)
        return match.end() if match else at + 1

    def _name_end(self, at: int) -> int:
        match = _NAME.match(self.text, at)
        return match.end() if match else at + 1

    def _name(self, word: str) -> _TokenType:
        """What the first words of a command are; remembers what may follow them."""
        if not self.command:
            self.words -= 1
            if self.engine and word in GROUPS:
                self.words, self.engine = 1, False
            return Name.Function
        if word in KEYWORDS:
            self.command = word in _OPEN_COMMAND
            return Keyword
        self.command = word in PREFIXES
        self.words = 1 if word in SUBCOMMANDS else 0
        self.engine = word in ENGINES
        return Name.Builtin if word in BUILTINS else Name.Function

    def _inside_word(self) -> None:
        if self.start and self.command:
            self.command = False
        elif self.start:
            self.words = 0
        self.start = False

    def _fresh(self) -> None:
        self.command, self.words, self.start = True, 0, True


_SPECIAL: dict[str, Callable[[_Shell], Tokens]] = {
    **dict.fromkeys("'\"", _Shell._quote),
    **dict.fromkeys("()", _Shell._paren),
    **dict.fromkeys(";&|<>0123456789", _Shell._operator),
    "$": _Shell._dollar,
    "`": _Shell._backtick,
}
"""What a character may begin, outside of strings."""


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def with_variables(text: str, kind: _TokenType) -> Tokens:
    at = 0
    for variable in VARIABLE.finditer(text):
        if variable.start() > at:
            yield kind, text[at : variable.start()]
        yield Name.Variable, variable[0]
        at = variable.end()
    if at < len(text):
        yield kind, text[at:]


def session(text: str) -> Tokens:
    """Tokens of a shell session: commands as shell, what they printed as it is."""
    lines = session_lines(text)
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if line.part in (LinePart.COMMAND, LinePart.INNER):
            while end < len(lines) and lines[end].part is LinePart.MORE:
                end += 1
            command = "\n".join(more.text for more in lines[at:end]) + "\n"
            yield from _prompted(shell(command), [more.prompt for more in lines[at:end]])
        else:
            yield Comment.Single if line.part is LinePart.COMMENT else Generic.Output, f"{line.text}\n"
        at = end


def _prompted(tokens: Tokens, prompts: list[str]) -> Tokens:
    """The tokens with each line's prompt put before the line."""
    waiting = iter(prompts)
    yield Generic.Prompt, next(waiting)
    for kind, text in tokens:
        head, *tail = text.split("\n")
        yield kind, head
        for further in tail:
            yield Text, "\n"
            yield Generic.Prompt, next(waiting, "")
            yield kind, further
