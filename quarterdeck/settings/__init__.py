"""What authors set: the front matter of a talk, and the settings of a project. Reads settings files, nothing else."""

from quarterdeck.settings.beside import Beside, find_beside
from quarterdeck.settings.check import Entry, check_deck
from quarterdeck.settings.options import (
    OBSIDIAN_KEYS,
    REVEAL_OPTIONS,
    DeckOptions,
    deck_options,
    digest_of_options,
    schema,
)
from quarterdeck.settings.project import Project, load_project

__all__ = [
    "OBSIDIAN_KEYS",
    "REVEAL_OPTIONS",
    "Beside",
    "DeckOptions",
    "Entry",
    "Project",
    "check_deck",
    "deck_options",
    "digest_of_options",
    "find_beside",
    "load_project",
    "schema",
]
