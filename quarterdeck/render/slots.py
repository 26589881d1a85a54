"""What stands in the place of a slot mark: a picture, a URL, a block of code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from quarterdeck.model import Attrs, Html, Icon, Image, Slot, Snippet
from quarterdeck.regex import regex
from quarterdeck.render.code import display_name, highlight, output_lines
from quarterdeck.render.diagrams import is_drawn, picture
from quarterdeck.render.frame import frame_html
from quarterdeck.render.templates import Templates, safe
from quarterdeck.render.terminal import SnippetOutput, terminal_html
from quarterdeck.snippets.hidden import hidden_lines, is_hidden
from quarterdeck.snippets.holes import NO_VALUES, Values

VIDEO = frozenset({".mp4", ".webm", ".ogv", ".mov", ".m4v", ".avi", ".mkv"})
AUDIO = frozenset({".mp3", ".ogg", ".oga", ".wav", ".m4a", ".flac", ".opus"})
FILE_OPTIONS = ("filename", "file", "title")
WITH_TERMINAL = "code-terminal"
"""The layout in which code and its output stand side by side."""
_MARK = regex("\0([0-9]+)\0")


class Target(Struct, frozen=True, kw_only=True):
    """Where a picture or a URL of a slide leads."""

    url: str
    """As it stands in the page."""
    width: int | None = None
    height: int | None = None
    """Of the picture itself, in CSS pixels."""
    drawing: Html | None = None
    """An icon, which stands in the page itself."""
    missing: str = ""
    """Why there is no file; the picture is shown as a placeholder that says so."""


def fill(html: Html, contents: Sequence[Html]) -> Html:
    """The markup with each slot mark replaced by the content of that slot."""
    return Html(_MARK.sub(lambda match: contents[int(match[1])], html))


def slot_html(
    slot: Slot,
    target: Target | None,
    output: SnippetOutput | None,
    templates: Templates,
    words: Mapping[str, str],
    *,
    layout: str = "",
    holes: Values = NO_VALUES,
) -> Html:
    """The content of a slot; `target` is None for code, `holes` are the captured values that code shows.

    On an image slide a picture is a figure with a caption.
    """
    if isinstance(slot, Snippet) and is_drawn(slot):
        return _drawing(slot, words)
    if isinstance(slot, Snippet):
        beside = layout == WITH_TERMINAL
        code = _snippet(slot, templates, words, frozenset(holes))
        return _with_output(code, output, templates, words, beside=beside)
    if target is None:
        return Html("")
    if target.drawing is not None:
        return target.drawing
    if isinstance(slot, Icon):
        return Html("")
    if isinstance(slot, Image):
        framed = layout == "image" and not target.missing
        return _framed(slot, target, words) if framed else _media(slot, target, words)
    return Html(escape(target.url))


def attributes(attrs: Attrs) -> Html:
    """Attributes as they stand in a tag, with a leading blank; an empty value is a bare flag."""
    return Html("".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in attrs))


def merged(*groups: Iterable[tuple[str, str]]) -> Attrs:
    """One list of attributes: classes add up, styles follow each other, else the last one counts."""
    found: dict[str, str] = {}
    for name, value in (pair for group in groups for pair in group):
        if name == "class" and name in found:
            value = f"{found[name]} {value}"
        elif name == "style" and name in found:
            value = f"{found[name].rstrip('; ')}; {value}"
        found[name] = value
    return tuple(found.items())


def _drawing(snippet: Snippet, words: Mapping[str, str]) -> Html:
    if is_hidden(snippet):
        return Html("")
    classes = ("class", " ".join(["qd-diagram", *snippet.classes]))
    facts = [("id", snippet.id)] if snippet.id else []
    kind = ("data-kind", snippet.language.lower())
    return Html(
        f"<figure{attributes(merged(facts, [classes, kind], snippet.attrs))}>{picture(snippet, words)}</figure>"
    )


def _with_output(
    code: Html, output: SnippetOutput | None, templates: Templates, words: Mapping[str, str], *, beside: bool
) -> Html:
    """The code, what it printed and the page that it serves; the page stands beside what has started it."""
    if output is None:
        return code
    shown = _with_terminal(code, output, templates, words, beside=beside and output.frame is None)
    if output.frame is None:
        return shown
    page = frame_html(output.frame, id=output.id, templates=templates, words=words)
    if not shown:
        return page
    return Html(f"{shown}\n{page}") if output.place == "beside" else _pair(shown, page, "qd-framed")


def _with_terminal(
    code: Html, output: SnippetOutput, templates: Templates, words: Mapping[str, str], *, beside: bool
) -> Html:
    """Placed as the option `out` says; where it says nothing, where there is room."""
    unseen = not code and output.place == "instead"
    if output.options.display.hide is True or unseen or output.place in ("none", "target"):
        return code
    terminal = terminal_html(output, templates=templates, words=words)
    match output.place:
        case "instead" if output.recording is not None:
            return terminal
        case "below" if beside and output.options.display.out.kind == "auto":
            return _pair(code, terminal)
        case "beside":
            return _pair(code, terminal)
        case "replace":
            return Html(f'<div class="r-stack qd-swap">{code}<div class="fragment">{terminal}</div></div>')
        case _:
            return Html(f"{code}\n{terminal}")


def _pair(left: Html, right: Html, *classes: str) -> Html:
    columns = "".join(f'<div class="qd-col">{side}</div>\n' for side in (left, right))
    return Html(f'<div class="{" ".join(("qd-cols", *classes))}" data-count="2">\n{columns}</div>')


def _framed(image: Image, target: Target, words: Mapping[str, str]) -> Html:
    caption = f"<figcaption>{escape(image.title)}</figcaption>" if image.title else ""
    picture = _media(replace(image, title=""), target, words)
    return Html(f'<figure class="qd-figure">{picture}{caption}</figure>')


def _media(image: Image, target: Target, words: Mapping[str, str]) -> Html:
    if target.missing:
        text = f"{words['missing']}: {image.alt or image.target}"
        figure = attributes((("class", "qd-missing"), ("role", "img"), ("aria-label", text)))
        return Html(f"<figure{figure}><p>{escape(target.missing)}</p></figure>")
    suffix = PurePosixPath(urlsplit(target.url).path).suffix.lower()
    size = _size(image, target)
    title = [("title", image.title)] if image.title else []
    if suffix in VIDEO:
        given = dict(image.attrs)
        controls = [] if given.get("controls") == "false" else [("controls", "")]
        label = [("aria-label", image.alt or words["video"])]
        extra = [pair for pair in image.attrs if pair != ("controls", "false")]
        source = [("src", target.url), ("preload", "metadata"), ("playsinline", "")]
        return Html(f"<video{attributes(merged(source, controls, size, label, title, extra))}></video>")
    if suffix in AUDIO:
        label = [("aria-label", image.alt or words["audio"])]
        source = [("src", target.url), ("controls", "")]
        return Html(f"<audio{attributes(merged(source, label, title, image.attrs))}></audio>")
    source = [("src", target.url)]
    alt = f' alt="{escape(image.alt)}"'  # an empty one is meant: the picture is decoration
    rest = merged(size, [("loading", "lazy"), ("decoding", "async")], title, image.attrs)
    return Html(f"<img{attributes(tuple(source))}{alt}{attributes(rest)}>")


def _size(image: Image, target: Target) -> Attrs:
    """Width and height, so that the slide has its shape before the picture is there."""
    width, height = image.width, image.height
    known = bool(target.width and target.height)
    if width and not height and known:
        height = round(width * (target.height or 0) / (target.width or 1))
    if height and not width and known:
        width = round(height * (target.width or 0) / (target.height or 1))
    if not width and not height:
        width, height = target.width, target.height
    sized = [("class", "qd-sized")] if image.width or image.height else []
    return (*sized, *((name, str(value)) for name, value in (("width", width), ("height", height)) if value))


def _snippet(snippet: Snippet, templates: Templates, words: Mapping[str, str], holes: frozenset[str]) -> Html:
    options = {option.key: option.value for option in snippet.options}
    hidden = hidden_lines(snippet)
    if is_hidden(snippet):
        return Html("")
    lines = list(enumerate(highlight(snippet.code, snippet.language, holes), start=1))
    outputs = output_lines(snippet.code, snippet.language)
    visible = [number for number, _ in lines if number not in hidden]
    if lines and not visible:
        return Html("")
    shown = {number: place for place, number in enumerate(visible, start=1)}
    steps = [_line_ranges(shown[line] for line in step if line in shown) for step in snippet.steps]
    classes = ("class", " ".join(["qd-snippet", *snippet.classes]))
    named = [("data-snippet", snippet.id)] if snippet.id else []
    return templates.render(
        "snippet.html",
        attributes=safe(attributes(merged(named, [classes], snippet.attrs))),
        language=snippet.language.lower(),
        label=display_name(snippet.language),
        file=next((options[key] for key in FILE_OPTIONS if options.get(key)), ""),
        lines=[(safe(html), number in outputs) for number, html in lines if number not in hidden],
        first_step=steps[0] if steps else None,
        steps=steps[1:],
        numbers=snippet.numbers,
        words=words,
    )


def _line_ranges(lines: Iterable[int]) -> str:
    """`2-4,6` for 2, 3, 4 and 6."""
    ranges: list[list[int]] = []
    for line in sorted(lines):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
