"""What a stylesheet refers to: renamed in place, by the grammar of CSS; all other bytes stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.project.stylesheets import rewritten


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a { background: url(x.png) no-repeat }", 'a { background: url("X.PNG") no-repeat }'),
        ("a{b:url( 'x.png' )}", 'a{b:url("X.PNG")}'),
        ('a { b: URL("x(1).png"); c: d }', 'a { b: url("X(1).PNG"); c: d }'),
        ("@media print { a { b: image-set(url(x.png) 1x, url(y.png) 2x) } }", None),
        ('@import "x.css" screen;', '@import url("X.CSS") screen;'),
        ("@import url(x.css);", '@import url("X.CSS");'),
        ("@import /* why */ 'x.css';a{}", '@import /* why */ url("X.CSS");a{}'),
        ("@import 'https://fonts.example/css;x';\na { b: c }", "\na { b: c }"),
        ("@import url(//fonts.example/css) screen; @import 'x.css';", ' @import url("X.CSS");'),
        ("@import 'https://never.ends", ""),
        ("a::before { content: 'url(x.png)' }", "a::before { content: 'url(x.png)' }"),
        ("/* url(x.png) */ a { b: c }", "/* url(x.png) */ a { b: c }"),
        ("a { b: url(x.png)", 'a { b: url("X.PNG")'),
        ("\N{GRINNING FACE}{}\f\na { b: url(x.png) }", '\N{GRINNING FACE}{}\f\na { b: url("X.PNG") }'),
    ],
)
def test_names_of_files_change_and_nothing_else(css: str, expected: str | None) -> None:
    if expected is None:
        expected = css.replace("url(x.png)", 'url("X.PNG")').replace("url(y.png)", 'url("Y.PNG")')
    assert rewritten(css, str.upper) == expected


@given(st.text(alphabet="url(@import'\"/*;{}) x\n\f\\", max_size=60))
def test_what_keeps_its_names_keeps_its_bytes(css: str) -> None:
    if "//" not in css:
        assert rewritten(css, lambda _target: None) == css
