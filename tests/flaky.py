"""What failed beside other tests is tried once more, alone: one that passes then is printed and counted as flaky."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from _pytest.terminal import TerminalReporter

MANY = 25
"""So many failures are no chance: none of them is tried again."""
AGAIN = ("--randomly-seed", "--timeout")
"""Options that hold for the second try as well; what failed for its data fails again."""

Report = pytest.TestReport | pytest.CollectReport


@pytest.hookimpl(trylast=True)  # the workers have ended
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    distributes = config.pluginmanager.has_plugin("dsession")
    if not (distributes and isinstance(reporter, TerminalReporter) and exitstatus == pytest.ExitCode.TESTS_FAILED):
        return
    names = {report.nodeid for report in failures(reporter) if isinstance(report, pytest.TestReport)}
    if len(names) > MANY:
        reporter.write_line(f"\n{len(names)} tests failed: too many to try each of them alone")
        return
    for name in sorted(names):
        reporter.write_line(f"\ntried again, alone: {name}")
        passed, output = try_alone(config, name)
        reporter.write_line("passed: it is flaky" if passed else "failed again")
        if passed:
            reporter.stats.setdefault("flaky", []).append(removed(reporter, name)[0])
        else:
            last = [report for report in failures(reporter) if report.nodeid == name][-1]
            last.sections.append(("stdout when tried again, alone", output))
    if not list(failures(reporter)):
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    flaky: list[Report] = terminalreporter.stats.get("flaky", [])
    if not flaky:
        return
    terminalreporter.section("FLAKY: failed beside other tests, passed alone")
    for report in flaky:
        terminalreporter.write_sep("_", report.nodeid)
        report.toterminal(terminalreporter._tw)
    for report in flaky:
        terminalreporter.write_line(f"FLAKY {report.nodeid}", yellow=True)


def failures(reporter: TerminalReporter) -> Iterator[Report]:
    """Of tests, of their fixtures, and of files that could not be read."""
    yield from reporter.stats.get("failed", ())
    yield from reporter.stats.get("error", ())


def removed(reporter: TerminalReporter, name: str) -> list[Report]:
    """Takes the failures of a test out of what is reported."""
    found = [report for report in failures(reporter) if report.nodeid == name]
    for kind in ("failed", "error"):
        reporter.stats[kind] = [report for report in reporter.stats.get(kind, ()) if report not in found]
    return found


def try_alone(config: pytest.Config, name: str) -> tuple[bool, str]:
    """Whether a test passes in a process beside which nothing else runs, and what that process prints."""
    given = {option: config.getoption(option, default=None) for option in AGAIN}
    same = [f"{option}={value}" for option, value in given.items() if value is not None]
    bare = re.sub(r"@[^\]/:]*$", "", name)  # xdist adds the group
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", *same, f"--junit-xml={told}", bare],
            cwd=config.rootpath,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        suite = ElementTree.parse(told).find("testsuite") if told.is_file() else None
    counts = {} if suite is None else {kind: int(suite.get(kind, 0)) for kind in ("tests", "skipped")}
    return done.returncode == 0 and counts == {"tests": 1, "skipped": 0}, done.stdout
