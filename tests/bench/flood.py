"""A snippet that prints 100 MB while the presenter goes on: prints frames, seconds and memory, and asserts nothing.

Run it as `python tests/bench/flood.py [MB]`, on a machine that does nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.onstage import Peak, cpu_s, on_stage, renderers, resident_bytes
from desk import fence

LINE = "a line that is rather long, so that it fills the better part of a terminal"
SHAPES = {
    "nothing": "sleep 5; : {size}",
    "lines": f"yes '{LINE}' | head -c {{size}}",
    "colours": f"yes \"$(printf '\\033[32m%s\\033[0m \\033[1;31m%s\\033[0m' '{LINE}' red)\" | head -c {{size}}",
    "one line": "head -c {size} /dev/zero | tr '\\0' x",
    "short lines": "yes | head -c {size}",
}
FRAMES = """() => {
  window.times = []
  const take = now => { times.push(now); requestAnimationFrame(take) }
  requestAnimationFrame(take)
}"""
TURN_S = 0.4


def flood(name: str, code: str, megabytes: int) -> None:
    text = f"{code.format(size=megabytes * 1_000_000)}; printf '\\033[0m\\n'; echo the end"
    with on_stage(fence(text, "#flood run"), fence("echo calm", "#calm run session=calm")) as (house, page):
        server = house.process.pid
        before = resident_bytes(server), sum(map(resident_bytes, renderers(os.getpid())))
        drawing = renderers(os.getpid())
        used_s = cpu_s(server), sum(map(cpu_s, drawing))
        with Peak(lambda: [server]) as of_server, Peak(lambda: drawing) as of_page:
            page.keyboard.press("r")
            page.wait_for_selector('[data-cast="flood"][data-live="running"]', timeout=15_000)
            page.evaluate(FRAMES)
            began = time.monotonic()
            away = 0
            while page.locator('[data-cast="flood"][data-live="done"]').count() == 0:
                page.keyboard.press("ArrowLeft" if away else "ArrowRight")
                away = 1 - away
                page.wait_for_timeout(TURN_S * 1000)
            took_s = time.monotonic() - began
            times = page.evaluate("window.times")
            page.evaluate("Reveal.slide(0)")
            page.wait_for_selector('.qd-live .qd-row:has-text("the end")', timeout=60_000)
            shown_s = time.monotonic() - began
        used_s = cpu_s(server) - used_s[0], sum(map(cpu_s, drawing)) - used_s[1]
        rows = page.locator(".qd-live .qd-row").count()
        gaps = [b - a for a, b in pairwise(times)]
        rate = 1000 * len(gaps) / (times[-1] - times[0]) if gaps else 0
    mega = 1_000_000
    sys.stdout.write(
        f"{name}, {megabytes} MB: {took_s:.1f} s, end seen after {shown_s:.1f} s; {rate:.0f} frames a second, longest "
        f"{max(gaps, default=0):.0f} ms; "
        f"server {used_s[0]:.1f} s of CPU, {before[0] / mega:.0f} to {of_server.bytes / mega:.0f} MB; "
        f"page {used_s[1]:.1f} s, {before[1] / mega:.0f} to {of_page.bytes / mega:.0f} MB; {rows} rows\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    wanted = sys.argv[2:] or list(SHAPES)
    for shape in wanted:
        flood(shape, SHAPES[shape], int(sys.argv[1]) if sys.argv[1:] else 100)
