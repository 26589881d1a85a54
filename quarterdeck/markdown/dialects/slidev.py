"""Slidev: front matter for each slide, slots, clicks as tags, notes in the last comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects import lengths, slidev_components, stylesheets, uno
from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Key, Separator, no_effect
from quarterdeck.markdown.dialects.beside import beside
from quarterdeck.markdown.rules import asides, clicks, code_files
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.model import ConstructOutcome
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml

_CLOSES = re.compile(r"---[ \t]*")
_SLOT = re.compile(r"::[ \t]*([\w-]+)[ \t]*::[ \t]*")
_FENCED_HEAD = re.compile(r"(`{3,})ya?ml[ \t]*")
_OWN_KEYS = frozenset(
    {
        *("addons", "canvasWidth", "clicks", "colorSchema", "drawings", "highlighter", "lineNumbers", "mdc", "monaco"),
        *(
            "overviewSnapshots",
            "routeAlias",
            "comark",
            "hideInToc",
            "routerMode",
            "seoMeta",
            "themeConfig",
            "titleTemplate",
            "twoslash",
        ),
    }
)
_OTHER_KEYS = (
    *("browserExporter", "contextMenu", "css", "defaults", "download", "export", "exportFilename", "favicon", "fonts"),
    *("htmlAttrs", "keywords", "plantUmlServer", "presenter", "record", "remoteAssets", "selectable", "wakeLock"),
)
_OF_TALK = _OWN_KEYS | frozenset(("author", "info", "theme", *_OTHER_KEYS))
"""Keys of the talk, which share their place with those of its first slide."""
_THEMES = frozenset(
    {"seriph", "apple-basic", "bricks", "shibainu", "geist", "penguin", "neversink", "academic", "unicorn", "purplin"}
)
_OWN_WORDS = re.compile(
    r"^---[ \t]*\n(?:\w+:.*\n)*?(?:(?:layout|clicks|routeAlias|src|level):[ \t]*(?!true|false)\S.*|hideInToc:.*)\n"
    r"(?:\w+:.*\n|[ \t]*\n)*?---[ \t]*$"
    r"|^::right::|^[ \t]*(?:[-*+] )?<v-clicks?\b|^<<< @/",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    theme = str(evidence.front.get("theme", ""))
    if "xaringan" in str(evidence.front.get("output", "")):
        return False
    own = bool(_OWN_KEYS & evidence.keys) or theme in _THEMES or "slidev" in theme
    return own or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterator[Separator]:
    """A rule begins a slide; one with front matter below it is the slide's own first line."""
    until = 0
    for separator in cutting.separators:
        if separator.first < until:
            continue
        end = head_end(cutting.lines, separator.first)
        if end:
            yield Separator(first=separator.first, last=separator.first - 1)
            until = end
        else:
            yield separator


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


def _included(text: str) -> str:
    lines = text.split("\n")
    end = head_end(lines, 0)
    values = head_of("\n".join(lines[1 : end - 1])) if end else None
    return str((values or {}).get("src", ""))


# the front matter of a slide


@dataclass(frozen=True, slots=True, kw_only=True)
class _SlideHead:
    values: Mapping[str, Any]
    line: int
    end: int


def _head(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "slide_head", slide_head)
    md.core.ruler.after("block", "slots_of_slide", slots_of_slide)


def slide_head(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    sheet = sheet_of(state.env)
    if silent or state.level or sheet.first or sheet.definitions_only or state.env.get("headed"):
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
    if "layout" not in values and sheet.foreign and _opens_talk(values):
        values = {**values, "layout": "cover"}
    _apply(values, sheet, lines)
    state.env["layout"] = (str(values.get("layout", "")), values)
    state.line = min(last, end)
    return True


def _opens_talk(values: Mapping[str, Any]) -> bool:
    """Whether it is the front matter of a talk, whose first slide is its cover."""
    return bool((_OF_TALK | {"title"}) & values.keys())


def _apply(values: Mapping[str, Any], sheet: Sheet, lines: Sequence[str]) -> None:
    for name, value in values.items():
        number = next((at for at, line in enumerate(lines) if line.startswith(f"{name}:")), 0)
        span = sheet.span(number)
        if name in PROPERTIES:
            attributes, remedy = PROPERTIES[name](value)
            sheet.attrs += [(key, each, span) for key, each in attributes]
            if name not in ("layout", "image"):
                outcome = ConstructOutcome.LEFT_OUT if remedy else ConstructOutcome.UNDERSTOOD
                sheet.note(f"slide key {name}", span, outcome, remedy)
        elif not _OF_TALK & values.keys():
            sheet.note(f"slide key {name}", span, ConstructOutcome.LEFT_OUT, "nothing here has that meaning")


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

Given = tuple[list[tuple[str, str]], str]


def _classes(value: Any) -> Given:
    """The classes themselves, and how they look; where the slide stands is not theirs to say."""
    names = [str(each) for each in value] if isinstance(value, list) else str(value).split()
    found = [("class", " ".join(names))]
    if {"items-center", "place-content-center", "justify-center"} & set(names):
        found.append(("class", "qd-centred"))
    looks = uno.declarations(name for name in names if _LOOKS.match(name))
    return [*found, *([("style", looks)] if looks else [])], ""


_LOOKS = re.compile(r"!?(?:text-(?!center|left|right)|bg-|p[xytblr]?-|font-|leading-|italic|uppercase)")


def _layout(value: Any) -> Given:
    ours = LAYOUTS.get(str(value), "")
    classes = [("class", "qd-centred")] if str(value) == "center" else []
    return [*classes, *([("layout", ours)] if ours else [])], ""


def _background(value: Any) -> Given:
    text = str(value)
    looks_like_file = re.search(r"\.\w{3,4}(?:$|[?#])|^https?:|^/", text)
    return [("data-background-image" if looks_like_file else "data-background", text)], ""


_TRANSITIONS = {"fade": "fade", "fade-out": "fade", "none": "none", "view-transition": "fade"}


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


# columns


def slot_line(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("::", begin) or state.is_code_block(start):
        return False
    found = _SLOT.fullmatch(state.src, begin, state.eMarks[start])
    if found is None:
        return False
    if not silent:
        token = Token("slot_line", "", 0, block=True, map=[start, start + 1])
        token.info = found[1]
        state.tokens.append(token)
        state.line = start + 1
    return True


def _slots(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "slot_line", slot_line, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def slots_of_slide(state: StateCore) -> None:
    """Puts the parts of a slide with two columns into two boxes, and the picture of its layout beside its words."""
    sheet = sheet_of(state.env)
    layout, values = state.env.pop("layout", ("", {}))
    parts = list(_parts(state.tokens))
    if len(parts) > 1 or layout.startswith("two-cols"):
        state.tokens = _columns(parts, layout, sheet)
    image = str(values.get("image", "")) if isinstance(values, Mapping) else ""
    if image and layout in ("image", "cover", "intro"):
        sheet.attrs.append(("data-background-image", image, sheet.span(0)))
        sheet.note(f"layout {layout}", sheet.span(0))
    elif image:
        side = layout.removeprefix("image-") if layout in ("image-left", "image-right") else "right"
        token = Token("image", "img", 0, attrs={"src": image, "alt": ""}, children=[])
        fit = str(values.get("backgroundSize", "cover"))
        state.tokens[:0] = beside(token, side=side, share="50", fit=fit, sheet=sheet, span=sheet.span(0))
        sheet.note(f"layout {layout}", sheet.span(0))
    elif layout.startswith("iframe") and isinstance(values, Mapping):
        sheet.attrs.append(("data-background-iframe", str(values.get("url", "")), sheet.span(0)))
        sheet.note(f"layout {layout}", sheet.span(0), ConstructOutcome.APPROXIMATED, "the page fills the slide")
    elif layout in LAYOUTS:
        sheet.note(f"layout {layout}", sheet.span(0))
    elif layout:
        remedy = "the layout is chosen by what is on the slide; <!-- .slide: layout=NAME --> names one"
        sheet.note(f"layout {layout}", sheet.span(0), ConstructOutcome.APPROXIMATED, remedy)


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    name = "default"
    part: list[Token] = []
    for token in tokens:
        if token.type == "slot_line":
            yield name, part
            name, part = token.info, []
        else:
            part.append(token)
    yield name, part


_STACKED = frozenset(("top", "title", "header", "content", "bottom", "footer"))
"""Slots that stand above and below each other; all others stand side by side."""


def _columns(parts: Sequence[tuple[str, list[Token]]], layout: str, sheet: Sheet) -> list[Token]:
    first, rest = parts[0][1], list(parts[1:])
    if layout == "two-cols-header" or (rest and rest[0][0] in ("left", "default", *_STACKED)):
        heads, columns = first, rest
    else:
        at = _behind_headings(first)
        heads, columns = first[:at], [("left", first[at:]), *rest]
    above = [part for name, part in columns if name in ("top", "title", "header")]
    below = [part for name, part in columns if name in _STACKED - {"top", "title", "header"}]
    boxes = [part for name, part in columns if name not in _STACKED]
    out = [*(token for part in above for token in part), *heads]
    if boxes:
        count = {"class": "qd-cols", "data-count": str(len(boxes))}
        out.append(Token("div_open", "div", 1, block=True, attrs=dict(count)))
        for box in boxes:
            out += [Token("div_open", "div", 1, block=True, attrs={"class": "qd-col"}), *box]
            out.append(Token("div_close", "div", -1, block=True))
        out.append(Token("div_close", "div", -1, block=True))
        sheet.note("columns", sheet.span(0))
    return [*out, *(token for part in below for token in part)]


def _behind_headings(tokens: Sequence[Token]) -> int:
    at = 0
    while at < len(tokens) and tokens[at].type == "heading_open":
        at += 3
    return at


_NOTHING = no_effect()
SLIDEV = Dialect(
    name="slidev",
    title="Slidev",
    marks=_marks,
    separator=r"^---+[ \t]*$",
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments"},
    rules=(
        stylesheets.install_for_slide,
        _head,
        _slots,
        code_files.install,
        clicks.install,
        slidev_components.install,
        lengths.install,
        lambda md: asides.comments_are_notes(md, heard=lambda _text, _sheet, _span: False, last_only=True),
        asides.install,
    ),
    keys={
        **dict.fromkeys((*_OWN_KEYS, *_OTHER_KEYS), _NOTHING),
        **dict.fromkeys(PROPERTIES, Key()),
        "theme": no_effect("write 'theme: NAME' of a theme of Quarterdeck"),
        "aspectRatio": Key(
            to="aspect", value=lambda value: str(value).replace("/", ":") if "/" in str(value) else None
        ),
        "canvasWidth": Key(to="width", value=lambda value: value if isinstance(value, int) else None),
        "colorSchema": Key(to="scheme", value=lambda value: value if value in ("auto", "light", "dark") else None),
        "info": Key(
            to="description", value=lambda value: " ".join(str(value).split()) if isinstance(value, str) else None
        ),
        "transition": Key(
            to="transition",
            value=lambda value: (dict(_transition(value)[0]) or {}).get("data-transition"),
        ),
        "title": Key(to="title"),
        "addons": no_effect("what an addon does has to be written by hand"),
        "drawings": no_effect("there is no pen here"),
        "fonts": no_effect("a theme brings its fonts"),
    },
    tolerant=True,
    heads_slides=True,
    sources=re.compile(r"^<<<[ \t]+(?P<path>[^\s#{]+)", re.MULTILINE),
    included=_included,
)
