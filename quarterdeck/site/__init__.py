"""Talks to a site: the order of the stages, heads, references, writing."""
