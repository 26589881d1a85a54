"""Speaker notes that stand in the middle of a slide, as comments or in a box: they are moved out of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from msgspec import Struct

from quarterdeck.markdown.rules.support.annotations import read_annotation
from quarterdeck.markdown.rules.support.html_tags import Tag, read_pieces
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import Span

Heard = Callable[[str, SlideDraft, Span], bool]
"""Told of a comment's text; True where it was meant for the tool, and is no note."""


def install(md: MarkdownIt) -> None:
    """Moves what stands between `notes_open` and `notes_close` out of the slide; all other rules have run."""
    md.core.ruler.push("asides", asides)


def asides(state: StateCore) -> None:
    draft = draft_of(state.env)
    kept: list[Token] = []
    depth = 0
    for token in state.tokens:
        if token.type == "notes_open":
            depth += 1
            if depth == 1:
                draft.asides.append([])
        elif token.type == "notes_close":
            depth = max(depth - 1, 0)
        else:
            (draft.asides[-1] if depth else kept).append(token)
    state.tokens = kept


def comments_are_notes(md: MarkdownIt, *, heard: Heard, last_only: bool = False) -> None:
    """Comments become notes: all of them, or the one at the end of the slide; annotations stay what they are."""
    rule = _Comments(heard=heard, last_only=last_only)
    md.core.ruler.after("block", "comment_notes", rule.in_blocks)
    md.core.ruler.before("element_tree", "inline_comment_notes", rule.in_texts)


class _Comments(Struct, frozen=True, kw_only=True):
    heard: Heard
    last_only: bool

    def in_blocks(self, state: StateCore) -> None:
        if draft_of(state.env).first:
            return  # notes have no notes
        tokens: list[Token] = []
        for index, token in enumerate(state.tokens):
            comments = _comments(token) if token.type == "html_block" else []
            if comments:
                is_note = not self.last_only or index == len(state.tokens) - 1
                tokens += self._taken(state, token, comments, is_note=is_note)
            else:
                tokens.append(token)
        state.tokens = tokens

    def _taken(self, state: StateCore, token: Token, comments: list[tuple[int, str]], *, is_note: bool) -> list[Token]:
        draft = draft_of(state.env)
        out: list[Token] = []
        for start, text in comments:
            span = draft.in_content(token, token.content, start, 4)
            if self.heard(text, draft, span) or not text.strip() or not is_note:
                continue
            draft.note("notes in a comment", span)
            line = (token.map[0] if token.map else 0) + token.content.count("\n", 0, start)
            out += [_mark("notes_open", 1), *parsed(state, text, line), _mark("notes_close", -1)]
        return out

    def in_texts(self, state: StateCore) -> None:
        if draft_of(state.env).first:
            return
        notes: list[Token] = []
        for token in state.tokens:
            if token.type == "inline":
                children = token.children or ()
                token.children = [child for child in children if not self._spoken(state, token, child, notes)]
        if notes:
            state.tokens += [_mark("notes_open", 1), *notes, _mark("notes_close", -1)]

    def _spoken(self, state: StateCore, token: Token, child: Token, notes: list[Token]) -> bool:
        """Whether a part of a text is a comment that was taken away."""
        if not _speaks(child):
            return False
        draft = draft_of(state.env)
        span = draft.in_content(token, token.content, int(child.meta.get("at", 0)), len(child.content))
        text = child.content[4:-3]
        if self.heard(text, draft, span):
            return True
        if self.last_only or not text.strip():
            return False
        draft.note("notes in a comment", span)
        for block in parsed(state, text, span.line - 1 - draft.first):
            if block.type == "inline":
                block.children = []
                state.md.inline.parse(block.content, state.md, state.env, block.children)
            notes.append(block)
        return True


def _speaks(token: Token) -> bool:
    return token.type == "html_inline" and token.content.startswith("<!--") and read_annotation(token.content) is None


def _comments(token: Token) -> list[tuple[int, str]]:
    """Of a block of comments only, where each begins and its text; none if one is an annotation."""
    found = []
    for piece in read_pieces(token.content):
        if isinstance(piece, Tag) or (piece.text.strip() and not piece.is_comment):
            return []
        if piece.is_comment:
            if read_annotation(piece.text):
                return []
            found.append((piece.start, re.sub(r"-->\Z", "", piece.text[4:])))
    return found


def parsed(state: StateCore, text: str, line: int) -> list[Token]:
    """Blocks of Markdown that begin in a line of the part (0-based); what is in them is parsed with the rest."""
    draft = draft_of(state.env)
    before, draft.definitions_only = draft.definitions_only, True
    tokens: list[Token] = []
    state.md.block.parse(text, state.md, state.env, tokens)
    draft.definitions_only = before
    for token in tokens:
        if token.map:
            token.map = [token.map[0] + line, token.map[1] + line]
    return tokens


def _mark(kind: str, nesting: int) -> Token:
    token = Token(kind, "aside", nesting)  # type: ignore[arg-type]
    token.block = True
    return token
