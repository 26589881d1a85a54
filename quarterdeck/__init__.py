"""Markdown talks to reveal.js decks."""

__version__ = "0.1.0"
