"""Jupyter kernels as sessions.

jobs                the jobs of a session that has a kernel
session             the kernel: cells run one after the other
cell                the messages of one cell, to what a person would see
"""
