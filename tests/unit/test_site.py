"""A site reaches the disk whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from quarterdeck.errors import SurroundingsError
from quarterdeck.model import SiteFile
from quarterdeck.site.output import assemble, write


def entry(url: str, content: bytes | Path) -> SiteFile:
    return SiteFile(url=url, content=content, digest="")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".quarterdeck"
    }


def test_a_site_is_written_with_its_folders(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"png")
    write(assemble([entry("a/index.html", b"<p>"), entry("assets/a.png", picture)]), tmp_path / "site")
    assert files(tmp_path / "site") == {"a/index.html": b"<p>", "assets/a.png": b"png"}


def test_what_the_new_site_does_not_have_is_gone(tmp_path: Path) -> None:
    write(assemble([entry("old.html", b"old"), entry("both.html", b"1")]), tmp_path / "site")
    write(assemble([entry("both.html", b"2")]), tmp_path / "site")
    assert files(tmp_path / "site") == {"both.html": b"2"}


def test_a_failed_write_leaves_the_previous_site_and_nothing_beside_it(tmp_path: Path) -> None:
    write(assemble([entry("index.html", b"good")]), tmp_path / "site")
    broken = [entry("index.html", b"new"), entry("picture.png", tmp_path / "missing.png")]
    with pytest.raises(SurroundingsError, match="previous site was left as it was"):
        write(assemble(broken), tmp_path / "site")
    assert files(tmp_path) == {"site/index.html": b"good"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("after", range(1, 4))
def test_an_interrupt_between_any_two_renames_leaves_one_whole_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """A signal is delivered when a call returns: each `rename` is done, and then interrupted."""
    write(assemble([entry("index.html", b"good")]), tmp_path / "site")
    rename, calls = Path.rename, iter(range(1, 9))

    def interrupted(path: Path, target: Path) -> Path:
        moved = rename(path, target)
        if next(calls) == after:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    with contextlib.suppress(KeyboardInterrupt):
        write(assemble([entry("index.html", b"new")]), tmp_path / "site")
    assert files(tmp_path)["site/index.html"] in (b"good", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_place_where_nothing_can_be_made_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SurroundingsError, match=r"cannot write .*file"):
        write(assemble([entry("index.html", b"x")]), tmp_path / "file" / "below" / "site")


@pytest.mark.parametrize("inside", ["", "deck"])
def test_a_folder_of_somebody_elses_files_is_never_replaced(tmp_path: Path, inside: str) -> None:
    mine = tmp_path / "home" / inside / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    with pytest.raises(SurroundingsError, match="did not write"):
        write(assemble([entry("index.html", b"x")]), tmp_path / "home")
    assert mine.read_text() == "years of work"


def test_a_folder_that_holds_the_talks_is_refused_even_if_it_is_a_site(tmp_path: Path) -> None:
    write(assemble([entry("index.html", b"x")]), tmp_path / "site")
    talk = tmp_path / "site" / "talk.md"
    talk.write_text("# A")
    with pytest.raises(SurroundingsError, match="the talks lie there"):
        write(assemble([entry("index.html", b"y")]), tmp_path / "site", keep=[talk])
    assert talk.is_file()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    write(assemble([entry("index.html", b"x")]), tmp_path / "site")
    assert files(tmp_path / "site") == {"index.html": b"x"}


@pytest.mark.skipif(os.name == "nt", reason="permission bits are POSIX")
def test_others_may_read_the_site_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(assemble([entry("index.html", b"x")]), tmp_path / "site")
    finally:
        os.umask(before)
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o755
