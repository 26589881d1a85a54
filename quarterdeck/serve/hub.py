"""One message to every open page; one that does not read in time is told to start afresh. Lives on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

BACKLOG = 16
"""Messages that wait for a page that reads slowly."""


@dataclass(eq=False, slots=True)
class Listener:
    """An open page."""

    waiting: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    """Messages; nothing stands for those that were lost."""

    def put(self, message: str) -> None:
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(None)
        self.waiting.put_nowait(message)


@dataclass(slots=True)
class Hub:
    listeners: set[Listener] = field(default_factory=set)
    closed: bool = False

    def publish(self, message: str) -> None:
        """Never waits."""
        for listener in self.listeners:
            listener.put(message)

    def close(self) -> None:
        """Ends every stream, so that none of them holds up the end of the server."""
        self.closed = True
        self.publish("")

    async def listen(self, *, hello: Callable[[], str], idle_s: float) -> AsyncIterator[str]:
        """What is so now, then every message; an empty one when nothing has come for `idle_s`: the page may be gone."""
        listener = Listener()
        self.listeners.add(listener)  # before `hello`, so that nothing falls between
        try:
            yield hello()
            while not self.closed:
                try:
                    message = await asyncio.wait_for(listener.waiting.get(), idle_s)
                except TimeoutError:
                    message = ""
                if not self.closed:
                    yield hello() if message is None else message
        finally:
            self.listeners.discard(listener)
