"""`check --run`: everything runs in a scratch place, and what contradicts the slides is told at its line."""

from __future__ import annotations

import sys

import pytest
from desk import Desk, Done, fence, talk_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing runs on Windows")


def changed(desk: Desk, options: str, *, was: str, now: str, language: str = "bash", code: str = "") -> Done:
    """Records a snippet that shows a file, changes the file, and checks."""
    said = desk.root / "said"
    desk.write(talk_of(fence("echo before", "#before run"), fence(code or f". {said}", f"#it {options}", language)))
    said.write_text(was)
    desk.recorded()
    said.write_text(now)
    before = desk.files()
    done = desk.run("check", "--run")
    assert desk.files() == before
    return done


def test_what_still_holds_passes_and_nothing_is_written(desk: Desk) -> None:
    done = changed(desk, "run verify=output", was="echo same\n", now="echo same\n")
    assert (done.returncode, done.stdout, done.stderr.count("ok")) == (0, "talk.md: 2 snippets ran\n", 2)


def test_a_changed_status_contradicts(desk: Desk) -> None:
    done = changed(desk, "run expect=any", was="echo fine\n", now="echo broken; return 7\n")
    assert done.returncode == 1
    assert "talk.md:12:1: error[X301]: the snippet 'it' does not do what was recorded: " in done.stderr
    assert "ended with status 7, recorded was 0" in done.stderr
    assert "-fine" in done.stdout
    assert "+broken" in done.stdout


def test_changed_output_contradicts_only_where_output_is_verified(desk: Desk) -> None:
    done = changed(desk, "run", was="echo one\n", now="echo two\n")
    assert done.returncode == 0, done.stderr


def test_changed_output_is_shown_as_a_readable_difference(desk: Desk) -> None:
    done = changed(desk, "run verify=output", was="seq 3; echo $'\\e[32mone\\e[0m'", now="seq 3; echo two")
    assert done.returncode == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("talk.md:12: the snippet 'it' does not do what was recorded: '. ")
    assert rest == [
        "    --- recorded",
        "    +++ now",
        "    @@ -1,4 +1,4 @@",
        "     1",
        "     2",
        "     3",
        "    -one",
        "    +two",
        "talk.md: 2 snippets ran",
    ]
    assert "\x1b" not in done.stdout


CELL = """from IPython.display import HTML, SVG, display
said = open(PATH).read()
display(HTML(f"<table><tr><th>port</th></tr><tr><td>{said}</td></tr></table>"))
display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg' width='{len(said)}00' height='90'/>"))"""


def test_tables_and_pictures_of_kernels_count_where_the_output_is_verified(desk: Desk) -> None:
    pytest.importorskip("ipykernel", reason="the extra 'kernel' is not installed")
    said = desk.root / "said"
    said.write_text("8080")
    cell = CELL.replace("PATH", repr(str(said)))
    options = {"it": "verify=output", "masked": "verify=output mask='[0-9]+'", "loose": "verify=status"}
    desk.write(talk_of(*(fence(cell, f"#{name} run kernel {more}", "python") for name, more in options.items())))
    desk.recorded()
    said.write_text("909")
    done = desk.run("check", "--run")
    assert done.returncode == 1
    assert "the snippet 'it' does not do what was recorded: a picture or a table differs" in done.stderr
    assert "the snippet 'masked' does not" in done.stderr  # its picture has another size
    assert "the snippet 'loose'" not in done.stderr
    lines = done.stdout.splitlines()
    assert (lines.count("    -8080"), lines.count("    +909")) == (1, 1)
    assert lines.count("    -[image/svg+xml 400x90]") == lines.count("    +[image/svg+xml 300x90]") == 2


def test_masks_hide_what_changes_from_run_to_run(desk: Desk) -> None:
    was = "echo id=0123456789ab at 2025-03-06 10:00:00 took 1.2s, build-17 on port :40001"
    now = "echo id=ba9876543210 at 2026-04-07 11:01:01 took 34.5s, build-18 on port :50002"
    assert changed(desk, "run verify=output mask=build-[0-9]+", was=was, now=now).returncode == 0
    assert changed(desk, "run verify=output", was=was, now=now).returncode == 1


SLIDE = "$ . {said}\nfirst line\nbuild <...> done\n<...>\nlast line"


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("printf 'first line\\nbuild 2 done\\nextra\\nmore\\nlast line\\n'", 0),
        ("printf 'first line\\nbuild 3 done\\nlast line\\n'", 0),
        ("printf 'first line\\nbuild 3 failed\\nlast line\\n'", 1),
        ("printf 'other line\\nbuild 3 done\\nlast line\\n'", 1),
    ],
)
def test_output_that_the_author_wrote_is_compared_with_its_ellipses(desk: Desk, now: str, status: int) -> None:
    said = desk.root / "said"
    said.write_text(now)
    desk.write(talk_of(fence(SLIDE.format(said=said), "#it run verify=output", "console")))
    desk.recorded()
    done = desk.run("check", "--run")
    assert done.returncode == status, done.stdout
    assert status == 0 or "talk.md:4:1: error[X301]" in done.stderr


def test_on_github_each_finding_is_an_annotation_of_its_line(desk: Desk) -> None:
    said = desk.root / "said"
    desk.write(talk_of(fence(f". {said}", "#it run verify=output"), fence(f"cat {said}.gone", "#bad run expect=any")))
    said.write_text("echo one\n")
    desk.recorded()
    said.write_text("echo two\n")
    done = desk.run("check", "--run", env={"GITHUB_ACTIONS": "true"})
    notes = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(notes) == 1
    assert notes[0].startswith("::error file=talk.md,line=4,col=1,title=X301::the snippet 'it' does not do what was")
    assert "%0Aif that is right now: quarterdeck record --only it" in notes[0]
    desk.write(talk_of(fence("false", "#it run")))
    done = desk.run("check", "--run", "--yes", env={"GITHUB_ACTIONS": "true"})
    assert "::error file=talk.md,line=4,col=1,title=X101::the snippet 'it' ended with status 1" in done.stdout


def test_what_is_not_recorded_and_what_has_no_snippet_fails(desk: Desk) -> None:
    talk = desk.write(talk_of(fence("echo a", "#a run"), fence("echo b", "#b run session=b")))
    desk.recorded()
    talk.write_text(talk_of(fence("echo a", "#a run"), fence("echo c", "#c run session=b")))
    done = desk.run("check", "--run", "--yes")
    assert done.returncode == 1
    assert "warning[X202]: the snippet 'c' is not recorded yet" in done.stderr
    assert "warning[X203]: 'b.cast' records a snippet that is gone" in done.stderr


def test_a_talk_that_only_shows_code_has_nothing_to_prove(desk: Desk) -> None:
    desk.write(talk_of(fence("echo a", "")))
    done = desk.run("check", "--run")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_running_check_finds_mistakes_and_runs_nothing(desk: Desk) -> None:
    desk.write(talk_of(fence(f"touch {desk.root}/ran", "#a run")) + "\n![](no.png)\n")
    done = desk.run("check")
    assert done.returncode == 1
    assert "error[A101]" in done.stderr
    assert "warning[X202]" in done.stderr
    assert done.stdout == "checked 1 slide of 1 deck\n"
    assert not (desk.root / "ran").exists()
