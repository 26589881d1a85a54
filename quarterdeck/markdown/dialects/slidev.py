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

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Key, Separator, no_effect
from quarterdeck.markdown.dialects.beside import beside
from quarterdeck.markdown.rules import asides
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.markdown.rules.tags import Tag, html_of, read_pieces
from quarterdeck.model import Outcome
from quarterdeck.settings.yaml_text import YamlMistakeError, load_yaml

_RULE = re.compile(r"---+[ \t]*")
_CLOSES = re.compile(r"---[ \t]*")
_SLOT = re.compile(r"::[ \t]*([\w-]+)[ \t]*::[ \t]*")
_IMPORT = re.compile(r"<<<[ \t]+(?P<path>\S+?)(?P<region>#[\w-]+)?(?:[ \t]+(?P<info>.*))?")
_FENCED_HEAD = re.compile(r"(`{3,})ya?ml[ \t]*")
_OWN_KEYS = frozenset(
    {
        *("addons", "canvasWidth", "clicks", "colorSchema", "drawings", "highlighter", "lineNumbers", "mdc", "monaco"),
        *("overviewSnapshots", "routeAlias", "routerMode", "seoMeta", "themeConfig", "titleTemplate", "twoslash"),
    }
)
_OTHER_KEYS = (
    *("browserExporter", "contextMenu", "css", "defaults", "download", "export", "exportFilename", "favicon", "fonts"),
    *("htmlAttrs", "keywords", "plantUmlServer", "presenter", "record", "remoteAssets", "selectable", "wakeLock"),
)
_OF_TALK = _OWN_KEYS | frozenset(("author", "info", "theme", *_OTHER_KEYS))
"""Keys of the talk, which share their place with those of its first slide."""
_THEMES = frozenset({"seriph", "apple-basic", "bricks", "shibainu"})
_OWN_WORDS = re.compile(
    r"^---[ \t]*\n(?:\w+:.*\n)*?(?:layout|clicks|routeAlias|hideInToc|src|level):[ \t]*(?!true|false)\S.*\n"
    r"(?:\w+:.*\n)*?---[ \t]*$"
    r"|^::right::|<v-clicks?\b|^<<< @/",
    re.MULTILINE,
)


def _marks(evidence: Evidence) -> bool:
    theme = str(evidence.front.get("theme", ""))
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
class _Head:
    values: Mapping[str, Any]
    line: int
    end: int


def _head(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "slide_head", slide_head)
    md.core.ruler.after("block", "slots_of_slide", slots_of_slide)


def slide_head(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    sheet = sheet_of(state.env)
    if silent or start or state.level or sheet.first or sheet.definitions_only:
        return False
    lines = state.src.split("\n")
    last = head_end(lines, 0)
    if last:
        values = head_of("\n".join(lines[1 : last - 1]))
    elif opened := _FENCED_HEAD.fullmatch(lines[0]):
        last = next((number + 1 for number in range(1, len(lines)) if lines[number].strip() == opened[1]), 0)
        values = head_of("\n".join(lines[1 : last - 1])) if last else None
        if values is None or not any(name in PROPERTIES for name in values):
            return False
    else:
        return False
    values = values or {}
    _apply(values, sheet, lines)
    state.env["layout"] = (str(values.get("layout", "")), values)
    state.line = min(last, end)
    return True


def _apply(values: Mapping[str, Any], sheet: Sheet, lines: Sequence[str]) -> None:
    for name, value in values.items():
        number = next((at for at, line in enumerate(lines) if line.startswith(f"{name}:")), 0)
        span = sheet.span(number)
        if name in PROPERTIES:
            attributes, remedy = PROPERTIES[name](value)
            sheet.attrs += [(key, each, span) for key, each in attributes]
            if name not in ("layout", "image"):
                outcome = Outcome.LEFT_OUT if remedy else Outcome.UNDERSTOOD
                sheet.note(f"slide key {name}", span, outcome, remedy)
        elif not _OF_TALK & values.keys():
            sheet.note(f"slide key {name}", span, Outcome.LEFT_OUT, "nothing here has that meaning")


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


def _layout(value: Any) -> Given:
    ours = LAYOUTS.get(str(value), "")
    return ([("layout", ours)] if ours else []), ""


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
    "class": lambda value: ([("class", " ".join(value) if isinstance(value, list) else str(value))], ""),
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
    **dict.fromkeys(("title", "level", "hideInToc", "preload", "name", "dragPos"), _says_nothing),
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
        sheet.note(f"layout {layout}", sheet.span(0), Outcome.APPROXIMATED, "the page fills the slide")
    elif layout in LAYOUTS:
        sheet.note(f"layout {layout}", sheet.span(0))
    elif layout:
        remedy = "the layout is chosen by what is on the slide; <!-- .slide: layout=NAME --> names one"
        sheet.note(f"layout {layout}", sheet.span(0), Outcome.APPROXIMATED, remedy)


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


def _columns(parts: Sequence[tuple[str, list[Token]]], layout: str, sheet: Sheet) -> list[Token]:
    first, rest = parts[0][1], list(parts[1:])
    if layout == "two-cols-header" or (rest and rest[0][0] in ("left", "default")):
        heads, columns = first, rest
    else:
        at = _behind_headings(first)
        heads, columns = first[:at], [("left", first[at:]), *rest]
    out = list(heads)
    bottom = [part for name, part in columns if name in ("bottom", "footer")]
    boxes = [part for name, part in columns if name not in ("bottom", "footer")]
    if boxes:
        count = {"class": "qd-cols", "data-count": str(len(boxes))}
        out.append(Token("div_open", "div", 1, block=True, attrs=dict(count)))
        for box in boxes:
            out += [Token("div_open", "div", 1, block=True, attrs={"class": "qd-col"}), *box]
            out.append(Token("div_close", "div", -1, block=True))
        out.append(Token("div_close", "div", -1, block=True))
        sheet.note("columns", sheet.span(0))
    return [*out, *(token for part in bottom for token in part)]


def _behind_headings(tokens: Sequence[Token]) -> int:
    at = 0
    while at < len(tokens) and tokens[at].type == "heading_open":
        at += 3
    return at


# clicks

_CLICKED = ("v-click", "v-after", "vclick", "vafter")


def _clicks(md: MarkdownIt) -> None:
    md.core.ruler.before("outline", "clicks", clicks)


def clicks(state: StateCore) -> None:
    """`<v-click>`, `<v-clicks>` and `v-click` attributes as fragments."""
    sheet = sheet_of(state.env)
    each_of: list[int] = []
    for token in state.tokens:
        html = [token] if token.type == "html_block" else [c for c in token.children or () if c.type == "html_inline"]
        for one in html:
            if "v-" in one.content or "V" in one.content:
                _click(one, token, sheet, each_of)
        if each_of and token.type == "list_item_open":
            annotate(token.attrs, "class", "fragment")


def _click(html: Token, block: Token, sheet: Sheet, each_of: list[int]) -> None:
    if html.type == "html_inline" and html.content.startswith("<!--"):
        return
    pieces = read_pieces(html.content)
    at = int(html.meta.get("at", 0))
    gone: list[Tag] = []
    for piece in pieces:
        if not isinstance(piece, Tag):
            continue
        span = sheet.in_content(block, block.content, at + piece.start, len(piece.text))
        name = piece.name.replace("-", "")
        if name == "vclicks":
            each_of[:] = each_of[:-1] if piece.closes else [*each_of, 1]
            gone.append(piece)
        elif piece.closes:
            continue
        elif name in ("vclick", "vafter"):
            piece.set("class", "fragment")
            if (place := piece.get("at") or piece.get(":at") or "").isdecimal():
                piece.set("data-fragment-index", place)
        elif not _clicked(piece):
            if name.startswith(("v", "arrow")) and "-" in piece.name:
                remedy = "a fragment or a step of code may do it"
                sheet.note(f"<{piece.name}>", span, Outcome.APPROXIMATED, remedy)
            continue
        sheet.note("clicks", span)
    html.content = html_of([piece for piece in pieces if piece not in gone])


def _clicked(tag: Tag) -> bool:
    for name, value in tag.attributes:
        if name.partition(".")[0] in _CLICKED:
            tag.set("class", "fragment" if ".hide" not in name else "fragment fade-out")
            if value and value.isdecimal():
                tag.set("data-fragment-index", value)
            return True
    return False


# code


def _code(md: MarkdownIt) -> None:
    md.block.ruler.before(
        "table", "code_import", code_import, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.after("block", "slidev_fences", fences)


def code_import(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """`<<< @/snippets/x.js#region {2|4}`: the code of a file."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<<<", begin) or state.is_code_block(start):
        return False
    found = _IMPORT.fullmatch(state.src, begin, state.eMarks[start])
    if found is None:
        return False
    if not silent:
        sheet = sheet_of(state.env)
        path = found["path"].removeprefix("@/").removeprefix("/")
        text = sheet.files.get(found["path"])
        token = Token("fence", "code", 0, block=True, map=[start, start + 1], markup="<<<")
        info = found["info"] or ""
        language = "" if re.match(r"[\w+-]", info) else path.rpartition(".")[2]
        token.info = f"{language} {info}".strip()
        token.meta["file"] = path.rpartition("/")[2]
        span = sheet.span(start)
        if text is None:
            token.content = f"{path}\n"
            sheet.note("code of a file", span, Outcome.TEXT, f"there is no file {path} beside the talk")
        else:
            token.content = region(text, (found["region"] or "").removeprefix("#"))
            sheet.note("code of a file", span)
        state.tokens.append(token)
        state.line = start + 1
    return True


def region(text: str, name: str) -> str:
    """The lines between `#region NAME` and `#endregion NAME`; all of them where there is no such place."""
    if not name:
        return text
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if re.search(rf"#?region\s+{re.escape(name)}\b", line)), None)
    if start is None:
        return text
    behind = range(start + 1, len(lines))
    end = next((at for at in behind if re.search(r"#?end ?region\b", lines[at])), len(lines))
    return "\n".join(lines[start + 1 : end]) + "\n"


def fences(state: StateCore) -> None:
    """`{2|4-5}` are steps as they stand; `all`, `*`, `{lines:true}` and words for Slidev are read here."""
    sheet = sheet_of(state.env)
    for token in state.tokens:
        if token.type != "fence":
            continue
        words = re.findall(r"\{[^{}]*\}|\[[^\]]*\]|\S+", token.info)
        language = words[0] if words and words[0][0] not in "{[" else ""
        rest = words[1:] if language else words
        kept = [language]
        token.meta["numbered"] = False
        for word in rest:
            inner = word[1:-1].strip()
            if word[0] == "{" and re.fullmatch(r"[\d\s,|\-*]*(?:(?:all|hide|none|\*)[\d\s,|\-*]*)*(?:at:.*)?", inner):
                kept.append(f"[{_steps(inner)}]" if inner else "")
            elif word[0] == "{" and re.match(r"run\b", inner):
                kept.append(word)
            elif word[0] == "[" and inner:
                token.meta["file"] = inner
            elif word[0] == "{" and re.match(r"lines\s*:\s*true|.*startLine", inner):
                kept.append("[]" if not any(each.startswith("[") for each in kept) else "")
                token.meta["numbered"] = True
            else:
                span = sheet.span(token.map[0] if token.map else 0)
                remedy = "the code is shown; {run} behind the language records what it prints"
                sheet.note(f"code with {word.partition(':')[0].strip('{} ')}", span, Outcome.APPROXIMATED, remedy)
        token.meta["info"] = " ".join(filter(None, kept))


def _steps(text: str) -> str:
    lines = text.partition("at:")[0].strip(" ,")
    return re.sub(r"all|\*|hide|none", "", lines)


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
        _head,
        _slots,
        _code,
        _clicks,
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
