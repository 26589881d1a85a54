"""What became of what an author wrote for another tool: every construct of a talk, with its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.shields import without_code
from quarterdeck.model import Chunk, Construct, ConstructOutcome, Image, Passage, Slide, Snippet, Span
from quarterdeck.regex import regex

_FRAGMENT = regex(r'class="[^"]*\bfragment\b')
_NO_TEXT = regex(
    r"<(pre|code|script|style|textarea)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|\0[^\0]*\0", re.DOTALL | re.IGNORECASE
)
_HERE = Span(path="", line=1)
"""Of what a slide has as a whole."""
_VIDEO = (".mp4", ".webm", ".mov", ".mkv", ".avi", ".ogv", ".m4v")
_SOUND = (".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus")

LEFTOVERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # what text on a slide looks like that some tool would have read, and what to do about it
    ("::: box", regex(r"^:{3,}[^\n]*", re.MULTILINE), "--dialect pandoc or obsidian reads boxes between colons"),
    ("::slot::", regex(r"^::[\w-]+::", re.MULTILINE), "--dialect slidev reads slots"),
    ("???", regex(r"^\?\?\?[ \t]*$", re.MULTILINE), "--dialect remark reads notes behind ???"),
    ("shortcode", regex(r"\{\{[<%].*?[%>]\}\}"), "write out what it stands for"),
    ("template expression", regex(r"\{\{[^{}<%\n]+\}\}|<%=?[^%\n]*%>"), "write out what it stands for"),
    ("embed", regex(r"!\[\[[^\]\n]*\]\]"), "check the name of the file"),
    ("wiki link", regex(r"(?<!!)\[\[[^\]\n]+\]\]"), "--dialect obsidian reads wiki links"),
    ("{: attributes}", regex(r"\{:[ ]?[.#\w][^{}\n]*\}"), 'as in <!-- .element: class="NAME" -->'),
    ("annotation", regex(r"<!--\s*\.?(?:slide|element)\b[^\n]*"), "check its quotes, and that it ends with -->"),
    ("<<< file", regex(r"^<<<[ \t]+\S+", re.MULTILINE), "--dialect slidev reads files into code"),
    ("metadata of a slide", regex(r"\A(?:class|layout|template|name):[ \t]*\S"), "--dialect remark reads it"),
)


OF_OBSIDIAN: tuple[tuple[str, re.Pattern[str]], ...] = (
    # what Obsidian and its plugin read, and so do we
    ("grid", regex(r"<grid\b|<!--[^>]*\bdrop[ \t]*=", re.IGNORECASE)),
    ("split", regex(r"<split\b", re.IGNORECASE)),
    ("named block", regex(r"^[ \t]*:::[ \t]*[A-Za-z_]", re.MULTILINE)),
    ("callout", regex(r"^[ \t]*(?:>[ \t]*)+\[![\w-]+\]", re.MULTILINE)),
    ("hidden text", regex(r"%%[^%]*%%")),
    ("wiki link", regex(r"(?<!!)(?<![\"'(])\[\[[^\[\]\n]+\]\](?![(\[])")),
    ("slide annotation", regex(r"<!--[ \t]*\.?slide\b")),
    ("element annotation", regex(r"<!--[ \t]*\.?element\b")),
    ("icon", regex(r":fa[srlbdt]?[_-][\w-]+:|!\[[^\]\n]*\]\([ \t]*fa[\w-]*[ \t]|<i\b[^>]*\bfa-")),
    ("mark", regex(r"==[^=\n]+==")),
    ("block id", regex(r"(?:^|[ \t])\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE)),
    ("footnote", regex(r"(?<!\^)\[\^[^\]\s]+\](?!:)")),
    ("formula", regex(r"(?<!\\)\$\$.+?\$\$|(?<![\\$])\$(?![\s$])[^$\n]*[^\s$\\]\$(?!\d)", re.DOTALL)),
    ("diagram", regex(r"^[ \t>]*```[ \t]*mermaid\b", re.MULTILINE)),
    ("chart", regex(r"^[ \t>]*```[ \t]*chart\b|<canvas\b[^>]*\bdata-chart\b", re.MULTILINE)),
)


class ReportLine(Struct, frozen=True, kw_only=True):
    """One line of the report: constructs that are alike."""

    name: str
    outcome: ConstructOutcome
    remedy: str
    places: tuple[Span, ...]


def inventory(
    front: Iterable[Construct], chunks: Sequence[Chunk], slides: Sequence[Slide], *, path: str, dialect: str = ""
) -> tuple[Construct, ...]:
    """The constructs of a talk, with lines of the file; those that need no care come as well as those that do."""
    found = list(front)
    for chunk, slide in zip(chunks, slides, strict=True):
        told = {(each.name, each.span.line) for each in slide.constructs}
        left = [each for each in _left(chunk, slide) if (each.name, each.span.line) not in told]
        own = _own(chunk, path) if (chunk.dialect or dialect) == "obsidian" else ()
        found += [replace(each, span=_placed(each.span, chunk, path)) for each in (*slide.constructs, *own, *left)]
        for each in _usual(slide):
            whole = Span(path=chunk.path or path, line=chunk.line)
            found.append(replace(each, span=whole if each.span is _HERE else _placed(each.span, chunk, path)))
    return tuple(found)


def _placed(span: Span, chunk: Chunk, path: str) -> Span:
    """In the file, given the place in the slide."""
    if chunk.passages:
        return written_at(span, chunk.passages, path=path)
    return replace(span, path=chunk.path or path, line=span.line + chunk.line - 1)


def _own(chunk: Chunk, path: str) -> Iterator[Construct]:
    """What stands in the text of a slide for Obsidian or its plugin, and what its text was made from."""
    text = without_code(chunk.text)
    for name, pattern in OF_OBSIDIAN:
        for found in pattern.finditer(text):
            yield Construct(name=name, span=Span(path="", line=text.count("\n", 0, found.start()) + 1))
    talk = chunk.path or path
    for other in dict.fromkeys(each.path for each in chunk.passages if each.path and each.path != talk):
        yield Construct(name=f"text of {other}", span=next(_at(each) for each in chunk.passages if each.path == other))


def _at(passage: Passage) -> Span:
    return Span(path="", line=passage.row, col=passage.col)


def _usual(slide: Slide) -> Iterator[Construct]:
    """What slides of any tool have."""
    yield Construct(name="slides", span=_HERE)
    if slide.notes:
        yield Construct(name="speaker notes", span=_HERE)
    if any(name.startswith("data-background") for name, _ in slide.attrs):
        yield Construct(name="background", span=_HERE)
    for slot in slide.slots:
        if isinstance(slot, Image):
            lowered = slot.target.lower()
            kind = "video" if lowered.endswith(_VIDEO) else "sound" if lowered.endswith(_SOUND) else "pictures"
            yield Construct(name=kind, span=slot.span)
        elif isinstance(slot, Snippet):
            yield Construct(name="code with steps" if slot.steps else "code", span=slot.span)
    yield from (
        Construct(name="fragments", span=_HERE) for block in slide.blocks for _ in _FRAGMENT.finditer(block.html)
    )


def _left(chunk: Chunk, slide: Slide) -> Iterator[Construct]:
    """Text on the slide that looks as if a tool was to read it."""
    if chunk.dialect == "html":
        return
    for block in slide.blocks:
        text = unescape(_NO_TEXT.sub("\n", block.html)).strip()
        for name, pattern, remedy in LEFTOVERS:
            for found in pattern.finditer(text):
                line = _line_of(chunk.text, found[0].split("\n")[0].strip())
                yield Construct(name=name, outcome=ConstructOutcome.TEXT, span=Span(path="", line=line), remedy=remedy)


def _line_of(text: str, words: str) -> int:
    at = text.find(words)
    return text.count("\n", 0, at) + 1 if at > 0 else 1


def gathered(constructs: Iterable[Construct]) -> tuple[ReportLine, ...]:
    """Those that are alike in one line, what needs the author first."""
    groups: dict[tuple[ConstructOutcome, str, str], list[Span]] = {}
    for each in constructs:
        groups.setdefault((each.outcome, each.name, each.remedy), []).append(each.span)
    order = [
        ConstructOutcome.TEXT,
        ConstructOutcome.APPROXIMATED,
        ConstructOutcome.LEFT_OUT,
        ConstructOutcome.UNDERSTOOD,
    ]
    ranked = sorted(groups.items(), key=lambda group: (order.index(group[0][0]), -len(group[1]), group[0][1]))
    return tuple(
        ReportLine(name=name, outcome=outcome, remedy=remedy, places=tuple(spans))
        for (outcome, name, remedy), spans in ranked
    )
