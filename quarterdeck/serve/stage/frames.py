"""Which of the pages that a deck frames are there, and let themselves be framed; windows are told when that changes.

Sessions tell how their snippets do; a page is asked in a thread of its own, at its address on this machine.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from quarterdeck.serve.stage.guard import NAME
from quarterdeck.serve.stage.messages import FramePhase, FrameState, SessionState, SnippetState
from quarterdeck.snippets.frames import HOST
from quarterdeck.snippets.plan import Plan

ASK_S = 2.0
PATIENCE_S = 30.0
"""How long a page may take from its snippet's being ready to its first answer: `wait` may be about something else."""
PAUSE_S = 0.25
HOPS = 4
"""Redirects that are followed."""
ENDED = frozenset({"closing", "cold"})
"""States of a session in which nothing of it runs any more."""


class FrameAnswer(Struct, frozen=True, kw_only=True):
    """What a page said when it was asked."""

    answers: bool = False
    refuses: str = ""
    """Why no browser frames it; empty where it may be framed."""


@dataclass(slots=True)
class _FramedState:
    url: str
    session: str
    run: int = 0
    state: FramePhase = "gone"
    refuses: str = ""
    up: bool = False
    """Its snippet has done what it does to serve it."""

    def told(self, name: str) -> FrameState:
        return FrameState(id=name, run=self.run, state=self.state, refuses=self.refuses)


@dataclass(eq=False, slots=True)
class Frames:
    say: Callable[[FrameState], None]
    _pages: dict[str, _FramedState] = field(default_factory=dict)
    """By the id of their snippet."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: threading.Event = field(default_factory=threading.Event)
    _asking: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=4, thread_name_prefix="frames")
    )

    def told(self) -> tuple[FrameState, ...]:
        """What a window that has just come is told."""
        with self._lock:
            return tuple(page.told(name) for name, page in self._pages.items())

    def hear_session(self, told: SessionState) -> None:
        """From its thread, and at once, as `hear_snippet`."""
        if told.state in ENDED:
            for name in self._names(lambda page: page.session == told.session):
                self._set(name, "gone", up=False)

    def hear_snippet(self, told: SnippetState, plan: Plan) -> None:
        job = plan.job(told.id)
        if job is not None and job.options.display.frame:
            with self._lock:
                page = self._pages.setdefault(job.id, _FramedState(job.options.display.frame, job.session))
                page.url, page.run = job.options.display.frame, told.run or 0
            self._follow(job.id, told, bg=job.options.execution.bg)
        elif told.state == "done":  # it may have stopped what another one started, or started it again
            for name in self._names(lambda page: page.up):
                self._later(name, within_s=0.0)

    def close(self) -> None:
        self._closed.set()
        self._asking.shutdown(wait=False, cancel_futures=True)

    def _names(self, wanted: Callable[[_FramedState], bool]) -> list[str]:
        with self._lock:
            return [name for name, page in self._pages.items() if wanted(page)]

    def _follow(self, name: str, told: SnippetState, *, bg: bool) -> None:
        if told.state == "ready" or (told.state == "done" and told.ok and not bg):
            self._set(name, "waiting", up=True)
            self._later(name, within_s=PATIENCE_S)
        else:
            self._set(name, "gone" if told.state == "done" else "waiting", up=False)

    def _later(self, name: str, *, within_s: float) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._asking.submit(self._ask, name, self._pages[name].run, within_s)

    def _ask(self, name: str, run: int, within_s: float) -> None:
        page = self._pages[name]
        answer = FrameAnswer()
        for _ in range(int(within_s / PAUSE_S) + 1):
            answer = ask(page.url)
            if answer.answers or not page.up or page.run != run or self._closed.wait(PAUSE_S if within_s else 0):
                break
        if page.up and page.run == run and not self._closed.is_set():
            self._set(name, "live" if answer.answers else "gone", up=True, refuses=answer.refuses)

    def _set(self, name: str, state: FramePhase, *, up: bool, refuses: str = "") -> None:
        with self._lock:
            page = self._pages[name]
            before = page.told(name)
            page.state, page.up, page.refuses = state, up, refuses
            told = page.told(name)
        if told != before or state == "waiting":
            self.say(told)


def ask(url: str) -> FrameAnswer:
    """Whether anything answers there, whatever it says, and whether that may be framed."""
    for _ in range(HOPS):
        parts = urlsplit(url)
        if parts.hostname != HOST or parts.scheme not in ("http", "https"):
            return FrameAnswer(answers=True, refuses=f"it leads to {parts.scheme}://{parts.netloc}")
        try:
            status, headers = _get(url)
        except (OSError, http.client.HTTPException, ValueError):
            return FrameAnswer()
        target = next((value for name, value in headers if name.lower() == "location"), "")
        if not (300 <= status < 400 and target):
            return FrameAnswer(answers=True, refuses=refusal(headers))
        url = urljoin(url, target)
    return FrameAnswer(answers=True, refuses="it leads from one address to the next without end")


def _get(url: str) -> tuple[int, list[tuple[str, str]]]:
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False  # it is this machine
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(HOST, parts.port, timeout=ASK_S, context=context)
    else:
        connection = http.client.HTTPConnection(HOST, parts.port, timeout=ASK_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"User-Agent": "quarterdeck", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.getheaders()
    finally:
        connection.close()


def refusal(headers: Iterable[tuple[str, str]]) -> str:
    """Which header keeps browsers from framing a page on the stage; empty where none does."""
    given = [(name.lower(), value) for name, value in headers]
    policies = [value for name, value in given if name == "content-security-policy"]
    rules = [words for value in policies for rule in value.split(";") if (words := rule.lower().split())]
    ancestors = [words[1:] for words in rules if words[0] == "frame-ancestors"]
    if ancestors:  # which makes browsers ignore the older header
        refused = next((sources for sources in ancestors if not any(map(_is_stage, sources))), None)
        return "" if refused is None else f"Content-Security-Policy: frame-ancestors {' '.join(refused)}".strip()
    older = next((value.strip() for name, value in given if name == "x-frame-options"), "")
    return f"X-Frame-Options: {older}" if older.lower() in ("deny", "sameorigin") else ""


def _is_stage(source: str) -> bool:
    host = source.removeprefix("http://")
    return source in ("*", "http:") or host == NAME or host.startswith(f"{NAME}:")
