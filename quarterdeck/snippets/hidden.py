"""What of a snippet runs and is not shown: all of it, or some of its lines. Pure.

A line is hidden by `# hide` at its end or by `hide=1-2` on the fence. A command of a session is hidden with what it
printed, and lasts no time in the replay.
"""

from __future__ import annotations

from quarterdeck.model import Snippet
from quarterdeck.project.yaml_text import YamlMistakeError, load_yaml
from quarterdeck.snippets.plan import commands_of
from quarterdeck.snippets.prompts import is_prompted
from quarterdeck.snippets.values import Hidden, UnfitError, hide


def is_hidden(snippet: Snippet) -> bool:
    """Whether nothing of the snippet is shown."""
    lines = snippet.code.rstrip("\n").split("\n")
    alone = is_prompted(snippet.code, snippet.language) and hidden_lines(snippet) >= set(range(1, len(lines) + 1))
    return _said(snippet) is True or alone


def hidden_lines(snippet: Snippet) -> frozenset[int]:
    """Lines of the code, from 1, that are not shown."""
    said = _said(snippet)
    return frozenset(snippet.hidden if isinstance(said, bool) else (*snippet.hidden, *said))


def _said(snippet: Snippet) -> Hidden:
    """The option `hide`; one that cannot be read hides nothing, and is reported where options are."""
    written = [option.value for option in snippet.options if option.key == "hide"]
    if not written:
        return False
    try:
        return hide(load_yaml(written[0])[0] if written[0] else True)
    except (UnfitError, YamlMistakeError):
        return False


def hidden_commands(snippet: Snippet) -> frozenset[int]:
    """Which commands of a session are hidden, counted from 0: those whose first line is."""
    hidden = hidden_lines(snippet)
    return frozenset(at for at, command in enumerate(commands_of(snippet.code)) if command.line in hidden)
