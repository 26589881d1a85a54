"""Code: fences with their options and line steps, and indented blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from quarterdeck.markdown.attributes import AttributeMistake, Info, OptionLine, read_info, read_option_lines, read_steps
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import ConstructOutcome, Option, Snippet
from quarterdeck.regex import regex

_RUNS = frozenset(("run", "exec", "image", "session"))
_NAMES = frozenset(("class", "file", "filename", "id", "title"))
UNBOUND = 100_000
"""Other tools light the lines that there are, whatever the steps of a fence say."""
_HIDE = regex(r"(?:^|\s)(?:#|//|--|;)\s*hide\s*$")


def read_snippet(token: Token, draft: SlideDraft) -> Snippet:
    """The slot of a fence or an indented block, with every mistake in it reported."""
    line = token.map[0] if token.map else 0
    if token.type == "code_block":
        return _indented(token, draft, line)
    at, shift = _begins(token, draft.line(line))
    info = read_info(token.meta.get("info", token.info))
    _report(info, token.meta.get("info", token.info), draft, line, shift)
    # the last fence of a slide may be open to its end, without a newline
    lines = (token.content if token.content.endswith("\n") or not token.content else f"{token.content}\n").split("\n")
    own, taken, wrong = read_option_lines(lines[:-1])
    code = "\n".join(lines[taken:])
    count = code.count("\n")
    steps, off = read_steps(info.lines or "", count=UNBOUND if draft.foreign else count)
    steps = tuple(tuple(each for each in step if each <= count) for step in steps)
    if off:
        _report_mistake("M205", off, draft, line, shift + info.lines_start)
    for row, mistake in wrong:
        _report_mistake("M206", mistake, draft, line + 1 + row, _shift(draft, line + 1 + row, lines[row]))
    options = [*_options(info, draft, line, shift), *_options_in_lines(own, lines, draft, line + 1)]
    if draft.foreign:
        options = list(_known(options, draft))
    if file := token.meta.get("file"):
        options.append(Option(key="filename", value=file, span=draft.span(line)))
    ids = [option.value for option in options if option.key == "id"]
    classes = [name for option in options if option.key == "class" for name in option.value.split()]
    attrs = [(option.key, option.value) for option in options if _is_attribute(option.key)]
    written = {name: str(value) for name, value in token.attrs.items()}
    return Snippet(
        language=unescapeAll(info.language),
        code=code,
        code_line=draft.first + line + 2 + taken,
        hidden=_hidden(code),
        steps=steps,
        numbers=info.numbers if token.meta.get("numbered", True) else None,
        id=ids[-1] if ids else written.pop("id", ""),
        classes=tuple(dict.fromkeys([*classes, *written.pop("class", "").split()])),
        options=tuple(
            option for option in options if option.key not in ("id", "class") and not _is_attribute(option.key)
        ),
        attrs=(*attrs, *written.items()),
        span=draft.span(line, at),
    )


def _begins(token: Token, opening: str) -> tuple[int, int]:
    """Where in its opening line a fence begins, and where the words behind its marks do."""
    at = opening.find(token.markup)
    if not token.info:
        return max(at, 0), len(opening)
    shift = opening.find(token.info, at + len(token.markup)) if at >= 0 else -1
    return max(at, 0), max(shift, 0)


def _indented(token: Token, draft: SlideDraft, line: int) -> Snippet:
    return Snippet(
        language="",
        code=token.content,
        code_line=draft.first + line + 1,
        hidden=_hidden(token.content),
        classes=tuple(str(token.attrs.get("class", "")).split()),
        attrs=tuple((name, str(value)) for name, value in token.attrs.items() if name != "class"),
        span=draft.span(line),
    )


def _options(info: Info, draft: SlideDraft, line: int, shift: int) -> Iterator[Option]:
    """Those in the braces behind the language."""
    for each in info.group:
        key, value = each.as_html
        yield Option(key=key, value=value, span=draft.span(line, shift + each.start, shift + each.end))


def _options_in_lines(
    own: Iterable[OptionLine], lines: Sequence[str], draft: SlideDraft, first: int
) -> Iterator[Option]:
    """Those of the `#|` lines of a fence whose content begins at line `first`."""
    for each in own:
        line = first + each.line
        col = _shift(draft, line, lines[each.line]) + each.col
        yield Option(key=each.key, value=each.value, span=draft.span(line, col, col + len(each.key)))


def _known(options: Iterable[Option], draft: SlideDraft) -> Iterator[Option]:
    """The options of a fence that was written for another tool, unless it says that it is to run here."""
    options = tuple(options)
    runs = any(option.key in _RUNS for option in options)
    for option in options:
        if runs or option.key in _NAMES or _is_attribute(option.key):
            yield option
        else:
            remedy = "it has no effect on the code; remove it"
            draft.note(f"code option {option.key}", option.span, ConstructOutcome.LEFT_OUT, remedy)


def _is_attribute(key: str) -> bool:
    return key.startswith(("data-", "aria-")) or key == "style"


def _hidden(code: str) -> tuple[int, ...]:
    if "hide" not in code:
        return ()
    return tuple(number for number, line in enumerate(code.split("\n"), start=1) if _HIDE.search(line))


def _report(info: Info, text: str, draft: SlideDraft, line: int, shift: int) -> None:
    if info.mistake:
        _report_mistake("M203", info.mistake, draft, line, shift)
    for start, end in info.extra:
        word = text[start:end]
        span = draft.span(line, shift + start, shift + end)
        if draft.foreign:
            remedy = "nothing is done with it; remove it"
            draft.note("words behind the language", span, ConstructOutcome.LEFT_OUT, remedy)
            continue
        option = "run" if word.startswith("+exec") else word.lstrip("+")
        draft.report(
            "M204", f"'{word}' behind the language is not used", span, f"options stand in braces: {{{option}}}"
        )


def _report_mistake(code: str, mistake: AttributeMistake, draft: SlideDraft, line: int, shift: int) -> None:
    span = draft.span(line, shift + mistake.start, shift + mistake.end)
    if draft.foreign:
        draft.note(f"code fence: {mistake.message}", span, ConstructOutcome.LEFT_OUT, mistake.hint)
    else:
        draft.report(code, mistake.message, span, mistake.hint)


def _shift(draft: SlideDraft, line: int, content: str) -> int:
    """How far the line of a fence in a list or quotation is moved in."""
    return max(draft.line(line).find(content), 0)
