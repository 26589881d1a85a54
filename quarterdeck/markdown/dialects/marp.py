"""Marp: rules between slides, directives and notes in comments, backgrounds as `![bg](…)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Key, Separator, no_effect
from quarterdeck.markdown.dialects.beside import beside
from quarterdeck.markdown.dialects.blocks import blocks
from quarterdeck.markdown.rules import asides
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.model import Attrs, Outcome, Span
from quarterdeck.settings.yaml_text import YamlMistakeError, load_yaml

_DIRECTIVE = re.compile(r"\s*[_$]?[A-Za-z]\w*\s*:")
_OWN_KEYS = frozenset({"marp", "headingDivider", "paginate", "backgroundColor", "backgroundImage"})
_OWN_WORDS = re.compile(
    r"!\[bg\b|<!--\s*(?:_?(?:class|paginate|backgroundColor|backgroundImage|header|footer)\s*:|fit\s*-->)"
)
_COLOUR = re.compile(r"^[ \t]*(?P<name>[_$]?\w+)[ \t]*:[ \t]+(?P<colour>#[0-9a-fA-F]{3,8})[ \t]*$", re.MULTILINE)
_LENGTH = r"[\d.]+(?:px|em|rem|cm|mm|in|pt|vw|vh)?"
_SIZED = re.compile(rf"(?P<what>w|h|width|height):(?P<length>{_LENGTH}|[\d.]+%|auto)")
_FILTER = re.compile(
    r"(blur|brightness|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia)(?::(\S+))?"
)
_SIDE = re.compile(r"(left|right)(?::([\d.]+)%)?")
_FIT = {"contain": "contain", "fit": "contain", "cover": "cover", "auto": "auto"}


def _marks(evidence: Evidence) -> bool:
    return bool(_OWN_KEYS & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterable[Separator]:
    """Rules split, and with `headingDivider` headings too; a line under text is an underline, as in CommonMark."""
    levels = _dividers(cutting)
    for token in blocks(cutting):
        if token.level or token.map is None:
            continue
        if token.type == "hr":
            yield Separator(first=token.map[0], last=token.map[0])
        elif token.type == "heading_open" and int(token.tag[1:]) in levels:
            yield Separator(first=token.map[0], last=token.map[0] - 1)


def _dividers(cutting: Cutting) -> frozenset[int]:
    written = cutting.front.get("headingDivider")
    for line in cutting.lines:
        if "headingDivider" in line and (found := re.search(r"headingDivider:\s*(\[[\d,\s]*\]|\d)", line)):
            written = load_yaml(found[1])[0]
    if isinstance(written, int) and not isinstance(written, bool):
        return frozenset(range(1, written + 1))
    return frozenset(each for each in written if isinstance(each, int)) if isinstance(written, list) else frozenset()


def _background_image(value: str) -> list[tuple[str, str]]:
    url = re.fullmatch(r"""url\(\s*["']?(.*?)["']?\s*\)""", value.strip())
    if url:
        return [("data-background-image", url[1])]
    return [] if value.strip() in ("none", "") else [("data-background", value)]


DIRECTIVES: Mapping[str, Any] = {
    # directive of a slide: what it gives to the section; None where it has no counterpart
    "backgroundColor": lambda value: [("data-background-color", value)],
    "backgroundImage": _background_image,
    "backgroundPosition": lambda value: [("data-background-position", value)],
    "backgroundRepeat": lambda value: [("data-background-repeat", value)],
    "backgroundSize": lambda value: [("data-background-size", value)],
    "class": lambda value: [("class", value)],
    "color": lambda value: [("style", f"color: {value}")],
}
_OTHER = {
    "auto-scaling": "",
    "author": "",
    "description": "",
    "footer": "a theme's template may have a footer",
    "header": "a theme's template may have a header",
    "headingDivider": "",
    "html": "",
    "image": "",
    "keywords": "",
    "lang": "",
    "marp": "",
    "math": "",
    "paginate": "slides have their numbers; 'slideNumber: false' hides them",
    "size": "write 'aspect: 4:3' into the front matter",
    "style": "put it into a stylesheet and name it under 'css'",
    "theme": "write 'theme: NAME' into the front matter",
    "title": "",
    "transition": 'as in <!-- .slide: data-transition="fade" -->',
    "url": "",
}


def _heard(text: str, sheet: Sheet, span: Span) -> bool:
    """Takes the directives of a comment."""
    if text.strip() == "fit":
        return False  # the rule for headings takes it
    given = _directives(text)
    for name, value in given.items():
        _direct(name, value, sheet, span)
    return bool(given)


def _directives(text: str) -> dict[str, Any]:
    if not _DIRECTIVE.match(text):
        return {}
    value = _loosely(text)
    return value if all(name.lstrip("_$") in DIRECTIVES or name.lstrip("_$") in _OTHER for name in value) else {}


def _loosely(text: str) -> dict[str, Any]:
    """YAML in which `#fff` is a colour and no comment."""
    try:
        value, _ = load_yaml(text)
    except YamlMistakeError:
        value = {}
    colours = {found["name"]: found["colour"] for found in _COLOUR.finditer(text)}
    return {**value, **colours} if isinstance(value, dict) else colours


def _direct(written: str, value: Any, sheet: Sheet, span: Span) -> None:
    name = written.lstrip("_$")
    if name in DIRECTIVES and value is not None:
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        sheet.attrs += [(attribute, each, span) for attribute, each in DIRECTIVES[name](text)]
        sheet.note(f"directive {name}", span)
    elif _OTHER.get(name):
        sheet.note(f"directive {name}", span, Outcome.LEFT_OUT, _OTHER[name])


def _carried(front: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Attrs]:
    """What each slide has from the front matter and from the slides before it: directives without `_` go on."""
    now = {name: front[name] for name in DIRECTIVES if front.get(name) is not None}
    for text in texts:
        own: dict[str, Any] = {}
        if "<!--" in text:
            for comment in re.finditer(r"<!--(.*?)-->", text, re.DOTALL):
                own |= _directives(comment[1])
        passed = {name: value for name, value in now.items() if name not in own and f"_{name}" not in own}
        yield tuple(_attributes(passed))
        now |= {name: value for name, value in own.items() if name in DIRECTIVES}


def _attributes(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield from DIRECTIVES[name](text)


def _pictures(md: MarkdownIt) -> None:
    md.core.ruler.after("inline", "marp_pictures", pictures)


def pictures(state: StateCore) -> None:
    """`bg`, sizes and filters in the alternative text of pictures; `<!-- fit -->` in headings."""
    sheet = sheet_of(state.env)
    out: list[Token] = []
    for index, token in enumerate(state.tokens):
        out.append(token)
        if token.type != "inline":
            continue
        kept = []
        for child in token.children or []:
            if child.type == "image" and not _is_picture(child, token, sheet, out):
                continue
            if (
                child.type == "html_inline"
                and child.content[4:-3].strip() == "fit"
                and child.content.startswith("<!--")
            ):
                annotate(state.tokens[index - 1].attrs, "class", "r-fit-text")
                sheet.note("fit", sheet.span(token.map[0] if token.map else 0))
                continue
            kept.append(child)
        token.children = _trimmed(kept) if len(kept) < len(token.children or []) else kept
    state.tokens = out


def _trimmed(children: list[Token]) -> list[Token]:
    """Without line ends and blanks at either side: they stood beside what is gone."""

    def blank(token: Token) -> bool:
        return token.type.endswith("break") or (token.type == "text" and not token.content.strip())

    kept = list(dropwhile(blank, children))
    while kept and blank(kept[-1]):
        kept.pop()
    if kept and kept[-1].type == "text":
        kept[-1].content = kept[-1].content.rstrip()
    return kept


def _is_picture(image: Token, text: Token, sheet: Sheet, out: list[Token]) -> bool:
    """Gives a picture the sizes in its text; False where it is a background."""
    words = image.content.split()
    span = sheet.in_content(text, text.content, int(image.meta.get("at", 0)), int(image.meta.get("width", 1)))
    attrs: dict[str, Any] = image.meta.setdefault("attrs", {})
    rest = []
    filters = []
    for word in words:
        sized = _SIZED.fullmatch(word)
        filtered = _FILTER.fullmatch(word)
        if sized:
            length = sized["length"]
            unit = "px" if re.fullmatch(r"[\d.]+", length) else ""
            annotate(attrs, "style", f"{'width' if sized['what'][0] == 'w' else 'height'}: {length}{unit}")
        elif filtered:
            filters.append(f"{filtered[1]}({(filtered[2] or '').replace(',', ' ')})")
        else:
            rest.append(word)
    if filters:
        annotate(attrs, "style", f"filter: {' '.join(filters)}")
    if "bg" in rest:
        _background(image, rest, sheet, span, out)
        return False
    if len(rest) != len(words):
        sheet.note("picture with a size or filter", span)
        image.content = " ".join(rest)
        image.children = [Token("text", "", 0, content=image.content)] if rest else []
    return True


def _background(image: Token, words: list[str], sheet: Sheet, span: Span, out: list[Token]) -> None:
    source = str(image.attrs.get("src", ""))
    size = next((_FIT[word] for word in words if word in _FIT), "")
    size = size or next((word for word in words if re.fullmatch(r"[\d.]+%", word)), "")
    side = next((found for word in words if (found := _SIDE.fullmatch(word))), None)
    if side:
        out[:0] = beside(image, side=side[1], share=side[2] or "50", fit=size or "cover", sheet=sheet, span=span)
        sheet.note("background beside the text", span)
        return
    already = [index for index, (name, _, _) in enumerate(sheet.attrs) if name == "data-background-image"]
    if already:
        message = "one of them is shown; put the pictures into columns"
        sheet.note("several backgrounds", span, Outcome.APPROXIMATED, message)
        return
    sheet.attrs.append(("data-background-image", source, span))
    if size:
        sheet.attrs.append(("data-background-size", size, span))
    if image.meta["attrs"]:
        sheet.note("background with a filter", span, Outcome.APPROXIMATED, "change the picture itself")
    else:
        sheet.note("background", span)


def _notes(md: MarkdownIt) -> None:
    asides.comments_are_notes(md, heard=_heard)


def _aspect(size: Any) -> str | None:
    return str(size) if re.fullmatch(r"\d+:\d+", str(size)) else None


MARP = Dialect(
    name="marp",
    title="Marp",
    marks=_marks,
    separator="---",
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments"},
    rules=(_pictures, _notes, asides.install),
    keys={
        **{name: Key() for name in ("marp", "headingDivider", *DIRECTIVES)},
        **{
            name: no_effect(remedy)
            for name, remedy in _OTHER.items()
            if name not in ("title", "author", "lang", "description", "marp", "headingDivider", "transition")
        },
        "size": Key(to="aspect", value=_aspect),
        "paginate": Key(to="reveal.slideNumber", value=lambda value: None if value is True else False),
        "transition": no_effect("as in 'transition: fade'"),
    },
    values=_loosely,
    tolerant=True,
    carried=_carried,
)
