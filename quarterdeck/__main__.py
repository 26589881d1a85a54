"""`python -m quarterdeck` is `quarterdeck`."""

from quarterdeck.cli import main

main()
