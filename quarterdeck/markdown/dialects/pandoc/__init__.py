"""pandoc, Quarto and R Markdown."""
