"""Slidev's code: `<<< @/file#region` shows the code of a file, and `{2|4-5}` behind a language are steps."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from quarterdeck.markdown.rules.sheet import sheet_of
from quarterdeck.model import Outcome

_IMPORT = re.compile(r"<<<[ \t]+(?P<path>\S+?)(?P<region>#[\w-]+)?(?:[ \t]+(?P<info>.*))?")


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
        sheet = sheet_of(state.env)
        path = found["path"].removeprefix("@/").removeprefix("/")
        text = sheet.files.get(found["path"])
        token = Token("fence", "code", 0, block=True, map=[start, start + 1], markup="<<<")
        info = found["info"] or ""
        language = "" if re.match(r"[\w+-]", info) else path.rpartition(".")[2]
        token.info = f"{language} {info}".strip()
        token.meta["file"] = path.rpartition("/")[2]
        span = sheet.span(start)
        if text is None:
            token.content = f"{path}\n"
            sheet.note("code of a file", span, Outcome.TEXT, f"there is no file {path} beside the talk")
        else:
            token.content = region(text, (found["region"] or "").removeprefix("#"))
            sheet.note("code of a file", span)
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
    sheet = sheet_of(state.env)
    for token in state.tokens:
        if token.type != "fence":
            continue
        words = re.findall(r"\{[^{}]*\}|\[[^\]]*\]|\S+", token.info)
        language = words[0] if words and words[0][0] not in "{[" else ""
        rest = words[1:] if language else words
        kept = [language]
        token.meta["numbered"] = False
        for word in rest:
            inner = word[1:-1].strip()
            if word[0] == "{" and re.fullmatch(r"[\d\s,|\-*]*(?:(?:all|hide|none|\*)[\d\s,|\-*]*)*(?:at:.*)?", inner):
                kept.append(f"[{_steps(inner)}]" if inner else "")
            elif word[0] == "{" and re.match(r"run\b", inner):
                kept.append(word)
            elif word[0] == "[" and inner:
                token.meta["file"] = inner
            elif word[0] == "{" and re.match(r"lines\s*:\s*true|.*startLine", inner):
                kept.append("[]" if not any(each.startswith("[") for each in kept) else "")
                token.meta["numbered"] = True
            else:
                span = sheet.span(token.map[0] if token.map else 0)
                remedy = "the code is shown; {run} behind the language records what it prints"
                sheet.note(f"code with {word.partition(':')[0].strip('{} ')}", span, Outcome.APPROXIMATED, remedy)
        token.meta["info"] = " ".join(filter(None, kept))


def _steps(text: str) -> str:
    lines = text.partition("at:")[0].strip(" ,")
    return re.sub(r"all|\*|hide|none", "", lines)
