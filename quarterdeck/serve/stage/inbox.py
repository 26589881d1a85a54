"""What other threads want done in the thread of a session, which wakes up for it."""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress


class Inbox:
    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        self._wanted: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._closed = False

    def put(self, wanted: Callable[[], None]) -> None:
        with self._lock:
            if self._closed:
                return
            self._wanted.append(wanted)
            with suppress(BlockingIOError):
                os.write(self._write, b"!")

    def watch(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._read, selectors.EVENT_READ, self)

    def serve(self, descriptor: int, _events: int) -> None:
        with suppress(BlockingIOError):
            os.read(descriptor, 4096)
        while self._wanted:
            self._wanted.popleft()()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            os.close(self._read)
            os.close(self._write)
