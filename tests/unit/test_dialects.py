"""The dialect of a talk is recognised by its marks, and its front matter bothers nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from spec_dialect import parsed

from quarterdeck.cli.words import DIALECTS as NAMES
from quarterdeck.markdown.dialects import DIALECTS
from quarterdeck.markdown.inventory import gathered, inventory
from quarterdeck.model import ConstructOutcome

Write = Callable[[str, str], Path]

MARKS = {
    # a talk, or what is in it: its dialect
    "# One\n\n---\n\n+ a\n": "quarterdeck",
    "---\ntitle: A\n---\n# One\n--\nb": "quarterdeck",
    "<!-- .slide: data-background='red' -->\n# One": "quarterdeck",
    "---\nmarp: true\n---\n# One": "marp",
    "---\npaginate: true\n---\n# One": "marp",
    "![bg left](a.png)": "marp",
    "<!-- _class: lead -->\n# One": "marp",
    "---\ntheme: seriph\n---\n# One": "slidev",
    "---\nhighlighter: shiki\n---\n# One": "slidev",
    "# One\n\n---\nlayout: section\n---\n\n# Two": "slidev",
    "left\n\n::right::\n\nright": "slidev",
    "<v-click>a</v-click>": "slidev",
    "---\nformat: revealjs\n---\n## One": "pandoc",
    "---\ntitle: A\nsubtitle: B\n---\n# One\n\ntext": "pandoc",
    "# One\n\n::: {.columns}\n:::\n": "pandoc",
    "# One\n\na\n\n. . .\n\nb": "pandoc",
    "% Title\n% Me\n\n# One": "pandoc",
    "class: center, middle\n\n# One\n\n---\n\n# Two": "remark",
    "# One\n\n???\nnotes": "remark",
    "---\noutput: xaringan::moon_reader\n---\n# One": "remark",
    "# One\n\n.pull-left[\na\n]": "remark",
    "---\nrevealOptions:\n  hash: true\n---\n# One": "reveal-md",
    "---\nseparator: <!--s-->\nverticalSeparator: <!--v-->\n---\n# One": "reveal-md",
    "\n<section data-markdown>\n# One\n</section>\n": "reveal",
    "# One\n\n----\n\nb\n\n----\n\nc": "reveal-md",
    "---\nslides:\n  theme: sky\n---\n# One": "mkslides",
    '<grid drag="60 55" drop="5 10">\na\n</grid>': "obsidian",
    "<split even>\n\na\n\n</split>": "obsidian",
    "::: block\na\n:::": "obsidian",
    '<!-- slide bg="red" -->\n# One': "obsidian",
    "---\nenableChalkboard: true\n---\n# One": "obsidian",
    "---\nmarp: true\ndialect: reveal\n---\n# One": "reveal",
    "````md\n---\nmarp: true\n---\n![bg](a.png)\n???\n::right::\n````": "quarterdeck",
    "`<v-click>` and `::right::` are words": "quarterdeck",
}


def dialect_of(folder: Path, text: str, name: str = "talk.md", *, asked: str = "") -> str:
    (folder / "quarterdeck.toml").touch()
    path = folder / name
    path.write_text(text, "utf-8")
    return parsed(folder, path, dialect=asked)[0].front.dialect


@pytest.mark.parametrize(("text", "dialect"), MARKS.items(), ids=range(len(MARKS)))
def test_a_talk_is_recognised_by_its_marks(tmp_path: Path, text: str, dialect: str) -> None:
    assert dialect_of(tmp_path, text) == dialect


@pytest.mark.parametrize(
    ("name", "text", "dialect"),
    [
        ("mkslides.yml", "slides: {}", "mkslides"),
        ("reveal-md.json", "{}", "reveal-md"),
        ("reveal.json5", "{}", "reveal-md"),
        ("index.html", '<section data-markdown="talk.md"></section>', "reveal"),
        ("index.html", '<section data-markdown="other.md"></section>', "quarterdeck"),
        (".obsidian/app.json", "{}", "obsidian"),
    ],
)
def test_a_talk_is_recognised_by_what_lies_beside_it(
    write: Write, tmp_path: Path, name: str, text: str, dialect: str
) -> None:
    write(name, text)
    assert dialect_of(tmp_path, "# One") == dialect


def test_settings_above_the_talk_count_and_those_above_the_project_do_not(write: Write, tmp_path: Path) -> None:
    write("mkslides.yml", "slides: {}")
    talks = tmp_path / "project/talks"
    talks.mkdir(parents=True)
    (tmp_path / "project/quarterdeck.toml").touch()
    (talks / "talk.md").write_text("# One")
    assert parsed(talks, talks / "talk.md")[0].front.dialect == "quarterdeck"
    write("project/reveal-md.json", "{}")
    assert parsed(talks, talks / "talk.md")[0].front.dialect == "reveal-md"


def test_what_is_asked_for_wins_over_marks_and_settings_over_nothing(write: Write, tmp_path: Path) -> None:
    assert dialect_of(tmp_path, "---\nmarp: true\n---\n# One", asked="reveal") == "reveal"
    write("quarterdeck.toml", '[deck]\ndialect = "remark"\n')
    assert dialect_of(tmp_path, "# One") == "remark"
    assert dialect_of(tmp_path, "# One", "talk.qmd", asked="") == "remark"


def test_a_file_of_quarto_is_recognised_by_its_suffix(tmp_path: Path) -> None:
    assert dialect_of(tmp_path, "# One", "talk.qmd") == "pandoc"


@pytest.mark.parametrize(
    "front",
    [
        "marp: true\nclass: lead\nheader: x\nfooter: y\nmath: katex\nstyle: |\n  h1 {}\nheadingDivider: 2\nsize: 16:9",
        "theme: apple-basic\nhighlighter: shiki\nfonts:\n  sans: x\nlayout: cover\naddons: [a]\nexportFilename: b",
        "format:\n  revealjs:\n    theme: dark\n    logo: a.png\nbibliography: a.bib\nexecute:\n  echo: true",
        "revealOptions: {}\nhighlightTheme: monokai\npreprocessor: a.js\ntemplate: b.html\nassetsDir: c",
        "slides:\n  theme: sky\n  highlight_theme: vs\nplugins:\n  - name: x\nrevealjs:\n  height: 1080",
        "output: xaringan::moon_reader\ninstitute: x",
    ],
)
def test_front_matter_of_another_tool_is_no_mistake(tmp_path: Path, front: str) -> None:
    (tmp_path / "quarterdeck.toml").touch()
    path = tmp_path / "talk.md"
    path.write_text(f"---\n{front}\n---\n\n# One\n")
    reading, _ = parsed(tmp_path, path)
    assert reading.front.dialect != "quarterdeck"
    assert reading.diagnostics == ()


def test_settings_of_another_tool_that_cannot_be_read_are_reported_at_their_line(write: Write, tmp_path: Path) -> None:
    write("reveal-md.json", '{\n  "theme": "moon"\n  "title"\n')
    write("quarterdeck.toml", "")
    path = write("talk.md", "# One")
    (problem,) = parsed(tmp_path, path)[0].diagnostics
    assert (problem.code, problem.span.path) == ("F101", "reveal-md.json")
    assert problem.span.line >= 2


def test_the_command_line_knows_every_dialect() -> None:
    assert sorted(NAMES) == sorted(set(DIALECTS) - {"html"})


# reading


def test_files_in_other_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "quarterdeck.toml").touch()
    path = tmp_path / "talk.md"
    path.write_bytes("---\r\nmarp: true\r\n---\r\n# Été\r\n\r\n---\r\n\r\n# “Deux”".encode("cp1252"))
    reading, slides = parsed(tmp_path, path)
    assert [slide.title for slide in slides] == ["Été", "“Deux”"]
    assert [each.code for each in reading.diagnostics] == ["R101"]
    for encoding in ("utf-16", "utf-8-sig"):
        path.write_bytes("---\r\nmarp: true\r\n---\r\n# Été\r\n\r\n---\r\n\r\n# “Deux”".encode(encoding))
        reading, slides = parsed(tmp_path, path)
        assert [slide.title for slide in slides] == ["Été", "“Deux”"]
        assert reading.diagnostics == ()


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_talk_may_be_a_symbolic_link_and_a_file_outside_of_the_project_is_none_of_it(
    write: Write, tmp_path: Path
) -> None:
    write("outside.md", "# Outside")
    write("project/quarterdeck.toml", "")
    real = write("project/real/talk.md", "# One\n\n---\nsrc: ../../outside.md\n---\n\n---\nsrc: ./link.md\n---\n")
    (tmp_path / "project/real/link.md").symlink_to(tmp_path / "outside.md")
    link = tmp_path / "project/talk.md"
    link.symlink_to(real)
    reading, slides = parsed(tmp_path / "project", link)
    assert [each.code for each in reading.diagnostics] == ["A101", "A101"]
    assert [slide.title for slide in slides] == ["One", "", ""]


def test_files_that_include_each_other_end(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "")
    write("b.md", "# B\n\n---\nsrc: ./talk.md\n---\n")
    path = write("talk.md", "# A\n\n---\nsrc: ./b.md\n---\n")
    reading, slides = parsed(tmp_path, path)
    assert [slide.title for slide in slides] == ["A", "B", ""]
    assert [each.message for each in reading.diagnostics] == ["'./talk.md' includes itself"]


@pytest.mark.parametrize(
    ("head", "including"),
    [("", "---\nsrc: ./{}.md\n---"), ("---\nformat: revealjs\n---\n", "{{{{< include {}.md >}}}}")],
    ids=["slidev", "quarto"],
)
def test_files_that_include_too_many_others_are_told_as_what_they_are(
    head: str, including: str, write: Write, tmp_path: Path
) -> None:
    write("quarterdeck.toml", "")
    for number in range(12):
        write(f"f{number}.md", f"# F{number}\n\n{including.format(f'f{number + 1}')}\n")
    reading, _ = parsed(tmp_path, write("talk.md", f"{head}# A\n\n{including.format('f0')}\n"))
    (found,) = reading.diagnostics
    assert found.message.endswith("is not included: too many files include one another")
    assert found.hint == "at most 8, one in the other"


def test_a_file_that_a_talk_includes_is_watched_even_where_it_is_not_there(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "")
    path = write("talk.md", "---\nsrc: ./later.md\n---\n\n---\n\n<<< @/later.js\n")
    inputs = parsed(tmp_path, path)[0].inputs
    assert {tmp_path / "later.md", tmp_path / "later.js", tmp_path / "mkslides.yml", path} <= inputs


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"html"}))
def test_five_hundred_slides_and_large_pictures_in_the_text_are_read(tmp_path: Path, dialect: str) -> None:
    (tmp_path / "quarterdeck.toml").touch()
    path = tmp_path / "talk.md"
    pictures = dict.fromkeys((3, 300), f"![](data:image/png;base64,{'A' * 100000})")
    path.write_text("\n\n---\n\n".join(f"# Slide {n}\n\n{pictures.get(n, 'text')}" for n in range(500)))
    reading, slides = parsed(tmp_path, path, dialect=dialect)
    assert len(slides) == 500
    assert reading.diagnostics == ()


# the report


def test_what_is_left_comes_first_and_alike_constructs_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "quarterdeck.toml").touch()
    path = tmp_path / "talk.md"
    path.write_text(
        "## A\n\n{{< lipsum 1 >}}\n\n::: {.panel-tabset}\nb\n:::\n\n## B\n\n{{< lipsum 2 >}}\n\n. . .\n\nc\n"
    )
    reading, slides = parsed(tmp_path, path)
    found = inventory(reading.front.constructs, reading.chunks, slides, path="talk.md")
    lines = gathered(found)
    assert [(line.outcome, line.name) for line in lines[:2]] == [
        (ConstructOutcome.TEXT, "shortcode"),
        (ConstructOutcome.APPROXIMATED, "tabs"),
    ]
    assert [span.line for span in lines[0].places] == [3, 11]
    assert all(line.remedy for line in lines if line.outcome is not ConstructOutcome.UNDERSTOOD)
    assert {line.name for line in lines if line.outcome is ConstructOutcome.UNDERSTOOD} >= {"slides", "fragments"}


def test_the_report_of_the_command_is_plain_off_a_terminal(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "")
    write("talk.md", "---\nmarp: true\ntheme: gaia\n---\n# One\n\n<!-- say this -->\n\n---\n\n::: x\n")
    command = [sys.executable, "-m", "quarterdeck", "check", "--import", "talk.md"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.stderr == ""
    assert answer.stdout.splitlines()[:3] == [
        "talk.md: Marp, 2 slides",
        "  left as text: ::: box (1): talk.md:11; --dialect pandoc or obsidian reads boxes between colons",
        (
            "  left out: key theme (1): talk.md:3; write 'theme: NAME' of a theme of Quarterdeck, and name your "
            "stylesheet under 'css'"
        ),
    ]
    assert answer.returncode == 1
    other = subprocess.run([*command, "--dialect", "reveal"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert other.stdout.startswith("talk.md: reveal.js, 2 slides\n")
