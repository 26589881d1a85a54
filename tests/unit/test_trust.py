"""Trust is the owner's word about one folder as it was, and nothing a project can bring along."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from quarterdeck.trust.store import ABANDONED_NS, SETTLED_NS, Store, git_head, git_is_at_work


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    folder = tmp_path / "talk"
    folder.mkdir()
    return folder


def git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True)


def test_a_folder_is_trusted_as_it_was_and_no_other_is(store: Store, talk: Path, tmp_path: Path) -> None:
    assert store.find(talk) is None
    store.put(talk, digest="one")
    found = store.find(talk)
    assert found is not None
    assert (found.folder, found.digest, found.head) == (str(talk.resolve()), "one", "")
    assert store.find(tmp_path) is None


def test_a_link_to_a_folder_is_that_folder(store: Store, talk: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(talk)
    store.put(tmp_path / "link", digest="one")
    assert store.find(talk) is not None


def test_trust_is_taken_back(store: Store, talk: Path) -> None:
    store.put(talk, digest="one")
    store.forget(talk)
    store.forget(talk)
    assert store.find(talk) is None


@pytest.mark.skipif(os.name == "nt", reason="permission bits are POSIX")
def test_the_record_is_its_owners_alone(store: Store, talk: Path) -> None:
    store.put(talk, digest="one")
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"folder": "/elsewhere", "digest": "one", "head": ""}', "\0"])
def test_a_damaged_record_is_no_trust(store: Store, talk: Path, content: str) -> None:
    store.put(talk, digest="one")
    file = next(path for path in store.folder.rglob("*.json"))
    file.write_text(content)
    assert store.find(talk) is None


def test_a_commit_a_branch_and_packing_are_told_apart_from_an_edit(talk: Path) -> None:
    git(talk, "init")
    git(talk, "commit", "--allow-empty", "-m", "one")
    first = git_head(talk)
    (talk / "talk.md").write_text("# A")
    assert git_head(talk) == first != ""
    git(talk, "pack-refs", "--all")
    assert git_head(talk) == first
    git(talk, "commit", "--allow-empty", "-m", "two")
    second = git_head(talk)
    assert second != first
    git(talk, "checkout", "-b", "other")
    assert git_head(talk) not in (first, second)


def test_a_work_tree_of_its_own_has_its_own_head(talk: Path, tmp_path: Path) -> None:
    git(talk, "init")
    git(talk, "commit", "--allow-empty", "-m", "one")
    git(talk, "worktree", "add", str(tmp_path / "tree"))
    before = git_head(tmp_path / "tree")
    git(tmp_path / "tree", "commit", "--allow-empty", "-m", "two")
    assert git_head(tmp_path / "tree") not in ("", before)
    assert git_head(tmp_path) == ""


def test_git_is_at_work_until_its_index_has_rested(talk: Path) -> None:
    assert not git_is_at_work(talk, now_ns=time.time_ns())
    git(talk, "init")
    git(talk, "commit", "--allow-empty", "-m", "one")
    index, lock = talk / ".git/index", talk / ".git/index.lock"
    index.touch()
    then = index.stat().st_mtime_ns
    assert git_is_at_work(talk / "deep", now_ns=then)
    assert not git_is_at_work(talk, now_ns=then + SETTLED_NS)
    lock.touch()
    then = lock.stat().st_mtime_ns
    assert git_is_at_work(talk, now_ns=then + SETTLED_NS)
    assert not git_is_at_work(talk, now_ns=then + ABANDONED_NS)  # left behind


def test_a_link_into_a_work_tree_moves_with_it(talk: Path, tmp_path: Path) -> None:
    git(talk, "init")
    git(talk, "commit", "--allow-empty", "-m", "one")
    (tmp_path / "link").symlink_to(talk)
    assert git_head(tmp_path / "link") == git_head(talk) != ""
