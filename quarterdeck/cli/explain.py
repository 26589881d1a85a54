"""What the codes of findings mean; `codes/` beside the package's modules has a page for each letter."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import click

from quarterdeck.cli.words import cli
from quarterdeck.diagnostics import CODES, nearest
from quarterdeck.errors import UsageError
from quarterdeck.regex import regex

_PAGES = Path(__file__).resolve().parent.parent / "codes"
_FENCE = regex(r"^(`{3,})\w+ (?P<file>\S+(?: \S+\.\w+)?).*\n(?P<text>(?s:.*?))^\1$\n?", re.MULTILINE)


@cli.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """List what the codes of findings mean, or explain one CODE.

    Of one code you are told what it means, an example that gives it, and what to do.
    """
    if not code:
        for name in sorted(CODES):
            click.echo(headline_of(name))
        return
    name = code.upper()
    if name not in CODES:
        raise UsageError(f"no code '{code}'", fix=_fix(name))
    click.echo(f"{headline_of(name)}\n\n{_for_terminals(explanation(name))}")


def explanation(code: str) -> str:
    """What stands below the code's heading, as Markdown: prose, fences with the files of an example, prose."""
    page = (_PAGES / f"{code[0]}.md").read_text("utf-8")
    _, _, rest = page.partition(f"\n## {code}\n")
    return re.split(r"^## [A-Z]\d{3}$", rest, maxsplit=1, flags=re.MULTILINE)[0].strip()


def headline_of(code: str) -> str:
    severity, meaning = CODES[code]
    return f"{code}  {severity:8}{meaning}"


def _for_terminals(text: str) -> str:
    """Fences as indented blocks under the names of their files."""
    return _FENCE.sub(lambda found: f"    {found['file']}\n\n{indent(found['text'], ' ' * 8)}", text)


def _fix(code: str) -> str:
    if near := nearest(code, CODES):
        return f"did you mean {near}?"
    alike = [known for known in sorted(CODES) if known[:1] == code[:1]]
    return f"there are {', '.join(alike)}" if alike else "`quarterdeck explain` lists all of them"
