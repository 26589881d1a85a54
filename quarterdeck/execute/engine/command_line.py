"""Command lines of docker and podman, taken apart without running them. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

CLIENTS = ("docker", "podman")
WITH_VALUE = (
    # of flags before the verb; the others stand alone
    *("--config", "--context", "-c", "--host", "-H", "--log-level", "-l", "--tlscacert", "--tlscert", "--tlskey"),
    *("--url", "--connection", "--identity", "--root", "--runroot", "--storage-driver", "--storage-opt", "--module"),
    *("--cgroup-manager", "--tmpdir", "--runtime", "--builder"),
)
GROUPS = ("container", "image", "builder", "buildx", "volume", "network")
VERBS = {
    # words of the verb: what it is
    **dict.fromkeys((("run",), ("container", "run")), "run"),
    **dict.fromkeys((("create",), ("container", "create")), "create"),
    **dict.fromkeys((("build",), ("image", "build"), ("builder", "build"), ("buildx", "build")), "build"),
    **dict.fromkeys((("tag",), ("image", "tag")), "tag"),
    **dict.fromkeys((("commit",), ("container", "commit")), "commit"),
    **dict.fromkeys((("import",), ("image", "import")), "import"),
    ("volume", "create"): "volume create",
    ("network", "create"): "network create",
    ("compose",): "compose",
}
_RUN_ALONE = (
    *(
        "detach",
        "interactive",
        "tty",
        "rm",
        "init",
        "privileged",
        "publish-all",
        "read-only",
        "no-healthcheck",
        "quiet",
    ),
    *("oom-kill-disable", "sig-proxy", "disable-content-trust", "help", "d", "i", "t", "P", "q"),
)
_ALONE = {
    # flags that take no value, per verb
    "run": frozenset(_RUN_ALONE),
    "create": frozenset(_RUN_ALONE),
    "build": frozenset(
        (
            *("no-cache", "pull", "quiet", "rm", "force-rm", "squash", "compress", "load", "push", "check", "help"),
            *("disable-content-trust", "D", "q"),
        )
    ),
    "commit": frozenset(("pause", "p")),
    "network create": frozenset(("attachable", "config-only", "ingress", "internal", "ipv6", "disable-dns")),
    "volume create": frozenset(("ignore",)),
    "compose": frozenset(("all-resources", "compatibility", "dry-run")),
}
_LONG = {
    ("run", "v"): "volume",
    ("run", "p"): "publish",
    ("create", "v"): "volume",
    ("create", "p"): "publish",
    ("build", "t"): "tag",
    ("build", "f"): "file",
    ("compose", "p"): "project-name",
    ("compose", "f"): "file",
}
_OPENERS = frozenset(
    ("sudo", "time", "exec", "command", "env", "then", "do", "else", "if", "while", "until", "!", "{", "nohup")
)


class EngineCall(Struct, frozen=True, kw_only=True):
    """One use of the client."""

    verb: str
    flags: tuple[tuple[str, str], ...]
    """Long names where there is one, without dashes; a flag that stands alone has an empty value."""
    words: tuple[str, ...]
    """What is not a flag; of `run`, everything from the image on."""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.flags if key == name)


def calls(text: str) -> Iterator[EngineCall]:
    """The uses of a client in shell text; what the shell would have to work out first stays as it stands."""
    for argv in _simple_commands(text):
        at = 0
        while at < len(argv) and (
            argv[at] in _OPENERS or ("=" in argv[at] and argv[at].partition("=")[0].isidentifier())
        ):
            at += 1
        if at < len(argv) and argv[at].rpartition("/")[2] in CLIENTS:
            call = parse(argv[at + 1 :])
            if call is not None:
                yield call


def _simple_commands(text: str) -> Iterator[list[str]]:
    pending = ""
    for line in text.replace("\\\n", " ").split("\n"):
        pending = f"{pending}\n{line}" if pending else line
        try:
            lexer = shlex.shlex(pending, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            tokens = list(lexer)
        except ValueError:
            continue  # a quote is open: the next line belongs to it
        pending = ""
        yield from _between_operators(tokens)


def _between_operators(tokens: Sequence[str]) -> Iterator[list[str]]:
    argv: list[str] = []
    skip = False
    for token in tokens:
        if skip:
            skip = False
        elif token and not set(token) - set("();&|"):
            yield argv
            argv = []
        elif token and not set(token) - set("<>&|"):
            skip = True
        else:
            argv.append(token)
    yield argv


def parse(argv: Sequence[str]) -> EngineCall | None:
    """What follows the client's name; None where the verb is none that makes anything."""
    verb, at = verb_of(argv)
    if not verb:
        return None
    flags: list[tuple[str, str]] = []
    words: list[str] = []
    alone = _ALONE.get(verb, frozenset())
    while at < len(argv):
        word = argv[at]
        at += 1
        if word == "--":
            words += argv[at:]
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            if verb in ("run", "create", "compose"):
                words += argv[at:]
                break
            continue
        name, value, joined = _flag(word, alone)
        if name and not joined and name not in alone and at < len(argv):
            value = argv[at]
            at += 1
        flags.append((_LONG.get((verb, name), name), value))
    return EngineCall(verb=verb, flags=tuple(flags), words=tuple(words))


def verb_of(argv: Sequence[str]) -> tuple[str, int]:
    """What the client is told to do, and the index of the word after it; empty for what does not matter here."""
    path: tuple[str, ...] = ()
    at = 0
    while at < len(argv):
        word = argv[at]
        at += 1
        if word in WITH_VALUE:
            at += 1
        elif word.startswith("-"):
            continue
        elif not path and word in GROUPS:
            path = (word,)
        else:
            return VERBS.get((*path, word), ""), at
    return "", at


def _flag(word: str, alone: frozenset[str]) -> tuple[str, str, bool]:
    """Name and value of a flag, and whether the value stood in the same word."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        return name, value, bool(equals)
    letters = word[1:]
    for index, letter in enumerate(letters):  # -dit, -itp 80:80, -p80:80
        if letter not in alone:
            rest = letters[index + 1 :]
            return letter, rest.removeprefix("="), bool(rest)
    return letters[-1], "", True


def named_volumes(call: EngineCall) -> tuple[str, ...]:
    """Volumes that the engine makes by itself when a container names them."""
    found = []
    for value in call.all("volume"):
        source, colon, _ = value.partition(":")
        if colon and source and source[0] not in "/.~$\\" and "/" not in source:
            found.append(source)
    for value in call.all("mount"):
        parts = dict(part.partition("=")[::2] for part in value.split(","))
        source = parts.get("source") or parts.get("src", "")
        if parts.get("type", "volume") == "volume" and source:
            found.append(source)
    return tuple(found)


def published(call: EngineCall) -> tuple[tuple[str, int, str], ...]:
    """Address, port and protocol of the host for each published port that was chosen; an empty address means all."""
    found = []
    for value in call.all("publish"):
        rest, _, protocol = value.partition("/")
        outer, colon, _ = rest.rpartition(":")
        if not colon:
            continue
        address, _, ports = outer.rpartition(":")
        first, _, last = ports.partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            stop = min(int(last or first), int(first) + 100, 65_535)
            found += [(address.strip("[]"), port, protocol or "tcp") for port in range(int(first), stop + 1)]
    return tuple(found)


def image_of(call: EngineCall) -> str:
    """The image that a container is made of; empty where the shell would have to work it out."""
    image = call.words[0] if call.words and call.verb in ("run", "create") else ""
    return "" if any(char in image for char in "$<>`*?") else image


def full_name(image: str) -> str:
    """The name with its tag, as engines list it."""
    name = image.removeprefix("docker.io/").removeprefix("library/").removeprefix("localhost/")
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def tags_made(call: EngineCall) -> tuple[str, ...]:
    """Names that the call gives to images."""
    if call.verb == "build":
        named = call.all("tag")
    elif call.verb in ("tag", "commit", "import"):
        named = call.words[1:2]
    else:
        named = ()
    return tuple(full_name(name) for name in named)
