"""`<pre><code data-trim data-line-numbers="1|3-4">` of reveal.js: code in raw HTML, as if it stood in a fence."""

from __future__ import annotations

from html import unescape
from textwrap import dedent

from quarterdeck.markdown.attributes import read_steps
from quarterdeck.markdown.rules.support.html_tags import Piece, Tag
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft
from quarterdeck.markdown.rules.support.snippets import UNBOUND
from quarterdeck.model import Snippet, Span
from quarterdeck.regex import regex

_OF_REVEAL = ("data-trim", "data-noescape", "data-line-numbers", "data-ln-start-from")
_NESTED = (["pre", "code"], ["pre", "code", "script"])
"""What may begin in what: `<script type="text/template">` keeps what is in it from being read as HTML."""
_LANGUAGE = regex(r"(?:language|lang)-([\w+#.-]+)")
_NO_LANGUAGE = frozenset({"hljs", "code", "fragment", "stretch", "r-stretch", "code-wrapper", "line-numbers"})


def raw_code(pieces: list[Piece | Tag], at: int, draft: SlideDraft, span: Span) -> tuple[int, Snippet] | None:
    """The code in the `<pre>` at that index, and the index of its end; None where it is more than text in a `<code>`.

    In talks of our own dialect raw HTML stays as it is, unless an attribute of reveal.js asks for more.
    """
    opening = pieces[at]
    if not isinstance(opening, Tag) or opening.name != "pre" or opening.closes:
        return None
    found = _contents(pieces, at)
    if found is None:
        return None
    end, code, text = found
    if not draft.foreign and not any(_has(code, name) for name in _OF_REVEAL):
        return None
    return end, _snippet(opening, code, unescape(text), span)


def _contents(pieces: list[Piece | Tag], at: int) -> tuple[int, Tag, str] | None:
    """Index of the end of the `<pre>`, the `<code>` in it, and its text; None where there is more than these."""
    opened = ["pre"]
    code: Tag | None = None
    text: list[str] = []
    ends = False
    for index in range(at + 1, len(pieces)):
        piece = pieces[index]
        if not isinstance(piece, Tag):
            if piece.text.strip() and (ends or code is None):
                return None
            text += [piece.html()] if piece.text.strip() else []
        elif piece.closes:
            ends = True
            if piece.name != opened.pop():
                return None
            if not opened:
                return (index, code, "".join(text)) if code else None
        elif ends or text or [*opened, piece.name] not in _NESTED:
            return None
        else:
            opened.append(piece.name)
            code = code or piece
    return None


def _snippet(pre: Tag, code: Tag, text: str, span: Span) -> Snippet:
    lead = len(text) - len(text.lstrip("\n"))
    body = text.strip("\n") if not _has(code, "data-trim") else dedent(_without_blank_ends(text))
    numbered = code.get("data-line-numbers")
    written = "" if numbered in (None, "", "true", "false") else str(numbered)
    steps, _ = read_steps(written, count=UNBOUND)
    count = body.count("\n") + 1
    first = code.get("data-ln-start-from") or "1"
    classes = (code.get("class") or "").split()
    language, rest = _language(classes)
    attrs = [
        (name, value or "")
        for tag in (pre, code)
        for name, value in tag.attributes
        if name.lower() not in (*_OF_REVEAL, "class", "contenteditable")
    ]
    return Snippet(
        language=language,
        code=f"{body.rstrip()}\n" if body.strip() else "",
        code_line=span.line + lead,
        steps=tuple(tuple(line for line in step if line <= count) for step in steps),
        numbers=int(first) if numbered not in (None, "false") and first.isdigit() else None,
        classes=tuple(dict.fromkeys([*(pre.get("class") or "").split(), *rest])),
        attrs=tuple(dict(attrs).items()),
        span=span,
    )


def _language(classes: list[str]) -> tuple[str, list[str]]:
    """The language that a class names, and the other classes."""
    named = next((each for each in classes if _LANGUAGE.fullmatch(each)), None)
    if named is None:
        named = next((each for each in classes if each not in _NO_LANGUAGE and "-" not in each), None)
    language = _LANGUAGE.sub(r"\1", named) if named else ""
    return language, [each for each in classes if each not in (named, "hljs", "line-numbers")]


def _without_blank_ends(text: str) -> str:
    lines = text.split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines).expandtabs(4)


def _has(tag: Tag, name: str) -> bool:
    return any(key.lower() == name for key, _ in tag.attributes)
