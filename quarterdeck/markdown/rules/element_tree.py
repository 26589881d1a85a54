"""One walk over all of a slide: raw tags are balanced, annotations are taken out and reach the elements they mean.

Raw HTML that closes what it did not open would end the slide for the browser, and what it never closes would swallow
the next ones: the first is left out, the second is closed where its surroundings end, and both are reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.annotations import after_block, read_annotation, take_annotation
from quarterdeck.markdown.rules.support.elements import ITEMS, Element
from quarterdeck.markdown.rules.support.html_tags import RAW_TEXT, VOID, Piece, Tag, html_of, read_pieces
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of, row_and_column
from quarterdeck.model import Span
from quarterdeck.regex import regex

_BREAKS = frozenset(("softbreak", "hardbreak"))
_LEAVES = {"fence": "pre", "code_block": "pre", "hr": "hr", "image": "img", "code_inline": "code", "math_block": "div"}
_SECTION = regex(r"^(</?)section", re.IGNORECASE)
_WRITTEN = {"section": "div"}
"""What stands on the slide in place of an element."""
_FOREIGN = frozenset(("svg", "math"))
_OPENING = regex(r"<([A-Za-z][^\s/>]*)")
_TAG_NAME = regex(r"<(/?)([A-Za-z][^\s/>]*)")
_NAME_CLOSED = regex(r"</([A-Za-z][^\s/>]*)")
_SELF_CLOSED = frozenset(
    ("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup", "rp", "rt")
)
"""HTML allows their closing tags to be left out."""


def install(md: MarkdownIt) -> None:
    md.core.ruler.before("text_join", "element_tree", element_tree)


def element_tree(state: StateCore) -> None:
    draft = draft_of(state.env)
    state.tokens = _Walk(draft).blocks(state.tokens)


class _Walk:
    def __init__(self, draft: SlideDraft) -> None:
        self.draft = draft
        self.here = Element(name="", target=None, parent=None)
        self.ahead: list[tuple[str, Span]] = []
        """Annotations that stand before the element they mean."""
        self.behind: list[Token] = []
        """Tags at the end of texts that close what is open around their blocks."""

    def blocks(self, tokens: list[Token]) -> list[Token]:
        out: list[Token] = []
        for token in tokens:
            if token.type == "inline":
                self._inline(token)
            elif token.type == "html_block":
                self._html_block(token)
                if not token.content.strip():
                    continue
            out += [*self._step(token, "html_block"), token]
            if self.behind and (self.here.raw or self.here.parent is None):
                for tags in self.behind:
                    self._html_block(tags)
                out += self.behind
                self.behind = []
        return [*out, *_html(self._close_raw(), "html_block")]

    def _step(self, token: Token, kind: str) -> list[Token]:
        """Keeps the tree in step with an element of Markdown; raw HTML of this kind that closes what it leaves open."""
        if token.nesting == 1:
            self._enter(token.tag, token)
        elif token.nesting == -1:
            closers = _html(self._close_raw(), kind)
            self.here = self.here.parent or self.here
            return closers
        elif token.type in _LEAVES:
            self._leaf(_LEAVES[token.type], token)
        return []

    def _enter(self, name: str, target: Token | Tag | None, span: Span | None = None) -> None:
        self.here = self.here.add(name, target, span)
        ahead, self.ahead = self.ahead, []
        for comment, place in ahead:
            take_annotation(comment, self.here.block(), self.draft, place)

    def _leaf(self, name: str, target: Token | Tag, span: Span | None = None) -> None:
        self._enter(name, target, span)
        self.here = self.here.parent or self.here

    # raw tags

    def _tag(self, tag: Tag, span: Span) -> list[Piece | Tag]:
        """Keeps the tree in step with a raw tag; what stands in its place, which is nothing if it closes nothing."""
        if self.here.raw and self.here.name in RAW_TEXT and not (tag.closes and tag.name == self.here.name):
            return [tag]  # text to the browser
        if tag.name == "section":  # in a slide it would be a slide of its own, and the words beside it none
            tag.text = _SECTION.sub(r"\1div", tag.text)
            if not (self.here.parent or self.here.children or tag.closes):
                self._lift(tag, span)
        if tag.empty:
            self._leaf(tag.name, tag, span)
            # only in SVG and MathML does `/>` close what is not void
            return [tag] if tag.name in VOID or self._foreign(tag.name) else [tag, Piece(f"</{tag.name}>", 0)]
        if not tag.closes:
            self._enter(tag.name, tag, span)
            return [tag]
        found = self.here
        while found.raw and found.name != tag.name and found.parent is not None:
            found = found.parent
        if not found.raw or found.parent is None:
            if tag.name != "p":
                self.draft.report(
                    "M209", f"</{tag.name}> closes nothing and was left out", span, "remove it, or open the element"
                )
            return []
        closers = self._close_raw(found)
        self.here = found.parent
        return [Piece(closers, 0), tag] if closers else [tag]

    def _lift(self, tag: Tag, span: Span) -> None:
        """What a section around all of a slide says is said of the slide: reveal.js shows it as one."""
        self.draft.attrs += [(name.lower(), value or "", span) for name, value in tag.attributes]
        tag.attributes.clear()
        tag.changed = bool(tag.text)

    def _foreign(self, name: str) -> bool:
        here = self.here
        while name not in _FOREIGN and here.parent is not None:
            here, name = here.parent, here.name
        return name in _FOREIGN

    def _close_raw(self, outer: Element | None = None) -> str:
        """Closing tags for the raw elements that are open here, up to `outer`."""
        closers = ""
        while self.here.raw and self.here is not outer and self.here.parent is not None:
            if self.here.name not in _SELF_CLOSED:
                message = f"<{self.here.name}> is never closed; it was closed where its surroundings end"
                self.draft.report("M210", message, self.here.span or self.draft.span(0), f"write </{self.here.name}>")
                closers += f"</{_WRITTEN.get(self.here.name, self.here.name)}>"
            self.here = self.here.parent
        return closers

    # blocks of HTML

    def _html_block(self, token: Token) -> None:
        kept: list[Piece | Tag] = []
        line = token.map[0] if token.map else 0
        for piece in read_pieces(token.content):
            span = self.draft.in_content(token, token.content, piece.start, len(piece.text))
            if isinstance(piece, Tag):
                kept += self._tag(piece, span)
            elif piece.is_comment and read_annotation(piece.text):
                if token.meta.get("ahead"):
                    self.ahead.append((piece.text, span))
                else:
                    row = line + row_and_column(token.content, piece.start)[0]
                    blank = (not self.draft.line(row - 1).strip(" \t>") and row > 0) or bool(token.meta.get("glued"))
                    take_annotation(piece.text, after_block(self.here, blank=blank), self.draft, span)
            else:
                kept.append(piece)
        if token.meta.get("ahead"):
            self.ahead = [each for each in self.ahead if not self._takes_slide(*each)]
        token.meta["pieces"] = kept
        token.meta["comment"] = not any(map(_shows, _without_styles(kept)))
        token.content = html_of(kept)

    def _takes_slide(self, comment: str, span: Span) -> bool:
        annotation = read_annotation(comment)
        return (
            annotation is not None and annotation.target == "slide" and take_annotation(comment, None, self.draft, span)
        )

    # text

    def _inline(self, token: Token) -> None:
        block = self.here
        children = self._without_closers(token, block)
        token.children = []
        if block.name == "p" and isinstance(block.target, Token):
            block.target.meta["images"] = _is_images(children)
        around = _Surroundings(children)
        for index, child in enumerate(children):
            if child.type != "html_inline":
                token.children += [*self._step(child, "html_inline"), child]
            elif self._html_inline(token, child, around, index, block):
                token.children.append(child)
            around.pass_by(child)
        while self.here is not block and self.here.parent is not None:
            token.children += _html(self._close_raw(), "html_inline")
            if self.here is not block:
                self.here = self.here.parent
        if len(token.children) != len(children):
            _trim_end(token.children)

    def _without_closers(self, token: Token, block: Element) -> list[Token]:
        """What is said in a block; tags at its end that close elements around it are kept for behind it."""
        children = token.children or []
        start = len(children)
        while start and _may_end(children[start - 1]):
            start -= 1
        around = set(_raw_around(block)) if start < len(children) else set()
        opened: Counter[str] = Counter()
        for index, child in enumerate(children if around else ()):
            if not _is_tag(child) or (name := _TAG_NAME.match(child.content)) is None:
                continue
            opened[name[2].lower()] += -1 if name[1] else 1
            if index >= start and opened[name[2].lower()] < 0 and name[2].lower() in around:
                self.behind.append(_block_of(children[index:], token))
                children = children[:index]
                _trim_end(children)
                break
        return children

    def _html_inline(self, token: Token, child: Token, around: _Surroundings, index: int, block: Element) -> bool:
        """False where nothing is left of the tag or comment."""
        span = self.draft.in_content(token, token.content, int(child.meta.get("at", 0)), len(child.content))
        if read_annotation(child.content):
            return not take_annotation(child.content, self._meant(around, index, block), self.draft, span)
        kept: list[Piece | Tag] = []
        for piece in _read_inline(child.content, closed=around.is_closed(child, index)):
            kept += self._tag(piece, span) if isinstance(piece, Tag) else [piece]
        child.meta["pieces"] = kept
        child.content = html_of(kept)
        return bool(kept)

    def _meant(self, around: _Surroundings, index: int, block: Element) -> Element | None:
        """Who is meant by the annotation at `index` of the text."""
        inner = self.here.children[-1] if self.here.children else None
        if (
            around.element
            and inner
            and (around.glued or inner.name == "img" or not self._is_last(around.following[index], block))
        ):
            return inner
        if self.here is block and block.parent and block.parent.name in ITEMS and around.opens_line:
            return block.parent
        return block.block() if self.here is block else self.here

    def _is_last(self, following: Token | None, block: Element) -> bool:
        """Whether nothing more is said in the innermost element, before what follows."""
        return following is None or (
            self.here is not block and (following.nesting == -1 or following.content.startswith("</"))
        )


def _shows(piece: Piece | Tag) -> bool:
    return isinstance(piece, Tag) or bool(piece.text.strip() and not piece.is_comment)


def _without_styles(pieces: list[Piece | Tag]) -> Iterator[Piece | Tag]:
    """The pieces that are not of a `<style>`, which shows nothing."""
    inside = False
    for piece in pieces:
        if isinstance(piece, Tag) and piece.name == "style":
            inside = not piece.closes
        elif not inside:
            yield piece


class _Surroundings:
    """What stands around the place in a text that the walk has come to; annotations are not counted."""

    def __init__(self, children: Sequence[Token]) -> None:
        self.element = False
        """Whether an inline element ends before it."""
        self.glued = False
        """Whether it does so without a blank between."""
        self.opens_line = False
        """Whether a new line begins before it."""
        self.following: list[Token | None] = []
        """For each child the next one that is more than a break, a blank or a comment."""
        self._closings: dict[str, int] = {}
        """Of names of raw elements: index of their last closing tag."""
        following: Token | None = None
        for index in reversed(range(len(children))):
            child = children[index]
            self.following.append(following)
            if child.type not in _BREAKS and not _is_blank(child) and not _is_comment(child):
                following = child
            if child.content.startswith("</") and (name := _NAME_CLOSED.match(child.content)):
                self._closings.setdefault(name[1].lower(), index)
        self.following.reverse()

    def pass_by(self, child: Token) -> None:
        if _is_annotation(child):
            return
        if _is_blank(child):
            self.glued = False
            return
        self.opens_line = child.type in _BREAKS
        self.element = self.glued = (
            child.nesting == -1 or child.type in _LEAVES or (child.type == "html_inline" and not _is_comment(child))
        )

    def is_closed(self, child: Token, index: int) -> bool:
        """Whether a tag behind it closes the raw element, as `<style>`, that the child begins."""
        name = _OPENING.match(child.content)
        return name is not None and name[1].lower() in RAW_TEXT and self._closings.get(name[1].lower(), -1) > index


def _is_tag(token: Token) -> bool:
    return token.type == "html_inline" and not _is_comment(token)


def _raw_around(block: Element) -> Iterator[str]:
    outer = block.parent
    while outer is not None:
        if outer.raw:
            yield outer.name
        outer = outer.parent


def _may_end(token: Token) -> bool:
    """Whether it may stand behind the last word of a text."""
    return _is_tag(token) or _is_blank(token) or token.type in _BREAKS


def _block_of(tags: Sequence[Token], text: Token) -> Token:
    """A block of the tags that stand at the end of a text."""
    block = Token("html_block", "", 0)
    block.block = True
    block.content = "".join(tag.content or "\n" for tag in tags) + "\n"
    rows = text.content.count("\n", 0, int(tags[0].meta.get("at", 0)))
    block.map = [text.map[0] + rows, text.map[1]] if text.map else None
    return block


def _is_annotation(token: Token) -> bool:
    return token.type == "html_inline" and read_annotation(token.content) is not None


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


def _is_comment(token: Token) -> bool:
    return token.type == "html_inline" and token.content.startswith("<!--")


def _is_images(children: list[Token]) -> bool:
    """Whether a paragraph is nothing but pictures."""
    rest = [
        child for child in children if child.type not in _BREAKS and not _is_blank(child) and not _is_comment(child)
    ]
    return bool(rest) and all(child.type == "image" for child in rest)


def _read_inline(html: str, *, closed: bool) -> list[Piece | Tag]:
    """The one tag or comment; a raw element such as `<script>` that is never closed is text."""
    name = _OPENING.match(html)
    if name is None and not html.startswith("</"):
        return [Piece(html, 0)]
    if name and closed:
        return read_pieces(f"{html}</{name[1]}>")[:1]
    return read_pieces(html)


def _trim_end(children: list[Token]) -> None:
    """Takes the blanks away that stood before an annotation at the end."""
    while children and (_is_blank(children[-1]) or children[-1].type in _BREAKS):
        children.pop()
    if children and children[-1].type == "text":
        children[-1].content = children[-1].content.rstrip()


def _html(content: str, kind: str) -> list[Token]:
    if not content:
        return []
    token = Token(kind, "", 0)
    token.content = content
    token.block = kind == "html_block"
    token.meta["pieces"] = [Piece(content, 0)]
    return [token]
