"""A site reaches the disk whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def interrupt(name: str, after: int, patch: pytest.MonkeyPatch) -> None:
    """A signal is delivered when a call returns: the one of this number is done, and then interrupted."""
    original, calls = getattr(Path, name), iter(range(1, 9))

    def interrupted(path: Path, target: Path) -> object:
        moved = original(path, target)
        if next(calls) == after:
            raise KeyboardInterrupt
        return moved

    patch.setattr(Path, name, interrupted)


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
    write(assemble([entry("index.html", b"good")]), tmp_path / "site")
    interrupt("rename", after, monkeypatch)
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


# Folders that hold more than a site

OTHERS = {
    ".git/HEAD": b"ref: refs/heads/gh-pages",
    "CNAME": b"talks.example",
    "README.md": b"mine",
    "a/notes.txt": b"mine too",
}


def put(folder: Path, content: Mapping[str, bytes]) -> None:
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_what_the_last_build_did_not_write_stays(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(assemble([entry("a/index.html", b"1"), entry("b/index.html", b"1"), entry(".nojekyll", b"")]), site)
    put(site, OTHERS)
    (site / "drafts").mkdir()
    (site / "link").symlink_to(tmp_path / "nowhere")
    write(assemble([entry("a/index.html", b"2"), entry(".nojekyll", b"")]), site)
    assert files(site) == {**OTHERS, "a/index.html": b"2", ".nojekyll": b""}
    assert sorted(path.name for path in site.iterdir() if path.name not in (".quarterdeck", ".nojekyll")) == [
        *(".git", "CNAME", "README.md", "a", "drafts", "link")
    ]
    write(assemble([]), site)
    assert files(site) == {**OTHERS, ".nojekyll": b""}


def test_the_worktree_of_a_branch_that_is_published_stays_one(tmp_path: Path) -> None:
    def git(*words: str, cwd: Path) -> str:
        name = ("-c", "user.name=a", "-c", "user.email=a@example")
        done = subprocess.run(["git", *name, *words], cwd=cwd, capture_output=True, text=True, check=True)
        return done.stdout

    home = tmp_path / "home"
    home.mkdir()
    git("init", "-q", "-b", "main", cwd=home)
    git("commit", "-q", "--allow-empty", "-m", "talks", cwd=home)
    git("worktree", "add", "-q", "-b", "gh-pages", "site", cwd=home)
    site = home / "site"
    assert (site / ".git").is_file()
    for content in (b"1", b"2"):
        write(assemble([entry("index.html", content)]), site)
        git("add", "-A", cwd=site)
        git("commit", "-q", "-m", "site", cwd=site)
    assert git("ls-files", cwd=site).split() == [".quarterdeck", "index.html"]
    assert git("log", "--oneline", cwd=site).count("\n") == 3


@pytest.mark.parametrize(
    "mark",
    [None, b"Written by quarterdeck, which replaces this folder as a whole.\n", b"{}", b"[1]", b'{"files": "a"}'],
)
def test_without_a_list_of_the_last_build_a_folder_is_refused_and_what_is_there_named(
    tmp_path: Path, mark: bytes | None
) -> None:
    put(tmp_path / "site", {"index.html": b"mine", **OTHERS, **({".quarterdeck": mark} if mark else {})})
    before = files(tmp_path / "site")
    with pytest.raises(SurroundingsError, match=r"did not write.*: README\.md, a/notes\.txt, index\.html"):
        write(assemble([entry("index.html", b"x")]), tmp_path / "site")
    assert files(tmp_path / "site") == before


@pytest.mark.parametrize(
    ("other", "url", "told"),
    [
        ("index.html", "index.html", "index.html"),
        ("a", "a/index.html", "a"),
        ("a/b", "a", "a"),
        ("a/b/c.txt", "a/b", "a/b"),
    ],
)
def test_a_file_of_somebody_else_is_never_written_over(tmp_path: Path, other: str, url: str, told: str) -> None:
    site = tmp_path / "site"
    write(assemble([entry("z.html", b"1")]), site)
    put(site, {other: b"mine"})
    with pytest.raises(SurroundingsError, match=f"(?m)which quarterdeck did not write: {told}$"):
        write(assemble([entry(url, b"2")]), site)
    assert files(site) == {other: b"mine", "z.html": b"1"}


def test_a_folder_that_has_become_a_link_leads_nowhere(tmp_path: Path) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    write(assemble([entry("a/index.html", b"1")]), site)
    put(home, {"index.html": b"mine"})
    shutil.rmtree(site / "a")
    (site / "a").symlink_to(home)
    with pytest.raises(SurroundingsError, match=r"(?m)did not write: a$"):
        write(assemble([entry("a/index.html", b"2")]), site)
    write(assemble([entry("b/index.html", b"2")]), site)
    assert files(home) == {"index.html": b"mine"}
    assert (site / "a").is_symlink()


def test_beside_others_a_failed_write_leaves_the_previous_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(assemble([entry("index.html", b"good")]), site)
    put(site, OTHERS)
    with pytest.raises(SurroundingsError, match="cannot write the site"):
        write(assemble([entry("index.html", b"new"), entry("a.png", tmp_path / "missing.png")]), site)
    assert files(tmp_path) == {f"site/{name}": data for name, data in {**OTHERS, "index.html": b"good"}.items()}


@pytest.mark.parametrize("after", range(1, 4))
def test_beside_others_the_next_build_ends_what_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    site = tmp_path / "site"
    write(assemble([entry("old.html", b"1"), entry("a.html", b"1")]), site)
    put(site, OTHERS)
    put(site, {".quarterdeck-killed/new/a.html": b"of a build that was killed"})
    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        interrupt("replace", after, patch)
        write(assemble([entry(f"{name}.html", b"2") for name in "abc"]), site)
    write(assemble([entry("c.html", b"3")]), site)
    assert files(site) == {**OTHERS, "c.html": b"3"}


def some_files(*names: str) -> st.SearchStrategy[dict[str, bytes]]:
    paths = st.lists(st.sampled_from(names), min_size=1, max_size=3).map("/".join)
    return st.dictionaries(paths, st.sampled_from([b"1", b"2"]), max_size=5)


BUILDS = st.lists(st.tuples(some_files("a", "b", "c"), some_files("a", "b", ".git", "CNAME")), min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(builds=BUILDS)
def test_a_build_changes_nothing_that_it_did_not_write(
    tmp_path: Path, builds: list[tuple[dict[str, bytes], dict[str, bytes]]]
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        site, mine, built = Path(name) / "site", dict[str, bytes](), dict[str, bytes]()
        for entries, others in builds:
            for other, data in others.items():
                with contextlib.suppress(OSError):  # where a folder is, no file can be
                    if other not in built:
                        put(site, {other: data})
                        mine[other] = data
            try:
                write(assemble([entry(url, data) for url, data in entries.items()]), site)
                built = {url: data for url, data in entries.items() if url not in mine}
            except SurroundingsError:
                pass  # the folder holds what it would have to write over, or the site is none
            assert files(site) == {**built, **mine}


@pytest.mark.skipif(os.name == "nt", reason="permission bits are POSIX")
def test_others_may_read_the_site_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(assemble([entry("index.html", b"x")]), tmp_path / "site")
    finally:
        os.umask(before)
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o755
