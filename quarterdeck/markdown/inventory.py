"""What became of what an author wrote for another tool: every construct of a talk, with its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from quarterdeck.model import Chunk, Construct, Image, Outcome, Slide, Snippet, Span

_FRAGMENT = re.compile(r'class="[^"]*\bfragment\b')
_NO_TEXT = re.compile(
    r"<(pre|code|script|style|textarea)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|\0[^\0]*\0", re.DOTALL | re.IGNORECASE
)
_VIDEO = (".mp4", ".webm", ".mov", ".mkv", ".avi", ".ogv", ".m4v")
_SOUND = (".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus")

LEFTOVERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    # what text on a slide looks like that some tool would have read, and what to do about it
    ("::: box", re.compile(r"^:{3,}[^\n]*", re.MULTILINE), "--dialect pandoc or obsidian reads boxes between colons"),
    ("::slot::", re.compile(r"^::[\w-]+::", re.MULTILINE), "--dialect slidev reads slots"),
    ("???", re.compile(r"^\?\?\?[ \t]*$", re.MULTILINE), "--dialect remark reads notes behind ???"),
    ("shortcode", re.compile(r"\{\{[<%].*?[%>]\}\}"), "write out what it stands for"),
    ("template expression", re.compile(r"\{\{[^{}<%\n]+\}\}|<%=?[^%\n]*%>"), "write out what it stands for"),
    ("embed", re.compile(r"!\[\[[^\]\n]*\]\]"), "check the name of the file"),
    ("wiki link", re.compile(r"(?<!!)\[\[[^\]\n]+\]\]"), "--dialect obsidian reads wiki links"),
    ("{: attributes}", re.compile(r"\{:[ ]?[.#\w][^{}\n]*\}"), 'as in <!-- .element: class="NAME" -->'),
    ("annotation", re.compile(r"<!--\s*\.?(?:slide|element)\b[^\n]*"), "check its quotes, and that it ends with -->"),
    ("<<< file", re.compile(r"^<<<[ \t]+\S+", re.MULTILINE), "--dialect slidev reads files into code"),
    ("metadata of a slide", re.compile(r"\A(?:class|layout|template|name):[ \t]*\S"), "--dialect remark reads it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the report: constructs that are alike."""

    name: str
    outcome: Outcome
    remedy: str
    places: tuple[Span, ...]


def inventory(
    front: Iterable[Construct], chunks: Sequence[Chunk], slides: Sequence[Slide], *, path: str
) -> tuple[Construct, ...]:
    """The constructs of a talk, with lines of the file; those that need no care come as well as those that do."""
    found = list(front)
    for chunk, slide in zip(chunks, slides, strict=True):
        told = {(each.name, each.span.line) for each in slide.constructs}
        left = [each for each in _left(chunk, slide) if (each.name, each.span.line) not in told]
        for each in (*slide.constructs, *_usual(slide), *left):
            line = each.span.line + chunk.line - 1
            found.append(replace(each, span=replace(each.span, path=chunk.path or path, line=line)))
    return tuple(found)


def _usual(slide: Slide) -> Iterator[Construct]:
    """What slides of any tool have."""
    here = Span(path="", line=1)
    yield Construct(name="slides", span=here)
    if slide.notes:
        yield Construct(name="speaker notes", span=here)
    if any(name.startswith("data-background") for name, _ in slide.attrs):
        yield Construct(name="background", span=here)
    for slot in slide.slots:
        if isinstance(slot, Image):
            lowered = slot.target.lower()
            kind = "video" if lowered.endswith(_VIDEO) else "sound" if lowered.endswith(_SOUND) else "pictures"
            yield Construct(name=kind, span=slot.span)
        elif isinstance(slot, Snippet):
            yield Construct(name="code with steps" if slot.steps else "code", span=slot.span)
    yield from (
        Construct(name="fragments", span=here) for block in slide.blocks for _ in _FRAGMENT.finditer(block.html)
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
                yield Construct(name=name, outcome=Outcome.TEXT, span=Span(path="", line=line), remedy=remedy)


def _line_of(text: str, words: str) -> int:
    at = text.find(words)
    return text.count("\n", 0, at) + 1 if at > 0 else 1


def gathered(constructs: Iterable[Construct]) -> tuple[Line, ...]:
    """Those that are alike in one line, what needs the author first."""
    groups: dict[tuple[Outcome, str, str], list[Span]] = {}
    for each in constructs:
        groups.setdefault((each.outcome, each.name, each.remedy), []).append(each.span)
    order = [Outcome.TEXT, Outcome.APPROXIMATED, Outcome.LEFT_OUT, Outcome.UNDERSTOOD]
    ranked = sorted(groups.items(), key=lambda group: (order.index(group[0][0]), -len(group[1]), group[0][1]))
    return tuple(
        Line(name=name, outcome=outcome, remedy=remedy, places=tuple(spans))
        for (outcome, name, remedy), spans in ranked
    )
