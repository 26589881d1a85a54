"""Jupyter kernels as sessions."""
