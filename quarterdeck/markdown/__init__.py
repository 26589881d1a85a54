"""Text to decks: front matter, slides, and what stands on them. Pure."""
