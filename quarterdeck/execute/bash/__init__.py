"""One real bash on a terminal, in which snippets of a session run one after the other.

session             the shell as `session_run` uses it: commands, and background jobs beside them
shell               one shell from its start to its end
start               which bash it is, and how it is started
marks               where a command's output begins and ends
scope               variables and a folder for one snippet
"""
