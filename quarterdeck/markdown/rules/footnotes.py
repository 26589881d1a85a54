"""Footnotes: `[^1]` and `^[in place]`, numbered on each slide from 1 and listed at its end.

A definition may stand on any slide of the deck; the slide's own comes first. `<%? footnotes %>` on a slide or in its
template is where the list goes instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from quarterdeck.markdown.rules.support.slide_draft import KEY, SlideDraft, draft_of
from quarterdeck.model import KEY_MARK
from quarterdeck.regex import regex

_NAMED = regex(r"\[\^([^\s\]]+)\]")
_PLACE = regex(r"<%\??[ \t]*footnotes[ \t]*%>")


def install(md: MarkdownIt) -> None:
    footnote_plugin(md)
    md.core.ruler.before("inline", "deck_footnotes", deck_footnotes)
    md.core.ruler.at("footnote_tail", footnote_list)
    md.add_render_rule("footnote_ref", _as_written)
    md.add_render_rule("footnote_back", _as_written)
    md.inline.ruler.after("footnote_ref", "undefined_footnote", undefined_footnote)
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("table", "footnotes_place", place_of_list, {"alt": alt})
    md.inline.ruler.before("link", "footnotes_place", place_in_text)


def place_of_list(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """A line that says where the list goes, and nothing else."""
    if state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not _PLACE.fullmatch(line.rstrip()):
        return False
    if not silent:
        state.push("footnotes_place", "", 0).map = [start, start + 1]
        state.line = start + 1
    return True


def place_in_text(state: StateInline, silent: bool) -> bool:
    """The same in a line of text: the list goes behind the paragraph."""
    found = _PLACE.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if found is None:
        return False
    if not silent:
        state.push("footnotes_place", "", 0)
    state.pos = found.end()
    return True


def deck_footnotes(state: StateCore) -> None:
    """Adds the definitions that this part refers to and does not hold, from the rest of the slide, then of the deck."""
    draft = draft_of(state.env)
    if "[^" not in state.src:
        return
    notes = state.env.setdefault("footnotes", {})
    refs = notes.setdefault("refs", {})
    notes.setdefault("list", {})
    for source in (draft.beyond, draft.footnotes):
        if not set(_NAMED.findall(state.src)) - {label[1:] for label in refs}:
            return
        env: dict[str, Any] = {
            KEY: SlideDraft(lines=("",), definitions_only=True),
            "references": state.env["references"],
        }
        tokens: list[Token] = []
        state.md.block.parse(source, state.md, env, tokens)
        for label, definition in _definitions(tokens):
            if f":{label}" not in refs:
                refs[f":{label}"] = -1
                for token in definition:
                    token.map = None
                state.tokens += definition


def undefined_footnote(state: StateInline, silent: bool) -> bool:
    """Reports a reference that has no definition, and leaves it as text."""
    if not silent and state.src.startswith("[^", state.pos):
        found = _NAMED.match(state.src, state.pos, state.posMax)
        if found and (state.pos + len(found[0]) >= state.posMax or state.src[state.pos + len(found[0])] not in "(["):
            state.env.setdefault("undefined_footnotes", []).append((state.src, state.pos, found[1]))
    return False


def footnote_list(state: StateCore) -> None:
    """Takes the definitions out of the text and lists those that are referred to."""
    draft = draft_of(state.env)
    defined = dict(reversed(_definitions(state.tokens)))
    state.tokens = _without_definitions(state.tokens)
    _report_undefined(state, draft)
    notes: dict[int, Any] = state.env.get("footnotes", {}).get("list", {})
    at = _take_place(state.tokens)
    if notes:
        state.tokens[at:at] = _list(notes, defined, draft)
    _label(state.tokens, draft)


def _take_place(tokens: list[Token]) -> int:
    """Where the list goes; the marks that say so are taken out."""
    at = -1
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.type == "footnotes_place":
            del tokens[index]
            at = index
        elif token.children and any(child.type == "footnotes_place" for child in token.children):
            token.children = [child for child in token.children if child.type != "footnotes_place"]
            if token.children and token.children[-1].type == "text":
                token.children[-1].content = token.children[-1].content.rstrip()
            at = index + 2  # behind the end of the paragraph or the heading
            if not token.children:
                del tokens[index - 1 : index + 2]
                at = index - 1
    return at if at >= 0 else len(tokens)


def _list(notes: dict[int, Any], defined: dict[str, list[Token]], draft: SlideDraft) -> list[Token]:
    level = Token("footnotes_open", "ol", 1, {"class": "qd-footnotes"})
    level.block = True
    out = [level]
    for number in sorted(notes):
        note = notes[number]
        out.append(Token("list_item_open", "li", 1, {"id": f"{_stem(draft)}fn{number + 1}"}, level=1, block=True))
        body = _inline_body(note) if "tokens" in note else defined.get(note.get("label", ""), [])[1:-1]
        out += _with_way_back(body, draft, number, max(int(note.get("count", 1)), 1))
        out.append(Token("list_item_close", "li", -1, level=1, block=True))
    return [*out, Token("footnotes_close", "ol", -1, block=True)]


def _definitions(tokens: list[Token]) -> list[tuple[str, list[Token]]]:
    """Label and tokens, opening and closing ones included, of each definition; one inside of another is part of it."""
    found: list[tuple[str, list[Token]]] = []
    depth = 0
    for token in tokens:
        if token.type == "footnote_reference_open":
            if depth == 0:
                found.append((str(token.meta["label"]), []))
            depth += 1
        if depth:
            found[-1][1].append(token)
        if token.type == "footnote_reference_close":
            depth -= 1
    return found


def _without_definitions(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.type == "footnote_reference_open"
        if depth == 0:
            out.append(token)
        depth -= token.type == "footnote_reference_close"
    return out


def _inline_body(note: dict[str, Any]) -> list[Token]:
    text = Token("inline", "", 0, content=str(note["content"]), children=list(note["tokens"]), level=3)
    return [
        Token("paragraph_open", "p", 1, level=2, block=True),
        text,
        Token("paragraph_close", "p", -1, level=2, block=True),
    ]


def _with_way_back(body: list[Token], draft: SlideDraft, number: int, count: int) -> list[Token]:
    """The note with links back to the places that refer to it, in its last paragraph where it ends with one."""
    body = [token for token in body if token.type not in ("footnote_reference_open", "footnote_reference_close")]
    links = "".join(
        f' <a href="#{_place(draft, number, nth)}" class="qd-footnote-back">↩\ufe0e</a>' for nth in range(count)
    )
    link = Token("footnote_back", "", 0, content=links)
    if body and body[-1].type == "paragraph_close" and body[-2].type == "inline":
        text = body[-2].copy(children=[*(body[-2].children or []), link])
        return [*body[:-2], text, body[-1]]
    return [*body, Token("inline", "", 0, children=[link], level=2)]


def _label(tokens: list[Token], draft: SlideDraft) -> None:
    """Turns each reference into the markup of its number."""
    for text in tokens:
        for token in text.children or ():
            if token.type == "footnote_ref":
                number = int(token.meta["id"])
                place = _place(draft, number, int(token.meta.get("subId", 0)))
                link = f'<a href="#{_stem(draft)}fn{number + 1}" id="{place}">{number + 1}</a>'
                token.content = f'<sup class="qd-footnote-ref">{link}</sup>'


def _place(draft: SlideDraft, number: int, nth: int) -> str:
    """The id of the `nth` reference (0-based) to a note."""
    return f"{_stem(draft)}fnref{number + 1}" + (f"-{nth + 1}" if nth else "")


def _stem(draft: SlideDraft) -> str:
    return f"{KEY_MARK}-{draft.prefix}"


def _report_undefined(state: StateCore, draft: SlideDraft) -> None:
    for source, pos, label in state.env.get("undefined_footnotes", ()):
        text = next(
            (token for token in state.tokens if token.type == "inline" and token.content == source and token.map), None
        )
        if text is None:
            continue
        span = draft.in_content(text, source, pos, len(label) + 3)
        hint = f"write [^{label}]: … on a line of its own"
        draft.report("M207", f"no footnote '{label}' is defined", span, hint)


def _as_written(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return tokens[index].content
