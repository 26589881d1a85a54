"""Marp's directives: what the front matter and comments say of slides, and which slides that holds for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from quarterdeck.markdown.dialects.base import Key, no_effect
from quarterdeck.markdown.dialects.common.headers_footers import STYLESHEET
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.model import Attrs, ConstructOutcome, Span
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.regex import regex

_DIRECTIVE = regex(r"\s*[_$]?[A-Za-z][\w-]*\s*:")
_COLOUR = regex(r"^[ \t]*(?P<name>[_$]?\w+)[ \t]*:[ \t]+(?P<colour>#[0-9a-fA-F]{3,8})[ \t]*$", re.MULTILINE)
_COMMENT = regex(r"<!--(.*?)-->", re.DOTALL)
_STYLE = "style"

Given = list[tuple[str, str]]


def _background_image(value: str) -> Given:
    url = re.fullmatch(r"""url\(\s*["']?(.*?)["']?\s*\)""", value.strip())
    if url:
        return [("data-background-image", url[1])]
    return [] if value.strip() in ("none", "") else [("data-background", value)]


def _paginate(value: str) -> Given:
    if value.lower() == "skip":
        return [("data-visibility", "uncounted")]
    return [("class", "qd-unnumbered")] if value.lower() == "false" else []


TRANSITIONS = {
    **dict.fromkeys(("fade", "dissolve", "fade-out", "cube", "flip", "glow", "implode", "explode", "zoom"), "fade"),
    **dict.fromkeys(("push", "slide", "cover", "reveal", "pull", "wipe", "swoosh", "swipe", "drop", "fall"), "slide"),
    **dict.fromkeys(("in-out", "coverflow", "swap", "rotate", "pivot", "wiper", "slide-up", "slide-down"), "slide"),
    "zoom": "zoom",
    "none": "none",
}


def transition(value: Any) -> str:
    return TRANSITIONS.get(str(value).split(" ")[0], "fade")


DIRECTIVES: Mapping[str, Callable[[str], Given]] = {
    # directive of a slide: what it gives to the section
    "backgroundColor": lambda value: [("data-background-color", value)],
    "backgroundImage": _background_image,
    "backgroundPosition": lambda value: [("data-background-position", value)],
    "backgroundRepeat": lambda value: [("data-background-repeat", value)],
    "backgroundSize": lambda value: [("data-background-size", value)],
    "class": lambda value: [("class", value)],
    "color": lambda value: [("style", f"color: {value}")],
    "footer": lambda value: [("footer", value)],
    "header": lambda value: [("header", value)],
    "paginate": _paginate,
    "transition": lambda value: [("data-transition", transition(value))],
}
_OF_TALK = {
    # directive of the whole talk: what to do where it has no counterpart
    **dict.fromkeys(("author", "auto-scaling", "date", "description", "headingDivider", "html", "image"), ""),
    **dict.fromkeys(("keywords", "lang", "language", "marp", "math", "style", "title", "url"), ""),
    "size": "write 'aspect: 4:3' into the front matter",
    "theme": "write 'theme: NAME' of a theme of Quarterdeck, and name your stylesheet under 'css'",
}


def aspect(size: Any) -> str | None:
    if str(size).upper() == "4K":
        return "16:9"
    return str(size) if re.fullmatch(r"\d+:\d+", str(size)) else None


KEYS: Mapping[str, Key] = {
    **{name: Key() for name in (*DIRECTIVES, *(f"_{name}" for name in DIRECTIVES), *_OF_TALK)},
    "theme": no_effect(_OF_TALK["theme"]),
    "size": Key(to="aspect", value=aspect),
    "paginate": Key(to="reveal.slideNumber", value=lambda value: None if value is not False else False),
    "transition": Key(to="transition", value=transition),
    **{name: Key(to=name) for name in ("title", "author", "lang", "description", "date")},
}


def heard(text: str, draft: SlideDraft, span: Span) -> bool:
    """Takes the directives of a comment."""
    if text.strip() == "fit":
        return False  # the rule for headings takes it
    given = directives(text)
    for name, value in given.items():
        _direct(name, value, draft, span)
    return bool(given)


def directives(text: str) -> dict[str, Any]:
    """Those in a comment; a comment that says anything else is a note."""
    if not _DIRECTIVE.match(text):
        return {}
    value = loosely(text)
    return value if all(name.lstrip("_$") in DIRECTIVES or name.lstrip("_$") in _OF_TALK for name in value) else {}


def loosely(text: str) -> dict[str, Any]:
    """YAML in which `#fff` is a colour and no comment."""
    colours = {found["name"]: found["colour"] for found in _COLOUR.finditer(text)}
    value: Any = {}
    for each in (text, loosened(text)):
        try:
            value = value or load_yaml(each)[0]
        except YamlMistakeError:
            continue
    if not isinstance(value, dict) or not value:
        value = dict(_lines(text))
    return {**value, **colours}


def loosened(text: str) -> str:
    """The YAML with quotes around values that begin with what YAML reserves, as in `footer: ![](a.png)`."""
    return re.sub(
        r"^([A-Za-z_]\w*[ \t]*:[ \t]+)(\\?[ \t]*[!*&@`%\\].*?\S|\[.*?[^\]\s]|[^\s\"'#|>\[{].*: .*?)[ \t]*$",
        lambda found: found[1] + "'" + found[2].removeprefix("\\").strip().replace("'", "''") + "'",
        text,
        flags=re.MULTILINE,
    )


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """`name: value` line by line, where it is no YAML: Marp takes what it can read."""
    for line in text.split("\n"):
        if found := re.fullmatch(r"\s*([_$]?[A-Za-z][\w-]*)\s*:\s*(.*?)\s*", line):
            yield found[1], found[2].strip("\"'")


def _direct(written: str, value: Any, draft: SlideDraft, span: Span) -> None:
    name = written.lstrip("_$")
    if name in DIRECTIVES and value is not None:
        draft.attrs += [(attribute, each, span) for attribute, each in DIRECTIVES[name](_text(value))]
        approximate = name == "transition" and _text(value) not in ("fade", "slide", "zoom", "none")
        outcome = ConstructOutcome.APPROXIMATED if approximate else ConstructOutcome.UNDERSTOOD
        draft.note(f"directive {name}", span, outcome, "fade, slide and zoom are what there is" if approximate else "")
    elif name == _STYLE:
        draft.attrs.append((STYLESHEET, str(value), span))
        draft.note("directive style", span)
    elif _OF_TALK.get(name):
        draft.note(f"directive {name}", span, ConstructOutcome.LEFT_OUT, _OF_TALK[name])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What each slide has from the front matter and from the slides before it: directives without `_` go on."""
    now = {name: front[name] for name in DIRECTIVES if front.get(name) is not None and name != "paginate"}
    once = {name: front[f"_{name}"] for name in DIRECTIVES if front.get(f"_{name}") is not None}
    styles = [(STYLESHEET, str(front[_STYLE]))] if front.get(_STYLE) else []
    for text in texts:
        own: dict[str, Any] = {}
        for comment in _COMMENT.finditer(text) if "<!--" in text else ():
            own |= directives(comment[1])
        passed = {name: value for name, value in (now | once).items() if name not in own and f"_{name}" not in own}
        yield (*styles, *_attributes(passed))
        now |= {name: value for name, value in own.items() if name in DIRECTIVES}
        once, styles = {}, []


def _attributes(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        yield from DIRECTIVES[name](_text(value))
