"""Our own: everything of the guide; `---` goes right, `--` goes down, `+` and `1)` are fragments."""

from __future__ import annotations

from quarterdeck.markdown.dialects.base import Dialect

QUARTERDECK = Dialect(name="quarterdeck", title="Quarterdeck", below="--", embeds=True)
