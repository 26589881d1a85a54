"""Decks to HTML: highlighted code, layouts, pages and the index of a site. Pure.

page                slides and decks to HTML
layouts             the blocks of a slide in the boxes of its layout
slots               what stands in the place of a mark: a picture, an address, code
code, lexers        highlighted code, and the languages that Pygments lacks
terminal            recordings: the still, and what replays it
outputs             pictures and tables of kernels
frame               the window of a page that a snippet serves
charts, diagrams    fences that are pictures
icons               drawings of Font Awesome
words, word_table   the words of the interface and their language
reveal              the options of reveal.js
parts               the scripts and styles that a deck needs
theme               the files of a theme
templates, bounds   Jinja, and what a template of others may cost
index               the page of cards
"""
