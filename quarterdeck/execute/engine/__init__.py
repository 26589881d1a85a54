"""Container engines: found by asking them, watched through a wrapper in front of their client, cleaned up after.

find                which engine answers, or why none does
session             what a session makes on an engine, and its removal
wrapper             the `docker` on a session's PATH, which labels what is made
command_line        command lines of docker and podman, taken apart
preflight           what would stand in the way of a talk's commands
containers          containers as a person looks at them, and their health
"""
