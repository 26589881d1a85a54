"""A parsed slide as short text, for the cases of `tests/spec`.

A line for each fact: `title`, `id`, `attrs` and `layout` where there are some, a line or more for each block and its
HTML, `notes`, and each diagnostic as `LINE:COL CODE message`. A slot is shown in the place of its mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from quarterdeck.markdown.parser import parse_slide
from quarterdeck.model import KEY_MARK, Attrs, BlockKind, Icon, Image, Slide, Slot, Snippet

if TYPE_CHECKING:
    from quarterdeck.markdown.deck import DeckContext

_MARK = re.compile("\0([0-9]+)\0")


@dataclass(frozen=True)
class Talk:
    """What a slide shares with its talk: the fields of `markdown.deck.DeckContext` that the parser reads."""

    lang: str = "en"
    notes: str = ""
    incremental: bool = False
    dialect: str = "quarterdeck"
    files: dict[str, str] = field(default_factory=dict, compare=False)
    vault: str = ""
    references: str = ""
    footnotes: str = ""
    digest: str = field(default="", compare=False)


_SETTING = re.compile(r"@talk (lang|notes|incremental|dialect|vault|references|footnotes): (.*)\n")


def render(text: str) -> str:
    """The slide as text. Lines `@talk lang: fr` at the top of the input are facts about the talk."""
    facts: dict[str, str] = {}
    while found := _SETTING.match(text):
        facts[found[1]] = found[2]
        text = text[found.end() :]
    talk = Talk(
        lang=facts.get("lang", "en"),
        notes=facts.get("notes", ""),
        incremental="incremental" in facts,
        dialect=facts.get("dialect", "quarterdeck"),
        vault=facts.get("vault", ""),
        references=facts.get("references", ""),
        footnotes=facts.get("footnotes", ""),
    )
    slide = parse_slide(text.rstrip("\n"), context=cast("DeckContext", talk))
    return "\n".join(lines(slide)) + "\n"


def lines(slide: Slide) -> Iterator[str]:
    if slide.title:
        yield f"title {slide.title}"
    if not slide.slug.startswith("s-") or slide.anchor:
        place = f" at {slide.anchor.line}:{slide.anchor.col}" if slide.anchor else ""
        yield f"id {slide.slug}{place}"
    if slide.attrs:
        yield f"attrs{_attributes(slide.attrs, slide)}"
    if slide.layout:
        yield f"layout {slide.layout}"
    for block in slide.blocks:
        yield from _block(block.kind, block.html, slide)
    if slide.notes:
        yield from _block("notes", slide.notes, slide)
    for each in slide.diagnostics:
        yield f"{each.span.line}:{each.span.col} {each.code} {each.message}"


def _block(kind: BlockKind | str, html: str, slide: Slide) -> Iterator[str]:
    lines = _filled(html, slide).strip("\n").split("\n")
    yield f"{kind} {lines[0]}"
    yield from (f"  {line}" for line in lines[1:])


def _filled(html: str, slide: Slide) -> str:
    shown = _MARK.sub(lambda mark: _slot(slide.slots[int(mark[1])]), html.replace(KEY_MARK, "KEY"))
    return shown.replace("\u00a0", "⍽").replace("\u202f", "⎵")


def _slot(slot: Slot) -> str:
    if isinstance(slot, Snippet):
        return _snippet(slot)
    if isinstance(slot, Image):
        size = f" {slot.width or ''}x{slot.height or ''}" if slot.width or slot.height else ""
        title = f' title "{slot.title}"' if slot.title else ""
        alt = f' alt "{slot.alt}"' if slot.alt else ""
        return f"⟦{_target(slot.target, slot.wiki)}{alt}{title}{size}{_attributes(slot.attrs)}⟧"
    if isinstance(slot, Icon):
        return f"⟦{slot.style} {slot.name}⟧"
    return f"⟦{_target(slot.target, slot.wiki)}{'' if slot.required else ' if there'}⟧"


def _target(target: str, wiki: bool) -> str:
    return f"[[{target}]]" if wiki else target


def _snippet(snippet: Snippet) -> str:
    facts = [snippet.language or "plain", f"code at {snippet.code_line}"]
    if snippet.id:
        facts.append(f"#{snippet.id}")
    facts += [f".{name}" for name in snippet.classes]
    if snippet.steps:
        facts.append("steps " + "|".join(",".join(map(str, step)) for step in snippet.steps))
    if snippet.numbers is not None:
        facts.append(f"numbers from {snippet.numbers}")
    if snippet.hidden:
        facts.append(f"hidden {','.join(map(str, snippet.hidden))}")
    lines = [" ".join(facts) + _attributes(snippet.attrs)]
    lines += [f"- {each.key} = {each.value!r} at {each.span.line}:{each.span.col}" for each in snippet.options]
    lines += [f"| {line}".rstrip() for line in snippet.code.rstrip("\n").split("\n") if snippet.code]
    return "\n".join(lines)


def _attributes(attrs: Attrs, slide: Slide | None = None) -> str:
    values = ((name, _filled(value, slide) if slide else value) for name, value in attrs)
    return "".join(f' {name}="{value}"' if value else f" {name}" for name, value in values)
