"""How the presenter's browser is let in: through a private file that is soon gone, else by a code that is typed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from quarterdeck import desktop
from quarterdeck.serve.stage.auth import CODE_S, Gate
from quarterdeck.serve.stage.redirect import Redirect


@dataclass(slots=True, kw_only=True)
class Door:
    address: str
    announce: Callable[[str], None]
    folder: Path
    """Of the user alone."""
    gate: Gate = field(default_factory=lambda: Gate(time.monotonic))
    _redirect: Redirect | None = None
    _timer: threading.Timer | None = None

    def let_in(self, *, in_browser: bool) -> None:
        """The browser, through a file that is soon gone; else a code to be typed."""
        if in_browser and desktop.has_screen(os.environ):
            with suppress(OSError):
                self._redirect = Redirect(f"{self.address}#qd-code={self.gate.new_code()}", within=self.folder)
                self._timer = threading.Timer(CODE_S, self.remove)
                self._timer.daemon = True
                self._timer.start()
                if desktop.browse(self._redirect.file.as_uri()):
                    self.announce("Enter shows a code, for another browser")
                    return
                self.remove()
        self.show_code()

    def show_code(self) -> None:
        self.announce(f"code: {self.gate.new_code()}  (once, within {CODE_S:.0f} s; Enter shows another one)")

    def remove(self) -> None:
        if self._redirect is not None:
            self._redirect.remove()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.remove()
