"""Projects are found, their settings read, and mistakes in them answered at their line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.diagnostics import headline
from quarterdeck.errors import SurroundingsError
from quarterdeck.markdown.frontmatter import read_front_matter
from quarterdeck.model import Source
from quarterdeck.project.deck_options import OBSIDIAN_KEYS, REVEAL_OPTIONS, DeckOptions, schema
from quarterdeck.project.resources import templates_folder
from quarterdeck.project.roots import OURS_IN_TEMPLATES
from quarterdeck.project.settings import load_project
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.talk.request import request

Write = Callable[[str, str], Path]


def told(folder: Path) -> list[str]:
    return [headline(each) for each in load_project(folder)[1]]


def options_of(text: str, *, defaults: dict[str, Any] | None = None, **overrides: str) -> DeckOptions:
    source = Source(path=Path("/talk.md"), name="talk.md", text=text, digest="")
    return read_front_matter(source, defaults=defaults or {}, overrides=overrides)[0].options


def test_a_folder_without_settings_is_its_own_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    project, found = load_project(tmp_path)
    assert found == ()
    assert (project.root, project.source, project.output) == (tmp_path, tmp_path, None)
    assert (project.themes, project.templates, project.vault) == (None, None, tmp_path)


def test_the_root_is_the_nearest_folder_upwards_with_settings(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", '[site]\ntitle = "Courses"\noutput = "public"\nlang = "fr"\n')
    talks = write("deck/docker/index.md", "# Docker").parent
    project, found = load_project(talks)
    assert found == ()
    assert (project.root, project.source) == (tmp_path, tmp_path / "deck")
    assert (project.title, project.output, project.lang) == ("Courses", tmp_path / "public", "fr")
    assert project.deck == {"lang": "fr"}


def test_without_settings_the_root_is_the_repository(write: Write, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = write("talks/docker.md", "# Docker").parent
    assert load_project(folder)[0].root == tmp_path


def test_without_settings_and_git_the_root_is_what_looks_like_a_project(write: Write, tmp_path: Path) -> None:
    write("course/themes/brand/tokens.css", ":root {}")
    folder = write("course/talks/2026/docker.md", "# Docker").parent
    project, _ = load_project(folder)
    assert (project.root, project.themes) == (tmp_path / "course", tmp_path / "course/themes")
    write("course/talks/templates/slide.html", "")
    project, _ = load_project(folder)
    assert (project.root, project.templates) == (tmp_path / "course/talks", tmp_path / "course/talks/templates")


def test_a_vault_is_a_project(write: Write, tmp_path: Path) -> None:
    (tmp_path / "notes/.obsidian").mkdir(parents=True)
    assert load_project(write("notes/talks/a.md", "# A").parent)[0].root == tmp_path / "notes"


def test_folders_that_only_share_a_name_with_ours_mark_nothing(write: Write, tmp_path: Path) -> None:
    write("themes/notes.txt", "")
    write("templates/index.html", "<h1>Somebody's web site</h1>")
    folder = write("talks/a.md", "# A").parent
    project, _ = load_project(folder)
    assert (project.root, project.themes, project.templates) == (folder, None, None)


def test_each_of_our_templates_marks_a_folder_as_ours() -> None:
    ours = {path.name for path in templates_folder().glob("*.html")}
    assert ours - set(OURS_IN_TEMPLATES) == {"index.html"}
    assert set(OURS_IN_TEMPLATES) <= ours


def test_templates_of_another_program_in_the_repository_are_not_ours(write: Write, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write("templates/index.html", "<h1>Somebody's web site</h1>")
    assert load_project(tmp_path)[0].templates is None
    write("quarterdeck.toml", "")  # whoever has settings means it
    assert load_project(tmp_path)[0].templates == tmp_path / "templates"


def test_the_nearest_themes_up_to_the_root_count(write: Write, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write("themes/brand/theme.css", "")
    folder = write("courses/docker/talk.md", "# Docker").parent
    assert load_project(folder)[0].themes == tmp_path / "themes"
    write("courses/themes/brand/theme.css", "")
    project, _ = load_project(folder)
    assert (project.root, project.themes) == (tmp_path, tmp_path / "courses/themes")


def test_no_project_begins_at_the_home_directory_or_above(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    for above in ("", "home/"):
        write(f"{above}quarterdeck.toml", '[site]\ntitle = "Not mine"\n')
        (tmp_path / above / ".git").mkdir()
    folder = write("home/talks/a.md", "# A").parent
    project, _ = load_project(folder)
    assert (project.root, project.title) == (folder, "")


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders are those of POSIX")
def test_a_folder_that_everybody_may_write_to_says_nothing(write: Write, tmp_path: Path) -> None:
    write("shared/quarterdeck.toml", '[run.runners]\npython = ["rm", "-rf"]\n')
    folder = write("shared/mine/a.md", "# A").parent
    assert load_project(folder)[0].runners
    (tmp_path / "shared").chmod(0o1777)
    project, _ = load_project(folder)
    assert (project.root, project.runners) == (folder, {})


def test_the_place_of_a_default_is_that_of_the_settings(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", '[deck]\ntheme = "night"\nwidth = "wide"\n')
    places = load_project(tmp_path)[0].places
    assert {keys: (span.path, span.line) for keys, span in places.items()} == {("theme",): ("quarterdeck.toml", 2)}


def test_settings_above_the_repository_are_not_its_settings(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", '[site]\ntitle = "Somebody else"\n')
    (tmp_path / "mine/.git").mkdir(parents=True)
    assert load_project(tmp_path / "mine")[0].title == ""


def test_settings_may_be_a_table_of_pyproject(write: Write, tmp_path: Path) -> None:
    write(
        "pyproject.toml",
        '[project]\nname = "x"\n\n[tool.quarterdeck.site]\ntitel = "x"\n\n[tool.quarterdeck.deck]\nlang = "fr"\n',
    )
    project, _ = load_project(tmp_path)
    assert project.root == tmp_path
    assert project.deck == {"lang": "fr"}
    assert told(tmp_path) == ["pyproject.toml:5:1: error[F103]: unknown key 'titel' in [site]"]


def test_a_pyproject_of_something_else_is_passed_by(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "[serve]\nfollow = false\n")
    folder = write("tools/pyproject.toml", "[project]\n").parent
    assert load_project(folder)[0].follow is False


@pytest.mark.parametrize("text", ["[tool.quarterdeck-extra]\nx = 1", 'x = """\n[tool.quarterdeck]\n"""'])
def test_a_table_that_only_looks_like_ours_is_none(write: Write, tmp_path: Path, text: str) -> None:
    write("pyproject.toml", text)
    assert told(tmp_path) == []


def test_dates_are_text_however_deep_they_stand(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "[deck.reveal]\nkeyboard = { 13 = [2025-03-06] }\n")
    assert load_project(tmp_path)[0].deck["reveal"] == {"keyboard": {"13": ["2025-03-06"]}}


def test_every_mistake_in_settings_has_its_place(write: Write, tmp_path: Path) -> None:
    write(
        "quarterdeck.toml",
        '[sit]\n[deck]\nwidth = "wide"\n"scheme" = "drak"\nreveal = { hsah = true }\n'
        'description = """\n[not-a-table]\nkey = 1\n"""\nserve.x = 1\n'
        "[run]\nrunners.js = []\n",
    )
    assert told(tmp_path) == [
        "quarterdeck.toml:1:2: error[F103]: unknown key 'sit' in the settings",
        "quarterdeck.toml:3:1: error[F104]: 'width' expects a whole number of pixels above 0, not 'wide'",
        "quarterdeck.toml:4:1: error[F104]: 'scheme' expects one of auto, light, dark, not 'drak'",
        "quarterdeck.toml:5:1: warning[F106]: reveal.js has no option 'hsah'",
        "quarterdeck.toml:10:1: error[F103]: unknown key 'serve' in [deck]",
        "quarterdeck.toml:12:1: error[F104]: 'runners' expects for each language, a list of words, not a mapping",
    ]


def test_a_value_in_the_place_of_a_table_is_reported(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", 'site = "x"\n')
    assert told(tmp_path) == ["quarterdeck.toml:1:1: error[F104]: 'site' expects a table, not 'x'"]


def test_settings_that_are_no_toml_leave_the_defaults(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", "[site]\ntitle = Courses\n")
    project, (found,) = load_project(tmp_path)
    assert project.root == tmp_path
    assert (found.code, found.span.line) == ("F108", 2)


def test_settings_that_cannot_be_read_stop_the_command(tmp_path: Path) -> None:
    (tmp_path / "quarterdeck.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SurroundingsError, match=r"cannot read .*quarterdeck\.toml"):
        load_project(tmp_path)


def test_paths_of_mistakes_are_those_of_the_folder_that_the_user_is_in(write: Write, tmp_path: Path) -> None:
    write("course/quarterdeck.toml", "[sit]\n")
    _, (found,) = load_project(tmp_path / "course", base=tmp_path)
    assert found.span.path == "course/quarterdeck.toml"


def test_runners_and_editor_reach_the_project(write: Write, tmp_path: Path) -> None:
    write("quarterdeck.toml", '[serve]\neditor = "code"\n[run.runners]\ngo = ["go", "run", "{file}"]\n')
    project, found = load_project(tmp_path)
    assert found == ()
    assert project.editor == "code"
    assert project.runners == {"go": ("go", "run", "{file}")}


def test_the_vault_is_the_nearest_folder_with_obsidian(write: Write, tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    write("talks/quarterdeck.toml", "")
    project, _ = load_project(tmp_path / "talks")
    assert (project.root, project.vault) == (tmp_path / "talks", tmp_path)


def test_the_talk_comes_before_the_project_and_the_command_before_both() -> None:
    text = "---\nseparator: ___\ntheme: night\nreveal: {hash: true}\n---\n"
    defaults = {"theme": "sky", "lang": "fr", "reveal": {"hash": False, "loop": True}}
    options = options_of(text, defaults=defaults, separator="+++", vertical_separator="++")
    assert (options.theme, options.lang) == ("night", "fr")
    assert (options.separator, options.vertical_separator) == ("+++", "++")
    assert options.reveal == {"hash": True, "loop": True}


def test_defaults_are_not_changed_by_a_talk() -> None:
    defaults = {"reveal": {"hash": False}}
    options_of("---\nreveal: {loop: true}\n---\n", defaults=defaults)
    assert defaults == {"reveal": {"hash": False}}


def test_the_digest_is_that_of_the_options_and_not_of_their_text() -> None:
    def digest(text: str) -> str:
        source = Source(path=Path("/talk.md"), name="talk.md", text=text, digest="")
        return read_front_matter(source, defaults={}, overrides={})[0].digest

    assert digest("---\ntitle: a\n---\n# One") == digest('---\ntags: [x]\ntitle: "a"\n---\n# Two')
    assert digest("---\ntitle: a\n---\n") != digest("---\ntitle: b\n---\n")


def test_a_talk_knows_where_its_values_stand() -> None:
    source = Source(path=Path("/talk.md"), name="talk.md", text="---\ntitle: x\ntheme:  night\n---\n", digest="")
    span = read_front_matter(source, defaults={}, overrides={})[0].spans[("theme",)]
    assert (span.path, span.line, span.col, span.end_col) == ("talk.md", 3, 9, 14)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("12:30", "12:30"),
        ("2025-03-06", "2025-03-06"),
        ("012", 12),
        ("0o14", 12),
        ("0xC", 12),
        ("1_000", "1_000"),
        ("-1.5e2", -150.0),
        ("~", None),
        ("", None),
        (".inf", ".inf"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("=", "="),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
        ("|\n  two\n  lines", "two\nlines"),
    ],
)
def test_scalars_are_those_of_the_yaml_1_2_core(written: str, value: object) -> None:
    loaded, _ = load_yaml(f"key: {written}")
    assert loaded == {"key": value}
    assert type(loaded["key"]) is type(value)


@pytest.mark.parametrize(
    "written",
    [
        "!!python/object/apply:os.system ['touch owned']",
        "!!python/name:os.system",
        "!!binary aGk=",
        "!!timestamp 2025-03-06",
        "!!set {a, b}",
        "!mine x",
        "!!int x",
        "1e999",
    ],
)
def test_what_is_no_plain_data_is_refused(written: str) -> None:
    with pytest.raises(YamlMistakeError) as mistake:
        load_yaml(f"title: x\nkey: {written}")
    assert (mistake.value.code, mistake.value.line, mistake.value.col) == ("F107", 2, 6)


def test_deeply_nested_yaml_is_refused() -> None:
    for depth in (100, 100_000):
        with pytest.raises(YamlMistakeError):
            load_yaml("key: " + "[" * depth + "]" * depth)


def test_a_control_character_is_found_at_its_place() -> None:
    with pytest.raises(YamlMistakeError) as mistake:
        load_yaml("title: x\nauthor: J\x01ne")
    assert (mistake.value.line, mistake.value.col) == (2, 10)


def test_the_schema_names_every_key_with_its_default_and_a_description() -> None:
    made = schema()
    assert made["$schema"].endswith("2020-12/schema")
    properties = made["properties"]
    assert OBSIDIAN_KEYS | REVEAL_OPTIONS.keys() | {"exec", "revealOptions"} <= properties.keys()
    assert set(properties["scheme"]["enum"]) == {"auto", "light", "dark"}
    assert properties["reveal"]["properties"].keys() == REVEAL_OPTIONS.keys()
    ours = {key for key, spec in properties.items() if spec is not True and "default" in spec}
    assert {"title", "verticalSeparator", "highlightTheme", "minutes", "sessions"} <= ours
    assert all(properties[key]["description"] and properties[key]["title"] == key for key in ours)


def test_the_list_of_reveal_options_is_that_of_the_reveal_in_the_package() -> None:
    script = Path(__file__).parents[2] / "assets/vendor/reveal.js/dist/reveal.js"
    if not script.is_file():
        pytest.skip("assets/vendor is not filled yet: make")
    text = script.read_text("utf-8")
    defaults = text[text.index("{width:960,height:700") :]
    defaults = defaults[: defaults.index("dependencies:")]
    assert [option for option in sorted(REVEAL_OPTIONS) if f"{option}:" not in defaults] == []


def test_settings_that_break_while_an_author_writes_leave_those_before(write: Write, tmp_path: Path) -> None:
    write("deck/talk.md", "# A")
    write("quarterdeck.toml", '[deck]\ntheme = "moon"\n')
    first = request((), cwd=tmp_path, output=None, overrides={})
    write("quarterdeck.toml", '[deck]\ntheme = "moon\n')
    second = request((), cwd=tmp_path, output=None, overrides={}, before=first)
    assert [headline(each)[:30] for each in second.diagnostics] == ["quarterdeck.toml:2:14: error[F"]
    assert (second.project.deck, second.talks) == ({"theme": "moon"}, first.talks)
    assert second.project.settings is not None
    assert second.project.settings.text.endswith('"moon\n')
    (tmp_path / "quarterdeck.toml").unlink()
    assert request((), cwd=tmp_path, output=None, overrides={}, before=second).project.deck == {}
