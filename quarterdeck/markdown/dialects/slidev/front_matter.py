"""Slidev's front matter: that of the talk, and that of each slide, which stands at its head."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from quarterdeck.markdown.dialects.base import Key, no_effect
from quarterdeck.markdown.dialects.slidev.utility_classes import declarations
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.regex import regex

_CLOSES = regex(r"---[ \t]*")
_FENCED_HEAD = regex(r"(`{3,})ya?ml[ \t]*")
OWN_KEYS = frozenset(
    {
        *("addons", "canvasWidth", "clicks", "colorSchema", "drawings", "highlighter", "lineNumbers", "mdc", "monaco"),
        *("overviewSnapshots", "routeAlias", "comark", "hideInToc", "routerMode", "seoMeta", "themeConfig"),
        *("titleTemplate", "twoslash"),
    }
)
_OTHER_KEYS = (
    *("browserExporter", "contextMenu", "css", "defaults", "download", "export", "exportFilename", "favicon", "fonts"),
    *("htmlAttrs", "keywords", "plantUmlServer", "presenter", "record", "remoteAssets", "selectable", "wakeLock"),
)
_OF_TALK = OWN_KEYS | frozenset(("author", "info", "theme", *_OTHER_KEYS))
"""Keys of the talk, which share their place with those of its first slide."""
LAYOUTS = {
    # layout of Slidev: ours; an empty one is chosen by content
    "center": "",
    "cover": "title",
    "default": "",
    "end": "end",
    "fact": "statement",
    "full": "",
    "iframe": "",
    "iframe-left": "",
    "iframe-right": "",
    "image": "",
    "image-left": "",
    "image-right": "",
    "intro": "title",
    "none": "",
    "quote": "quote",
    "section": "section",
    "statement": "statement",
    "two-cols": "",
    "two-cols-header": "",
}
_TRANSITIONS = {"fade": "fade", "fade-out": "fade", "none": "none", "view-transition": "fade"}
_LOOKS = regex(r"!?(?:text-(?!center|left|right)|bg-|p[xytblr]?-|font-|leading-|italic|uppercase)")
Given = tuple[list[tuple[str, str]], str]


def _classes(value: Any) -> Given:
    """The classes themselves, and how they look; where the slide stands is not theirs to say."""
    names = [str(each) for each in value] if isinstance(value, list) else str(value).split()
    found = [("class", " ".join(names))]
    if {"items-center", "place-content-center", "justify-center"} & set(names):
        found.append(("class", "qd-centred"))
    looks = declarations(name for name in names if _LOOKS.match(name))
    return [*found, *([("style", looks)] if looks else [])], ""


def _layout(value: Any) -> Given:
    ours = LAYOUTS.get(str(value), "")
    classes = [("class", "qd-centred")] if str(value) == "center" else []
    return [*classes, *([("layout", ours)] if ours else [])], ""


def _background(value: Any) -> Given:
    text = str(value)
    looks_like_file = re.search(r"\.\w{3,4}(?:$|[?#])|^https?:|^/", text)
    return [("data-background-image" if looks_like_file else "data-background", text)], ""


def _transition(value: Any) -> Given:
    name = str(value).partition("|")[0].strip() if isinstance(value, str) else ""
    ours = _TRANSITIONS.get(name, "slide" if name.startswith("slide") else "")
    return ([("data-transition", ours)] if ours else []), "" if ours else "as in transition: fade"


def _hidden(value: Any) -> Given:
    return ([("data-visibility", "hidden")] if value is True else []), ""


def _says_nothing(_value: Any) -> Given:
    return [], ""


PROPERTIES: dict[str, Callable[[Any], Given]] = {
    # key in the front matter of a slide: what it gives to the section, and a remedy where that is nothing
    "layout": _layout,
    "class": _classes,
    "background": _background,
    "backgroundSize": lambda value: ([("data-background-size", str(value))], ""),
    "transition": _transition,
    "routeAlias": lambda value: ([("id", str(value))], ""),
    "id": lambda value: ([("id", str(value))], ""),
    "hide": _hidden,
    "disabled": _hidden,
    "image": _says_nothing,
    "url": _says_nothing,
    "src": _says_nothing,
    "clicks": lambda _value: ([], "steps are counted from what is on the slide"),
    "zoom": lambda _value: ([], "make the content shorter, or two slides of it"),
    **dict.fromkeys(("title", "level", "hideInToc", "preload", "name", "dragPos", "layoutClass"), _says_nothing),
}
KEYS: Mapping[str, Key] = {
    **dict.fromkeys((*OWN_KEYS, *_OTHER_KEYS), no_effect()),
    **dict.fromkeys(PROPERTIES, Key()),
    "theme": no_effect("write 'theme: NAME' of a theme of Quarterdeck"),
    "aspectRatio": Key(to="aspect", value=lambda value: str(value).replace("/", ":") if "/" in str(value) else None),
    "canvasWidth": Key(to="width", value=lambda value: value if isinstance(value, int) else None),
    "colorSchema": Key(to="scheme", value=lambda value: value if value in ("auto", "light", "dark") else None),
    "info": Key(to="description", value=lambda value: " ".join(str(value).split()) if isinstance(value, str) else None),
    "transition": Key(
        to="transition",
        value=lambda value: (dict(_transition(value)[0]) or {}).get("data-transition"),
    ),
    "title": Key(to="title"),
    "addons": no_effect("what an addon does has to be written by hand"),
    "drawings": no_effect("there is no pen here"),
    "fonts": no_effect("a theme brings its fonts"),
}


def install(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "slide_head", slide_head)


def slide_head(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    draft = draft_of(state.env)
    if silent or state.level or draft.first or draft.definitions_only or state.env.get("headed"):
        return False
    state.env["headed"] = True
    lines = state.src.split("\n")
    last = head_end(lines, start)
    if last:
        values = head_of("\n".join(lines[start + 1 : last - 1]))
    elif opened := _FENCED_HEAD.fullmatch(lines[start]):
        last = next((number + 1 for number in range(start + 1, len(lines)) if lines[number].strip() == opened[1]), 0)
        values = head_of("\n".join(lines[start + 1 : last - 1])) if last else None
        if values is None or not any(name in PROPERTIES for name in values):
            return False
    else:
        return False
    values = values or {}
    if "layout" not in values and draft.foreign and _opens_talk(values):
        values = {**values, "layout": "cover"}
    _apply(values, draft, lines)
    state.env["layout"] = (str(values.get("layout", "")), values)
    state.line = min(last, end)
    return True


def _opens_talk(values: Mapping[str, Any]) -> bool:
    """Whether it is the front matter of a talk, whose first slide is its cover."""
    return bool((_OF_TALK | {"title"}) & values.keys())


def _apply(values: Mapping[str, Any], draft: SlideDraft, lines: Sequence[str]) -> None:
    for name, value in values.items():
        number = next((at for at, line in enumerate(lines) if line.startswith(f"{name}:")), 0)
        span = draft.span(number)
        if name in PROPERTIES:
            attributes, remedy = PROPERTIES[name](value)
            draft.attrs += [(key, each, span) for key, each in attributes]
            if name not in ("layout", "image"):
                outcome = ConstructOutcome.LEFT_OUT if remedy else ConstructOutcome.UNDERSTOOD
                draft.note(f"slide key {name}", span, outcome, remedy)
        elif not _OF_TALK & values.keys():
            draft.note(f"slide key {name}", span, ConstructOutcome.LEFT_OUT, "nothing here has that meaning")


def head_end(lines: Sequence[str], start: int) -> int:
    """The line behind the front matter that begins in a line; 0 where none does."""
    if not _CLOSES.fullmatch(lines[start]) or start + 1 >= len(lines) or not lines[start + 1].strip():
        return 0
    for number in range(start + 1, min(len(lines), start + 200)):
        if _CLOSES.fullmatch(lines[number]):
            return number + 1 if head_of("\n".join(lines[start + 1 : number])) is not None else 0
    return 0


def head_of(text: str) -> Mapping[str, Any] | None:
    try:
        value, _ = load_yaml(text)
    except YamlMistakeError:
        return None
    return value if isinstance(value, dict) else None


def included(text: str) -> str:
    lines = text.split("\n")
    end = head_end(lines, 0)
    values = head_of("\n".join(lines[1 : end - 1])) if end else None
    return str((values or {}).get("src", ""))
