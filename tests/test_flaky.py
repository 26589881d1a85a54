"""The second try of what failed beside other tests: what passes then is named, what fails again fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SHAKY = """
    from pathlib import Path
    import pytest

    def first(name):  # whether it is asked for the first time, in any process
        mark = Path(__file__).with_name(name)
        known = mark.exists()
        mark.touch()
        return not known

    @pytest.fixture
    def ground():
        assert not first("ground"), "the ground shook"

    def test_sound(): pass
    @pytest.mark.xdist_group("few")
    @pytest.mark.parametrize("name", ["a/b@c"])
    def test_shaky(name): assert not first("shaky"), "it shook"
    def test_on_shaky_ground(ground): pass
"""
BROKEN = """
    def test_broken(): assert first("broken") == 2
    def test_gone():
        if not first("gone"): pytest.skip("what it needs is gone")
        assert False
"""
MANY = """
    @pytest.mark.parametrize("number", range(30))
    def test_each(number): assert not first(f"each{number}")
"""
SLOW_REPORT = """
    import time

    def pytest_runtest_makereport():
        begun = time.monotonic()
        while time.monotonic() < begun + 1.1: pass
"""
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def beside(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a file of tests, on two workers if nothing else is said."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,flaky")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(text: str, workers: int = 2) -> pytest.RunResult:
        pytester.makepyfile(test_it=text)
        return pytester.runpytest_subprocess("-n", str(workers), "--dist", "loadgroup")

    return run


def test_what_passes_alone_is_counted_as_flaky_and_shown_with_its_failure(beside: Run) -> None:
    done = beside(SHAKY)
    assert done.ret == pytest.ExitCode.OK
    assert done.parseoutcomes() == {"passed": 1, "flaky": 2}
    text = done.stdout.str()
    assert "AssertionError: it shook" in text
    assert "AssertionError: the ground shook" in text
    assert "FLAKY test_it.py::test_shaky[a/b@c]" in text


def test_what_does_not_pass_alone_fails_and_shows_both_failures(beside: Run) -> None:
    done = beside(SHAKY + BROKEN)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert done.parseoutcomes() == {"passed": 1, "flaky": 2, "failed": 2}
    done.stdout.fnmatch_lines(["*assert True == 2", "*when tried again, alone*", "*assert False == 2"])


def test_a_file_that_cannot_be_read_stays_an_error(beside: Run) -> None:
    done = beside("import nowhere")
    assert done.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "tried again" not in done.stdout.str()


def test_many_failures_are_no_chance(beside: Run) -> None:
    done = beside(SHAKY + MANY)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert done.parseoutcomes() == {"passed": 1, "failed": 31, "errors": 1}
    assert "32 tests failed: too many to try each of them alone" in done.stdout.str()


def test_nothing_is_tried_again_where_nothing_ran_beside_it(beside: Run) -> None:
    done = beside(SHAKY, workers=0)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert "tried again" not in done.stdout.str()


def test_time_that_is_up_while_a_failure_is_reported_is_no_end_of_the_worker(
    beside: Run, pytester: pytest.Pytester, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,pytest_timeout")
    inside = pytestconfig.getini("timeout_func_only")
    pytester.makeini(f"[pytest]\ntimeout = 1\ntimeout_func_only = {inside}")
    pytester.makeconftest(SLOW_REPORT)
    assert beside("def test_it(): assert False").parseoutcomes() == {"failed": 1}
