"""The keys of a talk's front matter as one type, and the JSON Schema that is made from it. Pure.

`None` always means that the author is silent and the theme decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from quarterdeck.digests import digest_of

Table = dict[str, Any]
Pixels = Annotated[int, Meta(gt=0, extra={"expects": "a whole number of pixels above 0"})]
Margin = Annotated[float, Meta(ge=0, lt=1, extra={"expects": "a number from 0 to below 1"})]
Minutes = Annotated[float, Meta(gt=0, extra={"expects": "a number of minutes above 0"})]
Aspect = Annotated[str, Meta(pattern=r"^[1-9]\d*:[1-9]\d*$", extra={"expects": "two numbers such as 16:9"})]
Lang = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", extra={"expects": "a language such as fr"})]


class DeckOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every front matter key of ours, with what holds where the author is silent."""

    dialect: Annotated[
        Literal["", "quarterdeck", "obsidian", "reveal", "reveal-md", "mkslides", "marp", "slidev", "pandoc", "remark"],
        Meta(description="The tool that the talk was written for; where nothing is said, it is recognised."),
    ] = ""
    title: Annotated[str, Meta(description="Title of the talk; without one, its first heading.")] = ""
    author: Annotated[str, Meta(description="Who gives the talk, as shown on the title slide.")] = ""
    date: Annotated[str, Meta(description="When, as it is to be shown.")] = ""
    description: Annotated[str, Meta(description="One sentence for the index page and for search engines.")] = ""
    lang: Annotated[Lang, Meta(description="Language of the talk: typography and words of the interface.")] = "en"
    theme: Annotated[str, Meta(description="A theme's name: ours, reveal.js' or the project's; or a CSS file.")] = (
        "quarterdeck"
    )
    scheme: Annotated[
        Literal["auto", "light", "dark"], Meta(description="Light or dark; auto follows the computer of the viewer.")
    ] = "auto"
    highlight_theme: Annotated[str, Meta(description="A Pygments style for code, in place of the theme's.")] = ""
    transition: Annotated[str | None, Meta(description="none, fade, slide, convex, concave or zoom.")] = None
    width: Annotated[Pixels | None, Meta(description="Width of a slide in CSS pixels.")] = None
    height: Annotated[Pixels | None, Meta(description="Height of a slide in CSS pixels.")] = None
    aspect: Annotated[Aspect | None, Meta(description="Width to height of a slide, in place of one of the two.")] = None
    margin: Annotated[Margin | None, Meta(description="Part of the window that stays empty around a slide.")] = None
    center: Annotated[bool | None, Meta(description="Whether slides are centred from top to bottom.")] = None
    incremental: Annotated[bool, Meta(description="Whether every list appears one item at a time.")] = False
    css: Annotated[tuple[str, ...], Meta(description="Stylesheets of the talk, after those of the theme.")] = ()
    scripts: Annotated[tuple[str, ...], Meta(description="Classic scripts of the talk.")] = ()
    separator: Annotated[
        str, Meta(description="What begins the next slide: text, or a regular expression; without one, ---.")
    ] = ""
    vertical_separator: Annotated[
        str, Meta(description="What begins a slide below: the same; without one, -- or what the dialect has.")
    ] = ""
    notes_separator: Annotated[str, Meta(description="What begins speaker notes, beside Note: and Notes:.")] = ""
    minutes: Annotated[Minutes | None, Meta(description="How long the talk takes, for the speaker's clock.")] = None
    reveal: Annotated[Table, Meta(description="Options of reveal.js.")] = {}
    mermaid: Annotated[Table, Meta(description="Configuration of mermaid, for the diagrams of the talk.")] = {}
    snippets: Annotated[Table, Meta(description="Options that every snippet of the talk has.")] = {}
    sessions: Annotated[Table, Meta(description="Options that the snippets of a session have, by its name.")] = {}


ALIASES = {"exec": "snippets", "revealOptions": "reveal", "revealjs": "reveal"}
"""Keys of other tools, and what we call them."""

OBSIDIAN_KEYS = frozenset(
    {
        *("alias", "aliases", "cssclass", "cssclasses", "permalink", "publish", "tag", "tags"),
        *("created", "creation date", "date created", "date modified", "modified", "updated"),
        *("down", "next", "parent", "prev", "related", "sibling", "source", "up"),
        *("banner", "banner_icon", "banner_x", "banner_y", "cover", "image", "sticker"),
        *("excalidraw-plugin", "id", "kanban-plugin", "linter-yaml-title-alias", "status", "type", "uid"),
    }
)
"""Keys that Obsidian and its plugins keep in a note; they say nothing about a talk."""

OTHER_TOOLS: dict[str, str] = {
    # key of Advanced Slides, Slides Extended or reveal-md: what to do instead
    **dict.fromkeys(
        ("enableAudioSlideshow", "enableChalkboard", "enableCustomControls", "enablePointer"),
        "there is no such plugin here; a script under 'scripts' may bring it",
    ),
    "assetsDir": "the files that a talk uses are found and copied without it",
    "bg": 'set a background in the theme, or with <!-- .slide: data-background-color="…" -->',
    "defaultTemplate": "a layout or a theme's template does this",
    "enableLinks": "links are always links",
    "enableMenu": "Esc shows all slides, Ctrl-Shift-F searches them",
    "enableOverview": "Esc always shows all slides",
    "enableTimeBar": "the speaker view (key s) shows the time; 'minutes' sets its clock",
    "log": "mistakes are always reported",
    "markdown": "Markdown is always CommonMark with the extensions of the guide",
    "mathEngine": "there is one engine only",
    "preprocessor": "no talk runs code while it is built",
    "remoteCSS": "put the stylesheet beside the talk and name it under 'css'",
    "remoteScripts": "put the script beside the talk and name it under 'scripts'",
    "showGrid": "",
    "template": "a theme may bring templates",
    "timeForPresentation": "'minutes' sets the clock of the speaker view",
}

_ANY: dict[str, Any] = {}
_BOOL, _NUMBER, _TEXT = ({"type": kind} for kind in ("boolean", "number", "string"))
_SIZE = {"type": ["number", "string"]}
_MAYBE_BOOL = {"type": ["boolean", "null"]}

REVEAL_OPTIONS: dict[str, dict[str, Any]] = {
    # option of reveal.js 6: JSON Schema of its value
    "autoAnimate": _BOOL,
    "autoAnimateDuration": _NUMBER,
    "autoAnimateEasing": _TEXT,
    "autoAnimateMatcher": _ANY,
    "autoAnimateStyles": {"type": "array", "items": _TEXT},
    "autoAnimateUnmatched": _BOOL,
    "autoPlayMedia": _MAYBE_BOOL,
    "autoSlide": {"type": ["number", "boolean"]},
    "autoSlideMethod": _ANY,
    "autoSlideStoppable": _BOOL,
    "backgroundTransition": _TEXT,
    "center": _BOOL,
    "controls": {"type": ["boolean", "string"]},
    "controlsBackArrows": _TEXT,
    "controlsLayout": _TEXT,
    "controlsTutorial": _BOOL,
    "defaultTiming": {"type": ["number", "null"]},
    "disableLayout": _BOOL,
    "display": _TEXT,
    "embedded": _BOOL,
    "focusBodyOnPageVisibilityChange": _BOOL,
    "fragmentInURL": _BOOL,
    "fragments": _BOOL,
    "hash": _BOOL,
    "hashOneBasedIndex": _BOOL,
    "height": _SIZE,
    "help": _BOOL,
    "hideCursorTime": _NUMBER,
    "hideInactiveCursor": _BOOL,
    "history": _BOOL,
    "jumpToSlide": _BOOL,
    "keyboard": _ANY,
    "keyboardCondition": _ANY,
    "loop": _BOOL,
    "margin": _NUMBER,
    "maxScale": _NUMBER,
    "minScale": _NUMBER,
    "mobileViewDistance": _NUMBER,
    "mouseWheel": _BOOL,
    "navigationMode": _TEXT,
    "overview": _BOOL,
    "parallaxBackgroundHorizontal": _NUMBER,
    "parallaxBackgroundImage": _TEXT,
    "parallaxBackgroundPosition": _TEXT,
    "parallaxBackgroundRepeat": _TEXT,
    "parallaxBackgroundSize": _TEXT,
    "parallaxBackgroundVertical": _NUMBER,
    "pause": _BOOL,
    "pdfMaxPagesPerSlide": _NUMBER,
    "pdfPageHeightOffset": _NUMBER,
    "pdfSeparateFragments": _BOOL,
    "postMessage": _BOOL,
    "postMessageEvents": _BOOL,
    "preloadIframes": _MAYBE_BOOL,
    "previewLinks": _BOOL,
    "progress": _BOOL,
    "respondToHashChanges": _BOOL,
    "rtl": _BOOL,
    "scrollActivationWidth": {"type": ["number", "null"]},
    "scrollLayout": _TEXT,
    "scrollProgress": {"type": ["boolean", "string"]},
    "scrollSnap": {"type": ["boolean", "string"]},
    "showHiddenSlides": _BOOL,
    "showNotes": {"type": ["boolean", "string"]},
    "showSlideNumber": _TEXT,
    "shuffle": _BOOL,
    "slideNumber": {"type": ["boolean", "string"]},
    "sortFragmentsOnSync": _BOOL,
    "touch": _BOOL,
    "transition": _TEXT,
    "transitionSpeed": _TEXT,
    "view": _TEXT,
    "viewDistance": _NUMBER,
    "width": _SIZE,
}


def field_types(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The keys of a settings type as an author writes them, each with the type of its value."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the front matter, for editors that complete and check it."""
    typed = msgspec.json.schema(DeckOptions)["$defs"]["DeckOptions"]
    ours = {key: {"title": key, **_as_written(spec)} for key, spec in typed["properties"].items()}
    ours["reveal"] |= {"properties": REVEAL_OPTIONS}
    flat = {key: {"title": key, "description": "Option of reveal.js.", **spec} for key, spec in REVEAL_OPTIONS.items()}
    aliases = {
        alias: {"title": alias, "description": f"Same as {key}.", "type": "object"} for alias, key in ALIASES.items()
    }
    passing: dict[str, Any] = dict.fromkeys(sorted(OBSIDIAN_KEYS), True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Front matter of a Quarterdeck talk",
        "type": "object",
        "properties": passing | flat | aliases | ours,
        "additionalProperties": False,
    }


def _as_written(spec: dict[str, Any]) -> dict[str, Any]:
    """The schema of what an author may write, who may give one text for a list and a number for a text."""
    if spec.get("type") == "array":
        return {**spec, "type": ["array", "string"]}
    if spec.get("type") == "string" and "pattern" not in spec:
        return {**spec, "type": ["string", "number", "boolean", "null"]}
    return spec


_ADDED = ("reveal", "snippets", "sessions")
"""Keys to whose names a later layer adds; of every other key the later value holds."""


def deck_options(*layers: Mapping[str, Any], **fields: str) -> DeckOptions:
    """The options that checked layers give together, later ones over earlier ones, and single fields over all."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= {key: merged.get(key, {}) | value if key in _ADDED else value for key, value in layer.items()}
    return msgspec.structs.replace(msgspec.convert(merged, DeckOptions), **fields)


def digest_of_options(options: DeckOptions) -> str:
    return digest_of(repr(options))
