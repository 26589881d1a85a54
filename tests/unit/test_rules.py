"""The folder of rules holds what the table of rules names, and nothing else."""

from __future__ import annotations

from pathlib import Path

from quarterdeck.markdown import rules


def test_every_rule_is_a_member_of_the_table() -> None:
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    installed = {install.__module__.rpartition(".")[2] for _, install, _ in rules.RULES}
    assert files == {name for name in installed if name != "index"}  # `index` is the plugin for definition lists
