"""The engine that the engine tests use, and a session on it that leaves nothing behind."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.execute.engine.find import Absence, Engine, find
from quarterdeck.execute.engine.session import EngineSession


@pytest.fixture(scope="session")
def engine() -> Engine:
    found = find(os.environ, timeout_s=10)
    if isinstance(found, Absence):
        pytest.skip(f"{found.what}; {found.fix}")
    return found


@pytest.fixture
def name() -> str:
    """A name that nothing else on the engine has: other work may use it at the same time."""
    return f"qdtest{secrets.token_hex(4)}"


@pytest.fixture
def docker(engine: Engine, name: str, tmp_path: Path) -> Iterator[EngineSession]:
    session = EngineSession.start(engine, id=name, ledger=tmp_path / "ledger")
    yield session
    if session.folder.exists():
        session.clean()
