"""Who has said yes to what a folder of talks runs.

question            what the talks would do, told before they may
store               which folders may run what they hold
account             all that could run, in lines: what changed since
"""
