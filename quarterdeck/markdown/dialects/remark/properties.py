"""remark's properties, the lines `name: value` at the head of a slide."""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.model import ConstructOutcome
from quarterdeck.regex import regex

_KNOWN = r"class|name|template|layout|background-[a-z]+|count|exclude|continued|title"
_PROPERTY = regex(rf"(?:<!--[ \t]*)?(?P<name>{_KNOWN})[ \t]*:(?P<value>.*?)(?:[ \t]*-->)?[ \t]*")
_OTHER = regex(r"(?P<name>[a-z][\w-]*):(?P<value>(?:[ \t].*)?)")
"""Any name is a property to remark; here only beside one that is known, so that no words are lost."""
_FIRST_CELL = regex(
    r"\A\s*(?:<!--(?:(?!-->)(?s:.))*-->\s*(?=(?:class|name|layout|template)[ \t]*:)"
    r"|`{3,}[ \t]*\{r\b[^}\n]*\binclude[ \t]*=[ \t]*F(?:ALSE)?\b[^\n]*\n(?s:.*?)\n`{3,}[ \t]*\n\s*)+"
)
"""What R Markdown runs before the first slide."""

Given = tuple[list[tuple[str, str]], str]


def _url(value: str) -> str:
    found = re.fullmatch(r"""url\(\s*["']?(.*?)["']?\s*\)""", value)
    return found[1] if found else value


def _image(value: str) -> Given:
    target = _url(value)
    if target.startswith("`"):
        return [], "what R works out is not known here; write the name of the picture"
    return [("data-background-image" if "gradient(" not in target else "data-background", target)], ""


def _visibility(kind: str, wanted: str) -> Callable[[str], Given]:
    return lambda value: ([("data-visibility", kind)] if value == wanted else [], "")


def _repeated(_value: str) -> Given:
    return [], ""


PROPERTIES: dict[str, Callable[[str], Given]] = {
    # property of a slide: what it gives to the section, and a remedy where that is not all of it
    "background-color": lambda value: ([("data-background-color", value)], ""),
    "background-image": _image,
    "background-position": lambda value: ([("data-background-position", value)], ""),
    "background-repeat": lambda value: ([("data-background-repeat", value)], ""),
    "background-size": lambda value: ([("data-background-size", value)], ""),
    "class": lambda value: ([("class", " ".join(re.split(r"[,\s]+", value.strip(", "))))], ""),
    "count": _visibility("uncounted", "false"),
    "exclude": _visibility("hidden", "true"),
    "name": lambda value: ([("id", value)], ""),
    **dict.fromkeys(("continued", "layout", "template", "title"), _repeated),
}


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "properties", properties)


def install_later(md: MarkdownIt) -> None:
    """To remark what stands behind `--` is a slide of its own, with properties; here it is a step of the one before."""
    md.block.ruler.before("table", "later_properties", later, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def later(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    if silent or state.level or not _PROPERTY.fullmatch(state.src, state.bMarks[start], state.eMarks[start]):
        return False
    before = start - 1
    while before >= 0 and state.isEmpty(before):
        before -= 1
    if before < 0 or state.src[state.bMarks[before] : state.eMarks[before]].strip() != "--":
        return False
    draft_of(state.env).note("property of a step", draft_of(state.env).span(start))
    state.line = start + 1
    return True


def properties_of(text: str) -> tuple[dict[str, str], int]:
    """The properties at the head of a slide, and the index behind them."""
    skipped = _FIRST_CELL.match(text)
    at = skipped.end() if skipped else len(text) - len(text.lstrip("\n"))
    found: dict[str, str] = {}
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = _PROPERTY.fullmatch(text, at, end)
        other = None if line else _OTHER.fullmatch(text, at, end)
        if not line and not (other and (found or not other["value"].strip() or _followed(text, end + 1))):
            break
        one = line or other
        if one:
            found[one["name"]] = one["value"].strip()
        at = end + 1
    return found, min(at if found else 0, len(text))


def _followed(text: str, at: int) -> bool:
    """Whether the line there is a known property."""
    end = text.find("\n", at)
    return _PROPERTY.fullmatch(text, at, len(text) if end < 0 else end) is not None


def properties(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    draft = draft_of(state.env)
    if silent or state.level or draft.first or draft.definitions_only or state.env.get("headed"):
        return False
    state.env["headed"] = True
    own, behind = properties_of(state.src)
    if not own:
        return False
    last = min(state.src.count("\n", 0, behind) + (0 if state.src[behind - 1 : behind] == "\n" else 1), end)
    for line in range(start, last):
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        found = _PROPERTY.fullmatch(text) or _OTHER.fullmatch(text)
        if not found or found["name"] not in own:
            continue
        name, span = found["name"], draft.span(line)
        meaning = PROPERTIES.get(name)
        if meaning is None:
            draft.note(f"property {name}", span, ConstructOutcome.LEFT_OUT, "nothing here has that meaning")
            continue
        attributes, remedy = meaning(own[name])
        draft.attrs += [(key, each, span) for key, each in attributes if each]
        draft.note(
            f"property {name}", span, ConstructOutcome.LEFT_OUT if remedy else ConstructOutcome.UNDERSTOOD, remedy
        )
    state.line = max(last, start + 1)
    return True
