"""A way to the engine that can be cut: a process that passes a socket of its own on to that of the engine.

As a script: `python forwarder.py OWN TARGET`, where OWN is a path and TARGET a path or `host:port`; it says `ready`.
"""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from asking import line_of


@dataclass
class Road:
    """To the engine, through a process that the test may stop, kill and start again."""

    path: Path
    target: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"unix://{self.path}"

    def open(self) -> None:
        self.path.unlink(missing_ok=True)
        command = [sys.executable, __file__, str(self.path), self.target]
        env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
        assert line_of(self.process) == "ready\n"

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def cut(self) -> None:
        """As when the engine dies: every conversation with it breaks off, and nobody answers any more."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None


def pass_on(own: str, target: str) -> None:
    with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as selector:
        door.bind(own)
        door.listen(64)
        selector.register(door, selectors.EVENT_READ, None)
        print("ready", flush=True)  # noqa: T201
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    here, there = door.accept()[0], connected(target)
                    selector.register(here, selectors.EVENT_READ, there)
                    selector.register(there, selectors.EVENT_READ, here)
                elif isinstance(key.fileobj, socket.socket):
                    hand_over(key.fileobj, key.data, selector)


def hand_over(source: socket.socket, target: socket.socket, selector: selectors.BaseSelector) -> None:
    try:
        part = source.recv(65536)
        if part:
            target.sendall(part)
            return
        target.shutdown(socket.SHUT_WR)  # half a conversation: attached containers talk on
    except OSError:
        pass
    selector.unregister(source)
    if target.fileno() >= 0 and target not in {key.fileobj for key in selector.get_map().values()}:
        target.close()
        source.close()


def connected(target: str) -> socket.socket:
    if target.startswith("/"):
        there = socket.socket(socket.AF_UNIX)
        there.connect(target)
        return there
    host, _, port = target.rpartition(":")
    return socket.create_connection((host, int(port)))


if __name__ == "__main__":
    pass_on(*sys.argv[1:])
