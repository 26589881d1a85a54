"""Templates of strangers: whatever they try, the answer is an error with its place, soon and in little memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.project import resources
from quarterdeck.render.templates import BrokenTemplateError, load_templates

Render = Callable[[str], str]
MANY = "1000000000"
DOUBLED = "{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}"


@pytest.fixture
def render(tmp_path: Path) -> Render:
    def rendered(text: str) -> str:
        (tmp_path / "slide.html").write_text(text)
        templates = load_templates([tmp_path], built_in=resources.templates_folder())
        return templates.render("slide.html", body="x" * 100_000)

    return rendered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% for i in range(10**9) %}x{% endfor %}", "Range too big"),
        ("{% for a in body %}\n{% for b in body %}{% endfor %}{% endfor %}", "steps"),
        ("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}", "steps"),
        ("{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", "without an end"),
        ("{% include 'slide.html' %}", "without an end"),
        ("{% extends 'slide.html' %}", "without an end"),
        ("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "too deep"),
        ("{{ 'a' * 10**9 }}", "characters"),
        ("{{ 10**9 * ['a'] }}", "characters"),
        (f"{{{{ 'a'|center({MANY}) }}}}", "more than"),
        (f"{{{{ [1]|batch({MANY}, 'x')|list }}}}", "more than"),
        ("{{ body|indent(body, blank=true) }}", "characters"),
        ("{{ body|replace('x', body) }}", "characters"),
        ("{{ body|join(body) }}", "characters"),
        ("{{ 'a'.ljust(10**9) }}", "more than"),
        ("{{ body.replace('', body) }}", "characters"),
        ("{{ body.join(body) }}", "characters"),
        ("{{ '{:>1000000000}'.format(1) }}", "width"),
        ("{{ '{:{}}'.format(1, 10**9) }}", "width"),
        ("{{ '%1000000000d'|format(1) }}", "width"),
        ("{{ '%*d' % (10**9, 1) }}", "width"),
        ("{{ 9 ** 99 ** 99 ** 99 }}", "too large a number"),
        ("{{ lipsum(10**9) }}", "'lipsum' is undefined"),
        ("{% set n = namespace(x=9) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}", "too large"),
        ("{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}", "characters"),
        ("{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}", "characters"),
        ("{% for i in range(100000) %}{{ body }}{% endfor %}", "characters"),
        ("{% set n = namespace(x='a') %}{% for i in range(99) %}" + DOUBLED + "{% endfor %}", "characters"),
    ],
)
def test_what_costs_too_much_ends_with_its_place(render: Render, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BrokenTemplateError, match=message) as caught:
        render(f"<p>\n{text}")
    assert caught.value.path == tmp_path / "slide.html"
    assert caught.value.line in (1, 2, 3)


def test_what_an_author_needs_is_well_within_the_bounds(render: Render) -> None:
    table = "{% for i in range(5000) %}<tr>{% for j in range(5) %}<td>{{ i * j }}</td>{% endfor %}</tr>{% endfor %}"
    assert render(table).count("<td>") == 25_000
    words = "{{ 'a'|center(9) }}{{ '%03d'|format(7) }}{{ 2 ** 10 }}{{ 'a' ~ 1 }}{{ '{:>4}'.format('b') }}{{ 'c' * 3 }}"
    assert render(words) == "    a    0071024a1   bccc"


def test_a_template_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "slide.html").write_bytes(b"\xff\xfe{{ body }}")
    templates = load_templates([tmp_path], built_in=resources.templates_folder())
    with pytest.raises(BrokenTemplateError, match="decode"):
        templates.render("slide.html", body="")
