"""Slidev."""
