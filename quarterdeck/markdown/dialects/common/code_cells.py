"""Code of pandoc, Quarto and R Markdown: attributes in braces, and cells, which are shown and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.attributes import read_group
from quarterdeck.markdown.rules.support.elements import annotate
from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome, Span
from quarterdeck.regex import regex

_CELL = regex(r"\{\{?(?P<language>[A-Za-z]\w*)(?P<rest>[\s,}].*)", re.DOTALL)
_RAW = regex(r"\{=(?P<format>[\w.-]+)\}")
_OPTION = regex(r"^[ \t]*(?:#|//|--|%)\|[ \t]*([\w.-]+):[ \t]*(.*)$", re.MULTILINE)
_OPTIONS = regex(r"\A(?:[ \t]*(?:#|//|--|%)\|.*(?:\n|\Z))+")
_R_OPTION = regex(r"([\w.]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^,\s}]+)")
_LINES = regex(r"[\d,|\s-]+")
_NAMES = {"ojs": "javascript", "webr-r": "r", "pyodide": "python", "shinylive-python": "python"}
_DRAWN = ("mermaid", "dot")
_NUMBERED = frozenset(("numberLines", "number-lines"))
_SHOWN_ONLY = "its code is shown; {run} behind the language records what it prints"


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "code_cells", code_cells)


def code_cells(state: StateCore) -> None:
    """```` ```{.python .numberLines code-line-numbers="1|3"} ```` and cells, whose options are not shown."""
    draft = draft_of(state.env)
    out: list[Token] = []
    for token in state.tokens:
        if token.type == "fence" and ("{" in token.info or "|" in token.content):
            out += _fence(token, draft)
        else:
            out.append(token)
    state.tokens = out


def _fence(token: Token, draft: SlideDraft) -> list[Token]:
    span = draft.span(token.map[0] if token.map else 0)
    info = token.info.strip()
    if raw := _RAW.fullmatch(info):
        return _raw(token, raw["format"], draft, span)
    if cell := _CELL.fullmatch(info):
        return _cell(token, cell, draft, span)
    language, brace, group = info.partition("{")
    given, names = _attributes("{" + group if brace else "")
    language = language.strip() or (names.pop(0) if names else "")
    _apply(token, _NAMES.get(language, language), given, names)
    return [token]


def _attributes(group: str) -> tuple[dict[str, str], list[str]]:
    pairs = list(read_group(group)) if group else []
    given = {name: value for name, value in pairs if name not in ("class", "id")}
    return given, [value for name, value in pairs if name == "class"]


def _cell(token: Token, cell: re.Match[str], draft: SlideDraft, span: Span) -> list[Token]:
    language = cell["language"].lower()
    rest = cell["rest"].rstrip("} \t").lstrip(" ,")
    given = {name.replace(".", "-"): value.strip("\"'") for name, value in _R_OPTION.findall(rest)}
    if "run" in rest.split():
        given, _ = _attributes("{" + rest + "}")
    if found := _OPTIONS.match(token.content):
        given |= {name.replace(".", "-"): value.strip("\"' ") for name, value in _OPTION.findall(found[0])}
        token.content = token.content[found.end() :]
        token.meta["skipped"] = found[0].count("\n")
    if language in _DRAWN:
        token.meta["info"] = language
        return [token]
    if _is_off(given.get("include")) or not token.content.strip():
        draft.note("cell that is not shown", span)
        return []
    remedy = _SHOWN_ONLY
    if _is_off(given.get("echo")):
        remedy = f"its output is not there, so {_SHOWN_ONLY}; put a picture of it in its place"
    draft.note("cell", span, ConstructOutcome.APPROXIMATED, remedy)
    names = [name for name in given.pop("class", "").split() if name]
    _apply(token, _NAMES.get(language, language), given, names)
    return [token]


def _is_off(value: str | None) -> bool:
    return value is not None and value.strip().lower() in ("false", "f", "no")


def _apply(token: Token, language: str, given: Mapping[str, str], names: list[str]) -> None:
    lines = given.get("code-line-numbers", "").strip("\"' ")
    steps = ""
    if lines and _LINES.fullmatch(lines):
        steps = f"[{lines}]"
    elif lines == "true" or _NUMBERED & set(names):
        steps = "[]"
    if file := given.get("filename", "").strip("\"' "):
        token.meta["file"] = file
    for name in names:
        if name not in (*_NUMBERED, "cell-code"):
            annotate(token.attrs, "class", name)
    runs = f"{{{' '.join(_written(given))}}}" if "run" in given else ""
    token.meta["info"] = f"{language} {runs} {steps}".strip()


def _written(given: Mapping[str, str]) -> Iterator[str]:
    """Options as they stand in our own fences."""
    for name, value in given.items():
        if name not in ("code-line-numbers", "filename"):
            yield f'{name}="{value}"' if value else name


def _raw(token: Token, kind: str, draft: SlideDraft, span: Span) -> list[Token]:
    """HTML is HTML, formulas are formulas, and what is for another format is not for slides."""
    if kind.lower() in ("html", "html5", "html4", "revealjs", "raw"):
        draft.note("raw HTML", span)
        return [Token("html_block", "", 0, block=True, map=token.map, content=token.content, level=token.level)]
    if kind in ("tex", "latex") and token.content.lstrip().startswith("\\begin{"):
        draft.note("raw formula", span)
        out = [
            Token("paragraph_open", "p", 1, block=True, map=token.map),
            Token("inline", "", 0, block=True, map=token.map, content=f"$${token.content.strip()}$$", children=[]),
            Token("paragraph_close", "p", -1, block=True),
        ]
        for each in out:
            each.level = token.level
        return out
    draft.note(f"raw {kind}", span, ConstructOutcome.LEFT_OUT, "it is not for slides in a browser")
    return []
