"""What a deck would do to the machine, told before it may: commands, images, ports, folders, files. Pure.

Read from the commands' words, so it is what the author wrote, not a wall: a script may do more than its words say.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from quarterdeck.regex import regex
from quarterdeck.snippets.found import JobKind
from quarterdeck.snippets.plan import Job, Plan

ENGINES = frozenset(("docker", "podman", "nerdctl"))
_BEFORE = frozenset(("sudo", "exec", "time", "command", "env", "nohup"))
_SEPARATORS = frozenset((";", "&", "&&", "|", "||", "(", ")", "{", "}", "\n", "do", "then", "else", "!"))
_RUN_FLAGS = frozenset(
    (
        *("--detach", "--disable-content-trust", "--help", "--init", "--interactive", "--no-healthcheck"),
        *("--oom-kill-disable", "--privileged", "--publish-all", "--quiet", "--read-only", "--rm", "--sig-proxy"),
        *("--tty", "--use-api-socket", "--replace", "-d", "-i", "-t", "-P", "-q"),
    )
)
"""Options of `run` and `create` that take no value; all others take one."""
_GLOBAL_VALUES = frozenset(("--config", "-c", "--context", "-H", "--host", "-l", "--log-level"))
_FROM = regex(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE | re.MULTILINE)
_COMPOSE_IMAGE = regex(r"^[ \t]*image:[ \t]*['\"]?([^\s'\"#]+)", re.MULTILINE)
_COMPOSE_PORT = regex(
    r"""^[ \t]*-[ \t]*['"]?((?:[\d.]+:)?\d{1,5}(?:-\d+)?:\d{1,5}(?:/\w+)?)['"]?[ \t]*$""", re.MULTILINE
)


class Effects(Struct, frozen=True, kw_only=True):
    commands: tuple[str, ...]
    """First lines, in the order in which they run; a program is `python: 12 lines`."""
    images: tuple[str, ...]
    """Run, pulled, or built upon; without those that the deck itself builds."""
    builds: tuple[str, ...]
    """Tags that are built."""
    ports: tuple[str, ...]
    """Published, as written: `8080:80`."""
    folders: tuple[str, ...]
    """Of the machine, mounted into containers, as written."""
    files: tuple[str, ...]
    """Written into the sessions' folders."""
    pages: tuple[str, ...]
    """Of this machine, which slides frame and a browser takes pictures of."""
    sessions: tuple[str, ...]
    requires: tuple[str, ...]
    """What snippets say they need: `docker`, `network`."""


class _EngineUse(Struct):
    images: list[str]
    builds: list[str]
    ports: list[str]
    folders: list[str]


def effects_of(plan: Plan) -> Effects:
    """Everything that the plan's commands and files name, each once."""
    seen = _EngineUse([], [], [], [])
    for job in plan.jobs:
        for command in job.commands if job.kind in (JobKind.SESSION, JobKind.SCRIPT, JobKind.BUILD) else ():
            for words in _invocations(command.text):
                _engine(words, seen)
        if job.options.execution.image:
            seen.images.append(job.options.execution.image)
    for file in plan.files:
        name = file.path.rpartition("/")[2].lower()
        if "dockerfile" in name or "containerfile" in name:
            seen.images += _bases(file.text)
        elif name.endswith((".yaml", ".yml")) and "compose" in name:
            seen.images += _COMPOSE_IMAGE.findall(file.text)
            seen.ports += _COMPOSE_PORT.findall(file.text)
    built = set(seen.builds)
    return Effects(
        commands=tuple(line for job in plan.jobs for line in _listed(job)),
        images=_once(image for image in seen.images if image not in built),
        builds=_once(seen.builds),
        ports=_once(seen.ports),
        folders=_once(seen.folders),
        files=_once([file.path for file in plan.files] + [path for job in plan.jobs for path, _ in job.deps]),
        pages=_once(job.options.display.frame for job in plan.jobs if job.options.display.frame),
        sessions=tuple(session.name for session in plan.sessions),
        requires=_once(word for job in plan.jobs for word in job.options.checks.requires),
    )


def needs_engine(job: Job) -> bool:
    """Whether a job cannot work without an engine: it says so, or calls one. That its text names one is not enough."""
    if job.options.execution.image or job.kind is JobKind.BUILD or ENGINES & set(job.options.checks.requires):
        return True
    in_shell = job.kind in (JobKind.SESSION, JobKind.SCRIPT)
    return in_shell and any(_is_engine(words) for line in job.commands for words in _invocations(line.text))


def _is_engine(words: Sequence[str]) -> bool:
    rest = _command(words)
    return bool(rest) and rest[0].rpartition("/")[2] in ENGINES


def _command(words: Sequence[str]) -> list[str]:
    """Without what stands before a program's name."""
    rest = list(words)
    while rest and (rest[0] in _BEFORE or re.fullmatch(r"[A-Za-z_]\w*=.*", rest[0], re.DOTALL)):
        del rest[0]
    return rest


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _listed(job: Job) -> Iterator[str]:
    if job.kind in (JobKind.PROGRAM, JobKind.KERNEL):
        count = job.commands[0].text.count("\n") + 1
        yield f"{job.snippet.language.lower()}: {count} line{'s' if count > 1 else ''}"
        return
    for command in job.commands:
        lines = [line for line in command.text.split("\n") if line.strip()]
        if job.kind is JobKind.SCRIPT:
            yield from lines
        else:
            yield lines[0] + (" …" if len(lines) > 1 else "")


def _invocations(text: str) -> Iterator[list[str]]:
    """The simple commands of a script, as words; heredocs and quotes that are never closed end the reading."""
    words: list[str] = []
    for word in _shell_words(text):
        if word in _SEPARATORS or set(word) <= set(";&|()\n"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _shell_words(text: str) -> Iterator[str]:
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        yield from lexer
    except ValueError:
        return


def _engine(words: Sequence[str], seen: _EngineUse) -> None:
    """Takes in what a `docker …` command names."""
    if not _is_engine(words):
        return
    rest = _past_options(_command(words)[1:], _GLOBAL_VALUES)
    if rest[:1] in (["container"], ["image"], ["buildx"], ["builder"]):
        del rest[0]
    verb = rest[0] if rest else ""
    if verb in ("run", "create"):
        _run(rest[1:], seen)
    elif verb == "pull":
        seen.images += [word for word in rest[1:] if not word.startswith("-")][:1]
    elif verb == "build":
        seen.builds += _values(rest[1:], ("-t", "--tag"))


def _past_options(words: list[str], with_value: frozenset[str]) -> list[str]:
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in with_value else words[1:]
    return words


def _values(words: Sequence[str], names: tuple[str, ...]) -> list[str]:
    found = [after for word, after in pairwise(words) if word in names]
    return found + [word.partition("=")[2] for word in words if word.partition("=")[0] in names and "=" in word]


def _run(words: Sequence[str], seen: _EngineUse) -> None:
    """The options of `docker run` up to the image."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, value, taken = _option(words, at)
        at += taken
        if name in ("-p", "--publish"):
            seen.ports.append(value)
        elif name in ("-P", "--publish-all"):
            seen.ports.append("every exposed port")
        elif name in ("-v", "--volume"):
            _folder(value.split(":")[0] if ":" in value else "", seen)
        elif name == "--mount" and "type=bind" in value:
            fields = dict(part.partition("=")[::2] for part in value.split(","))
            _folder(fields.get("source") or fields.get("src") or "", seen)
    if at < len(words):
        seen.images.append(words[at])


def _option(words: Sequence[str], at: int) -> tuple[str, str, int]:
    """Name, value, and how many words they take: `--name=x`, `--name x`, `-p 80:80`, `-p80:80`, `-dp 80:80`."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if equals or name in _RUN_FLAGS:
            return name, value, 1
        return name, following, 2
    for index in range(1, len(word)):
        short = f"-{word[index]}"
        if short not in _RUN_FLAGS:
            value = word[index + 1 :].removeprefix("=")
            return (short, value, 1) if value else (short, following, 2)
    return ("-P" if "P" in word else word), "", 1


def _folder(source: str, seen: _EngineUse) -> None:
    """A path of the machine; a plain name is a volume."""
    if source.startswith(("/", ".", "~", "$")):
        seen.folders.append(source)


def _bases(dockerfile: str) -> list[str]:
    """The images that a Dockerfile builds upon, without its own stages."""
    stages = {"scratch"}
    found = []
    for image, stage in _FROM.findall(dockerfile):
        if image.lower() not in stages:
            found.append(image)
        if stage:
            stages.add(stage.lower())
    return found
