"""Who may run anything: whoever has read the terminal, and the page that was opened for that. Pure.

A code of one use and one minute is given for a cookie that no script can read, and a token that no other site is sent.
Both are needed. Cookies ignore ports, so that another program on this machine may see ours: alone it opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

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
