"""The values that options of a snippet take: what each is, and how its text or YAML is read. Pure.

A parser takes what the author wrote (True for a bare flag) and gives a value, or raises `UnfitError` with what it
expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct

from quarterdeck.regex import regex
from quarterdeck.snippets.conditions import FORMS, Condition, parse_condition
from quarterdeck.snippets.holes import NAME as HOLE_NAME
from quarterdeck.snippets.holes import Capture
from quarterdeck.snippets.steps import KEYS, Step, wrong


class Expect(Struct, frozen=True, kw_only=True):
    kind: Literal["ok", "fail", "any", "status"] = "ok"
    status: int = 0
    """With `status`."""


class OutputPlace(Struct, frozen=True, kw_only=True):
    kind: Literal["auto", "below", "beside", "fragment", "replace", "hide", "none", "target"] = "auto"
    """`auto`: where the slide's layout has room."""
    target: str = ""
    """With `target`: the id of the element that the output fills."""


class ShownLines(Struct, frozen=True, kw_only=True):
    """How much of a long output the slide shows."""

    count: int = 0
    """0: the whole of it."""
    part: Literal["head", "tail"] = "tail"


Hidden = bool | tuple[int, ...]
"""All of a snippet or nothing of it, or those lines of its code, from 1."""


def meets(expect: Expect, status: int) -> bool:
    """Whether an exit status is the expected one."""
    match expect.kind:
        case "ok":
            return status == 0
        case "fail":
            return status != 0
        case "status":
            return status == expect.status
        case "any":
            return True


def spelled(expect: Expect) -> str:
    """The option as the author would write it."""
    return f"expect={expect.status if expect.kind == 'status' else expect.kind}"


class UnfitError(Exception):
    """A value that an option cannot take."""

    def __init__(self, expected: str = "", known: Iterable[str] = (), *, why: str = "", word: str = "") -> None:
        super().__init__(why or expected)
        self.expected = expected
        self.known = tuple(known)
        self.why = why
        """What is wrong with it, where that says more than what was expected."""
        self.word = word
        """The part of the value that should be one of `known`, where it is not all of it."""


_DURATION = regex(r"(?:(\d{1,4})h)?(?:(\d{1,6})m(?:in)?)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")
_MILLISECONDS = regex(r"(\d{1,8})ms")
_SIZE = regex(r"(\d{1,4})x(\d{1,4})")
_LINE_RANGE = regex(r"(\d{1,4})(?:-(\d{1,4}))?")
_LINES = regex(r"(?:(head|tail)[ :]?)?(\d{1,5})(?:[ :]?(head|tail))?")
NAME = regex(r"[\w][\w.-]{0,99}")
_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*")
IMAGE = regex(r"[a-z0-9][\w./:-]{0,200}(?:@sha256:[0-9a-f]{64})?")
_PROGRAM = regex(r"[\w][\w.+-]{0,60}")
_CONDITION = regex(r"log:(?:[^\s/]+:)?/[^/]*/|\S+")
_CAPTURE = regex(rf"({HOLE_NAME.pattern})(?:=/(.+)/)?")
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


def _text(value: object, expected: str = "a value") -> str:
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return str(value).strip()
    raise UnfitError(expected)


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = _text(value, "nothing, yes or no").lower()
    if word not in (*_YES, *_NO):
        raise UnfitError("nothing, yes or no", (*_YES[:1], *_NO[:1]))
    return word in _YES


def hide(value: object) -> Hidden:
    """Whether a snippet is shown; numbers are the lines of its code that are not."""
    words = _words(value, expected := "nothing, yes, no or lines such as 1-2,5") if not isinstance(value, bool) else ()
    if isinstance(value, bool) or (len(words) == 1 and not words[0][:1].isdigit()):
        try:
            return flag(value if isinstance(value, bool) else words[0])
        except UnfitError:
            raise UnfitError(expected, (*_YES[:1], *_NO[:1])) from None
    found: set[int] = set()
    for word in words:
        match = _LINE_RANGE.fullmatch(word)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last:
            raise UnfitError(expected)
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def run(value: object) -> bool | Literal["next"]:
    """Whether a snippet runs; `next`: on stage, the key for the next slide runs it as well."""
    return "next" if value == "next" else flag(value)


def choice(*words: str) -> Callable[[object], str]:
    expected = f"{', '.join(words[:-1])} or {words[-1]}"

    def parse(value: object) -> str:
        word = _text(value, expected).lower()
        if word not in words:
            raise UnfitError(expected, words)
        return word

    return parse


def matching(pattern: re.Pattern[str], expected: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        word = _text(value, expected)
        if not pattern.fullmatch(word):
            raise UnfitError(expected)
        return word

    return parse


def seconds(value: object) -> float:
    word = _text(value, expected := "a duration such as 60s or 2m").lower()
    if milliseconds := _MILLISECONDS.fullmatch(word):
        found = int(milliseconds[1]) / 1000
    elif word and (match := _DURATION.fullmatch(word)):
        hours, minutes, seconds = match.groups()
        found = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds or 0)
    else:
        raise UnfitError(expected)
    if found <= 0:
        raise UnfitError("a duration above zero")
    return found


def kernel(value: object) -> str | None:
    if isinstance(value, bool) or value in (*_YES[:3], *_NO[:3]):
        return "" if flag(value) else None
    return matching(NAME, "nothing, or the name of a kernel such as python3")(value)


def path(expected: str, *, absolute: bool = False) -> Callable[[object], str]:
    """A path that does not climb out of the session's folder, in its shortest form."""

    def parse(value: object) -> str:
        word = _text(value, expected)
        given = PurePosixPath(word)
        climbs = ".." in given.parts or (given.is_absolute() and not absolute)
        if not word or climbs or "\\" in word or word.startswith("~") or any(ord(char) < 32 for char in word):
            raise UnfitError(expected)
        return given.as_posix()

    return parse


def file(value: object) -> str:
    name = path(expected := "a file name inside of the session's folder")(value)
    if name == "." or str(value).endswith("/"):
        raise UnfitError(expected)
    return name


def env(value: object) -> tuple[tuple[str, str], ...]:
    expected = "NAME=value pairs"
    if isinstance(value, Mapping):
        pairs = [(str(name), _text(each, expected)) for name, each in value.items()]
    else:
        words = _words(value, expected)
        if not all("=" in word for word in words):
            raise UnfitError(expected)
        pairs = [(name, each) for name, _, each in (word.partition("=") for word in words)]
    if not all(_VARIABLE.fullmatch(name) for name, _ in pairs):
        raise UnfitError(expected)
    return tuple(sorted(dict(pairs).items()))


def _words(value: object, expected: str) -> tuple[str, ...]:
    """A YAML list as it is, a text at its blanks and commas."""
    if isinstance(value, list | tuple):
        return tuple(_text(each, expected) for each in value)
    return tuple(re.split(r"[\s,]+", _text(value, expected).strip(", ")))


def stdin(value: object) -> str:
    expected = "none, tty, or a file of the session's folder"
    word = "none" if value is False or value == "no" else _text(value, expected)
    return word if word in ("none", "tty") else path(expected)(value)


def expect(value: object) -> Expect:
    word = _text(value, expected := "ok, fail, any or an exit status from 0 to 255").lower()
    if word.isascii() and word.isdigit() and int(word) <= 255:
        return Expect(kind="status", status=int(word))
    match word:
        case "ok" | "fail" | "any":
            return Expect(kind=word)
        case _:
            raise UnfitError(expected, ("ok", "fail", "any"))


def out(value: object) -> OutputPlace:
    expected = "auto, below, beside, fragment, replace, hide, none or the #id of an element"
    word = _text(value, expected)
    if word.startswith("#") and len(word) > 1:
        return OutputPlace(kind="target", target=word[1:])
    match word.lower():
        case ("auto" | "below" | "beside" | "fragment" | "replace" | "hide" | "none") as kind:
            return OutputPlace(kind=kind)
        case _:
            raise UnfitError(expected, ("auto", "below", "beside", "fragment", "replace", "hide", "none"))


def lines(value: object) -> ShownLines:
    word = _text(value, expected := "a number of lines such as 20, 'head 20', 'tail 20' or all").lower()
    if word == "all":
        return ShownLines()
    match = _LINES.fullmatch(word)
    if not match or not int(match[2]) or (match[1] and match[3]):
        raise UnfitError(expected)
    return ShownLines(count=int(match[2]), part="head" if "head" in (match[1], match[3]) else "tail")


def pty(value: object) -> tuple[int, int] | None:
    if isinstance(value, bool):
        return (100, 24) if value else None
    word = _text(value, expected := "a size such as 100x30, or no").lower()
    if word in (*_YES, *_NO):
        return (100, 24) if word in _YES else None
    size = _SIZE.fullmatch(word)
    if not size or not (20 <= int(size[1]) <= 500 and 2 <= int(size[2]) <= 200):
        raise UnfitError(expected)
    return int(size[1]), int(size[2])


def wait(value: object) -> tuple[Condition, ...]:
    texts = value if isinstance(value, list | tuple) else _conditions(_text(value, f"one of {FORMS}"))
    found = [parse_condition(_text(each, f"one of {FORMS}")) for each in texts]
    for problem in found:
        if isinstance(problem, str):
            raise UnfitError(why=problem)
    return tuple(each for each in found if not isinstance(each, str))


def _conditions(text: str) -> list[str]:
    """Conditions are parted by blanks; a pattern between slashes may hold some."""
    return _CONDITION.findall(text) or [text]


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise UnfitError(f"a regular expression ({error.msg})") from None
    return text


def capture(value: object) -> tuple[Capture, ...]:
    """`name`, `name=/expression/`, a list of those, or a mapping of names to expressions."""
    expected = "a name such as container-id, name=/expression/, or a mapping of names to regular expressions"
    if isinstance(value, Mapping):
        pairs = [(str(name), "" if each is None else _text(each, expected)) for name, each in value.items()]
    else:
        found = [_CAPTURE.fullmatch(_text(each, expected)) for each in _listed(value)]
        pairs = [(match[1], match[2] or "") for match in found if match is not None]
        if len(pairs) < len(found):
            raise UnfitError(expected)
    for name, _ in pairs:
        if not HOLE_NAME.fullmatch(name):
            raise UnfitError(why=f"'{name}' is no name: letters, digits and single dashes")
        if [each for each, _ in pairs].count(name) > 1:
            raise UnfitError(why=f"'{name}' is given twice")
    return tuple(Capture(name=name, pattern=_regex(pattern)) for name, pattern in pairs)


def _listed(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def masks(value: object) -> tuple[str, ...]:
    return tuple(_regex(_text(each, "regular expressions")) for each in _listed(value))


def deps(value: object) -> tuple[str, ...]:
    expected = "files or globs below the deck's folder, such as src/*.py"
    return tuple(path(expected)(word) for word in _words(value, expected))


def requires(value: object) -> tuple[str, ...]:
    words = _words(value, expected := "names such as docker, network or the programs it needs")
    if not all(_PROGRAM.fullmatch(word) for word in words):
        raise UnfitError(expected)
    return words


def steps(value: object) -> tuple[Step, ...]:
    if not isinstance(value, list) or not value:
        raise UnfitError("a list of steps, each 'send: text', 'wait: text' or 'key: name'")
    return tuple(_step(each, number) for number, each in enumerate(value, start=1))


def _step(value: object, number: int) -> Step:
    expected = f"step {number} to be 'send: text', 'wait: text' or 'key: name', with 'timeout: 5s' where needed"
    if not isinstance(value, Mapping):
        raise UnfitError(expected)
    rest = {str(key): each for key, each in value.items()}
    timeout_s = seconds(rest.pop("timeout")) if "timeout" in rest else Step().timeout_s
    if len(rest) != 1 or not rest.keys() <= {"send", "wait", "key"}:
        raise UnfitError(expected)
    ((kind, content),) = rest.items()
    text = "" if content is None else str(content)
    if kind != "send" and not text:
        raise UnfitError(
            why=f"step {number} has no text to wait for" if kind == "wait" else f"step {number} names no key"
        )
    step = Step(
        send=text if kind == "send" else "",
        wait=text if kind == "wait" else "",
        key=_key(text) if kind == "key" else "",
        timeout_s=timeout_s,
    )
    if problem := wrong(step):
        raise UnfitError(known=KEYS if kind == "key" else (), why=f"step {number}: {problem}", word=text)
    return step


def _key(text: str) -> str:
    """`Ctrl+C`, `C-c` and `^C` are one key."""
    name = text.strip().lower().replace("+", "-")
    if len(name) == 2 and name[0] == "^":
        return f"ctrl-{name[1]}"
    return f"ctrl-{name[2:]}" if name.startswith("c-") else name
