"""What a stylesheet refers to: renamed in place, by the grammar of CSS; all other bytes stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.project.stylesheets import with_files_renamed


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a { background: url(x.png) no-repeat }", "a { background: url(X.PNG) no-repeat }"),
        ("a{b:url( 'x.png' )}", "a{b:url('X.PNG')}"),
        ('a { b: URL("x(1).png"); c: d }', 'a { b: url("X(1).PNG"); c: d }'),
        (
            "@media print { a { b: image-set(url(x.png) 1x, url(y.png) 2x) } }",
            "@media print { a { b: image-set(url(X.PNG) 1x, url(Y.PNG) 2x) } }",
        ),
        ('@import "x.css" screen;', '@import url("X.CSS") screen;'),
        ("@import url(x.css);", "@import url(X.CSS);"),
        ("@import /* why */ 'x.css';a{}", "@import /* why */ url('X.CSS');a{}"),
        ("@import 'https://fonts.example/css;x';\na { b: c }", "\na { b: c }"),
        ("@import url(//fonts.example/css) screen; @import 'x.css';", " @import url('X.CSS');"),
        ("@import 'https://never.ends", ""),
        ("a::before { content: 'url(x.png)' }", "a::before { content: 'url(x.png)' }"),
        ("/* url(x.png) */ a { b: c }", "/* url(x.png) */ a { b: c }"),
        ("a { b: url(x.png)", "a { b: url(X.PNG)"),
        ("\N{GRINNING FACE}{}\f\na { b: url(x.png) }", "\N{GRINNING FACE}{}\f\na { b: url(X.PNG) }"),
        ("a{}\r\n\rb { c: url(x) }\r d { e: url(y) }", "a{}\r\n\rb { c: url(X) }\r d { e: url(Y) }"),
    ],
)
def test_names_of_files_change_and_nothing_else(css: str, expected: str) -> None:
    assert with_files_renamed(css, str.upper) == expected


def test_imports_from_elsewhere_stay_where_they_may() -> None:
    css = "@import url(https://fonts.example/css); a { b: url(x.png) }"
    renamed = with_files_renamed(css, lambda target: None if ":" in target else "X", remote_imports=True)
    assert renamed == "@import url(https://fonts.example/css); a { b: url(X) }"


@given(st.text(alphabet="url(@import'\"/*;{}) x\n\f\\", max_size=60))
def test_what_keeps_its_names_keeps_its_bytes(css: str) -> None:
    if "//" not in css:
        assert with_files_renamed(css, lambda _target: None) == css
