"""Runs the snippets of a talk: the only room that starts a process of an author's.

recorder            what commands ask for: record a talk, or check its recordings
rehearsal           a whole talk run before it is given, and all that would go wrong on stage
run_plan            a plan's sessions side by side, and what an author is told of each outcome
session_run         the jobs of one session, one after the other
bash                the session's shell
kernel              its Jupyter kernel
program             a snippet as a process of its own
engine              the container engine that snippets use
results             how each job went, and who looks on
command_results     how each command of a job went
problems            why a run did not go as its author expects
captured_values     values that one snippet gives to another
agreement           recordings that have to show the same values
workspace           what jobs need of the machine, and the folder where they run
isolation           command lines as bubblewrap or a container runs them
process             one program on a terminal
reaper              the process that ends all that a program started
running_command     one command on a terminal: output, deadline, end
conversation        what is typed at a program, and what it has to say before
output              output with its times, kept within bounds
readiness           the wait until a background job is ready
screenshot          the picture of a page that a slide frames

A run goes from `recorder` through `run_plan` and `session_run` to `bash`, `kernel` or `program`, and comes back as the
`JobOutcome` of each job, of which `recorder` writes the good ones.
"""
