"""Opens the browser, and an editor at a line of a file: programs with windows of their own, of which it awaits none."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

Which = Callable[[str], str | None]


class Editor(Struct, frozen=True, kw_only=True):
    """An editor that has a window of its own, so that it can be started from anywhere."""

    commands: tuple[str, ...]
    """Its names on PATH."""
    words: tuple[str, ...]
    """What follows the command, with `{file}` and `{line}`."""
    terminal: tuple[str, str] = ("", "")
    """A variable of the environment, and its value, in the editor's own terminal."""


_GOTO = ("--goto", "{file}:{line}")
_PLUS = ("+{line}", "{file}")
_COLON = ("{file}:{line}",)
_LINE = ("--line", "{line}", "{file}")
EDITORS = (
    Editor(commands=("cursor",), words=_GOTO, terminal=("CURSOR_TRACE_ID", "")),
    Editor(commands=("code",), words=_GOTO, terminal=("TERM_PROGRAM", "vscode")),
    Editor(commands=("code-insiders",), words=_GOTO),
    Editor(commands=("codium", "vscodium"), words=_GOTO),
    Editor(commands=("windsurf",), words=_GOTO),
    Editor(commands=("zed", "zeditor"), words=_COLON, terminal=("ZED_TERM", "true")),
    Editor(commands=("subl", "sublime_text"), words=_COLON),
    Editor(
        commands=("pycharm", "charm", "pycharm.sh"), words=_LINE, terminal=("TERMINAL_EMULATOR", "JetBrains-JediTerm")
    ),
    Editor(commands=("idea", "idea.sh", "webstorm", "goland", "phpstorm", "rustrover", "clion"), words=_LINE),
    Editor(commands=("kate", "kwrite"), words=_LINE),
    Editor(commands=("gedit", "gnome-text-editor", "pluma", "xed", "gvim", "mvim", "bbedit"), words=_PLUS),
    Editor(commands=("mate",), words=_LINE),
    Editor(commands=("notepad++",), words=("-n{line}", "{file}")),
)
OBSIDIAN = "obsidian"
"""Named as an editor, it opens the file through its own kind of address; it knows no lines."""


def edit(path: Path, line: int, *, wanted: str = "", environ: Mapping[str, str] | None = None) -> bool:
    """Opens a windowed editor at the line; False where none is known here, as with one that runs in a terminal."""
    env = os.environ if environ is None else environ
    which: Which = partial(shutil.which, path=env.get("PATH"))
    if wanted.strip().lower() == OBSIDIAN:
        return _open_in_obsidian(path)
    # inside of VS Code's remote terminal, `code` reaches the window on the other machine
    screen = has_screen(env) or "VSCODE_IPC_HOOK_CLI" in env
    return screen and any(map(_start, commands(path, line, wanted=wanted, environ=env, which=which)))


def commands(
    path: Path, line: int, *, wanted: str, environ: Mapping[str, str], which: Which
) -> Iterator[tuple[str, ...]]:
    """What to try to start, in order: the project's editor, the user's, that of the terminal, and any on PATH.

    The project's editor is only ever a name of the table: its settings come with the talk, perhaps from a stranger.
    """
    if editor := _named(wanted.strip()):
        yield from _found(editor, path, line, which)
    for variable in ("VISUAL", "EDITOR"):
        program = next(iter(_split(environ.get(variable, ""))), "")
        editor = _named(Path(program).name)
        if editor and (at := which(program)):
            yield _command(at, editor, path, line)
    for editor in sorted(EDITORS, key=lambda editor: not _is_terminal_of(editor, environ)):
        yield from _found(editor, path, line, which)


def _named(name: str) -> Editor | None:
    wanted = name.lower().removesuffix(".exe").removesuffix(".cmd")
    return next((editor for editor in EDITORS if wanted in editor.commands), None)


def _found(editor: Editor, path: Path, line: int, which: Which) -> Iterator[tuple[str, ...]]:
    for at in filter(None, map(which, editor.commands)):
        yield _command(at, editor, path, line)


def _command(program: str, editor: Editor, path: Path, line: int) -> tuple[str, ...]:
    return program, *(word.format(file=path, line=line) for word in editor.words)


def _is_terminal_of(editor: Editor, environ: Mapping[str, str]) -> bool:
    variable, value = editor.terminal
    return bool(variable) and (environ.get(variable) == value if value else variable in environ)


def _split(words: str) -> list[str]:
    try:
        return shlex.split(words, posix=os.name == "posix")
    except ValueError:  # a quote that is never closed
        return []


def _start(command: tuple[str, ...]) -> bool:
    quiet = subprocess.DEVNULL
    try:
        # its own session: Ctrl-C in the server's terminal is not for the editor
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        return False
    threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no zombie
    return True


def _open_in_obsidian(path: Path) -> bool:
    if not any((folder / ".obsidian").is_dir() for folder in path.parents):
        return False
    address = f"obsidian://open?path={quote(str(path), safe='')}"
    openers = {"darwin": ("open", address), "win32": ("rundll32", "url.dll,FileProtocolHandler", address)}
    return _start(openers.get(sys.platform, ("xdg-open", address)))


def has_screen(environ: Mapping[str, str], *, platform: str = sys.platform) -> bool:
    """Whether a window can appear where this runs."""
    if platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in environ
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


def browse(address: str, *, environ: Mapping[str, str] | None = None) -> bool:
    """Opens the user's browser; False where no window can appear, since a browser in text would take the terminal."""
    env = os.environ if environ is None else environ
    if not has_screen(env) and "BROWSER" not in env:
        return False
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    return True
