"""Typographic quotes, dashes, ellipses and French spaces, by the language of the talk.

Only text is changed: code, addresses, formulas, raw HTML, `:emoji:` and what a backslash keeps literal are not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from msgspec import Struct

from quarterdeck.regex import regex

NO_BREAK, NARROW = "\u00a0", "\u202f"
QUOTES = {
    "en": "“”‘’",
    "fr": (f"«{NO_BREAK}", f"{NO_BREAK}»", "‘", "’"),
    "de": "„“‚‘",
    "es": "«»“”",
    "it": "«»“”",
    "pt": "“”‘’",
    "nl": "“”‘’",
}
"""By language: opening and closing, then the same for quotes inside of quotes."""

_LETTER = "\ufffc"
"""Stands for what is not text: a letter as far as its neighbours are concerned. Never put out."""
_SHORTCODE = regex(r":[a-zA-Z0-9_+-]+:")
_EVERYWHERE = regex(
    r"""(?P<ellipsis>(?<![./])\.\.\.(?![./]))
      | (?P<em>(?<![-!])(?:(?:(?<=\s)|\A)---(?=\s)|(?<=[^-\s])---(?=[^-\s])))
      | (?P<en>(?<![-!])(?:(?:(?<=\s)|\A)--(?=\s)|(?<=[^-\s])--(?=[^-\s])))""",
    re.VERBOSE,
)
_FRENCH = regex(
    rf"""(?P<high>(?:(?<=[^\s(\[«“‘!?;:])[ {NO_BREAK}{NARROW}]?)(?=(?:[!?]+|;)(?:[\s)\]»”’"'.,…*_]|$)))
      | (?P<colon>(?:(?<=[^\s(\[«“‘:])[ {NO_BREAK}{NARROW}]?)(?=:(?:\s|$)))
      | (?P<open>(?<=«)[ {NO_BREAK}{NARROW}]?(?=[^\s]))
      | (?P<close>(?<=[^\s«])[ {NO_BREAK}{NARROW}]?(?=»))""",
    re.VERBOSE,
)
_FRENCH_SPACES = {"high": NARROW, "colon": NO_BREAK, "open": NO_BREAK, "close": NO_BREAK}
_QUOTE = regex("['\"]")


class _Edit(Struct, frozen=True):
    start: int
    end: int
    text: str


def install(md: MarkdownIt, *, lang: str) -> None:
    language = lang.lower().partition("-")[0].partition("_")[0]
    quotes = tuple(QUOTES.get(language, QUOTES["en"]))

    def typography(state: StateCore) -> None:
        for token in state.tokens:
            if token.type == "inline" and token.children:
                _set(token.children, quotes=quotes, french=language == "fr")

    md.core.ruler.before("text_join", "typography", typography)


def _set(children: list[Token], *, quotes: tuple[str, ...], french: bool) -> None:
    text, places = _as_one(children)
    edits = [*_dashes(text), *_quotes(text, quotes)]
    if french:
        edits += _french(text)
    if not edits:
        return
    edits.sort(key=lambda edit: (edit.start, edit.end))
    starts = [edit.start for edit in edits]
    for token, start in places:
        end = start + len(token.content)
        nearby = edits[bisect_left(starts, start) : bisect_left(starts, end)]
        token.content = _edited(token.content, start, [edit for edit in nearby if edit.end <= end])


def _as_one(children: Iterable[Token]) -> tuple[str, list[tuple[Token, int]]]:
    """The text with stand-ins for what is not to be changed, and the tokens that may be, with their places in it."""
    parts: list[str] = []
    places: list[tuple[Token, int]] = []
    length = 0
    automatic = False
    for token in children:
        if token.type in ("link_open", "link_close") and token.info == "auto":
            automatic = token.nesting == 1
        if token.type == "text" and not automatic:
            part = _SHORTCODE.sub(lambda found: _LETTER * len(found[0]), token.content)
            places.append((token, length))
        elif token.type in ("softbreak", "hardbreak"):
            part = "\n"
        elif token.nesting or token.type == "html_inline" or not (token.content or token.type == "image"):
            part = ""
        else:
            part = _LETTER
        parts.append(part)
        length += len(part)
    return "".join(parts), places


def _edited(content: str, shift: int, edits: list[_Edit]) -> str:
    out: list[str] = []
    pos = 0
    for edit in edits:
        start, end = edit.start - shift, edit.end - shift
        if start < pos:
            continue
        out += [content[pos:start], edit.text]
        pos = end
    return "".join([*out, content[pos:]])


def _dashes(text: str) -> list[_Edit]:
    if "--" not in text and "..." not in text:
        return []  # the pattern is tried at every letter
    signs = {"ellipsis": "…", "em": "—", "en": "–"}
    return [_Edit(found.start(), found.end(), signs[found.lastgroup or ""]) for found in _EVERYWHERE.finditer(text)]


def _french(text: str) -> list[_Edit]:
    """Spaces before high punctuation and inside of quotation marks that are there already."""
    found = ((match, _FRENCH_SPACES[match.lastgroup or ""]) for match in _FRENCH.finditer(text))
    return [_Edit(match.start(), match.end(), space) for match, space in found if match[0] != space]


def _quotes(text: str, quotes: tuple[str, ...]) -> list[_Edit]:
    """Pairs of quotes, and apostrophes. A double quote that finds no partner stays as it is."""
    edits: list[_Edit] = []
    opened: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()  # how many of each are in `opened`
    for found in _QUOTE.finditer(text):
        quote, pos = found[0], found.start()
        before = text[pos - 1] if pos else " "
        after = text[pos + 1] if pos + 1 < len(text) else " "
        opens = not after.isspace() and not before.isalnum() and before not in f"{_LETTER}.,;:!?…)]}}"
        closes = not before.isspace() and not (after.isalnum() and before in "([{")
        if quote == "'" and _is_apostrophe(text, pos, before, after, inside=waiting["'"] > 0):
            edits.append(_Edit(pos, pos + 1, "’"))
        elif closes and waiting[quote]:
            partner = len(opened) - 1
            while opened[partner][0] != quote:
                partner -= 1
            at = opened[partner][1]
            waiting.subtract(each for each, _ in opened[partner:])
            del opened[partner:]
            first, last = quotes[:2] if quote == '"' else quotes[2:]
            edits += [_Edit(at, at + 1, first), _Edit(pos, pos + 1, last)]
        elif opens:
            opened.append((quote, pos))
            waiting[quote] += 1
        elif quote == "'" and not before.isdigit():
            edits.append(_Edit(pos, pos + 1, "’"))
    edits += [_Edit(pos, pos + 1, "’") for quote, pos in opened if quote == "'"]
    return edits


def _is_apostrophe(text: str, pos: int, before: str, after: str, *, inside: bool) -> bool:
    """`inside` is whether a single quote is open before it."""
    if (before.isalnum() or before == _LETTER) and (after.isalnum() or after == _LETTER):
        return True
    if re.compile(r"'\d0s\b").match(text, pos):
        return True  # the '90s
    if text.startswith("'n'", pos) or text.startswith("'n'", max(pos - 2, 0)):
        return True  # rock 'n' roll
    return before.isalpha() and not after.isspace() and after in '«“"' and not inside
