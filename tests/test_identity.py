"""A snippet without an id is its fence: its recording is found wherever the fence stands and whatever is around it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from desk import Desk, fence, talk_of
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.memo import Memo
from quarterdeck.model import Command, Event, Recording
from quarterdeck.recordings.folder import write
from quarterdeck.recordings.outputs import picture, read_outputs, write_outputs
from quarterdeck.recordings.pictures import has_picture, picture_name
from quarterdeck.recordings.recorded import carry_over
from quarterdeck.talk.request import request
from quarterdeck.talk.talk import Talk, read_talks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")

ONE, TWO, THREE = fence("echo one", "run"), fence("echo two", "run"), fence("echo three", "run")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d4944415478da63fcffff3f030005fe02fea72f3d5f0000000049454e44ae426082"
)


def read(folder: Path) -> Talk:
    (talk,) = read_talks(request([folder / "talk.md"], cwd=folder, output=None, overrides={}), Memo())
    return talk


def states(folder: Path) -> list[str]:
    return [f"{state.state} {state.reason}".rstrip() for state in read(folder).snippets.states.values()]


def call_as_before(desk: Desk, name: str, before: str) -> None:
    """Gives a recording the name that a version of before would have given it."""
    path = desk.cast(name)
    head, *events = path.read_text("utf-8").splitlines(keepends=True)
    header = json.loads(head)
    header["quarterdeck"]["id"] = before
    desk.cast(before).write_text("".join([json.dumps(header) + "\n", *events]), "utf-8")
    path.unlink()


def test_prose_headings_and_other_slides_leave_a_recording_where_it_is(desk: Desk) -> None:
    talk = desk.write(talk_of(ONE, TWO))
    desk.recorded()
    casts = desk.casts()
    talk.write_text(f"# Otherwise\n\nnew words\n\n---\n\n## And here\n\n{ONE}\n--\n\n{TWO}\n> quoted\n")
    assert desk.casts() == casts
    assert states(desk.folder) == ["fresh", "fresh"]
    assert "nothing to run" in desk.record().stdout
    assert desk.casts() == casts


def test_a_snippet_that_moved_is_stale_only_where_what_runs_before_it_changed(desk: Desk) -> None:
    talk = desk.write(talk_of(ONE, TWO, THREE))
    desk.recorded()
    one, two, three = (read(desk.folder).snippets.plan.jobs[at].id for at in range(3))
    talk.write_text(talk_of(ONE, THREE, TWO))
    assert states(desk.folder) == ["fresh", f"stale runs after #{one} now", f"stale runs after #{three} now"]
    assert set(read(desk.folder).snippets.stored) == {one, two, three}
    talk.write_text(talk_of(ONE, TWO) + "\n---\n\n" + THREE)
    assert states(desk.folder) == ["fresh", "fresh", "fresh"]


def test_an_edited_fence_is_stale_and_its_recording_is_replaced(desk: Desk) -> None:
    talk = desk.write(talk_of(ONE, TWO))
    desk.recorded()
    talk.write_text(talk_of(ONE.replace("echo one", "echo first"), TWO))
    first = read(desk.folder).snippets.plan.jobs[0].id
    assert states(desk.folder) == ["stale text changed", f"stale predecessor #{first} changed"]
    said = desk.record().stdout
    assert "carried over echo-one-" in said
    assert [name.rpartition("-")[0] for name in desk.casts()] == ["echo-first", "echo-two"]
    assert states(desk.folder) == ["fresh", "fresh"]


def test_equal_fences_are_told_apart_by_their_order(desk: Desk) -> None:
    count = fence("N=$((N + 1)); echo $N", "run")
    desk.write(talk_of(count, ONE, count))
    desk.recorded()
    first, _, second = (job.id for job in read(desk.folder).snippets.plan.jobs)
    assert second == f"{first}-2"
    assert (desk.output(first), desk.output(second)) == ("1\n", "2\n")


def test_an_id_that_is_given_later_keeps_the_recording(desk: Desk) -> None:
    talk = desk.write(talk_of(ONE))
    desk.recorded()
    talk.write_text(talk_of(ONE.replace("{run}", "{#hello run}")))
    assert states(desk.folder) == ["fresh"]
    desk.recorded()
    assert desk.casts() == ["hello.cast"]


def test_recordings_named_by_their_slides_are_found_and_carried_over_once(desk: Desk) -> None:
    desk.write(talk_of(ONE, TWO))
    desk.recorded()
    casts = {name: desk.cast(name.removesuffix(".cast")).read_bytes() for name in desk.casts()}
    for number, name in enumerate(sorted(casts), 1):
        call_as_before(desk, name.removesuffix(".cast"), f"slide-{number}-1")
    assert desk.casts() == ["slide-1-1.cast", "slide-2-1.cast"]
    assert states(desk.folder) == ["fresh", "fresh"]
    page = desk.run("build", "talk.md", "-o", "site")
    assert (page.returncode, "one" in (desk.folder / "site/talk/index.html").read_text()) == (0, True)
    assert "carries slide-1-1.cast over" in desk.run("status").stdout
    said = desk.record().stdout
    assert [line for line in said.splitlines() if line.startswith("carried over")] == [
        f"carried over slide-{number}-1.cast to {name}: its snippet is named by its fence"
        for number, name in enumerate(sorted(casts), 1)
    ]
    assert {name: desk.cast(name.removesuffix(".cast")).read_bytes() for name in desk.casts()} == casts
    assert "carried over" not in desk.record().stdout


def test_what_belongs_to_a_recording_is_carried_over_with_it(desk: Desk) -> None:
    desk.write(talk_of(fence("print(1)", "run kernel", "python")))
    snippets = read(desk.folder).snippets
    (job,) = snippets.plan.jobs
    folder = snippets.folder
    end = Event(at_s=0.1, kind="x", text="0")
    run = Command(text=job.commands[0].text, status=0)
    write(folder, Recording(id="slide-1-1", key=job.key, commands=(run,), events=(end,), parts=job.parts))
    write_outputs(folder, "slide-1-1", [picture("image/png", PIXEL)])
    (folder / picture_name("slide-1-1")).write_bytes(PIXEL)
    now, renamed = carry_over(read(desk.folder).snippets)
    assert renamed == (("slide-1-1.cast", f"{job.id}.cast"),)
    assert set(now.stored.items()) == {(job.id, job.id)}
    outputs, problems = read_outputs(folder, job.id)
    assert (len(outputs), outputs[0].data, problems) == (1, PIXEL, ())
    assert has_picture(folder, job.id)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [f"{job.id}.cast", f"{job.id}.frame.png", f"{job.id}.outputs", f"{job.id}.outputs.json"]
    )


@settings(deadline=None, max_examples=30)
@given(prose=st.lists(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=40), min_size=2, max_size=2))
def test_no_prose_changes_what_a_snippet_is_called(prose: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("talk")
    (folder / "quarterdeck.toml").write_text("")
    (folder / "talk.md").write_text(f"# T\n\n{ONE}")
    before = [job.id for job in read(folder).snippets.plan.jobs]
    (folder / "talk.md").write_text(f"# {prose[0]}\n\n{prose[1]}\n\n{ONE}", "utf-8")
    assert [job.id for job in read(folder).snippets.plan.jobs] == before
