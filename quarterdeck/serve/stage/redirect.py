"""Hands a code to the browser through a file of the user's own: a command line could be read by everyone."""

from __future__ import annotations

import html
import json
import shutil
import tempfile
from pathlib import Path

PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<title>Quarterdeck</title><meta http-equiv="refresh" content="0; url={url}">
</head><body><script>location.replace({text})</script></body></html>
"""


class Redirect:
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
