"""What a recording depends on: named digests, and one key made of them. Pure.

In it: what is executed and how, declared dependencies, the files it sees, and the snippets before it in its session.
Not in it: prose, place, ids, titles, and whatever is only about waiting, checking or showing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from msgspec.structs import asdict

from quarterdeck.snippets.options import ExecutionOptions

FORMAT = "1"
"""Raised when the same snippet would be executed in another way than before: every recording becomes stale."""
SHORT = 16
"""Hex digits of the digests that a recording keeps, for telling why it is stale."""

Parts = tuple[tuple[str, str], ...]


def digest(value: object) -> str:
    """SHA-256 of a value as canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def clean(text: str) -> str:
    """Executed text in the form that counts: LF, no blanks at line ends, no empty lines at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).rstrip("\n")


def text_digest(texts: Iterable[str]) -> str:
    """Of what is executed: the part `text` of a key, by which a recording is found."""
    return digest([clean(text) for text in texts])


def parts_of(
    *,
    runner: tuple[str, ...],
    texts: Iterable[str],
    options: ExecutionOptions,
    deps: Iterable[tuple[str, str]],
    files: Iterable[tuple[str, str]],
    previous: tuple[str, str] | None,
    captured: Iterable[tuple[str, str]] = (),
) -> Parts:
    """Names and full digests, in order: `text`, `option cwd`, `dep app.py`, `file Dockerfile`, `after setup`.

    `runner` is what executes: its kind, and the command line where it is a program. `previous` is the id and the key of
    the snippet before in the session, `captured` are names of values from other sessions with the keys of what
    captures them. Options that are as built in leave no part, so that new ones make nothing stale.
    """
    found = [
        ("format", digest(FORMAT)),
        ("runner", digest(runner)),
        ("text", text_digest(texts)),
    ]
    found += [(f"option {name}", digest(value)) for name, value in _executed(options)]
    found += [(f"dep {path}", each) for path, each in sorted(deps)]
    found += [(f"file {path}", each) for path, each in sorted(files)]
    found += [(f"capture of <{name}>", each) for name, each in sorted(captured)]
    if previous is not None:
        found.append((f"after {previous[0]}", previous[1]))
    return tuple(found)


def key_of(parts: Parts) -> str:
    """One key; the name of the snippet before does not count, its key does."""
    return digest([("after" if name.startswith("after ") else name, each) for name, each in parts])


def shortened(parts: Parts) -> Parts:
    """As a recording keeps them."""
    return tuple((name, each[:SHORT]) for name, each in parts)


def _executed(options: ExecutionOptions) -> list[tuple[str, object]]:
    """The options that change what is executed, where they differ from the built-in ones."""
    built_in = ExecutionOptions()
    values = asdict(options)
    values["isolation"] = "" if options.isolation == "none" else options.isolation
    values["capture"] = tuple((each.name, each.pattern) for each in options.capture)
    values["steps"] = tuple((step.send, step.wait, step.key) for step in options.steps)
    return sorted((name, value) for name, value in values.items() if value != getattr(built_in, name))


def globs_of(pattern: str) -> list[str]:
    """What a glob means in full: `*` and `?` within a name, `**` over folders; a folder means all that is in it."""
    return ["**"] if pattern == "." else [pattern, f"{pattern}/**"]


def matching(pattern: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """The files that a glob means, with their digests."""
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.DOTGLOB | glob.CASE | glob.FORCEUNIX
    return [(path, each) for path, each in known.items() if glob.globmatch(path, globs_of(pattern), flags=flags)]
