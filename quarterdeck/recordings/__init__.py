"""What is on disk beside a talk of what its snippets gave, and what it looks like."""
