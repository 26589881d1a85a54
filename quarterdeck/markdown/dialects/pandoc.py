"""pandoc and Quarto: headings begin slides, boxes between colons, attributes in braces, a title slide of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from quarterdeck.markdown.dialects.base import NEVER, OF_OBSIDIAN, Cutting, Dialect, Evidence, Key, Separator, no_effect
from quarterdeck.markdown.dialects.blocks import blocks
from quarterdeck.markdown.rules import asides, divs, pauses
from quarterdeck.markdown.rules.elements import annotate
from quarterdeck.markdown.rules.sheet import Sheet, sheet_of
from quarterdeck.model import Outcome, Span
from quarterdeck.settings.yaml_text import YamlMistakeError, load_yaml

_OWN_KEYS = frozenset(
    {
        *("format", "slide-level", "slideLevel", "bibliography", "csl", "header-includes", "revealjs-url", "output"),
        *("institute", "filters", "execute", "jupyter", "engine", "documentclass", "aspectratio", "subtitle"),
    }
)
_OWN_WORDS = re.compile(
    r"^:{3,}[ \t]*\{[^}\n]*\.(?:column|columns|incremental|notes|fragment|r-stack)\b"
    r"|^:{3,}[ \t]*(?:columns|notes|incremental)\b|\A%[ \t]+\S"
    r"|^\. \. \.[ \t]*$|^```[ \t]*\{(?:python|r|julia|ojs)\b[^}\n]*\}",
    re.MULTILINE,
)
_DASHES = re.compile(r"^---[ \t]*$", re.MULTILINE)
_TITLE_LINE = re.compile(r"%[ \t]+(?P<text>\S.*)")
_INLINE_GROUP = re.compile(r"\{[ \t]*(?:[#.][\w-]|[\w-]+=)[^{}\n]*\}")
_GROUP = re.compile(r"[ \t]*(?P<group>\{[^{}]*\})[ \t]*$")
_CROSSED = re.compile(r"\{\{<.*?>\}\}|\[@[^\]]+\]")


def _marks(evidence: Evidence) -> bool:
    if evidence.suffix in (".qmd", ".rmd"):
        return True
    if _OWN_KEYS & evidence.keys and not _DASHES.search(evidence.body):
        return True
    return bool({"format", "slide-level"} & evidence.keys) or _OWN_WORDS.search(evidence.body) is not None


def _cut(cutting: Cutting) -> Iterable[Separator]:
    """Headings down to the slide level begin slides, rules too; a heading above that level opens a stack."""
    found = list(blocks(cutting))
    level = _slide_level(cutting, found)
    stacked = False
    behind_rule = -1
    for token in found:
        line = token.map[0] if token.map else 0
        if token.type == "hr":
            yield Separator(first=line, last=line, below=stacked)
            behind_rule = line
        elif token.type == "heading_open" and int(token.tag[1:]) <= level:
            above = int(token.tag[1:]) < level
            between = cutting.lines[behind_rule + 1 : line] if behind_rule >= 0 else ["x"]
            if not any(each.strip() for each in between):
                continue  # the rule above it has begun the slide
            yield Separator(first=line, last=line - 1, below=stacked and not above)
            stacked = above or stacked


def _slide_level(cutting: Cutting, found: list[Token]) -> int:
    """What the front matter says, else the highest level of heading that has text directly below it somewhere."""
    given = cutting.front.get("slide-level", cutting.front.get("slideLevel", _below(cutting.front, "slide-level")))
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if "format" in cutting.front:
        return 2
    levels = [
        int(token.tag[1:])
        for token, following in pairwise(found)
        if token.type == "heading_open" and following.type not in ("heading_open", "hr")
    ]
    return min(levels, default=6)


def _below(front: Mapping[str, Any], name: str) -> Any:
    """The value that one of the formats has."""
    formats = front.get("format")
    if isinstance(formats, dict):
        for each in formats.values():
            if isinstance(each, dict) and name in each:
                return each[name]
    return None


# the title slide


def _title(md: MarkdownIt) -> None:
    md.block.ruler.before("table", "title_block", title_block)


def title_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Front matter, which is a slide of its own here: its title and subtitle."""
    sheet = sheet_of(state.env)
    if silent or start or state.level or sheet.first or sheet.definitions_only:
        return False
    lines = state.src.split("\n")
    if _TITLE_LINE.fullmatch(lines[0]):
        state.line = _title_lines(state, lines, sheet)
        return True
    if not re.fullmatch(r"---[ \t]*", lines[0]):
        return False
    last = next((at for at in range(1, len(lines)) if re.fullmatch(r"(?:---|\.\.\.)[ \t]*", lines[at])), 0)
    try:
        values, _ = load_yaml("\n".join(lines[1:last]))
    except YamlMistakeError:
        values = None
    if not last or not isinstance(values, dict):
        return False
    for name, tag in (("title", "h1"), ("subtitle", "p")):
        if values.get(name):
            line = next((at for at, text in enumerate(lines) if text.startswith(f"{name}:")), 0)
            state.tokens += _text(tag, str(values[name]), line)
    sheet.attrs.append(("layout", "title", sheet.span(0)))
    sheet.note("title slide", sheet.span(0))
    state.line = min(last + 1, end)
    return True


def _title_lines(state: StateBlock, lines: Sequence[str], sheet: Sheet) -> int:
    """`% Title`, `% Author`, `% Date`; the line behind them."""
    at = 0
    while at < min(3, len(lines)) and (found := _TITLE_LINE.fullmatch(lines[at])):
        state.tokens += _text("p" if at else "h1", found["text"], at)
        at += 1
    sheet.attrs.append(("layout", "title", sheet.span(0)))
    sheet.note("title slide", sheet.span(0))
    return at


def _text(tag: str, words: str, line: int) -> list[Token]:
    kind = "heading" if tag == "h1" else "paragraph"
    place = [line, line + 1]
    return [
        Token(f"{kind}_open", tag, 1, map=place, block=True),
        Token("inline", "", 0, content=words, children=[], map=place, block=True, level=1),
        Token(f"{kind}_close", tag, -1, block=True),
    ]


# attributes

SECTION = {
    # attribute of a heading: that of its section
    **{
        f"background-{name}": f"data-background-{name}"
        for name in ("color", "gradient", "iframe", "image", "interactive", "opacity", "position", "repeat", "size")
    },
    "background-video": "data-background-video",
    "background-video-loop": "data-background-video-loop",
    "background-video-muted": "data-background-video-muted",
    "auto-animate": "data-auto-animate",
    "auto-animate-id": "data-auto-animate-id",
    "autoslide": "data-autoslide",
    "menu-title": "data-menu-title",
    "notes": "data-notes",
    "state": "data-state",
    "transition": "data-transition",
    "transition-speed": "data-transition-speed",
    "visibility": "data-visibility",
}
_FLAGS = {"auto-animate": "data-auto-animate"}


def _attributes(md: MarkdownIt) -> None:
    md.inline.ruler.before("link", "span", bracketed)
    md.inline.ruler.push("attributes", attributes)
    md.core.ruler.after("block", "section_attributes", section_attributes)
    md.core.ruler.after("inline", "pandoc_words", words)


def bracketed(state: StateInline, silent: bool) -> bool:
    """`[words]{.class}`."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    group = _INLINE_GROUP.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if group is None:
        return False
    if not silent:
        token = state.push("span_open", "span", 1)
        for name, value in divs.attributes_of(group[0]):
            annotate(token.attrs, name, value)
        start, stop = state.pos + 1, state.posMax
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.posMax = stop
        state.push("span_close", "span", -1)
    state.pos = group.end()
    return True


def attributes(state: StateInline, silent: bool) -> bool:
    """`{…}` directly behind a picture, a link or code."""
    if state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    group = _INLINE_GROUP.match(state.src, state.pos, state.posMax)
    last = len(state.tokens) - 1
    if state.tokens[last].type == "link_close":
        level = state.tokens[last].level
        last = next(
            (
                at
                for at in range(last, -1, -1)
                if state.tokens[at].type == "link_open" and state.tokens[at].level == level
            ),
            last,
        )
    if group is None or state.tokens[last].type not in ("image", "code_inline", "link_open"):
        return False
    if not silent:
        for name, value in divs.attributes_of(group[0]):
            annotate(state.tokens[last].attrs, name, value)
    state.pos = group.end()
    return True


def section_attributes(state: StateCore) -> None:
    """Attributes of a heading are the heading's own, those of the first one the slide's."""
    sheet = sheet_of(state.env)
    first = not sheet.first
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        text = state.tokens[index + 1]
        found = _GROUP.search(text.content)
        if found:
            span = sheet.in_content(text, text.content, found.start("group"), len(found["group"]))
            for name, value in divs.attributes_of(found["group"].replace("{-", "{.unnumbered ")):
                _give(name, value, token, sheet, span, of_slide=first and token.level == 0)
            text.content = text.content[: found.start()].rstrip()
            sheet.note("attributes of a heading", span)
        first = False


def _give(name: str, value: str, heading: Token, sheet: Sheet, span: Span, *, of_slide: bool) -> None:
    if not of_slide:
        annotate(heading.attrs, name, value)
    elif name == "id":
        sheet.attrs.append(("id", value, span))
    elif name == "class" and value in ("unnumbered", "unlisted"):
        return
    elif name == "class" and value == "incremental":
        sheet.incremental = True
    else:
        attribute = SECTION.get(
            name, name if name.startswith("data-") or name in ("class", "style") else f"data-{name}"
        )
        sheet.attrs.append((attribute, value, span))


def words(state: StateCore) -> None:
    """Attributes of pictures go to the picture; shortcodes and citations are told of."""
    sheet = sheet_of(state.env)
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "image":
                own = {name: value for name, value in child.attrs.items() if name not in ("src", "alt", "title")}
                for name, value in own.items():
                    del child.attrs[name]
                    size = name in ("width", "height")
                    given = ("style", f"{name}: {_length(str(value))}") if size else (name, str(value))
                    annotate(child.meta.setdefault("attrs", {}), *given)
            elif child.type == "text" and ("{{<" in child.content or "[@" in child.content):
                for found in _CROSSED.finditer(token.content):
                    span = sheet.in_content(token, token.content, found.start(), len(found[0]))
                    what = "shortcode" if found[0].startswith("{") else "citation"
                    sheet.note(what, span, Outcome.TEXT, "write out what it stands for")
                break


def _length(value: str) -> str:
    return f"{value}px" if re.fullmatch(r"[\d.]+", value) else value


# code


def _code(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "pandoc_fences", fences)


def fences(state: StateCore) -> None:
    """```` ```{.python .numberLines code-line-numbers="1|3"} ```` and cells, whose options are not shown."""
    sheet = sheet_of(state.env)
    for token in state.tokens:
        if token.type != "fence" or ("{" not in token.info and "#|" not in token.content):
            continue
        span = sheet.span(token.map[0] if token.map else 0)
        before, brace, group = token.info.partition("{")
        language = before.strip()
        steps = ""
        if brace and (cell := re.match(r"([A-Za-z]\w*)[\s},]", group)) and not language:
            language = cell[1]
            group = group[len(language) :].lstrip(" ,")
            sheet.note(
                "cell",
                span,
                Outcome.APPROXIMATED,
                "its code is shown; {run} behind the language records what it prints",
            )
            given = dict(re.findall(r"^(?:#|//)\|[ \t]*([\w-]+):[ \t]*(.*)$", token.content, re.MULTILINE))
            token.content = re.sub(r"^(?:(?:#|//)\|.*\n)+", "", token.content)
        else:
            given = {}
        given |= (
            {name: value for name, value in divs.attributes_of("{" + group) if name not in ("class", "id")}
            if brace
            else {}
        )
        names = [value for name, value in divs.attributes_of("{" + group) if name == "class"] if brace else []
        if not language and names:
            language = names.pop(0)
        lines = given.get("code-line-numbers", "").strip("\"' ")
        if re.fullmatch(r"[\d,|\s-]+", lines):
            steps = f"[{lines}]"
        elif lines == "true" or {"numberLines", "number-lines"} & set(names):
            steps = "[]"
        if file := given.get("filename", "").strip("\"' "):
            token.meta["file"] = file
        for name in names:
            if name not in ("numberLines", "number-lines", "cell-code"):
                annotate(token.attrs, "class", name)
        runs = f"{{{' '.join(_written(given))}}}" if "run" in given else ""
        token.meta["info"] = f"{language} {runs} {steps}".strip()


def _written(given: Mapping[str, str]) -> Iterator[str]:
    """Options as they stand in our own fences."""
    for name, value in given.items():
        if name not in ("code-line-numbers", "filename"):
            yield f'{name}="{value}"' if value else name


_EFFECTLESS = (
    *("bibliography", "citation", "classoption", "csl", "documentclass", "engine", "execute", "filters", "fontsize"),
    *("geometry", "header-includes", "include-in-header", "institute", "jupyter", "keywords", "link-citations"),
    *("output", "revealjs-url", "reference-location", "section-titles", "toc", "toc-depth", "abstract", "editor"),
    *("aspectratio", "colortheme", "fonttheme", "beamer", "mainfont", "monofont", "number-sections", "knitr", "params"),
)


def _incremental(value: Any) -> Any:
    return value if isinstance(value, bool) else None


_REVEAL = {
    **{
        name: name
        for name in ("center", "controls", "height", "history", "loop", "margin", "progress", "touch", "width")
    },
    "slide-number": "slideNumber",
    "slideNumber": "slideNumber",
    "transition-speed": "transitionSpeed",
    "background-transition": "backgroundTransition",
    "auto-slide": "autoSlide",
    "navigation-mode": "navigationMode",
}
PANDOC = Dialect(
    name="pandoc",
    title="pandoc and Quarto",
    marks=_marks,
    notes=NEVER,
    cut=_cut,
    without=OF_OBSIDIAN | {"fragments", "headings"},
    rules=(
        _title,
        _attributes,
        _code,
        divs.install,
        lambda md: pauses.install(md, pattern=r"\.[ ]\.[ ]\.[ \t]*", name=". . . for the next step"),
        asides.install,
    ),
    keys={
        **{name: no_effect() for name in _EFFECTLESS},
        **{name: Key(to=f"reveal.{ours}") for name, ours in _REVEAL.items()},
        **{f"format.revealjs.{name}": Key(to=f"reveal.{ours}") for name, ours in _REVEAL.items()},
        "format.revealjs.incremental": Key(to="incremental", value=_incremental),
        "format.revealjs.transition": Key(to="transition"),
        "format.revealjs.theme": no_effect("write 'theme: NAME' of a theme of Quarterdeck"),
        "format": Key(),
        "slide-level": Key(),
        "slideLevel": Key(),
        "subtitle": Key(),
        "theme": no_effect("write 'theme: NAME' of a theme of Quarterdeck"),
    },
    tolerant=True,
    opens_with_title=True,
)
