"""What the stage makes of a talk before anything runs: how outputs are drawn, and which commands are hidden."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from quarterdeck.recordings.outputs import LIMIT_BYTES, KernelOutput
from quarterdeck.serve.stage.live_outputs import ALL_BYTES, MANY, drawing
from quarterdeck.serve.stage.run_request import edited, hidden_of, shown_commands
from quarterdeck.site.pipeline import Builder
from quarterdeck.talk.request import Request, request
from quarterdeck.talk.talk import Talk

TABLE = KernelOutput(mime="text/html", data="<table><td onclick='x()'>1</table>")
CONSOLE = """\
```console {#one run hide=1,5}
$ first
$ echo a \\
> more
$ echo b
$ middle
$ echo c
$ last # hide
```
"""


def talk_at(folder: Path, text: str) -> tuple[Talk, Request]:
    (folder / "talk.md").write_text(f"## A slide\n\n{text}", "utf-8")
    asked = request([folder / "talk.md"], cwd=folder, output=None, overrides={})
    return Builder().read(asked)[0], asked


# drawn


def test_outputs_are_drawn_as_on_the_page_with_pictures_in_the_markup(tmp_path: Path) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    html = drawing(*talk_at(tmp_path, ""))([KernelOutput(mime="image/svg+xml", data=svg, width=9, height=8), TABLE])
    assert html.startswith('<div class="qd-outputs">')
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    assert f'<img class="qd-output-image" src="{source}" alt="Picture made by the code" width="9" height="8"' in html
    assert "<table><td>1</td></table>" in html


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    assert drawing(*talk_at(tmp_path, ""))([]) == ""


def test_a_project_draws_with_its_own_template_and_one_that_fails_is_left(tmp_path: Path) -> None:
    template = tmp_path / "templates/outputs.html"
    template.parent.mkdir()
    template.write_text("<b>{{ outputs | length }}</b>", "utf-8")
    (tmp_path / "quarterdeck.toml").write_text('[site]\ntemplates = "templates"\n', "utf-8")
    assert drawing(*talk_at(tmp_path, ""))([TABLE, TABLE]) == "<b>2</b>"
    template.write_text("{{ outputs.no.such }}", "utf-8")
    assert "<td>1</td>" in drawing(*talk_at(tmp_path, ""))([TABLE])


def test_the_sum_of_outputs_is_bounded_and_the_rest_is_counted(tmp_path: Path) -> None:
    draw = drawing(*talk_at(tmp_path, ""))
    large = KernelOutput(mime="image/png", data=bytes(LIMIT_BYTES))
    html = draw([large] * 40)
    kept = ALL_BYTES // LIMIT_BYTES
    assert html.count("<img") == kept
    assert f"[… {40 - kept} more left out …]" in html
    assert draw([TABLE] * MANY).count("<table>") == MANY
    assert "[… 2 more left out …]" in draw([TABLE] * (MANY + 2))


def test_one_that_is_too_large_is_left_out_as_in_a_recording(tmp_path: Path) -> None:
    html = drawing(*talk_at(tmp_path, ""))([KernelOutput(mime="image/png", data=bytes(LIMIT_BYTES + 1))])
    assert "image/png left out" in html
    assert "<img" not in html


# hidden


def test_hidden_commands_are_those_whose_first_line_is(tmp_path: Path) -> None:
    talk, _ = talk_at(tmp_path, CONSOLE)
    job = talk.snippets.plan.job("one")
    assert job is not None
    assert hidden_of(job) == {0, 3, 5}
    assert shown_commands(job) == ("echo a \\\nmore", "echo b", "echo c")


@pytest.mark.parametrize("language", ["bash", "python"])
def test_lines_of_a_program_are_hidden_and_what_it_prints_is_not(tmp_path: Path, language: str) -> None:
    talk, _ = talk_at(tmp_path, f"```{language} {{#one run hide=1}}\necho\necho\n```\n")
    job = talk.snippets.plan.job("one")
    assert job is not None
    assert hidden_of(job) == frozenset()


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("$ a\n$ b\n$ c", ["(first)", "a", "b", "(middle)", "c", "(last)"]),
        ("$ a", ["(first)", "a", "(middle)", "(last)"]),
        ("just this", ["(first)", "just this", "(middle)", "(last)"]),
        ("$ a\n$ b\n$ c\n$ d", ["(first)", "a", "b", "(middle)", "c", "d", "(last)"]),
        ("$ a\nits output\n$ b", ["(first)", "a", "b", "(middle)", "(last)"]),
    ],
)
def test_hidden_commands_run_where_they_did_when_the_others_are_edited(
    tmp_path: Path, text: str, runs: list[str]
) -> None:
    talk, _ = talk_at(tmp_path, CONSOLE)
    job = talk.snippets.plan.job("one")
    assert job is not None
    changed, hidden = edited(job, text, talk.snippets.plan)
    words = [line.text.removesuffix(" # hide") for line in changed.commands]
    assert [f"({word})" if at in hidden else word for at, word in enumerate(words)] == runs
