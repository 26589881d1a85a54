"""The grammar of slides beyond CommonMark: one rule per file, and the table that puts them into a parser."""

from __future__ import annotations

from collections.abc import Callable, Collection

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

from quarterdeck.markdown.rules import (
    callouts,
    element_tree,
    emoji,
    footnotes,
    formulas,
    fragments,
    grids,
    headings,
    html_blocks,
    icons,
    images,
    links,
    lone_images,
    mark,
    named_blocks,
    notes,
    obsidian_comments,
    slots,
    table_rows,
    tasks,
    typography,
    wiki_links,
)

RULES: tuple[tuple[str, Callable[..., None], tuple[str, ...]], ...] = (
    # name, what installs it, which facts about the talk it needs; the order is the one in which the core rules run
    ("definition lists", deflist_plugin, ()),
    ("notes", notes.install, ("separator",)),
    ("html blocks", html_blocks.install, ("separator",)),
    ("grids", grids.install, ()),
    ("named blocks", named_blocks.install, ()),
    ("obsidian comments", obsidian_comments.install, ()),
    ("formulas", formulas.install, ()),
    ("mark", mark.install, ()),
    ("links", links.install, ()),
    ("images", images.install, ()),
    ("wiki links", wiki_links.install, ("vault",)),
    ("icons", icons.install, ()),
    ("emoji", emoji.install, ()),
    ("footnotes", footnotes.install, ()),
    ("headings", headings.install, ()),
    ("callouts", callouts.install, ()),
    ("incremental lists", fragments.install_incremental, ()),
    ("fragments", fragments.install, ()),
    ("table rows", table_rows.install, ()),
    ("element tree", element_tree.install, ()),
    ("lone images", lone_images.install, ()),
    ("typography", typography.install, ("lang",)),
    ("tasks", tasks.install, ()),
    ("slots", slots.install, ()),
)
SWITCHED_ON = ("table", "strikethrough", "linkify")
"""Rules that markdown-it has and CommonMark has not."""


def install(md: MarkdownIt, *, lang: str, separator: str, vault: str = "", without: Collection[str] = ()) -> None:
    """`without` are names of rules that stay out; `vault` is the one that wiki links open, none for plain words."""
    md.enable([rule for rule in SWITCHED_ON if rule not in without])
    facts = {"lang": lang, "separator": separator, "vault": vault}
    for rule, put_in, needs in RULES:
        if rule not in without:
            put_in(md, **{name: facts[name] for name in needs})
