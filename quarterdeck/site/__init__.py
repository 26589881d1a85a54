"""Talks to a site: the order of the stages, heads, references, writing.

pipeline            the order of the stages
builds              the values that pass between them
decks               a talk to its deck
snippet_outputs     what a deck shows of its snippets
references          where pictures and addresses of a slide lead
heads               the head of a deck's page, its card on the index, licences
templates           those of the project and its themes, before ours
index               the page of cards
output              a site on disk, all at once or not at all
"""
