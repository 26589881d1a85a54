"""One real bash on a terminal, in which snippets of a session run one after the other."""
