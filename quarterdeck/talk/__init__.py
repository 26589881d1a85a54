"""A talk's file understood once: its text, what it includes, its slides and its snippets.

request             what a command asks to be built
reading             files to the texts of slides
includes            files whose text stands in the place of a line
vault               notes that slides embed, and templates that they ask for
talk                the texts to slides and snippets, and what is wrong with them
"""
