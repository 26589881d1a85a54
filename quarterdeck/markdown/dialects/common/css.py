"""Stylesheets of other tools, which speak of their own slide, as stylesheets that speak of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from tinycss2 import ast, parse_blocks_contents, parse_component_value_list, parse_stylesheet, serialize

from quarterdeck.markdown.rules.support.colours import brightness
from quarterdeck.project.stylesheets import Edit, edited, places
from quarterdeck.regex import regex

SLIDE = ".reveal .slides section:is(.qd-slide, #qd)"
"""Every slide, with the weight of an id: what an author writes counts more than any theme."""
_LENGTHS = {"px": "calc({}px * var(--qd-px, 1))", "rem": "calc({} * var(--qd-size-body))"}
_ROOT = regex(
    r"^(?:(?::root|:host|(?:html|body|\.reveal|\.slides|(?:div)?\.marpit|svg|foreignObject)\b(?!-))(?:\s*>)?\s*)+",
    re.IGNORECASE,
)
_SLIDE = regex(
    r"^(?:section\b(?!-)|\.slide\b(?!-)|\.remark-slide(?:-content|-container)?\b(?!-)|\.slidev-(?:layout|page)\b(?!-))"
)
_IS_SLIDE = regex(r"[\s>+~]|:{1,2}(?:before|after|first-l)")
"""In what follows the slide's own selector: more than the slide."""
_AS_IT_IS = ("font-face", "keyframes", "-webkit-keyframes", "property", "font-feature-values", "page", "counter-style")
_NESTS = ("media", "supports", "layer", "container", "scope", "starting-style")
_PLACED = frozenset(
    ("position", "display", "width", "height", "top", "left", "right", "bottom", "inset", "transform", "flex-direction")
)


def scoped(css: str, *, slide: str = SLIDE) -> str:
    """The rules for the slides that the selector `slide` means; `section` and `:root` are the slide itself.

    Fonts, key frames and imports stay as they are; pixels grow with our larger slides.
    """
    return "\n".join(_scoped(parse_stylesheet(css, skip_comments=True, skip_whitespace=True), slide))


def pixels(css: str) -> str:
    """CSS whose pixels are those of the tool's smaller slides."""
    if not any(unit in css.lower() for unit in _LENGTHS):
        return css
    return edited(css, _grown(parse_component_value_list(css), css, places(css)))


def _grown(nodes: Sequence[ast.Node], css: str, place: Callable[[ast.Node], int]) -> Iterator[Edit]:
    for node in nodes:
        if isinstance(node, ast.DimensionToken) and node.lower_unit in _LENGTHS and node.value:
            start, written = place(node), f"{node.representation}{node.unit}"
            if css.startswith(written, start):  # not so where a unit is written with escapes
                yield start, start + len(written), _LENGTHS[node.lower_unit].format(node.representation)
        elif isinstance(node, ast.FunctionBlock):
            if not _is_grown(node):
                yield from _grown(node.arguments, css, place)
        elif isinstance(node, (ast.CurlyBracketsBlock, ast.ParenthesesBlock, ast.SquareBracketsBlock)):
            yield from _grown(node.content, css, place)


def _is_grown(node: ast.FunctionBlock) -> bool:
    """Whether it is a length that was made of pixels here."""
    return node.lower_name == "calc" and serialize(node.arguments).endswith("px * var(--qd-px, 1)")


def _scoped(rules: Iterable[ast.Node], slide: str) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, ast.AtRule):
            yield from _at_rule(rule, slide)
        elif isinstance(rule, ast.QualifiedRule):
            listed = [_selector(each, slide) for each in _listed(rule.prelude)]
            own = [each for each in listed if _IS_SLIDE.search(each.removeprefix(slide)) is None]
            if inner := [each for each in listed if each not in own]:
                yield f"{', '.join(inner)} {{ {_declared(rule)} }}"
            if own:
                yield f"{', '.join(own)} {{ {pixels(_of_slide(rule))} }}"


def _at_rule(rule: ast.AtRule, slide: str) -> Iterator[str]:
    head = f"@{rule.at_keyword}{serialize(rule.prelude)}".strip()
    if rule.content is None:
        if rule.lower_at_keyword != "theme":  # Marp's name of a theme
            yield f"{head};"
    elif rule.lower_at_keyword in _NESTS:
        inner = parse_stylesheet(rule.content, skip_comments=True, skip_whitespace=True)
        yield "\n".join([f"{head} {{", *_scoped(inner, slide), "}"])
    elif rule.lower_at_keyword in _AS_IT_IS:
        yield f"{head} {{ {serialize(rule.content).strip()} }}"
    else:
        yield f"{head} {{ {_declared(rule)} }}"


def _declared(rule: ast.QualifiedRule | ast.AtRule) -> str:
    return pixels(_written(rule.content or ()))


def _written(nodes: Iterable[ast.Node]) -> str:
    return serialize(node for node in nodes if not isinstance(node, ast.Comment)).strip()


def _of_slide(rule: ast.QualifiedRule) -> str:
    """Declarations for the slide itself, which reveal.js places; its margin makes way for the author's padding."""
    kept = []
    for declaration in parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
        if not isinstance(declaration, ast.Declaration):
            kept += [] if isinstance(declaration, ast.ParseError) else [declaration.serialize()]
            continue
        name, value = declaration.lower_name, _written(declaration.value)
        if name in _PLACED or (name == "overflow" and "hidden" in value):
            continue
        if name == "justify-content":
            declaration.name = "align-content"
        kept.append(declaration.serialize().strip())
        if name == "padding":
            kept.append("--qd-pad-x: 0px; --qd-pad-top: 0px; --qd-pad-bottom: 0px")
        if name in ("background", "background-color") and (light := brightness(value)) is not None:
            kept.append(f"color-scheme: {'light' if light >= 0.5 else 'dark'}")
    return "; ".join(kept)


def _listed(selectors: Sequence[ast.Node]) -> Iterator[str]:
    """The selectors between commas; those in brackets belong to one."""
    for comma, nodes in groupby(selectors, lambda node: isinstance(node, ast.LiteralToken) and node.value == ","):
        if not comma:
            yield _written(nodes)


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
