"""Stylesheets of other tools, which speak of their own slide, as stylesheets that speak of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.markdown.rules.support.colours import brightness

SLIDE = ".reveal .slides section:is(.qd-slide, #qd)"
"""Every slide, with the weight of an id: what an author writes counts more than any theme."""
_OPAQUE = re.compile(
    r"/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|url\(\s*[^\"')\s][^)]*\)", re.DOTALL
)
_PIXELS = re.compile(r"(?<![\w.#-])(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>px|rem)\b(?! \* var\(--qd-px)")
_ROOT = re.compile(
    r"^(?:(?::root|:host|(?:html|body|\.reveal|\.slides|(?:div)?\.marpit|svg|foreignObject)\b(?!-))(?:\s*>)?\s*)+",
    re.IGNORECASE,
)
_SLIDE = re.compile(
    r"^(?:section\b(?!-)|\.slide\b(?!-)|\.remark-slide(?:-content|-container)?\b(?!-)|\.slidev-(?:layout|page)\b(?!-))"
)
_AS_IT_IS = ("font-face", "keyframes", "-webkit-keyframes", "property", "font-feature-values", "page", "counter-style")
_NESTS = ("media", "supports", "layer", "container", "scope", "starting-style")


def scoped(css: str, *, slide: str = SLIDE) -> str:
    """The rules for the slides that the selector `slide` means; `section` and `:root` are the slide itself.

    Fonts, key frames and imports stay as they are; pixels grow with our larger slides.
    """
    return "\n".join(_rules(_Text(css), slide))


def pixels(declarations: str) -> str:
    """Declarations whose pixels are those of the tool's smaller slides."""
    parts = []
    at = 0
    for opaque in _OPAQUE.finditer(declarations):
        parts += [_PIXELS.sub(_length, declarations[at : opaque.start()]), opaque[0]]
        at = opaque.end()
    return "".join([*parts, _PIXELS.sub(_length, declarations[at:])])


def _length(found: re.Match[str]) -> str:
    if not float(found["number"]):
        return found[0]
    if found["unit"] == "rem":
        return f"calc({found['number']} * var(--qd-size-body))"
    return f"calc({found['number']}px * var(--qd-px, 1))"


class _Text:
    """CSS, and for each index whether it is inside of a string, a comment or an address."""

    def __init__(self, css: str) -> None:
        self.css = re.sub(r"/\*.*?(?:\*/|\Z)", " ", css, flags=re.DOTALL)
        self._opaque = [found.span() for found in _OPAQUE.finditer(self.css)]

    def find(self, marks: str, start: int) -> int:
        """Index of the first of the marks that is not opaque; the length of the text where there is none."""
        at = start
        for begin, end in (*self._opaque, (len(self.css), len(self.css))):
            if end <= start:
                continue
            while at < begin:
                if self.css[at] in marks:
                    return at
                at += 1
            at = max(at, end)
        return len(self.css)

    def closing(self, start: int) -> int:
        """Index of the brace that closes the one before `start`."""
        depth, at = 1, start
        while (at := self.find("{}", at)) < len(self.css):
            depth += 1 if self.css[at] == "{" else -1
            if not depth:
                return at
            at += 1
        return at


def _rules(text: _Text, slide: str) -> Iterator[str]:
    at = 0
    while at < len(text.css):
        end = text.find(";{}", at)
        head = text.css[at:end].strip()
        if end == len(text.css) or text.css[end] == "}":
            at = end + 1  # what is no rule
            continue
        if text.css[end] == ";":
            if head.startswith("@") and not head.startswith("@theme"):
                yield f"{head};"
            at = end + 1
            continue
        stop = text.closing(end + 1)
        body = text.css[end + 1 : stop].strip()
        at = stop + 1
        name = re.match(r"@([\w-]+)", head)
        if name and name[1] in _NESTS:
            yield f"{head} {{\n{scoped(body, slide=slide)}\n}}"
        elif name:
            yield f"{head} {{ {body if name[1] in _AS_IT_IS else pixels(body)} }}"
        elif head:
            selectors = [_selector(each.strip(), slide) for each in _listed(head)]
            own = [each for each in selectors if _IS_SLIDE.search(each.removeprefix(slide)) is None]
            inner = [each for each in selectors if each not in own]
            if inner:
                yield f"{', '.join(inner)} {{ {pixels(body)} }}"
            if own:
                yield f"{', '.join(own)} {{ {pixels(_of_slide(body))} }}"


_IS_SLIDE = re.compile(r"[\s>+~]|:{1,2}(?:before|after|first-l)")
"""In what follows the slide's own selector: more than the slide."""


def _of_slide(body: str) -> str:
    """Declarations for the slide itself, which reveal.js places; its margin makes way for the author's padding."""
    kept = []
    for declaration in re.split(r";(?![^(]*\))", body):
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name in _PLACED or (name == "overflow" and "hidden" in value):
            continue
        if name == "justify-content":
            declaration = f"align-content:{value}"
        if name == "padding":
            declaration += "; --qd-pad-x: 0px; --qd-pad-top: 0px; --qd-pad-bottom: 0px"
        if name in ("background", "background-color") and (light := brightness(value.split("!")[0])) is not None:
            declaration += f"; color-scheme: {'light' if light >= 0.5 else 'dark'}"
        kept.append(declaration.strip())
    return "; ".join(filter(None, kept))


_PLACED = frozenset(
    ("position", "display", "width", "height", "top", "left", "right", "bottom", "inset", "transform", "flex-direction")
)


def _listed(selectors: str) -> Iterator[str]:
    """The selectors between commas; those in brackets belong to one."""
    depth = start = 0
    for at, letter in enumerate(selectors):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if letter == "," and depth <= 0:
            yield selectors[start:at]
            start = at + 1
    yield selectors[start:]


def _selector(written: str, slide: str) -> str:
    if written.startswith("&"):
        return slide + written[1:]
    around = _ROOT.match(written)
    rest = written[around.end() :] if around else written
    own = _SLIDE.sub("", rest, count=1)
    if own != rest:
        return slide + own
    means_slide = around and not around[0].rstrip(" >").endswith((".reveal", ".slides")) and around[0][-1:] != " "
    return slide + rest if means_slide else f"{slide} {rest}"


def style_element(css: str) -> str:
    """As it stands in a page; nothing in it ends its element."""
    return f"<style>\n{css.replace('</', '<' + chr(92) + '/')}\n</style>\n"
