"""Which files a command means, and how their bytes become text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.digests import digest_of
from quarterdeck.errors import UsageError
from quarterdeck.project.files import find_talks, read_source, shown


def names(*paths: Path, base: Path) -> dict[str, str]:
    return {talk.name: shown(talk.path, base=base) for talk in find_talks(paths, base=base)[0]}


def touch(folder: Path, *files: str) -> None:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Slide\n")


def test_a_folder_holds_files_and_folders_with_an_index_sorted_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "docker.md", "alpha/index.md", "alpha/part.md", "UPPER.MD")
    assert names(tmp_path, base=tmp_path) == {"UPPER": "UPPER.MD", "alpha": "alpha/index.md", "docker": "docker.md"}


def test_partials_hidden_files_readmes_and_other_types_are_no_talks(tmp_path: Path) -> None:
    touch(tmp_path, "talk.md", "_part.md", ".draft.md", "README.md", "notes.txt", "_parts/index.md", ".git/index.md")
    assert list(names(tmp_path, base=tmp_path)) == ["talk"]


def test_one_file_is_a_talk_of_its_own_name_and_an_index_of_its_folders(tmp_path: Path) -> None:
    touch(tmp_path, "my talk.md", "course/index.md")
    assert list(names(tmp_path / "my talk.md", base=tmp_path)) == ["my talk"]
    assert list(names(tmp_path / "course" / "index.md", base=tmp_path)) == ["course"]
    assert list(names(tmp_path / "course", base=tmp_path)) == ["course"]


def test_two_talks_of_one_name_are_refused_with_both_paths(tmp_path: Path) -> None:
    touch(tmp_path, "a/talk.md", "b/talk.md")
    with pytest.raises(UsageError, match=r"a/talk\.md and b/talk\.md"):
        find_talks([tmp_path / "a", tmp_path / "b"], base=tmp_path)


@pytest.mark.parametrize("other", ["TALK é.md", "talk e\u0301.md"])
def test_names_that_some_machine_takes_for_one_are_refused_on_all(tmp_path: Path, other: str) -> None:
    touch(tmp_path, "a/talk é.md", f"b/{other}")
    with pytest.raises(UsageError, match="two talks are both named"):
        find_talks([tmp_path / "a", tmp_path / "b"], base=tmp_path)


def test_naming_a_talk_twice_builds_it_once(tmp_path: Path) -> None:
    touch(tmp_path, "talk.md")
    assert list(names(tmp_path, tmp_path / "talk.md", base=tmp_path)) == ["talk"]


@pytest.mark.parametrize("name", ["assets", "index.html", "licences"])
def test_a_talk_does_not_take_a_name_that_the_site_needs(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}.md")
    with pytest.raises(UsageError, match="rename the talk"):
        find_talks([tmp_path], base=tmp_path)


def test_a_missing_path_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    touch(tmp_path, "docker.md")
    with pytest.raises(UsageError, match=r"did you mean 'docker\.md'\?"):
        find_talks([tmp_path / "doker.md"], base=tmp_path)


def test_a_file_of_another_type_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "talk.pdf")
    with pytest.raises(UsageError, match="not a Markdown file"):
        find_talks([tmp_path / "talk.pdf"], base=tmp_path)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("é".encode("utf-16"), "é"),
        (b"\xfe\xff\x00a", "a"),
        (b"", ""),
    ],
)
def test_marks_and_newlines_are_read_away(tmp_path: Path, raw: bytes, text: str) -> None:
    (tmp_path / "a.md").write_bytes(raw)
    source, diagnostics = read_source(tmp_path / "a.md", name="a.md")
    assert source.text == text
    assert diagnostics == ()


def test_a_file_in_windows_1252_is_read_and_reported_at_its_first_odd_byte(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"# Un\ncaf\xe9 \x80\n")
    source, diagnostics = read_source(tmp_path / "a.md", name="a.md")
    assert source.text == "# Un\ncafé €\n"
    assert [(d.code, d.span.line, d.span.col) for d in diagnostics] == [("R101", 2, 4)]


@given(st.binary(max_size=200))
def test_any_bytes_read_as_text(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.md"
    path.write_bytes(raw)
    source, _ = read_source(path, name="a.md")
    assert "\r" not in source.text
    source.text.encode("utf-8")


@given(st.lists(st.text()), st.lists(st.text()))
def test_digests_tell_lists_of_parts_apart(left: list[str], right: list[str]) -> None:
    assert (digest_of(*left) == digest_of(*right)) == (left == right)


def test_of_a_vault_the_notes_that_are_talks_are_built(tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    touch(tmp_path, "note.md", "Daily/monday.md", "Templates/frame.md", "Talks/a.md", "Talks/deep/b.md")
    (tmp_path / "Talks/a.md").write_text("---\ntags: [x]\ntheme: black\n---\n# A\n")
    (tmp_path / "Talks/deep/b.md").write_text('# B\n\n---\n\n<!-- slide bg="red" -->\n')
    (tmp_path / "Templates/frame.md").write_text("---\ntheme: black\n---\n<% content %>\n")
    assert names(tmp_path, base=tmp_path) == {"a": "Talks/a.md", "b": "Talks/deep/b.md"}
