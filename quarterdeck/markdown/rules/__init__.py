"""The grammar of slides beyond CommonMark: one rule per file, and the table that puts them into a parser."""

from __future__ import annotations

from collections.abc import Callable, Collection

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

from quarterdeck.markdown.rules import (
    comments,
    footnotes,
    formulas,
    fragments,
    headings,
    images,
    links,
    mark,
    notes,
    outline,
    slots,
    tables,
    tasks,
    typography,
)

RULES: tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...] = (
    # name, what installs it, which facts about the talk it needs; the order is the one in which the core rules run
    ("definition lists", deflist_plugin, ()),
    ("notes", notes.install, ("separator",)),
    ("comments", comments.install, ("separator",)),
    ("formulas", formulas.install, ()),
    ("mark", mark.install, ()),
    ("links", links.install, ()),
    ("images", images.install, ()),
    ("footnotes", footnotes.install, ()),
    ("headings", headings.install, ()),
    ("fragments", fragments.install, ()),
    ("table rows", tables.install, ()),
    ("outline", outline.install, ()),
    ("typography", typography.install, ("lang",)),
    ("tasks", tasks.install, ()),
    ("slots", slots.install, ()),
)
SWITCHED_ON = ("table", "strikethrough", "linkify")
"""Rules that markdown-it has and CommonMark has not."""


def install(md: MarkdownIt, *, lang: str, separator: str, without: Collection[str] = ()) -> None:
    """`without` are names of rules that stay out."""
    md.enable(list(SWITCHED_ON))
    facts = {"lang": lang, "separator": separator}
    for rule, put_in, needs in RULES:
        if rule not in without:
            put_in(md, **{name: facts[name] for name in needs})
