"""remark's code, whose lines behind `*` are lit, and its macro for the size of pictures."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import draft_of
from quarterdeck.regex import regex

_LIT = regex(r"^\*(?=[ \t]*\S)(?!\*)(?!/)")
_BEHIND = regex(r"[ \t]*#<<[ \t]*$")
_PROSE = frozenset(("", "markdown", "md", "text", "txt", "plain", "none", "diff", "css", "c", "cpp", "java", "javadoc"))
"""Languages in which a line may begin with a star."""
_SCALE = regex(r":scale[ \t]+(?P<size>[\d.]+(?:%|px)?)[ \t]*")


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("code_cells", "lit_lines", lit_lines)
    md.core.ruler.after("inline", "scaled_pictures", scaled_pictures)


def lit_lines(state: StateCore) -> None:
    draft = draft_of(state.env)
    for token in state.tokens:
        if token.type != "fence":
            continue
        info = str(token.meta.get("info", token.info))
        if info.split(" ")[0].lower() in _PROSE or "[" in info:
            continue
        lines = token.content.split("\n")
        lit = [number for number, line in enumerate(lines, 1) if _LIT.match(line) or _BEHIND.search(line)]
        if lit:
            mark = " " if _indents(lines) else ""
            token.content = "\n".join(_BEHIND.sub("", _LIT.sub(mark, line)) for line in lines)
            token.meta["info"] = f"{info} [{','.join(map(str, lit))}]"
            token.meta["numbered"] = False
            draft.note("lit lines of code", draft.span(token.map[0] if token.map else 0))


def _indents(lines: list[str]) -> bool:
    """Whether the star stands in the place of a blank."""
    return any(_LIT.match(line) and line[1:2] not in (" ", "\t") for line in lines) and any(
        line.startswith(" ") for line in lines
    )


def scaled_pictures(state: StateCore) -> None:
    """`![:scale 50%](a.png)`."""
    draft = draft_of(state.env)
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "image" and (found := _SCALE.fullmatch(child.content)):
                _scale(child, found["size"])
                draft.note("![:scale]", draft.span(token.map[0] if token.map else 0))


def _scale(image: Token, size: str) -> None:
    length = size if size.endswith(("%", "px")) else f"{size}px"
    annotate(image.meta.setdefault("attrs", {}), "style", f"width: {length}")
    image.content = ""
    image.children = []
