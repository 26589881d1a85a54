"""A talk's file understood once: its text, what it includes, its slides and its snippets."""
