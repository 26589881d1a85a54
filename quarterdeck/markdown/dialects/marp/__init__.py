"""Marp."""
