"""Raw HTML as pieces: tags, comments and the text between, so that single attributes can be read and changed. Pure.

What a browser would read on past its own end (a tag or comment that is never closed) becomes text: the slide that has
it shows it, and the slides after it stay whole.
"""

from __future__ import annotations

import re
from html import escape, unescape

from msgspec import Struct

from quarterdeck.regex import regex

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
RAW_TEXT = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"))
"""Elements in which tags are text, up to their own closing tag."""
_NAME = regex(r"</?([A-Za-z][^\s/>]*)")
_ATTRIBUTE = regex(
    r"""[\s/]*(?P<name>[^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"(?P<d>[^"]*)"|'(?P<s>[^']*)'|(?P<b>[^\s"'>][^\s>]*)))?"""
)
_END = regex(r"[\s/]*>")
_OTHER = regex(r"<!--(?:-?>|.*?-->)|<!\[CDATA\[.*?\]\]>|<[!?](?!--)[^>]*>", re.DOTALL)


class Piece(Struct):
    """Text, a comment, a declaration: anything but a tag."""

    text: str
    start: int
    """Index in the HTML that was read."""

    @property
    def is_comment(self) -> bool:
        return self.text.startswith("<!--")

    def html(self) -> str:
        return self.text


class Tag(Struct, eq=False):
    name: str
    """In lower case."""
    start: int
    text: str
    """As written; what is put out while the attributes are as they were."""
    attributes: list[tuple[str, str | None]]
    """Names as written, values decoded; None for a bare name."""
    closes: bool = False
    """Whether it is a closing tag."""
    empty: bool = False
    """Whether it has no closing tag: a void element, or `<path/>`."""
    changed: bool = False

    def get(self, name: str) -> str | None:
        return next((value or "" for key, value in self.attributes if key.lower() == name), None)

    def set(self, name: str, value: str) -> None:
        """Sets an attribute; a class is added to those that are there, a style to the style."""
        self.changed = True
        for index, (key, old) in enumerate(self.attributes):
            if key.lower() == name.lower():
                self.attributes[index] = (key, joined(name, old or "", value))
                return
        self.attributes.append((name, value))

    def replace(self, index: int, value: str) -> None:
        self.changed = True
        self.attributes[index] = (self.attributes[index][0], value)

    def html(self) -> str:
        if not self.changed:
            return self.text
        written = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in self.attributes)
        raw_name = _NAME.match(self.text)
        slash = " /" if self.empty and self.text.endswith("/>") else ""
        return f"<{raw_name[1] if raw_name else self.name}{written}{slash}>"


def joined(name: str, old: str, new: str) -> str:
    """The value of an attribute that is given twice."""
    if name == "class":
        return " ".join(dict.fromkeys([*old.split(), *new.split()]))
    if name == "style" and old.strip():
        return f"{old.rstrip().rstrip(';')}; {new}"
    return new


def read_pieces(html: str) -> list[Piece | Tag]:
    """The pieces of raw HTML; joined again they are the same text, but that a `<` which is never closed is `&lt;`."""
    pieces: list[Piece | Tag] = []
    pos = text_start = 0

    def flush(end: int) -> None:
        if end > text_start:
            pieces.append(Piece(html[text_start:end], text_start))

    while (pos := html.find("<", pos)) >= 0:
        found: Piece | Tag | None = read_tag(html, pos)
        if found is None and (other := _OTHER.match(html, pos)):
            found = Piece(other[0], pos)
        if found is None:
            if pos + 1 < len(html) and (html[pos + 1].isalpha() or html[pos + 1] in "/!?"):
                flush(pos)
                pieces.append(Piece("&lt;", pos))
                text_start = pos + 1
            pos += 1
            continue
        if isinstance(found, Tag) and found.name in RAW_TEXT and not found.closes and not found.empty:
            closing = re.compile(rf"</{re.escape(found.name)}(?=[\s/>])", re.IGNORECASE).search(
                html, pos + len(found.text)
            )
            flush(pos)
            if closing is None:
                pieces.append(Piece("&lt;", pos))
                text_start = pos = pos + 1
                continue
            body = pos + len(found.text)
            pieces += [found, Piece(html[body : closing.start()], body)]
            text_start = pos = closing.start()
            continue
        flush(pos)
        pieces.append(found)
        text_start = pos = pos + len(found.text)
    flush(len(html))
    return pieces


def html_of(pieces: list[Piece | Tag]) -> str:
    return "".join(piece.html() for piece in pieces)


def read_tag(html: str, start: int) -> Tag | None:
    """The tag that begins at `start`, if one does."""
    name = _NAME.match(html, start)
    if name is None:
        return None
    pos = name.end()
    attributes: list[tuple[str, str | None]] = []
    while not (end := _END.match(html, pos)):
        found = _ATTRIBUTE.match(html, pos)
        if found is None or found.end() == pos:
            return None
        value = next((found[group] for group in ("d", "s", "b") if found[group] is not None), None)
        attributes.append((found["name"], None if value is None else unescape(value)))
        pos = found.end()
    closes = html[start + 1] == "/"
    lowered = name[1].lower()
    text = html[start : end.end()]
    # the slash of `<a href=https://x/>` is part of the address
    empty = lowered in VOID or ("/" in end[0] and not closes)
    return Tag(name=lowered, start=start, text=text, attributes=attributes, closes=closes, empty=empty)
