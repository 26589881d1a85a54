"""A deck on stage in which nothing runs: prints what the server and the page use of a processor, and asserts nothing.

Run it as `python tests/bench/idle.py [SECONDS]`, on a machine that does nothing else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from asking import processes_below
from bench.onstage import cpu_s, on_stage, renderers
from desk import fence

PARTS = ("server", "its sessions", "page")


def main(seconds: int) -> None:
    """Before anything has run, and while a shell waits that has run something."""
    with on_stage(fence("echo hello", "#one run")) as (house, page):
        for what in ("nothing has run", "a session is warm"):
            if what != "nothing has run":
                page.keyboard.press("r")
                page.wait_for_selector('[data-cast="one"][data-live="done"]', timeout=15_000)
            page.wait_for_timeout(2000)
            pages = renderers(os.getpid())
            server, below = house.process.pid, processes_below(house.process.pid)
            before = cpu_s(server), sum(map(cpu_s, below)), sum(map(cpu_s, pages))
            page.wait_for_timeout(seconds * 1000)
            after = cpu_s(server), sum(map(cpu_s, below)), sum(map(cpu_s, pages))
            parts = [100 * (b - a) / seconds for a, b in zip(before, after, strict=True)]
            told = ", ".join(f"{name} {part:.1f} %" for name, part in zip(PARTS, parts, strict=True))
            sys.stdout.write(f"{what}: {told} of one processor\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20)
