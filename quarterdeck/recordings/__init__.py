"""What is on disk beside a talk of what its snippets gave, and what it looks like.

recorded            a talk's snippets with their recordings
folder              the folder of recordings: read, written, pruned
cast                a recording as an asciicast, both ways
outputs             pictures and tables of kernels
pictures            pictures of framed pages
matching            which recording is whose
masks               what changes from run to run
comparison          how two runs differ
redact              secrets, taken out before anything is written
shown               a recording without the commands that the slide hides
still, screen       what a person would have seen on the terminal
style               colours of terminal text
"""
