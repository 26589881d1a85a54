"""How the text of a language is run: a runner is a command line with `{file}` in it, so that settings may add some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace


class Runner(Struct, frozen=True, kw_only=True):
    """How the text of one language is run."""

    argv: tuple[str, ...]
    """`{file}` is the file with the text, relative to the folder, `{python}` the Python that runs Quarterdeck,
    `{scratch}` a folder for what a compiler makes."""
    suffix: str
    get: str = ""
    """What gives the program where it is missing."""


def _sh(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script, "{file}", "{scratch}")


RUNNERS: dict[str, Runner] = {
    "awk": Runner(argv=("awk", "-f", "{file}"), suffix=".awk"),
    "bash": Runner(argv=("bash", "{file}"), suffix=".sh"),
    "c": Runner(argv=_sh('cc -o "$1/program" "$0" && exec "$1/program"'), suffix=".c", get="a C compiler"),
    "c++": Runner(argv=_sh('c++ -o "$1/program" "$0" && exec "$1/program"'), suffix=".cpp", get="a C++ compiler"),
    "fish": Runner(argv=("fish", "{file}"), suffix=".fish"),
    "go": Runner(argv=("go", "run", "{file}"), suffix=".go", get="Go from go.dev"),
    "java": Runner(argv=("java", "{file}"), suffix=".java", get="a JDK"),
    "javascript": Runner(argv=("node", "{file}"), suffix=".mjs", get="Node.js"),
    "julia": Runner(argv=("julia", "{file}"), suffix=".jl"),
    "lua": Runner(argv=("lua", "{file}"), suffix=".lua"),
    "perl": Runner(argv=("perl", "{file}"), suffix=".pl"),
    "php": Runner(argv=("php", "{file}"), suffix=".php"),
    "python": Runner(argv=("python3", "{file}"), suffix=".py"),
    "r": Runner(argv=("Rscript", "{file}"), suffix=".R", get="R"),
    "ruby": Runner(argv=("ruby", "{file}"), suffix=".rb"),
    "rust": Runner(argv=_sh('rustc -o "$1/program" "$0" && exec "$1/program"'), suffix=".rs", get="Rust"),
    "sh": Runner(argv=("sh", "{file}"), suffix=".sh"),
    "sql": Runner(argv=("sqlite3", "-batch", ":memory:", ".read {file}"), suffix=".sql", get="SQLite's shell"),
    "typescript": Runner(argv=("node", "{file}"), suffix=".ts", get="Node.js 22.18 or newer"),
    "zsh": Runner(argv=("zsh", "{file}"), suffix=".zsh"),
}


ALIASES = {
    "cjs": "javascript",
    "cpp": "c++",
    "golang": "go",
    "js": "javascript",
    "mjs": "javascript",
    "node": "javascript",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sqlite": "sql",
    "sqlite3": "sql",
    "ts": "typescript",
}


OWN_SUFFIX = {"cjs": ".cjs"}


def find_runner(language: str, own: Mapping[str, Sequence[str]]) -> Runner | None:
    """The runner of a language: the project's own, else ours, else None."""
    word = language.casefold()
    known = RUNNERS.get(ALIASES.get(word, word))
    for name in (language, word, ALIASES.get(word, word)):
        if name in own:
            return Runner(argv=tuple(own[name]), suffix=known.suffix if known else f".{word}")
    return replace(known, suffix=OWN_SUFFIX.get(word, known.suffix)) if known else None


def known_languages(own: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset({*RUNNERS, *ALIASES, *own})
