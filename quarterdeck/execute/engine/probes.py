"""What a container says of itself: for waiting until it is ready, and for telling why it is not."""

from __future__ import annotations

from quarterdeck.execute.engine.find import Engine, ask

_HEALTH = "{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}"


def health(engine: Engine, container: str) -> str:
    """`healthy`, or what it is instead; empty for a running container without a health check."""
    answer = ask(engine, "inspect", "--type", "container", "--format", _HEALTH, container, timeout_s=5)
    if answer.status == 124:
        return "the engine gives no answer"
    if answer.status != 0:
        return "there is no such container"
    said = answer.out.strip()
    return "" if said == "running" else said


def log(engine: Engine, container: str, *, last: int = 2_000) -> str:
    """The last lines that a container printed, errors included; empty for one that is not there."""
    answer = ask(engine, "logs", "--tail", str(last), container, timeout_s=5)
    return answer.out + answer.err if answer.status == 0 else ""
