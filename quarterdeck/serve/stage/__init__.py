"""The stage: a deck whose snippets run live, for the one person who was let in."""
