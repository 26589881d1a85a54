"""What a kernel made beside its text, as HTML: pictures as files, tables cleaned. Pure but for reading a template.

The HTML of a table comes from whatever ran. Only elements and attributes that are named here pass, every one that is
opened is closed, and nothing that can load, run or be styled is left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from html.parser import HTMLParser

from quarterdeck.model import Html
from quarterdeck.recordings.outputs import PICTURES, KernelOutput
from quarterdeck.regex import regex
from quarterdeck.render.templates import Templates, safe

TAGS = frozenset(
    (
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"),
        *("b", "i", "em", "strong", "code", "sup", "sub", "br", "span", "a"),
        *("p", "ul", "ol", "li", "div"),
    )
)
EMPTY = frozenset(("br",))
SILENT = frozenset(
    (
        *("script", "style", "template", "iframe", "object", "noscript", "noembed", "noframes"),
        *("textarea", "title", "head", "svg", "math"),
    )
)
"""Elements whose content is no text either."""
_NUMBER = regex(r"[1-9][0-9]{0,2}")
_SCOPES = frozenset(("row", "col", "rowgroup", "colgroup"))
_OUR_CLASS = regex(
    r"(?i)(?:qd-|r-|has-|reveal|slides?$|fragment|current|visible|notes$|stack$|past$|present$|future$).*"
)
"""Classes that mean something to the page around."""
_LINK = regex(r"(?i)https?://[^\s\\]+")


def outputs_html(
    outputs: Sequence[KernelOutput], urls: Sequence[str], *, templates: Templates, words: Mapping[str, str]
) -> Html:
    """The outputs of one snippet in order; `urls` says for each where its file is, and is empty where it has none."""
    shown = [_shown(output, url, words) for output, url in zip(outputs, urls, strict=True)]
    shown = [each for each in shown if each]
    return templates.render("outputs.html", outputs=shown) if shown else Html("")


def _shown(output: KernelOutput, url: str, words: Mapping[str, str]) -> Mapping[str, object]:
    """Values for the template; nothing where nothing is to be seen."""
    if output.mime in PICTURES:
        alt = _text(output.alt) or words["picture"]
        size = {"width": output.width, "height": output.height}
        return {"kind": "image", "url": url, "alt": alt, **size} if url else {}
    text = output.data if isinstance(output.data, str) else ""
    if output.mime == "text/html":
        html = cleaned(text)
        return {"kind": "table", "html": safe(html)} if re.sub(r"<[^>]*>|\s", "", html) else {}
    return {"kind": "text", "text": _text(text)} if text.strip() else {}


def cleaned(html: str) -> Html:
    """The markup without anything that is not named in this module; text of other elements stays."""
    cleaner = _Cleaner()
    cleaner.feed(_text(html))
    cleaner.close()
    return Html(cleaner.result())


def _text(text: str) -> str:
    """A NUL would be the mark of a slot."""
    return text.replace("\0", "\ufffd")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in SILENT:
            if tag in SILENT:
                self._silent.append(tag)
            return
        kept = _attributes(tag, attrs)
        if tag not in TAGS or (tag == "a" and (not kept or "a" in self._open)):
            return
        self._parts.append(f"<{tag}{kept}>")
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SILENT:  # in HTML, `/>` closes nothing but what is empty anyway
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                del self._silent[self._silent.index(tag) :]
        elif tag in self._open:
            while self._open[-1] != tag:
                self._parts.append(f"</{self._open.pop()}>")
            self._parts.append(f"</{self._open.pop()}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(escape(_text(data)))

    def result(self) -> str:
        return "".join([*self._parts, *(f"</{tag}>" for tag in reversed(self._open))])


def _attributes(tag: str, attrs: Sequence[tuple[str, str | None]]) -> str:
    kept: dict[str, str] = {}
    for name, given in attrs:
        value = _text(given or "").strip()
        if name == "class":
            value = " ".join(word for word in value.split() if not _OUR_CLASS.fullmatch(word))
            if value:
                kept.setdefault(name, value)
        elif tag in ("td", "th") and name in ("colspan", "rowspan") and _NUMBER.fullmatch(value):
            kept.setdefault(name, value)
        elif tag == "th" and name == "scope" and value.lower() in _SCOPES:
            kept.setdefault(name, value.lower())
        elif tag == "a" and name == "href" and _LINK.fullmatch(value):
            kept.setdefault(name, value)
    if tag == "a":
        kept = {"href": kept["href"], "rel": "noopener noreferrer"} if "href" in kept else {}
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
