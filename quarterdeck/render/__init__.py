"""Decks to HTML: highlighted code, layouts, pages and the index of a site. Pure."""
