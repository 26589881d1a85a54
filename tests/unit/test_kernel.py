"""A real kernel, and what cells do to it on a bad day."""

from __future__ import annotations

import base64
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from quarterdeck.errors import SurroundingsError
from quarterdeck.execute import reaper
from quarterdeck.execute.kernel.cell import MOST_BYTES, MOST_OUTPUTS, KernelCell, shown_as
from quarterdeck.execute.kernel.session import KernelSession, find_kernel
from quarterdeck.execute.process import environment
from quarterdeck.execute.results import JobOutcome
from quarterdeck.execute.run_plan import execute
from quarterdeck.model import Block, BlockKind, Html, Option, Placed, Slide, Snippet, Span, Stack
from quarterdeck.recordings.outputs import KernelOutput
from quarterdeck.snippets.plan import Plan, plan_deck
from quarterdeck.snippets.status import JobAction

pytest.importorskip("jupyter_client", reason="no jupyter_client here: pip install 'quarterdeck[kernel]'")
pytest.importorskip("ipykernel", reason="no ipykernel here: pip install 'quarterdeck[kernel]'")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="snippets do not run on Windows")

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of 1 by 1."""
LONG_S = 15.0


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    """One kernel for all cells that do it no harm; none leans on names of another."""
    folder = tmp_path_factory.mktemp("session")
    env = environment(home=tmp_path_factory.mktemp("home"), base=os.environ)
    with KernelSession("python", folder=folder, env=env) as session:
        yield session


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., KernelSession]]:
    """Starts kernels; after the test nothing of them may be alive."""
    opened: list[tuple[KernelSession, str]] = []

    def start(name: str = "python", **extra: str) -> KernelSession:
        folder, home = tmp_path / "session", tmp_path / "home"
        for each in (folder, home):
            each.mkdir()
        session = KernelSession(name, folder=folder, env=environment(home=home, base=os.environ, extra=extra))
        session.open()
        assert session._terminal is not None
        opened.append((session, session._terminal.nonce))
        return session

    yield start
    for session, nonce in opened:
        session.close()
        assert reaper.marked(nonce) == set()


def text(session: KernelSession, code: str, *, status: int = 0) -> str:
    ran, outputs = session.run(code, timeout_s=LONG_S)
    assert (ran.status, ran.lost, outputs) == (status, "", ()), ran.text
    return ran.text


def plain(session: KernelSession, code: str, *, status: int = 0) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text(session, code, status=status))


# what a kernel is for


def test_a_cell_sees_what_the_cells_before_it_made(kernel: KernelSession) -> None:
    assert text(kernel, "kept = 20") == ""
    assert text(kernel, "print('been here')\nkept + 1") == "been here\n21\n"


def test_text_comes_as_on_a_terminal_with_times(kernel: KernelSession) -> None:
    ran, _ = kernel.run("import time\nprint('é\\nb')\ntime.sleep(0.8)\nprint('c')", timeout_s=LONG_S)
    assert ran.output == b"\xc3\xa9\r\nb\r\nc\r\n"
    assert ran.events[-1][0] - ran.events[0][0] >= 0.3  # IPython sends what was printed in the last 0.2 s together
    assert ran.duration_s >= 0.7  # what began it may arrive late


def test_what_children_of_the_kernel_print_is_there_too(kernel: KernelSession) -> None:
    assert "from a child" in text(kernel, "import subprocess\n_ = subprocess.run(['echo', 'from a child'])")


def test_a_kernel_runs_in_the_folder_and_in_a_clean_environment(
    start: Callable[..., KernelSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    session = start(GIVEN="yes")
    (session.folder / "beside.py").write_text("word = 'found'\n", "utf-8")
    assert text(session, "import os, beside\nprint(os.getcwd(), beside.word)") == f"{session.folder} found\n"
    assert text(session, "print(os.environ.get('SECRET_TOKEN'), os.environ['GIVEN'])") == "None yes\n"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="sockets are listed in /proc on Linux only")
def test_nobody_else_on_the_network_reaches_a_kernel(kernel: KernelSession) -> None:
    assert kernel._terminal is not None
    links = [str(link.readlink()) for link in Path(f"/proc/{kernel._terminal.pid}/fd").iterdir() if link.is_symlink()]
    own = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}
    tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6") if Path(f"/proc/net/{name}").exists()]
    rows = [row.split() for table in tables for row in table.read_text().splitlines()]
    places = [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in own]
    assert own
    assert set(places) <= {"0100007F", "00000000000000000000000001000000"}  # one for children that print
    assert sorted(kernel._place.glob("kernel-*"))


# mistakes


def test_a_traceback_names_the_line_of_the_cell_and_no_place_of_this_machine(kernel: KernelSession) -> None:
    ran, _ = kernel.run("import json\n\njson.loads('{')", timeout_s=LONG_S)
    assert ran.status == 1
    assert [(error.line, error.message[:15]) for error in ran.line_errors] == [(3, "JSONDecodeError")]
    assert "json/decoder.py" in ran.text
    assert "/json/" not in ran.text.replace("json/decoder", "").replace(" json/", "")
    assert "\x1b[" in ran.text
    assert sys.prefix not in ran.text


def test_a_traceback_through_a_file_of_the_session_names_the_file(kernel: KernelSession) -> None:
    (kernel.folder / "broken.py").write_text("def f():\n    return 1 / 0\n", "utf-8")
    said = plain(kernel, "import broken\nbroken.f()", status=1)
    assert "File broken.py:2, in f()" in said
    assert "ZeroDivisionError: division by zero" in said


def test_a_mistake_of_syntax_has_its_line(kernel: KernelSession) -> None:
    ran, _ = kernel.run("fine = 1\nfine +", timeout_s=LONG_S)
    assert (ran.status, [error.line for error in ran.line_errors]) == (1, [2])


def test_a_warning_names_the_snippet(kernel: KernelSession) -> None:
    assert text(kernel, "import warnings\nwarnings.warn('mind')").startswith("snippet.py:2: UserWarning: mind\n")


def test_a_cell_that_asks_for_input_gets_none(kernel: KernelSession) -> None:
    assert "StdinNotImplementedError" in plain(kernel, "input('name? ')", status=1)


# pictures and tables


def test_a_picture_is_an_output_and_no_text(kernel: KernelSession) -> None:
    code = f"from IPython.display import Image\nImage(data={DOT!r}, alt='a dot')"
    ran, outputs = kernel.run(code, timeout_s=LONG_S)
    assert outputs == (KernelOutput(mime="image/png", data=DOT, alt="a dot", width=1, height=1),)
    assert ran.output == b""


def test_an_object_shows_its_table_instead_of_its_text(kernel: KernelSession) -> None:
    code = "class Frame:\n    def _repr_html_(self):\n        return '<table><tr><td>1</td></tr></table>'\nFrame()"
    _, outputs = kernel.run(code, timeout_s=LONG_S)
    assert outputs == (KernelOutput(mime="text/html", data="<table><tr><td>1</td></tr></table>"),)


def test_a_formula_is_its_text(kernel: KernelSession) -> None:
    _, outputs = kernel.run("from IPython.display import Latex\nLatex('$x^2$')", timeout_s=LONG_S)
    assert outputs == (KernelOutput(mime="text/latex", data="$x^2$"),)


def test_a_display_that_is_updated_is_shown_as_it_was_last(kernel: KernelSession) -> None:
    code = (
        "from IPython.display import HTML, display\n"
        "place = display(HTML('<b>one</b>'), display_id=True)\nplace.update(HTML('<b>two</b>'))\n"
        "line = display('first', display_id=True)\nline.update('second')"
    )
    ran, outputs = kernel.run(code, timeout_s=LONG_S)
    assert [output.data for output in outputs] == ["<b>two</b>"]
    assert ran.text == "'first'\n\x1b[1A\r\x1b[J'second'\n"


def test_what_a_cell_clears_is_gone(kernel: KernelSession) -> None:
    code = (
        "from IPython.display import HTML, clear_output, display\n"
        "print('early')\ndisplay(HTML('<b>early</b>'))\nclear_output(wait=True)\nprint('late')"
    )
    ran, outputs = kernel.run(code, timeout_s=LONG_S)
    assert (ran.text, outputs) == ("late\n", ())


def test_pictures_and_tables_are_told_while_the_cell_runs_and_once_it_is_over(kernel: KernelSession) -> None:
    told: list[tuple[KernelOutput, ...]] = []
    cancel = threading.Event()

    def made(outputs: tuple[KernelOutput, ...]) -> None:
        told.append(outputs)
        cancel.set()

    code = (
        "import time\nfrom IPython.display import HTML, display\ndisplay(HTML('<table><td>1</table>'))\n"
        "try: time.sleep(60)\nfinally: display(HTML('<table><td>2</table>'))"
    )
    _, outputs = kernel.run(code, timeout_s=LONG_S, cancel=cancel, on_made=made)
    assert told[0] == outputs[:1]
    assert told[-1] == outputs
    assert [output.data for output in outputs] == ["<table><td>1</table>", "<table><td>2</table>"]


def test_a_cell_that_displays_all_the_time_is_told_of_now_and_then(kernel: KernelSession) -> None:
    told: list[tuple[KernelOutput, ...]] = []
    code = (
        "from IPython.display import HTML, clear_output, display\n"
        "for n in range(500):\n    clear_output(wait=True)\n    display(HTML(f'<table><td>{n}</table>'))"
    )
    _, outputs = kernel.run(code, timeout_s=LONG_S, on_made=told.append)
    assert told[-1] == outputs == (KernelOutput(mime="text/html", data="<table><td>499</table>"),)
    assert len(told) < 400


def test_a_cell_that_takes_all_back_is_told_of_too_and_one_that_makes_nothing_is_not(kernel: KernelSession) -> None:
    told: list[tuple[KernelOutput, ...]] = []
    kernel.run("print(1)", timeout_s=LONG_S, on_made=told.append)
    assert told == []
    code = "from IPython.display import HTML, clear_output, display\ndisplay(HTML('<table>'))\nclear_output()"
    kernel.run(code, timeout_s=LONG_S, on_made=told.append)
    assert told[-1] == ()


# bad days


def test_a_cell_that_takes_too_long_is_interrupted_and_the_session_goes_on(start: Callable[..., KernelSession]) -> None:
    session = start()
    text(session, "kept = 1")
    ran, _ = session.run("print('begun')\nimport time\ntime.sleep(60)", timeout_s=0.5)
    assert (ran.timed_out, ran.status, ran.lost) == (True, 130, "")
    assert ran.text.startswith("begun\n")
    assert "KeyboardInterrupt" in ran.text
    assert text(session, "kept") == "1\n"


def test_a_cell_that_does_not_let_itself_be_interrupted_ends_the_kernel(start: Callable[..., KernelSession]) -> None:
    session = start()
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        pass"
    ran, _ = session.run(stubborn, timeout_s=0.3)
    assert ran.timed_out
    assert ran.lost == "the kernel 'python3' did not stop when it was interrupted, and was ended"
    again, _ = session.run("1", timeout_s=1)
    assert (again.status, again.lost) == (None, ran.lost)


def test_a_cell_can_be_cancelled(start: Callable[..., KernelSession]) -> None:
    session, cancel = start(), threading.Event()
    threading.Timer(0.3, cancel.set).start()
    ran, _ = session.run("import time\ntime.sleep(60)", timeout_s=60, cancel=cancel)
    assert (ran.cancelled, ran.timed_out, ran.lost) == (True, False, "")


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("os._exit(3)", 3, "the kernel 'python3' ended with status 3"),
        ("os.kill(os.getpid(), 9)", 137, "the kernel 'python3' was ended by SIGKILL"),
        ("exit()", 0, "the snippet ended the kernel"),
    ],
)
def test_a_kernel_that_ends_in_the_middle_is_told(
    code: str, status: int, why: str, start: Callable[..., KernelSession]
) -> None:
    session = start()
    ran, _ = session.run(f"import os, sys\nprint('begun')\nsys.stdout.flush()\n{code}", timeout_s=LONG_S)
    assert (ran.status, ran.lost, ran.timed_out) == (status, why, False)
    assert session.run("1", timeout_s=1)[0].lost == why


def test_what_a_cell_leaves_running_ends_with_the_kernel(start: Callable[..., KernelSession]) -> None:
    session = start()
    code = "import subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True).pid"
    pid = int(text(session, code))
    assert any(process.pid == pid and not process.dead for process in reaper.processes())
    session.close()
    assert not any(process.pid == pid and not process.dead for process in reaper.processes())


def test_much_output_keeps_its_beginning_and_its_end(kernel: KernelSession) -> None:
    ran, _ = kernel.run("for n in range(60_000): print(n, 'x' * 20)\nprint('the end')", timeout_s=LONG_S)
    assert (ran.status, ran.lost) == (0, "")
    assert ran.cut_bytes > 500_000
    assert ran.text.startswith("0 x")
    assert ran.text.endswith("the end\n")


def test_a_word_without_an_end_holds_nothing_up(kernel: KernelSession) -> None:
    assert text(kernel, "print('/x' * 100_000)") == "/x" * 100_000 + "\n"


def test_late_words_of_a_thread_are_not_those_of_the_next_cell(kernel: KernelSession) -> None:
    go, said = kernel.folder / "go", kernel.folder / "said"
    for pipe in (go, said):
        os.mkfifo(pipe)
    words = f"open({str(go)!r}).close(), print('late', flush=True), open({str(said)!r}, 'w').close()"
    text(kernel, f"import threading\nthreading.Thread(target=lambda: ({words})).start()")
    # both pipes block until the other side is there: it prints now, between two cells
    go.open("w").close()
    said.open().close()
    assert text(kernel, "print('mine')") == "mine\n"


# surroundings


def test_an_unknown_kernel_gets_the_nearest_name(tmp_path: Path) -> None:
    session = KernelSession("pyton3", folder=tmp_path, env=environment(home=tmp_path, base=os.environ))
    with pytest.raises(SurroundingsError, match="there is no kernel 'pyton3'") as caught:
        session.open()
    assert caught.value.fix.startswith("did you mean 'python3'?")


def test_without_the_package_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    with pytest.raises(SurroundingsError, match="kernels need the package jupyter_client") as caught:
        KernelSession("python", folder=tmp_path, env={}).open()
    assert caught.value.fix == "pip install 'quarterdeck[kernel]'"


def test_a_kernel_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "kernels" / "lame" / "kernel.json"
    spec.parent.mkdir(parents=True)
    said = "echo out of order; exit 4"
    spec.write_text(f'{{"argv": ["sh", "-c", "{said}"], "display_name": "Lame", "language": "lame"}}', "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    session = KernelSession("lame", folder=tmp_path, env=environment(home=tmp_path, base=os.environ))
    with pytest.raises(SurroundingsError, match="the kernel 'lame' ended with status 4: out of order"):
        session.open()


def test_a_language_finds_its_kernel() -> None:
    installed = (("python3", "python"), ("conda-env", "python"), ("ir", "R"), ("julia-1.10", "julia"))
    specs = {name: {"spec": {"language": language}} for name, language in installed}
    names = ("python", "py", "conda-env", "R", "PYTHON3", "cobol")
    assert [find_kernel(name, specs) for name in names] == ["python3", "python3", "conda-env", "ir", "python3", ""]


# on the stage


def cells(*codes: tuple[str, str]) -> Plan:
    """The plan of a talk with one slide, with cells of a kernel; each is its options and its code."""
    slots, line = [], 1
    for options, code in codes:
        span = Span(path="", line=line)
        words = [word.partition("=") for word in options.split()]
        named = [Option(key=key, value=value, span=span) for key, _, value in words]
        slots.append(Snippet(language="python", code=code, code_line=line + 1, options=tuple(named), span=span))
        line += code.count("\n") + 2
    block = Block(kind=BlockKind.RAW, html=Html(""))
    slide = Slide(title="", slug="", blocks=(block,), slots=tuple(slots))
    placed = Placed(key="talk", slide=slide, line=1, end_line=line, layout="plain")
    plan, problems = plan_deck([Stack(slides=(placed,))], path="talk.md", load_yaml=yaml.safe_load)
    assert problems == ()
    return plan


def outcomes(plan: Plan, folder: Path) -> dict[str, JobOutcome]:
    actions = {job.id: JobAction.RECORD for job in plan.jobs}
    found, _ = execute(plan, actions, deck=folder, cache=folder, environ=os.environ, cancel=threading.Event())
    assert list((folder / "sessions").iterdir()) == []
    return {outcome.job.id: outcome for outcome in found}


def test_the_cells_of_a_talk_share_one_kernel(tmp_path: Path) -> None:
    table = "from IPython.display import HTML\nHTML(f'<table><tr><td>{x}</td></tr></table>')\n"
    plan = cells(("run kernel", "x = 7\nprint('set')\n"), ("run kernel", table))
    first, second = outcomes(plan, tmp_path).values()
    assert (first.problem, second.problem) == (None, None)
    assert "set\r\n" in [event.text for event in first.recording.events]
    assert (first.outputs, [output.mime for output in second.outputs]) == ((), ["text/html"])
    assert second.outputs[0].data == "<table><tr><td>7</td></tr></table>"


def test_a_mistake_in_a_cell_is_told_at_its_line_and_the_next_cell_runs(tmp_path: Path) -> None:
    plan = cells(("run kernel", "x = 1\n\n1 / 0\n"), ("run kernel", "x\n"), ("run kernel expect=fail", "1 / 0\n"))
    found = list(outcomes(plan, tmp_path).values())
    assert [(str(each.problem or ""), each.line) for each in found[:2]] == [
        ("ended with status 1, and expect=ok was wanted", 4),
        ("", 0),
    ]
    assert found[2].problem is None


def test_cells_after_the_end_of_their_kernel_are_not_run(tmp_path: Path) -> None:
    plan = cells(("run kernel expect=4", "import os; os._exit(4)\n"), ("run kernel", "1\n"))
    found = list(outcomes(plan, tmp_path).values())
    assert [(str(each.problem or ""), each.ran) for each in found] == [
        ("", True),
        ("did not run: the kernel 'python3' ended with status 4, at line 2", False),
    ]


# messages, without a kernel


def test_a_plot_made_by_a_script_is_its_text() -> None:
    assert shown_as({"text/html": "<div></div><script>draw()</script>", "text/plain": "Plot(3)"}, {}) == "Plot(3)"


def test_a_picture_says_what_its_object_says_unless_that_is_nothing() -> None:
    png = base64.b64encode(DOT).decode()
    named = shown_as({"image/png": png, "text/plain": "<Figure size 640x480 with 1 Axes>"}, {})
    nameless = shown_as({"image/png": png, "text/plain": "<x.y.Image object>"}, {"image/png": {"width": 40}})
    assert isinstance(named, KernelOutput)
    assert isinstance(nameless, KernelOutput)
    assert named.alt == "Figure size 640x480 with 1 Axes"
    assert (nameless.alt, nameless.width, nameless.height) == ("", 40, 40)


def test_a_picture_that_is_no_base64_is_its_text() -> None:
    assert shown_as({"image/png": "abc", "text/plain": "a picture"}, {}) == "a picture"


def test_line_ends_that_were_cut_in_two_stay_one() -> None:
    cell = KernelCell(folder="/session")
    for part in ("50%\r", "100%\r", "\nnext\n"):
        cell.take("stream", {"name": "stdout", "text": part}, at_s=0.0)
    assert b"".join(part for _, part in cell.events()[0]) == b"50%\r100%\r\nnext\r\n"


@pytest.mark.parametrize(("size", "kept"), [(1, MOST_OUTPUTS), (MOST_BYTES // 10, 10)])
def test_a_cell_that_displays_without_an_end_keeps_so_much_and_says_that_there_is_more(size: int, kept: int) -> None:
    cell = KernelCell(folder="/nowhere")
    table = {"data": {"text/html": "<table>".ljust(size, " ")[: max(size, 7)]}, "metadata": {}}
    for _ in range(kept + 5):
        cell.take("display_data", table, at_s=0.0)
    *outputs, last = cell.outputs()
    assert (len(outputs), last.data) == (kept, "[… more left out …]")
    assert cell.changes == kept + 1
    cell.take("clear_output", {"wait": False}, at_s=0.0)
    cell.take("display_data", table, at_s=0.0)
    assert len(cell.outputs()) == 1
