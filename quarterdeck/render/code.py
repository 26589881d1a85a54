"""Code to HTML lines with Pygments' short classes. Pure; lexers are loaded when their language is met."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any

from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers._mapping import LEXERS
from pygments.styles import STYLE_MAP
from pygments.token import STANDARD_TYPES, Text, _TokenType

from quarterdeck.diagnostics import did_you_mean, nearest
from quarterdeck.model import Diagnostic, Html, Snippet, Span
from quarterdeck.render.lexers import dockerfile, shell
from quarterdeck.render.lexers.shell import session, words
from quarterdeck.snippets.holes import Hole, attributes, holes_in, placeholder
from quarterdeck.snippets.prompts import SESSIONS, LinePart, is_prompted, lines_of, session_lines

Token = tuple[_TokenType, str]
Tokenize = Callable[[str], Iterable[Token]]

HOLE = Text.Hole
"""The place of a captured value; the token's text is its name."""

PLAIN = words(
    """
    text txt plain plaintext plain-text none nohighlight output log ascii ansi raw tree csv tsv mermaid math tikz
    chart slide plot dot-plot abc wavedrom dataview dataviewjs tasks query excalidraw bases
    """
)
"""Known, and shown as they are: output, drawings of letters, and what diagram plugins of editors draw."""

OURS: dict[str, Tokenize] = {
    **dict.fromkeys(("bash", "sh", "shell", "zsh", "ksh", "shellscript"), shell),
    **dict.fromkeys(SESSIONS, session),
    **dict.fromkeys(("dockerfile", "docker", "containerfile"), dockerfile),
}

ALIASES = {
    "c#": "csharp",
    "compose": "yaml",
    "cmd": "batch",
    "docker-compose": "yaml",
    "dotenv": "properties",
    "env": "properties",
    "gitignore": "properties",
    "golang": "go",
    "html5": "html",
    "json5": "json",
    "jsonc": "json",
    "jsonl": "json",
    "jsx": "javascript",
    "k8s": "yaml",
    "kubernetes": "yaml",
    "mjs": "javascript",
    "py3": "python",
    "react": "javascript",
    "systemd": "ini",
    "svg": "xml",
    "vue": "html",
    "svelte": "html",
}
"""What authors write, and the name Pygments has for it."""

NAMES = {
    **dict.fromkeys(PLAIN, ""),
    **dict.fromkeys(("sh", "shell", "ksh", "shellscript"), "Shell"),
    **dict.fromkeys(SESSIONS, "Console"),
    **dict.fromkeys(("docker", "dockerfile", "containerfile"), "Dockerfile"),
    **dict.fromkeys(("compose", "docker-compose"), "Compose"),
    **dict.fromkeys(("k8s", "kubernetes"), "Kubernetes"),
    "": "",
    "bash": "Bash",
    "c#": "C#",
    "csv": "CSV",
    "dotenv": ".env",
    "env": ".env",
    "gitignore": ".gitignore",
    "json5": "JSON5",
    "jsonc": "JSON",
    "jsonl": "JSON Lines",
    "jsx": "JSX",
    "log": "Log",
    "mermaid": "Mermaid",
    "output": "Output",
    "svelte": "Svelte",
    "svg": "SVG",
    "tsv": "TSV",
    "vue": "Vue",
    "zsh": "Zsh",
}
"""Labels where Pygments has none, or one that says less to an audience."""

_COMMON = words(
    "python javascript typescript yaml json html css sql java kotlin go rust ruby php c cpp toml xml diff makefile"
)
"""Names that a slip of the keys meant more often than any other."""

LONGEST_LINE = 5_000
"""Code points; a block with a longer line, minified code say, is plain: not every Pygments lexer is quick with one."""

_SILENT = frozenset(("", "n", "w", "x", "err"))
"""Classes that no style tells from plain text, and errors, which on a slide are mostly elisions."""


def is_known(language: str) -> bool:
    """Whether the language is highlighted, or is meant to be plain."""
    word = language.strip().lower()
    return not word or word in PLAIN or word in OURS or ALIASES.get(word, word) in _pygments()


def near(language: str) -> str:
    """The known language most like the word, or an empty string."""
    word = language.strip()
    common = {*OURS, *ALIASES, *PLAIN, *_COMMON}
    return nearest(word, common) or nearest(word, _pygments())


def check_language(snippet: Snippet) -> tuple[Diagnostic, ...]:
    """A diagnostic where the snippet's language is unknown."""
    if is_known(snippet.language):
        return ()
    guess = near(snippet.language)
    hint = f"did you mean '{guess}'?" if guess else "'text' is the language of code that stays plain"
    return (
        Diagnostic(
            code="C101",
            message=f"unknown language '{snippet.language}': the code is shown plain",
            span=snippet.span,
            hint=hint,
        ),
    )


def paint(name: str, *, span: Span) -> tuple[str, tuple[Diagnostic, ...]]:
    """A stylesheet that colours code as the Pygments style does; an unknown name is a diagnostic, and no rules."""
    if not name:
        return "", ()
    if name not in STYLE_MAP:  # a look at what Pygments brings: asking it for the style would import any package's
        guess = nearest(name, STYLE_MAP)
        hint = f"did you mean '{guess}'?" if guess else did_you_mean(name, STYLE_MAP, noun="styles")
        return "", (Diagnostic(code="T103", message=f"no style of code '{name}'", span=span, hint=hint),)
    formatter: Any = HtmlFormatter(style=name)  # its types leave these two methods out
    code = ".reveal .slides .qd-snippet .qd-code"
    return "\n".join([*formatter.get_background_style_defs(code), *formatter.get_token_style_defs(code), ""]), ()


def display_name(language: str) -> str:
    """The quiet label of a block: `Dockerfile`, `YAML`; empty where a label says nothing."""
    word = language.strip().lower()
    if word in NAMES:
        return NAMES[word]
    return _pygments().get(ALIASES.get(word, word), language)


def output_lines(code: str, language: str) -> frozenset[int]:
    """Lines (1-based) of a session that were printed rather than typed."""
    if not is_prompted(code, language):
        return frozenset()
    return frozenset(number for number, line in enumerate(session_lines(code), start=1) if line.part is LinePart.OUTPUT)


@lru_cache(maxsize=512)
def highlight(code: str, language: str, names: frozenset[str] = frozenset()) -> tuple[Html, ...]:
    """The code's lines as HTML, everything escaped; spans end where their line ends.

    `names`: the captured values that have a place here wherever their names stand in angle brackets.
    """
    text = code if code.endswith("\n") or not code else f"{code}\n"
    holes = [hole for hole in holes_in(text, language) if hole.name in names] if names else []
    seen = _as_words(text, holes)
    tokens = list(_tokens(seen, language))
    if "".join(part for _, part in tokens) != seen:  # a lexer that drops or reorders text is not worth its colours
        tokens = [(Text, seen)]
    return tuple(_lines(_with_holes(tokens, holes) if holes else tokens))


def _as_words(text: str, holes: Iterable[Hole]) -> str:
    """The text with a word of letters in each hole: a lexer would take the brackets for redirections."""
    lines = text.split("\n")
    for hole in holes:
        line, start, end = hole.line - 1, hole.col - 1, hole.end_col - 1
        lines[line] = f"{lines[line][:start]}{'x' * (end - start)}{lines[line][end:]}"
    return "\n".join(lines)


def _with_holes(tokens: Iterable[Token], holes: Sequence[Hole]) -> Iterator[Token]:
    """The tokens with each hole as one of its own."""
    waiting = deque(sorted(holes, key=lambda hole: (hole.line, hole.col)))
    line = col = 1
    for kind, text in tokens:
        for number, part in enumerate(text.split("\n")):
            if number:
                line, col = line + 1, 1
                yield Text, "\n"
            while waiting and waiting[0].line == line and waiting[0].col < col + len(part):
                hole = waiting[0]
                before = max(hole.col - col, 0)
                if before:
                    yield kind, part[:before]
                if hole.end_col > col + len(part):  # it goes on in the next token
                    col, part = col + len(part), ""
                    break
                yield HOLE, hole.name
                part = part[hole.end_col - col :]
                col = hole.end_col
                waiting.popleft()
            if part:
                yield kind, part
            col += len(part)


def _tokens(text: str, language: str) -> Iterable[Token]:
    word = language.strip().lower()
    if max(map(len, lines_of(text)), default=0) > LONGEST_LINE:
        return ((Text, text),)
    if is_prompted(text, word):
        return session(text)
    if tokenize := OURS.get(word):
        return tokenize(text)
    lexer = _lexer(word)
    return ((kind, part) for _, kind, part in lexer.get_tokens_unprocessed(text)) if lexer else ((Text, text),)


@cache
def _pygments() -> dict[str, str]:
    """The names of Pygments' languages, and what it calls them; no lexer is loaded for this."""
    return {alias.lower(): name for _, name, aliases, _, _ in LEXERS.values() for alias in aliases}


@cache
def _lexer(word: str) -> Lexer | None:
    name = ALIASES.get(word, word)
    if word in PLAIN or name not in _pygments():
        return None
    lexer: Lexer = find_lexer_class_by_name(name)()
    return lexer


@cache
def _class_of(kind: _TokenType) -> str:
    """The short class of a token, or that of the nearest kind that has one."""
    known: _TokenType | None = kind
    while known is not None and known not in STANDARD_TYPES:
        known = known.parent
    name = STANDARD_TYPES[known] if known is not None else ""
    return "" if name in _SILENT else name


def _lines(tokens: Iterable[Token]) -> Iterator[Html]:
    """Neighbours of one class share a span."""
    line: list[str] = []
    run: list[str] = []
    current = ""

    def close() -> None:
        text = escape("".join(run), quote=False)
        if text:
            line.append(f'<span class="{current}">{text}</span>' if current else text)
        run.clear()

    for kind, text in tokens:
        if kind is HOLE:
            close()
            shown = escape(placeholder(text), quote=False)
            line.append(f'<span class="qd-hole"{attributes(text)}>{shown}</span>')
            continue
        name = _class_of(kind)
        for number, part in enumerate(text.split("\n")):
            if number:
                close()
                yield Html("".join(line))
                line.clear()
            if part and name != current:
                close()
                current = name
            run.append(part)
    close()
    if line:
        yield Html("".join(line))
