"""Pictures on lines of their own in a grid, a split or a block are its children themselves, without a paragraph around.

In talks for Obsidian that holds for the slide too. A picture in a line of words stays in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_BOXES = frozenset(("box_open", "named_block_open", "callout_content_open"))
_SLIDE = "slide"


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("text_join", "lone_images", lambda state: _lone_images(state, _BOXES))


def install_for_slides(md: MarkdownIt) -> None:
    """For slides as well as for boxes."""
    md.core.ruler.at("lone_images", lambda state: _lone_images(state, _BOXES | {_SLIDE}))


def _lone_images(state: StateCore, boxes: frozenset[str]) -> None:
    out: list[Token] = []
    around = [_SLIDE]
    tokens = iter(state.tokens)
    for token in tokens:
        if token.type == "paragraph_open" and around[-1] in boxes:
            text, closing = next(tokens), next(tokens)
            out += _parts(token, text, closing, bare=around[-1] != _SLIDE)
            continue
        out.append(token)
        if token.nesting == 1:
            around.append(token.type)
        elif token.nesting == -1:
            around.pop()
    state.tokens = out


def _parts(opening: Token, text: Token, closing: Token, *, bare: bool) -> Iterator[Token]:
    """The paragraph, or the paragraphs and pictures that it falls into."""
    lines = list(_lines(text.children or []))
    kinds = [_is_pictures(line) for line in lines]
    if opening.attrs or not any(kinds) or any(child.nesting for child in text.children or []):
        yield from (opening, text, closing)
        return
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and kinds[end] == kinds[start]:
            continue
        part = [child for line in lines[start:end] for child in line]
        if part and part[-1].type in ("softbreak", "hardbreak"):
            part.pop()
        whole = start == 0 and end == len(lines)
        opened = opening if whole else opening.copy(meta={"images": kinds[start]}, hidden=opening.hidden)
        closed = closing if whole else closing.copy()
        opened.hidden = closed.hidden = opening.hidden or (bare and kinds[start])
        yield from (opened, text if whole else text.copy(children=part), closed)
        start = end


def _lines(children: list[Token]) -> Iterator[list[Token]]:
    """The parts of a text, each with the break at its end."""
    line: list[Token] = []
    for child in children:
        line.append(child)
        if child.type in ("softbreak", "hardbreak"):
            yield line
            line = []
    yield line


def _is_pictures(line: list[Token]) -> bool:
    rest = [
        child for child in line
        if child.type not in ("softbreak", "hardbreak") and (child.type != "text" or child.content.strip())
    ]  # fmt: skip
    return bool(rest) and all(child.type == "image" for child in rest)
