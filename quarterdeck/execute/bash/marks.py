"""The marks by which a shell says where a command's output begins and ends, and their way out of that output. Pure.

A mark is a private control sequence with the session's nonce, `ESC ] 5379 ; C|D ; nonce ; …  BEL`, in the output
itself, so that its place among the output is exact. Marks of another nonce are output like any other.
"""

from __future__ import annotations

import codecs
import re
import shlex
from collections.abc import Iterator

from msgspec import Struct

from quarterdeck.execute.output import Events, LineError

MARK_BYTES = 20_000
"""Longer than any mark: the folder is at most 4,096 bytes, twice that in hexadecimal."""
MESSAGE_BYTES = 2_000

BASH_SETUP = r"""
stty -echo </dev/tty 2>/dev/null
set +H
set +o history
unset HISTFILE MAILCHECK PROMPT_COMMAND PS0
PS1= PS2= PS4='+ '
__qd_hex() {
  builtin local LC_ALL __qd_i __qd_b
  LC_ALL=C
  __qd_h=
  for ((__qd_i = 0; __qd_i < ${#1}; __qd_i++)); do
    builtin printf -v __qd_b %d "'${1:__qd_i:1}"
    builtin printf -v __qd_b %02x "$((__qd_b & 255))"
    __qd_h+=$__qd_b
  done
}
__qd_c() {
  builtin unset PROMPT_COMMAND
  builtin printf -v PROMPT_COMMAND %s '{ __qd_d; } >/dev/null 2>&1'
  builtin printf -v PS1 ''
  __qd_seq=$1
  builtin printf '\e]5379;C;NONCE;%s;;;\a' "$1" >/dev/tty
  [[ $- == *e* ]] || return "${__qd_s-0}"
}
__qd_d() {
  __qd_r="$?"
  [[ -n ${__qd_seq-} ]] || return "$__qd_r"
  __qd_s=$__qd_r
  __qd_hex "$PWD"
  builtin printf '\e]5379;D;NONCE;%s;%s;%s;%s\a' "$__qd_seq" "$__qd_r" "$__qd_h" "$-" >/dev/tty
  __qd_seq=
  [[ $- == *e* ]] || return "$__qd_r"
}
__qd_seq=0 __qd_s=0
PROMPT_COMMAND='{ __qd_d; } >/dev/null 2>&1'
"""
"""bash 4.4 and newer. A snippet may redirect, trace, undo or trap what it likes: marks go to /dev/tty, by builtins.

`printf -v` sets where an assignment to a readonly variable would end the line; no argument looks like an assignment,
because `set -k` would take it away; every expansion is quoted, because of IFS.
"""

SH_SETUP = r"""
stty -echo </dev/tty
PS2= PS4='+ '
PS1='$({ __qd_d; } >/dev/null 2>&1)'
__qd_c() {
  __qd_seq=$1
  printf '\033]5379;C;NONCE;%s;;;\007' "$1" >/dev/tty
  return "${__qd_s:-0}"
}
__qd_d() {
  __qd_r=$?
  [ -n "${__qd_seq:-}" ] || return "$__qd_r"
  __qd_s=$__qd_r
  __qd_h=$(printf %s "$PWD" | od -An -tx1 | tr -d ' \n')
  printf '\033]5379;D;NONCE;%s;%s;%s;%s\007' "$__qd_seq" "$__qd_r" "$__qd_h" "$-" >/dev/tty
  __qd_seq=
  return "$__qd_r"
}
__qd_seq=0 __qd_s=0
{ __qd_d; } >/dev/null 2>&1
"""
"""Any POSIX shell, for containers without bash. Where it does not expand its prompt, it is asked for a lost mark."""

LAST_LINE = "{ __qd_d; } >/dev/null 2>&1\n"
"""Of a file under `set -e`: reading a file is a command, and ends the shell where its last line merely says no."""

ASK = b"\x15\n { __qd_d; } >/dev/null 2>&1\n"
"""Typed at an idle shell whose end mark was lost, after whatever the shell already has of another line."""


class Mark(Struct, frozen=True, kw_only=True):
    kind: str
    """`C` the output of a command begins, `D` it has ended."""
    seq: int
    status: int = 0
    cwd: str = ""
    flags: str = ""
    """`$-` of the shell."""


def order(seq: int, *, script: str, stdin: str, echo: bool, traced: bool, reset: bool) -> bytes:
    """The line that makes a shell run the file `script` as command `seq`, between its marks.

    `traced`: the file has a first line of ours that gives the start mark, because the shell comments on what it does
    (`set -x`, a DEBUG trap), and would do so on reading the file, after the mark. `reset`: the shell's terminal is out
    of reach, and it puts the modes back itself.
    """
    begin = "" if traced else f"{{ __qd_c {seq}; }} >/dev/null 2>&1; "
    echoes = "{ command stty echo </dev/tty; } >/dev/null 2>&1; " if echo else ""
    source = f". {shlex.quote(script)}" + (f" <{shlex.quote(stdin)}" if stdin else "")
    # the shell may have taken keys from a raw terminal already: Ctrl-U and Enter end that line
    resets = "; { command stty sane -echo </dev/tty; } >/dev/null 2>&1" if reset else ""
    return f"\x15\n {echoes}{begin}{source}; {{ __qd_d; }} >/dev/null 2>&1{resets}\n".encode()


def first_line(seq: int) -> str:
    """Of the file, for `traced` commands."""
    return f"{{ __qd_c {seq}; }} >/dev/null 2>&1\n"


class MarkFilter:
    """Takes a shell's bytes apart into output and marks, wherever reads have cut them.

    The path of a command's file, which only syntax errors name, becomes `bash`, and its lines those of the snippet.
    """

    def __init__(self, nonce: str, folder: str) -> None:
        self._mark = re.compile(
            rb"\x1b\]5379;([CD]);" + nonce.encode() + rb";(\d{1,9});(\d{0,3});([0-9a-f]*);?([A-Za-z]*)\x07"
        )
        self._prefix = tuple(b"\x1b]5379;" + kind + b";" + nonce.encode() + b";" for kind in (b"C", b"D"))
        self._folder = folder.encode()
        self._names = (b"bash: " + self._folder, b"sh: " + self._folder, self._folder)
        self._beginnings = tuple({name[:at] for name in self._names for at in range(1, len(name))})
        # bash names itself before the file; other shells may not
        self._script = re.compile(
            rb"(?:(?:bash|sh): )?" + re.escape(self._folder) + rb"/(\d+)\.sh(?:(: line |: )(\d+)(: )?)?"
        )
        self._held = b""
        self._lines: dict[int, tuple[int, int]] = {}
        self.line_errors: list[LineError] = []

    def expect(self, seq: int, *, lines: int, added: int) -> None:
        """Command `seq` has `lines` lines, before which its file has `added` of ours."""
        self._lines = {seq: (lines, added)}
        self.line_errors = []

    def feed(self, received: bytes) -> Iterator[bytes | Mark]:
        text = self._held + received
        self._held = b""
        at = 0
        for found in self._mark.finditer(text) if b"\x1b]5379;" in text else ():
            if found.start() > at:
                yield self._named(text[at : found.start()])
            kind, seq, status, cwd, flags = found.groups()
            yield Mark(
                kind=kind.decode(),
                seq=int(seq),
                status=int(status or 0),
                cwd=bytes.fromhex(cwd[: len(cwd) & ~1].decode()).decode("utf-8", "surrogateescape"),
                flags=flags.decode(),
            )
            at = found.end()
        keep = self._unfinished(text, at)
        self._held = text[keep:]
        if keep > at:
            yield self._named(text[at:keep])

    def flush(self) -> bytes:
        """What was held back because it might have become a mark: the shell is silent, so it has not."""
        held = self._held
        if held.startswith(self._prefix):  # the beginning of a mark of ours; its end is on the way
            return b""
        self._held = b""
        return self._named(held)

    @property
    def holds(self) -> bool:
        return bool(self._held)

    def _unfinished(self, text: bytes, at: int) -> int:
        """Where a mark or a name of a file begins that may go on in the next read."""
        end = len(text)
        escape = text.rfind(b"\x1b", max(at, end - MARK_BYTES))
        if escape >= 0:
            tail = text[escape:]
            begun = any(tail.startswith(p) or p.startswith(tail) for p in self._prefix)
            if begun and b"\x07" not in tail:
                return escape
        name = text.rfind(self._folder, max(at, end - MESSAGE_BYTES))
        if name >= 0 and b"\n" not in text[name:]:
            line = text.rfind(b"\n", at, name) + 1
            return max(line, at, name - 8)
        if not text.endswith(self._beginnings):
            return end
        # the longest beginning of a name at the very end
        starts = (end - min(len(name) - 1, end - at) for name in self._names)
        for start in range(min(starts), end):
            if any(name.startswith(text[start:]) for name in self._names):
                return start
        return end

    def _named(self, output: bytes) -> bytes:
        if self._folder not in output:
            return output

        def name(found: re.Match[bytes]) -> bytes:
            if not found[3]:
                return b"bash"
            lines, added = self._lines.get(int(found[1]), (1 << 30, 0))
            # an unexpected end is reported below the last line
            line = min(max(int(found[3]) - added, 1), max(lines, 1))
            message = output[found.end() : found.end() + MESSAGE_BYTES].partition(b"\n")[0]
            text = message.decode("utf-8", "replace").strip().lstrip(": ")
            self.line_errors.append(LineError(line=line, message=text))
            return b"bash: line %d%s" % (line, found[4] or b"")

        return self._script.sub(name, output)


def decoded(events: Events) -> tuple[tuple[float, str], ...]:
    """The events as text.

    A character that reads cut in two is in the later event; bytes that are no UTF-8 become U+FFFD.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    found = [(at_s, decoder.decode(part)) for at_s, part in events]
    rest = decoder.decode(b"", final=True)
    if rest:
        found.append((events[-1][0], rest))
    return tuple(event for event in found if event[1])
