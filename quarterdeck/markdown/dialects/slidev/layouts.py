"""Slidev's layouts: `::right::` begins a slot, slots are columns, and a layout's picture stands beside the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.dialects.common.split_backgrounds import picture_at_side
from quarterdeck.markdown.dialects.slidev.front_matter import LAYOUTS
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome
from quarterdeck.regex import regex

_SLOT = regex(r"::[ \t]*([\w-]+)[ \t]*::[ \t]*")
_STACKED = frozenset(("top", "title", "header", "content", "bottom", "footer"))
"""Slots that stand above and below each other; all others stand side by side."""


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "slots_of_slide", slots_of_slide)
    md.block.ruler.before("table", "slot_line", slot_line, {"alt": ["paragraph", "reference", "blockquote", "list"]})


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


def slots_of_slide(state: StateCore) -> None:
    """Puts the parts of a slide with two columns into two boxes, and the picture of its layout beside its words."""
    draft = draft_of(state.env)
    layout, values = state.env.pop("layout", ("", {}))
    parts = list(_parts(state.tokens))
    if len(parts) > 1 or layout.startswith("two-cols"):
        state.tokens = _columns(parts, layout, draft)
    image = str(values.get("image", "")) if isinstance(values, Mapping) else ""
    if image and layout in ("image", "cover", "intro"):
        draft.attrs.append(("data-background-image", image, draft.span(0)))
        draft.note(f"layout {layout}", draft.span(0))
    elif image:
        side = layout.removeprefix("image-") if layout in ("image-left", "image-right") else "right"
        token = Token("image", "img", 0, attrs={"src": image, "alt": ""}, children=[])
        fit = str(values.get("backgroundSize", "cover"))
        state.tokens[:0] = picture_at_side(token, side=side, share="50", fit=fit, draft=draft, span=draft.span(0))
        draft.note(f"layout {layout}", draft.span(0))
    elif layout.startswith("iframe") and isinstance(values, Mapping):
        draft.attrs.append(("data-background-iframe", str(values.get("url", "")), draft.span(0)))
        draft.note(f"layout {layout}", draft.span(0), ConstructOutcome.APPROXIMATED, "the page fills the slide")
    elif layout in LAYOUTS:
        draft.note(f"layout {layout}", draft.span(0))
    elif layout:
        remedy = "the layout is chosen by what is on the slide; <!-- .slide: layout=NAME --> names one"
        draft.note(f"layout {layout}", draft.span(0), ConstructOutcome.APPROXIMATED, remedy)


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


def _columns(parts: Sequence[tuple[str, list[Token]]], layout: str, draft: SlideDraft) -> list[Token]:
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
        draft.note("columns", draft.span(0))
    return [*out, *(token for part in below for token in part)]


def _behind_headings(tokens: Sequence[Token]) -> int:
    at = 0
    while at < len(tokens) and tokens[at].type == "heading_open":
        at += 3
    return at
