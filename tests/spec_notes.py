"""Notes that are embedded and templates as short text, for the cases of `tests/spec`.

The input is a talk's text, and behind a line `@note NAME` the text of each note. Shown is the text with the notes in it
and, behind each line, where it was written; then each diagnostic.
"""

from __future__ import annotations

import re

from quarterdeck.diagnostics import written_at
from quarterdeck.markdown.embeds import Note, Wanted, embedded
from quarterdeck.markdown.mapped_text import passages_of, text_of
from quarterdeck.markdown.rules.support.note_lines import notes_pattern
from quarterdeck.markdown.slide_templates import TemplateSource, framed
from quarterdeck.model import Diagnostic, Span

_NOTE = re.compile(r"^@note (.*)\n", re.MULTILINE)
_DEFAULT = re.compile(r"@default (.*)\n")
VALUES = {"title": "My Talk", "count": 3}
"""The front matter of the talk."""


def render(text: str) -> str:
    talk, *rest = _NOTE.split(text)
    notes = {
        name: Note(key=name, path=f"{name}.md", text=body, line=1) for name, body in zip(*[iter(rest)] * 2, strict=True)
    }

    def find(wanted: Wanted) -> Note | Diagnostic:
        found = notes.get(wanted.name.removesuffix(".md"))
        span = Span(path="", line=1)
        return found or Diagnostic(code="A101", message=f"no note '{wanted.name}' in the vault", span=span)

    default = _DEFAULT.match(talk)
    talk = talk[default.end() :] if default else talk
    woven, lost = embedded(Note(key="talk", path="", text=talk.rstrip("\n"), line=1), find=find)
    frame = TemplateSource(
        find=find,
        key="talk",
        default=default[1] if default else "",
        values=VALUES,
        notes=notes_pattern(""),
        path="talk.md",
    )
    full, found = framed(woven, frame)
    places = passages_of(full)
    lines = []
    for number, line in enumerate(text_of(full).split("\n"), 1):
        place = written_at(Span(path="", line=number), places, path="talk.md")
        lines.append(f"{line.ljust(24)} {place.path}:{place.line}:{place.col}" if line else "")
    lines += [
        f"{each.span.path or 'talk.md'}:{each.span.line}:{each.span.col} {each.code} {each.message}"
        for each in (*lost, *found)
    ]
    return "\n".join(lines) + "\n"
