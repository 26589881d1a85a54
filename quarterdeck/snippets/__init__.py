"""Fences of a deck to a plan of jobs: options, sessions, order, keys. Pure; runs nothing.

plan                slides to jobs in their sessions
found               each snippet as it is read: options, what runs it, session
options, values     the table of options, and the values that they take
conditions          after `wait=`: when a background job is ready
steps               what is typed at a program, and what is to be seen before
shell_syntax        whether bash waits for another line
prompts             which lines of a pasted session are commands, which are output
hidden              what runs and is not shown
holes, captures     captured values: how they are written, who captures and who uses them
ids                 what a snippet is called
keys                what a recording depends on
runners             how the text of a language is run
frames              pages of what runs that a slide frames
status              which recordings still hold, and what has to run
effects             what a deck would do to the machine
escapes             escape sequences taken out of text
"""
