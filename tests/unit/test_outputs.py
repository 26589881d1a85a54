"""Pictures and tables of a kernel: stored beside the recording, and cleaned for a page."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.project.resources import templates_folder
from quarterdeck.recordings.cast import Damage
from quarterdeck.recordings.folder import prune
from quarterdeck.recordings.outputs import (
    LIMIT_BYTES,
    KernelOutput,
    dump,
    load,
    picture,
    read_outputs,
    rewritten,
    write_outputs,
)
from quarterdeck.render.outputs import TAGS, cleaned, outputs_html
from quarterdeck.render.templates import Templates, load_templates
from quarterdeck.render.words import words_of

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b08001400280101110000ffd9")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="36pt" height="72pt" viewBox="0 0 9 9"/>'
TABLE = KernelOutput(mime="text/html", data="<table><tr><td>1</td></tr></table>")
THREE = (picture("image/png", PNG, alt="a dot"), TABLE, picture("image/svg+xml", SVG))


def written(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


# stored


def test_outputs_come_back_as_they_were(tmp_path: Path) -> None:
    assert write_outputs(tmp_path, "plot", THREE)
    outputs, problems = read_outputs(tmp_path, "plot")
    assert problems == ()
    assert [output.file for output in outputs] == ["plot.outputs/1.png", "", "plot.outputs/3.svg"]
    assert [(o.mime, o.data, o.alt, o.width, o.height) for o in outputs] == [
        (o.mime, o.data, o.alt, o.width, o.height) for o in THREE
    ]
    assert sorted(written(tmp_path)) == ["plot.outputs.json", "plot.outputs/1.png", "plot.outputs/3.svg"]


def test_the_list_is_plain_json_with_files_beside_it(tmp_path: Path) -> None:
    write_outputs(tmp_path, "plot", THREE[:2])
    assert json.loads((tmp_path / "plot.outputs.json").read_text("utf-8")) == [
        {"mime": "image/png", "file": "1.png", "alt": "a dot", "width": 1, "height": 1},
        {"mime": "text/html", "text": TABLE.data},
    ]


def test_equal_outputs_are_not_written_again(tmp_path: Path) -> None:
    write_outputs(tmp_path, "plot", THREE)
    before = written(tmp_path)
    assert not write_outputs(tmp_path, "plot", THREE)
    assert written(tmp_path) == before


def test_files_that_are_no_longer_named_go(tmp_path: Path) -> None:
    write_outputs(tmp_path, "plot", THREE)
    assert write_outputs(tmp_path, "plot", THREE[:1])
    assert sorted(written(tmp_path)) == ["plot.outputs.json", "plot.outputs/1.png"]
    assert write_outputs(tmp_path, "plot", (TABLE,))
    assert sorted(written(tmp_path)) == ["plot.outputs.json"]
    assert write_outputs(tmp_path, "plot", ())
    assert list(tmp_path.iterdir()) == []
    assert not write_outputs(tmp_path, "plot", ())


def test_outputs_go_with_their_recording(tmp_path: Path) -> None:
    write_outputs(tmp_path, "gone", THREE)
    (tmp_path / "gone.cast").write_text("", "utf-8")
    assert prune(tmp_path, []) == ("gone.cast",)
    assert not tmp_path.exists()


def test_an_id_that_no_file_can_have_works_too(tmp_path: Path) -> None:
    write_outputs(tmp_path, "a/../é", THREE[:1])
    outputs, _ = read_outputs(tmp_path, "a/../é")
    assert outputs[0].data == PNG
    assert all(re.fullmatch(r"[\w.-]+", path.name) for path in tmp_path.iterdir())


def test_what_is_too_large_is_left_out_and_says_so() -> None:
    large = picture("image/png", PNG + bytes(LIMIT_BYTES))
    index, files = dump([large, KernelOutput(mime="text/html", data="x" * (LIMIT_BYTES + 1)), THREE[0]])
    found = load(index, "plot.outputs.json")
    assert list(files) == ["3.png"]
    assert isinstance(found, tuple)
    assert [output.mime for output in found] == ["text/plain", "text/plain", "image/png"]
    assert found[0].data == "[… image/png left out: 512 kB are more than the 512 kB that are kept …]"


@pytest.mark.parametrize("inside", [b"<script>1</script>", b"<a onload = '1'/>", b"<foreignObject/>", b"<svg:script/>"])
def test_a_drawing_with_a_script_is_left_out(inside: bytes) -> None:
    index, files = dump([KernelOutput(mime="image/svg+xml", data=SVG.replace(b"/>", b">" + inside + b"</svg>"))])
    assert files == {}
    assert b"left out: it holds a script" in index


@pytest.mark.parametrize(
    ("index", "line", "message"),
    [
        (b"[\n{", 2, "this is no JSON"),
        (b"\xff", 1, "this is not UTF-8"),
        (b"{}", 1, "this is no list of outputs"),
        (b"[1]", 1, "an output is no object"),
        (b'[{"mime": "image/png", "file": "../../secret.png"}]', 1, "a picture names no file of its own folder"),
        (b'[{"mime": "image/png", "file": "1.html"}]', 1, "a picture names no file of its own folder"),
        (b'[{"mime": "text/html"}]', 1, "an output is of the kind 'text/html' and has no text"),
        (b'[{"mime": "text/x-other", "text": ""}]', 1, "an output is of the kind 'text/x-other'"),
        (b'[{"mime": "text/html", "text": "", "width": "1"}]', 1, "alternative text or size of an output is none"),
        (b'[{"mime": [], "text": ""}]', 1, "an output is of the kind '[]'"),
    ],
)
def test_a_damaged_list_is_told(index: bytes, line: int, message: str) -> None:
    found = load(index, "plot.outputs.json")
    assert isinstance(found, Damage)
    assert (found.name, found.line) == ("plot.outputs.json", line)
    assert found.message.startswith(message)


def test_a_picture_that_is_gone_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    write_outputs(tmp_path, "plot", THREE)
    (tmp_path / "plot.outputs/1.png").unlink()
    outputs, problems = read_outputs(tmp_path, "plot")
    assert [output.mime for output in outputs] == ["text/html", "image/svg+xml"]
    assert [problem.message for problem in problems] == ["plot.outputs/1.png cannot be read: No such file or directory"]


def test_what_somebody_put_beside_the_pictures_stays(tmp_path: Path) -> None:
    write_outputs(tmp_path, "plot", THREE)
    (tmp_path / "plot.outputs/source.svg").write_text("<svg/>")
    write_outputs(tmp_path, "plot", ())
    assert sorted(written(tmp_path)) == ["plot.outputs/source.svg"]


def test_texts_are_rewritten_and_pixels_are_not() -> None:
    outputs = rewritten(THREE, lambda text: text.replace("1", "2").replace("dot", "point"))
    assert outputs[0].data == PNG
    assert outputs[0].alt == "a point"
    assert outputs[1].data == "<table><tr><td>2</td></tr></table>"


@pytest.mark.parametrize(
    ("mime", "data", "size"),
    [
        ("image/png", PNG, (1, 1)),
        ("image/png", b"\x89PNG\r\n\x1a\n", (None, None)),
        ("image/jpeg", JPEG, (40, 20)),
        ("image/jpeg", JPEG[:12], (None, None)),
        ("image/svg+xml", SVG, (48, 96)),
        ("image/svg+xml", b'<svg viewBox="0 0 30 20"><path width="1"/></svg>', (30, 20)),
        ("image/svg+xml", b'<svg width="1.2.3" height="1"/>', (None, None)),
        ("image/svg+xml", b"no drawing", (None, None)),
    ],
)
def test_a_picture_has_its_size(mime: str, data: bytes, size: tuple[int | None, int | None]) -> None:
    found = picture(mime, data)
    assert (found.width, found.height) == size


def test_a_side_that_is_not_given_keeps_the_proportions() -> None:
    assert (picture("image/jpeg", JPEG, width=100).height, picture("image/jpeg", JPEG, height=10).width) == (50, 20)


# shown


@pytest.fixture(scope="module")
def templates() -> Templates:
    return load_templates((), built_in=templates_folder())


def test_outputs_stand_on_the_page_in_their_order(templates: Templates) -> None:
    outputs = (*THREE, KernelOutput(mime="text/latex", data="$a<b$"))
    html = outputs_html(outputs, ("x/1.png", "", "x/3.svg", ""), templates=templates, words=words_of("fr"))
    alt, late = "Image produite par le code", 'loading="lazy" decoding="async"'
    assert html.split("\n") == [
        '<div class="qd-outputs">',
        f'<img class="qd-output-image" src="x/1.png" alt="a dot" width="1" height="1" {late}>',
        '<div class="qd-output-table"><table><tr><td>1</td></tr></table></div>',
        f'<img class="qd-output-image" src="x/3.svg" alt="{alt}" width="48" height="96" {late}>',
        '<pre class="qd-output-text">$a&lt;b$</pre>',
        "</div>",
    ]


def test_where_nothing_is_to_be_seen_there_is_no_markup(templates: Templates) -> None:
    outputs = (
        KernelOutput(mime="text/html", data="<script>1</script><p> </p>"),
        KernelOutput(mime="image/png", data=PNG),
    )
    assert outputs_html(outputs, ("", ""), templates=templates, words=words_of("en")) == ""


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        (
            '<style>td {x: y}</style><table border="1" class="dataframe qd-run fragment"><tr style=x></table>',
            '<table class="dataframe"><tr></tr></table>',
        ),
        (
            '<th scope="ROW" colspan="2" onclick="y">a &lt; b</th><td rowspan="9999" data-x="1">c</td>',
            '<th scope="row" colspan="2">a &lt; b</th><td>c</td>',
        ),
        ("<p>a<script>alert(1)</script><img src=x onerror=y>b", "<p>ab</p>"),
        ("<svg><style><p>x</p></style></svg><b>y</b>", "<b>y</b>"),
        ("</div></section><b><i>x</b>y", "<b><i>x</i></b>y"),
        (
            '<a href="javascript:x">no</a> <a href=" HTTPS://a.b/c?d=1&e=2" class=z>yes</a>',
            'no <a href="HTTPS://a.b/c?d=1&amp;e=2" rel="noopener noreferrer">yes</a>',
        ),
        ('<a href="java\nscript:x">no</a><a href="https:evil">no</a>', "nono"),
        ("a<br/>b</br><!-- c --><?d?>", "a<br>b"),
        ("<p title='</p><script>x'>y", "<p>y</p>"),
        ("\0001\0 &#0; \0key\0", "\ufffd1\ufffd \ufffd \ufffdkey\ufffd"),
    ],
)
def test_only_what_is_named_passes(html: str, clean: str) -> None:
    assert cleaned(html) == clean


MARKS = (
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<td",
    '"',
    "'",
    "&lt;",
    "&",
    "\0",
    " ",
    "x",
    "javascript:x",
    "https://a/",
)
NAMES = (*sorted(TAGS), "script", "svg", "style", " class=", " href=", " style=", " onclick=")


@given(st.lists(st.sampled_from((*MARKS, *NAMES))))
def test_any_text_becomes_balanced_markup_of_what_is_named(parts: list[str]) -> None:
    html = cleaned("".join(parts))
    check = _Check()
    check.feed(html)
    check.close()
    assert check.open == []
    assert "\0" not in html
    assert cleaned(html) == html


class _Check(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= {"class", "scope", "colspan", "rowspan", "href", "rel"}
        assert all(name != "href" or str(value).startswith("http") for name, value in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
