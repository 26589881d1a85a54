"""Text to decks: front matter, slides, and what stands on them. Pure.

frontmatter         the YAML at the head of a talk
no_break_space      blanks that are none, behind marks of Markdown
shields, split      where slides begin: code and comments in which nothing splits, and the separators
parser              the text of one slide to a slide, by the rules of its dialect
rules               the grammar beyond CommonMark, a rule a file, and the table of them
dialects            the ways in which other tools write talks, a folder each
attributes          `{#id .class key=value}`, as fences, headings and annotations have them
deck                what slides share, and where each one stands
layout              which layout a slide gets
pace                how the minutes of a talk are shared among its sections
embeds              notes of Obsidian in the text of a talk
slide_templates     notes of Obsidian around the text of a slide
mapped_text         texts from several files, which know where each stretch was written
html_page           a page of reveal.js or remark to the texts of its slides
inventory           what became of what was written for another tool
"""
