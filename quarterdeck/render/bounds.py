"""What a template of a project or theme may cost: too many steps or too much text end in an error, never in a wait.

Steps are counted and not timed, so that a template is at fault on every machine or on none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Concat
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from quarterdeck.regex import regex

MOST_STEPS = 2_000_000
"""Lines of templates and calls of functions in one rendering: a second or two. A large deck's page takes thousands."""
MOST_CHARACTERS = 400_000_000
"""Of any text that a template makes: a talk of 5 MB, all of it code, may well be 100 MB of HTML."""
MOST_COPIES = 10_000
"""A number that says how wide, how deep or how often."""
LONGEST_S = 8.0
"""Where the steps themselves are slow."""
MOST_BITS = 10_000
"""Of a whole number."""
_WIDE = regex(r"\d{5}|\*|\{[^{}]*\{")
_SIZED = frozenset({"batch", "center", "indent", "round", "slice", "tojson", "truncate", "urlize", "wordwrap"})
"""Filters whose arguments are sizes."""
_ABSENT = ("lipsum",)
"""Globals of Jinja that are loops of their own."""


class TooMuchError(Exception):
    """A template that would cost more than it may."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which no expression makes a text or a number that is too long."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.code_generator_class = _Generator
        self.filters = {name: _bounded(name, found) for name, found in self.filters.items()}
        self.concat = _joined  # type: ignore[method-assign]
        for name in _ABSENT:
            self.globals.pop(name, None)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, int) and isinstance(right, int) and _bits(operator, left, right) > MOST_BITS:
            raise TooMuchError(f"the result of '{operator}' is too large a number")
        if operator == "*":
            for one, times in ((left, right), (right, left)):
                if isinstance(one, str | list | tuple) and isinstance(times, int):
                    _check(len(one) * times)
        if operator == "%" and isinstance(left, str):
            _check_format(left)
        return _short(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        found = super().wrap_str_format(value)
        if found is not None:
            _check_format(value.__self__)
        return found

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - names of arguments are the template's
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str):
            _check_text_call(__obj.__name__, owner, args, kwargs)
        return _short(super().call(__context, __obj, *args, **kwargs))

    short = staticmethod(lambda value: _short(value))
    """Called by generated code."""


class _Generator(CodeGenerator):
    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.short(")
        super().visit_Concat(node, frame)
        self.write(")")


def _bits(operator: str, left: int, right: int) -> int:
    """At most so many has the result."""
    if operator == "**":
        return left.bit_length() * max(right, 0)
    return left.bit_length() + right.bit_length() if operator == "*" else 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _check(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise TooMuchError(f"a text of {characters} characters is longer than the {MOST_CHARACTERS} that there may be")


def _short(value: Any) -> Any:
    if isinstance(value, str | list | tuple):
        _check(len(value))
    return value


def _joined(parts: Iterable[str]) -> str:
    """`"".join` that stops in time."""
    kept, length = [], 0
    for part in parts:
        length += len(part)
        _check(length)
        kept.append(part)
    return "".join(kept)


def _check_format(text: str) -> None:
    if _WIDE.search(text):
        raise TooMuchError("a format whose width has five digits or is a value")


def _check_sizes(args: Iterable[Any]) -> None:
    for size in args:
        if _is_number(size) and abs(size) > MOST_COPIES:
            raise TooMuchError(f"{size} is more than {MOST_COPIES}")


def _check_text_call(name: str, owner: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Methods of texts, and filters that do the same."""
    if name in ("format", "format_map"):
        _check_format(owner)
    elif name == "replace" and len(args) > 1 and all(isinstance(each, str) for each in args[:2]):
        _check(len(owner) + (owner.count(args[0]) if args[0] else len(owner) + 1) * len(args[1]))
    elif name == "join" and args and hasattr(args[0], "__len__"):
        _check(len(owner) * len(args[0]))
    _check_sizes((*args, *kwargs.values()))


def _bounded(name: str, found: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, which refuses sizes and gives no text that is too long."""

    @wraps(found)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = args[1:] if hasattr(found, "jinja_pass_arg") else args
        value = given[0] if given else ""
        if name in _SIZED:
            sizes = (*given[1:], *kwargs.values())
            _check_sizes(sizes)
            for text in sizes:
                if isinstance(text, str) and isinstance(value, str):
                    _check(len(value) * len(text))
        elif name == "format" and isinstance(value, str):
            _check_format(value)
        elif name == "replace" and isinstance(value, str):
            _check_text_call("replace", value, given[1:], {})
        elif name == "join" and len(given) > 1 and isinstance(given[1], str) and hasattr(value, "__len__"):
            _check(len(given[1]) * len(value))
        return _short(found(*args, **kwargs))

    return call


@contextmanager
def limited(folders: Iterable[Path]) -> Iterator[None]:
    """While a template is rendered: stops it when those of the folders have taken too many steps."""
    places = tuple(f"{folder}" for folder in folders)
    before = sys.gettrace()
    if not places:
        yield
        return
    left, ends_s = MOST_STEPS, time.monotonic() + LONGEST_S

    def count(frame: FrameType, _event: str, _arg: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0:
            raise TooMuchError(f"more than {MOST_STEPS} steps: a loop or a macro does not come to an end")
        if left % 256 == 0 and time.monotonic() > ends_s:
            raise TooMuchError(f"more than {LONGEST_S:g} s: a loop does too much in every turn")
        return count if frame.f_code.co_filename.startswith(places) else None

    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)
