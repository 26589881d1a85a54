"""Which file a reference means, and what a site carries of it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from quarterdeck.memo import Memo
from quarterdeck.project.assets import AssetCollection, LookupPlace, Missing, is_external


def png(width: int, height: int, shade: int = 0) -> bytes:
    written = BytesIO()
    Image.new("L", (width, height), shade).save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    for name in (
        "talks/a.png",
        "talks/Été 1.png",
        "img/a.png",
        "img/only.png",
        "img/Case.PNG",
        "talks/50%.png",
        "one/x/t.png",
        "two/x/t.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(3, 2))
    return tmp_path


def locate(vault: Path, target: str, *, wiki: bool = False) -> str | Missing:
    place = LookupPlace(folder=vault / "talks", root=vault, vault=vault)
    found = AssetCollection(memo=Memo()).locate(target, wiki=wiki, place=place)
    return found if isinstance(found, Missing) else found.relative_to(vault).as_posix()


@pytest.mark.parametrize(
    ("target", "wiki", "file"),
    [
        ("a.png", False, "talks/a.png"),
        ("./a.png", False, "talks/a.png"),
        ("a.png?v=2#frag", False, "talks/a.png"),
        ("../img/only.png", False, "talks/../img/only.png"),
        ("/img/only.png", False, "img/only.png"),
        ("%C3%89t%C3%A9%201.png", False, "talks/Été 1.png"),
        ("Été 1.png", False, "talks/Été 1.png"),
        ("50%.png", False, "talks/50%.png"),
        ("A.PNG", False, "talks/a.png"),
        ("a.png", True, "talks/a.png"),
        ("img/a.png", True, "img/a.png"),
        ("only.png", True, "img/only.png"),
        ("case.png", True, "img/Case.PNG"),
        ("one/x/t.png", True, "one/x/t.png"),
    ],
)
def test_a_reference_means_a_file(vault: Path, target: str, wiki: bool, file: str) -> None:
    assert locate(vault, target, wiki=wiki) == file


def test_a_wiki_name_of_two_files_is_told_with_both(vault: Path) -> None:
    found = locate(vault, "t.png", wiki=True)
    assert isinstance(found, Missing)
    assert (found.code, found.hint) == ("A102", "write one of: one/x/t.png, two/x/t.png")


def test_a_substring_of_a_name_is_no_name(vault: Path) -> None:
    assert isinstance(locate(vault, "nly.png", wiki=True), Missing)


def test_a_missing_file_is_answered_with_the_nearest_in_its_folder(vault: Path) -> None:
    found = locate(vault, "../img/onyl.png")
    assert isinstance(found, Missing)
    assert (found.code, found.hint) == ("A101", "did you mean '../img/only.png'?")


@pytest.mark.parametrize("target", ["../../secret.png", "link.png"])
def test_nothing_outside_of_the_project_is_read(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    talks = tmp_path / "project" / "talks"
    talks.mkdir(parents=True)
    (talks / "link.png").symlink_to(tmp_path / "secret.png")
    place = LookupPlace(folder=talks, root=tmp_path / "project", vault=tmp_path / "project")
    found = AssetCollection(memo=Memo()).locate(target, wiki=False, place=place)
    assert isinstance(found, Missing)
    assert found.code == "A103"


def test_an_asset_has_its_size_and_a_name_that_changes_with_its_content(tmp_path: Path) -> None:
    picture = tmp_path / "Mon schéma.png"
    picture.write_bytes(png(30, 20))
    first = AssetCollection(memo=Memo()).add(picture)
    picture.write_bytes(png(30, 20, shade=9))
    second = AssetCollection(memo=Memo()).add(picture)
    assert (first.width, first.height) == (30, 20)
    assert first.url.startswith("assets/Mon-sch-ma.")
    assert first.url != second.url


def test_a_damaged_picture_has_no_size_and_is_carried_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("not a picture")
    asset = AssetCollection(memo=Memo()).add(tmp_path / "a.svg")
    assert (asset.width, asset.height) == (None, None)


def test_a_change_within_one_build_server_is_seen_however_quick(tmp_path: Path) -> None:
    memo, picture, urls = Memo(), tmp_path / "a.png", set()
    for shade in range(20):
        picture.write_bytes(png(2, 2, shade))
        urls.add(AssetCollection(memo=memo).add(picture).url)
    assert len(urls) == 20


def test_a_stylesheet_brings_what_it_refers_to_and_nothing_from_the_network(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "bg.png").write_bytes(png(1, 1))
    (tmp_path / "css" / "more.css").write_text("b { background: url('../bg.png#x') }")
    (tmp_path / "css" / "main.css").write_text(
        '@import "https://fonts.example/css;x";\n@import url("more.css");\n/* url(never.png) */\n'
        "a { background: url( data:image/png;base64,AA== ), url(gone.png) }\n"
    )
    shelf = AssetCollection(memo=Memo())
    main = shelf.add(tmp_path / "css" / "main.css")
    text = {url.split(".")[0]: entry.content for url, entry in shelf.entries.items()}
    sheet = shelf.entries[main.url].content
    assert isinstance(sheet, bytes)
    assert set(text) == {"assets/main", "assets/more", "assets/bg"}
    assert b"fonts.example" not in sheet
    assert b"/* url(never.png) */" in sheet
    assert b"data:image/png;base64,AA==" in sheet
    more = text["assets/more"]
    assert isinstance(more, bytes)
    assert b"#x')" in more
    for url in shelf.entries:
        if not url.startswith("assets/main"):
            assert url.removeprefix("assets/").encode() in sheet + more


def test_stylesheets_that_import_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('@import "b.css"; a {}')
    (tmp_path / "b.css").write_text('@import "a.css"; b {}')
    shelf = AssetCollection(memo=Memo())
    shelf.add(tmp_path / "a.css")
    assert any(b"b {}" in entry.content for entry in shelf.entries.values() if isinstance(entry.content, bytes))


@pytest.mark.parametrize(
    "target", ["", "#slide", "https://a.example/x.png", "//cdn/x.js", "mailto:a@b.c", "data:image/png,x"]
)
def test_what_no_file_answers_is_external(target: str) -> None:
    assert is_external(target)


@pytest.mark.parametrize("target", ["a.png", "C.png", "dir/a:b.png", "/root.png", "C:\\a.png"])
def test_what_may_be_a_file_is_not(target: str) -> None:
    assert not is_external(target)
