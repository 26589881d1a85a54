"""A `docker` that stands first on a session's PATH: it marks what the session makes, then becomes the real one.

It labels containers, volumes and networks, and notes the calls that make something without a label: tags, volumes that
`-v name:/path` makes, images that a build leaves without a name. Images get no label: the legacy builder would print it
as a step of its own, and it would change every digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from quarterdeck.execute.engine.command_line import GROUPS, VERBS, WITH_VALUE

LABEL = "io.quarterdeck.session"
SNIPPET_LABEL = "io.quarterdeck.snippet"
SNIPPET_VARIABLE = "QUARTERDECK_SNIPPET"
"""While it is set, new containers carry its value as a second label."""
_MARK = "\x01"
"""Begins the notes of one call; no argument of a command line can be just that by accident."""

_SCRIPT = """\
#!/bin/sh
# Written by quarterdeck for one session; removed with it.
real={real}
notes={notes}
id={id}
export COMPOSE_PROJECT_NAME="${{COMPOSE_PROJECT_NAME:-{project}}}"

path= skip= at=0 after= verb=
for word do
  at=$((at + 1))
  if [ -n "$skip" ]; then skip=; continue; fi
  case "$word" in
    {with_value}) skip=1; continue ;;
    -*) continue ;;
  esac
  case "$path$word" in
    {groups}) path="$word " ;;
{verbs}
    *) break ;;
  esac
done

own_file=
for word do
  case "$word" in --iidfile|--iidfile=*|--check|--call=*) own_file=1 ;; esac
done

if [ -n "$verb" ]; then
  {{ printf '{mark}\\0'; printf '%s\\0' "$COMPOSE_PROJECT_NAME" "$@"; }} >>"$notes/$$.call" 2>/dev/null || :
  at=0
  for word do
    at=$((at + 1))
    if [ "$at" = 1 ]; then set --; fi
    set -- "$@" "$word"
    if [ "$at" = "$after" ]; then
      case "$verb" in
        run|create)
          set -- "$@" --label "{label}=$id"
          if [ -n "${{{variable}-}}" ]; then set -- "$@" --label "{snippet_label}=${variable}"; fi ;;
        make) set -- "$@" --label "{label}=$id" ;;
        build)
          if [ -z "$own_file" ]; then set -- "$@" --iidfile "$notes/$$.image"; fi
          {legacy} ;;
      esac
    fi
  done
fi
exec "$real" "$@"
"""
_LABELLED = {"volume create": "make", "network create": "make"}


def script(*, program: str, notes: Path, id: str, builder: str) -> str:  # noqa: A002
    """The text of the wrapper for a client; `notes` is the folder in which it notes calls."""
    verbs = []
    for words, verb in VERBS.items():
        pattern = quote(" ".join(words))
        verbs.append(f"    {pattern}) verb={quote(_LABELLED.get(verb, verb))} after=$at; break ;;")
    return _SCRIPT.format(
        real=quote(program),
        notes=quote(str(notes)),
        id=quote(id),
        project=f"qd-{id}",
        with_value="|".join(WITH_VALUE),
        groups="|".join(GROUPS),
        verbs="\n".join(verbs),
        mark="\\001",
        label=LABEL,
        snippet_label=SNIPPET_LABEL,
        variable=SNIPPET_VARIABLE,
        # a build that fails would leave a container without a label; newer builders never do
        legacy='set -- "$@" --force-rm' if builder == "legacy" else ":",
    )


def noted(notes: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Each call that was noted: the name of the compose project, and the arguments."""
    for path in sorted(notes.glob("*.call")):
        for entry in path.read_bytes().decode("utf-8", "surrogateescape").split(f"{_MARK}\0")[1:]:
            project, *arguments = entry.split("\0")[:-1]
            yield project, arguments


def noted_images(notes: Path) -> tuple[str, ...]:
    """Ids of the images that were built, sorted."""
    return tuple(sorted({text for path in notes.glob("*.image") if (text := path.read_text("utf-8").strip())}))
