"""Who may run anything: whoever has read the terminal, and the page that was opened for that.

A code of one use and one minute is given for a cookie that no script can read, and a token that no other site is sent.
Both are needed. Cookies ignore ports, so that another program on this machine may see ours: alone it opens nothing. The
presenter's own browser gets the code by a private file that is soon gone: a command line could be read by everyone.
"""

from __future__ import annotations

import hmac
import html
import json
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from quarterdeck import desktop

CODE_S = 60.0
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look like another one."""
CODE_LENGTH = 10
WRONG_CODES = 5
"""So many wrong ones make every code void: nobody finds one by trying."""
TOKENS = 32
"""Pages that are known at a time; the oldest is forgotten."""


@dataclass(slots=True)
class Gate:
    clock: Callable[[], float]
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _codes: dict[str, float] = field(default_factory=dict)
    """With the time at which they are void."""
    _tokens: list[str] = field(default_factory=list)
    _wrong: int = 0

    def new_code(self) -> str:
        """A code; dashes in it are for the eye."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        self._codes[code] = self.clock() + CODE_S
        self._wrong = 0
        return f"{code[:5]}-{code[5:]}"

    def enter(self, given: str) -> str:
        """A token for a code, which is then void; empty for one that is wrong, used or too old."""
        now = self.clock()
        code = "".join(letter for letter in given.upper() if letter in CODE_LETTERS)
        found = [known for known, until in self._codes.items() if _same(known, code) and now < until]
        self._codes = {known: until for known, until in self._codes.items() if now < until and known not in found}
        if not found:
            self._wrong += 1
            if self._wrong >= WRONG_CODES:
                self._codes.clear()
            return ""
        token = secrets.token_urlsafe(32)
        self._tokens = [*self._tokens, token][-TOKENS:]
        return token

    @property
    def tries(self) -> int:
        """How many more wrong codes are borne."""
        return max(WRONG_CODES - self._wrong, 0)

    def has_cookie(self, cookie: str) -> bool:
        return _same(self.cookie, cookie)

    def knows(self, token: str) -> bool:
        """Compares with all of them, so that time tells nothing."""
        return sum(_same(known, token) for known in self._tokens) > 0


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))


PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<title>Quarterdeck</title><meta http-equiv="refresh" content="0; url={url}">
</head><body><script>location.replace({text})</script></body></html>
"""


class RedirectPage:
    """A page that leads to an address, until it is removed."""

    def __init__(self, address: str, *, within: Path) -> None:
        within.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="open-", dir=within))  # 0700
        self.file = self._folder / "stage.html"
        self.file.touch(mode=0o600, exist_ok=False)
        text = json.dumps(address).replace("<", "\\u003c")
        self.file.write_text(PAGE.format(url=html.escape(address), text=text), "utf-8")

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(slots=True, kw_only=True)
class SignIn:
    address: str
    announce: Callable[[str], None]
    folder: Path
    """Of the user alone."""
    gate: Gate = field(default_factory=lambda: Gate(time.monotonic))
    _redirect: RedirectPage | None = None
    _timer: threading.Timer | None = None

    def let_in(self, *, in_browser: bool) -> None:
        """The browser, through a file that is soon gone; else a code to be typed."""
        if in_browser and desktop.has_screen(os.environ):
            with suppress(OSError):
                self._redirect = RedirectPage(f"{self.address}#qd-code={self.gate.new_code()}", within=self.folder)
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
