"""From a key pressed in the browser to the character on the slide, on loopback: prints the median, and asserts nothing.

Run it as `python tests/bench/keystroke.py`, on a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.onstage import WAIT_MS, on_stage
from desk import fence

KEYS = 100
WATCH = """() => {
  window.times = []
  let pressed = 0
  addEventListener('keydown', () => { pressed = performance.now() }, true)
  const below = document.querySelector('.qd-live')
  new MutationObserver(() => {
    if (!pressed) return
    times.push(performance.now() - pressed)
    pressed = 0
  }).observe(below, { childList: true, subtree: true, characterData: true })
}"""


def main() -> None:
    """Types into `cat` in a real terminal of a real deck."""
    with on_stage(fence("$ cat", "#cat run", "console")) as (_house, page):
        page.keyboard.press("r")
        page.wait_for_selector('[data-live="running"] .qd-live .qd-command', timeout=WAIT_MS)
        page.locator(".qd-live").click()
        page.evaluate(WATCH)
        for number in range(KEYS):
            page.keyboard.press("abcdefghij"[number % 10])
            page.wait_for_timeout(50)
        times = page.evaluate("window.times")
    median, slow = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
    sys.stdout.write(f"keystroke to echo: median {median:.1f} ms, 95 % below {slow:.1f} ms, {len(times)} keys\n")


if __name__ == "__main__":
    main()
