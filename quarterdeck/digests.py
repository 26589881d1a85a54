"""One digest of many parts. Pure."""

from __future__ import annotations

from hashlib import sha256


def digest_of(*parts: str | bytes) -> str:
    """One digest of several parts; no two different lists of parts share one by accident of joining."""
    summed = sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        summed.update(len(raw).to_bytes(8, "big"))
        summed.update(raw)
    return summed.hexdigest()
