"""Fences of a deck to a plan of jobs: options, sessions, order, keys. Pure; runs nothing."""
