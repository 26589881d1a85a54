"""Our own lexers, where Pygments' would leave most of the text plain: shell, shell sessions, Dockerfiles.

Each turns a whole text into tokens that join to that text again. They scan from left to right and never look back, so
time grows with the length alone, whatever the text.
"""

from quarterdeck.render.lexers.dockerfile import dockerfile
from quarterdeck.render.lexers.shell import session, shell, words

__all__ = ["dockerfile", "session", "shell", "words"]
