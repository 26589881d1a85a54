"""Obsidian's Advanced Slides and Slides Extended."""
