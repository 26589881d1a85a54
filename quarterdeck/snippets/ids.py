"""What a snippet is called: by its author, else by what its fence runs. Pure.

Neither the prose around a fence nor its place in the deck counts; equal fences are told apart by their order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from unicodedata import normalize

from quarterdeck.model import Diagnostic
from quarterdeck.regex import regex
from quarterdeck.snippets.found import FoundSnippet
from quarterdeck.snippets.keys import text_digest

_ID = regex(r"[\w][\w.-]{0,99}")
_RESERVED = regex(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_READABLE = 32
"""Characters of what runs that stand in front of the digest."""
_DIGITS = 8


def ids_of(
    found: Sequence[FoundSnippet], texts: Mapping[int, Sequence[str]], path: str
) -> tuple[dict[int, str], list[Diagnostic]]:
    """An id per snippet that runs, by its number; `texts` are what each of them executes."""
    problems: list[Diagnostic] = []
    first: dict[str, FoundSnippet] = {}
    for each in found:
        name = each.explicit_id
        if not name:
            continue
        if each.kind and (not _ID.fullmatch(name) or name.endswith(".") or _RESERVED.fullmatch(name)):
            what = f"the id '{name}' cannot be the name of a recording's file"
            hint = "use letters, digits, '-', '_' and '.', at most 100"
            problems.append(Diagnostic(code="S106", message=what, span=each.span(path), hint=hint))
        other = first.setdefault(name.casefold(), each)
        if other is not each:
            what = f"two snippets have the id '{name}'; the other is on line {other.span(path).line}"
            problems.append(Diagnostic(code="S105", message=what, span=each.span(path), hint="rename one of them"))
    ids: dict[int, str] = {}
    taken = set(first)
    equals: Counter[str] = Counter()
    for each in found:
        if each.kind is None:
            continue
        if each.explicit_id and first[each.explicit_id.casefold()] is each:
            ids[each.number] = each.explicit_id
            continue
        own = fence_id(texts[each.number])
        name = own
        while name in taken or name in ids.values():
            equals[own] += 1
            name = f"{own}-{equals[own] + 1}"
        ids[each.number] = name
    return ids, problems


def fence_id(texts: Sequence[str]) -> str:
    """Words of what runs, to be read, and digits of its digest, to be told apart: `docker-ps-a-5e1f09c2`."""
    words: list[str] = []
    for word in re.findall(r"[a-z0-9]+", _ascii(next(iter(texts), "").partition("\n")[0])):
        if len("-".join([*words, word])) > _READABLE:
            break
        words.append(word)
    return "-".join([*words, text_digest(texts)[:_DIGITS]])


def is_fence_id(name: str, text: str) -> bool:
    """Whether `fence_id` gave the name to a snippet whose text has this digest, or an equal one after it."""
    return re.search(rf"(?:\A|-){re.escape(text[:_DIGITS])}(?:-[0-9]+)?\Z", name) is not None


def _ascii(text: str) -> str:
    return normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
