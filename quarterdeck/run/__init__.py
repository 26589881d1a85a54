"""Snippets to recordings: what would run is planned purely, and only the verbs that say so run it."""
