"""Slidev's code: `<<< @/file#region` shows the code of a file, and `{2|4-5}` behind a language are steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.support.slide_draft import SlideDraft, draft_of
from quarterdeck.model import ConstructOutcome
from quarterdeck.regex import regex

_IMPORT = regex(r"<<<[ \t]+(?P<path>\S+?)(?P<region>#[\w-]+)?(?:[ \t]+(?P<info>.*))?")


def install(md: MarkdownIt) -> None:
    md.block.ruler.before(
        "table", "code_import", code_import, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.after("block", "slidev_fences", fences)


def code_import(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """`<<< @/snippets/x.js#region {2|4}`: the code of a file."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<<<", begin) or state.is_code_block(start):
        return False
    found = _IMPORT.fullmatch(state.src, begin, state.eMarks[start])
    if found is None:
        return False
    if not silent:
        draft = draft_of(state.env)
        path = found["path"].removeprefix("@/").removeprefix("/")
        text = draft.files.get(found["path"])
        token = Token("fence", "code", 0, block=True, map=[start, start + 1], markup="<<<")
        info = found["info"] or ""
        language = "" if re.match(r"[\w+-]", info) else path.rpartition(".")[2]
        token.info = f"{language} {info}".strip()
        token.meta["file"] = path.rpartition("/")[2]
        span = draft.span(start)
        if text is None:
            token.content = f"{path}\n"
            draft.note("code of a file", span, ConstructOutcome.TEXT, f"there is no file {path} beside the talk")
        else:
            token.content = region(text, (found["region"] or "").removeprefix("#"))
            draft.note("code of a file", span)
        state.tokens.append(token)
        state.line = start + 1
    return True


def region(text: str, name: str) -> str:
    """The lines between `#region NAME` and `#endregion NAME`; all of them where there is no such place."""
    if not name:
        return text
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if re.search(rf"#?region\s+{re.escape(name)}\b", line)), None)
    if start is None:
        return text
    behind = range(start + 1, len(lines))
    end = next((at for at in behind if re.search(r"#?end ?region\b", lines[at])), len(lines))
    return "\n".join(lines[start + 1 : end]) + "\n"


def fences(state: StateCore) -> None:
    """`{2|4-5}` are steps as they stand; `all`, `*`, `{lines:true}` and words for Slidev are read here."""
    draft = draft_of(state.env)
    out: list[Token] = []
    for token in state.tokens:
        if token.type == "math_block":
            token.content = _FORMULA_STEPS.sub("$$", token.content, count=1)
        moved = list(_moved(token, draft)) if token.type == "fence" and _MAGIC.search(token.info) else []
        for each in moved or [token]:
            if each.type == "fence":
                _fence(each, draft)
            out.append(each)
    state.tokens = out


_FORMULA_STEPS = regex(r"\A\$\$[ \t]*(?:\{[^{}\n]*\}[ \t]*)+$", re.MULTILINE)
_MAGIC = regex(r"\bmagic-move\b")
_INNER = regex(r"^(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=mark)[ \t]*$", re.MULTILINE | re.DOTALL)
_WITHOUT_CODE = frozenset(("mermaid", "plantuml"))
"""Languages of drawings: their options say how large they are."""


def _moved(token: Token, draft: SlideDraft) -> Iterator[Token]:
    """The blocks of code in a block of Markdown, which follow each other in one place."""
    inner = list(_INNER.finditer(token.content))
    first = token.map[0] if token.map else 0
    if inner:
        remedy = "one follows the other; nothing moves"
        draft.note("code with magic-move", draft.span(first), ConstructOutcome.APPROXIMATED, remedy)
        yield Token("div_open", "div", 1, block=True, map=token.map, attrs={"class": "r-stack qd-moved"})
    for number, found in enumerate(inner):
        line = first + 1 + token.content.count("\n", 0, found.start())
        block = Token("fence", "code", 0, block=True, markup=found["mark"], info=found["info"].strip())
        block.map = [line, line + found[0].count("\n") + 1]
        block.content = found["code"]
        last = number == len(inner) - 1
        classes = "fragment fade-out" if not number else "fragment" if last else "fragment current-visible"
        if len(inner) > 1:
            block.attrs = {"class": classes, "data-fragment-index": str(max(number, 1))}
            block.info = re.sub(r"\{[\d\s,|*\-a-z]*\}", "", block.info)
        yield block
    if inner:
        yield Token("div_close", "div", -1, block=True)


def _fence(token: Token, draft: SlideDraft) -> None:
    words = re.findall(r"\{[^{}]*\}|\[[^\]]*\]|\S+", token.info)
    language = words[0] if words and words[0][0] not in "{[" else ""
    kept = [language]
    token.meta["numbered"] = False
    if language in _WITHOUT_CODE:
        if language == "plantuml":
            kept = []
            remedy = "its source is shown; a mermaid diagram is drawn"
            draft.note("plantuml", draft.span(token.map[0] if token.map else 0), ConstructOutcome.TEXT, remedy)
        token.meta["info"] = " ".join(kept)
        return
    for word in words[1:] if language else words:
        kept.append(_option(word, kept, token, draft))
    token.meta["info"] = " ".join(filter(None, kept))


def _option(word: str, kept: list[str], token: Token, draft: SlideDraft) -> str:
    """What a word behind the language is in our words."""
    inner = word[1:-1].strip()
    if word[0] == "{" and re.fullmatch(r"[\d\s,|\-*]*(?:(?:all|hide|none|\*)[\d\s,|\-*]*)*(?:at:.*)?", inner):
        return f"[{_steps(inner)}]" if inner else ""
    if word[0] == "{" and re.match(r"run\b", inner):
        return word
    if word[0] == "[" and inner:
        token.meta["file"] = inner.removeprefix("~").strip("~")
        return ""
    if word[0] == "{" and re.match(r"lines\s*:\s*true|.*startLine", inner):
        token.meta["numbered"] = True
        return "" if any(each.startswith("[") for each in kept) else "[]"
    if word[0] == "{" and re.match(r"(?:maxHeight|lines|at|class|duration)\b", inner):
        return ""
    span = draft.span(token.map[0] if token.map else 0)
    remedy = "the code is shown; {run} behind the language records what it prints"
    draft.note(f"code with {word.partition(':')[0].strip('{} ')}", span, ConstructOutcome.APPROXIMATED, remedy)
    return ""


def _steps(text: str) -> str:
    lines = text.partition("at:")[0].strip(" ,")
    return re.sub(r"all|\*|hide|none", "", lines)
