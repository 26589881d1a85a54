"""The house rules of the code: who may import whom, and who may touch files, processes and the terminal."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "quarterdeck"

LAYERS = (
    # lowest first; a room is a module or a package, and imports its own layer and those below it
    ("__init__", "model", "diagnostics", "errors", "digests", "memo", "regex"),
    ("project",),
    ("markdown", "snippets"),
    ("recordings",),
    ("render",),
    ("talk",),
    ("site",),
    ("execute", "trust", "desktop"),
    ("serve",),
    ("cli", "__main__"),
)
STRANGERS = (("markdown", "snippets"), ("snippets", "markdown"), ("render", "markdown"), ("trust", "execute"))
"""Rooms of which the first does not know the second."""

THIRD_PARTY = {
    # import name: the rooms or modules that may use it
    "PIL": ("recordings.pictures",),
    "babel": ("render.words",),
    "click": ("cli",),
    "emoji": ("markdown",),
    "imagesize": ("project.assets", "recordings.outputs"),
    "jinja2": ("render",),
    "jupyter_client": ("execute.kernel",),
    "linkify_it": ("markdown",),
    "markupsafe": ("render",),
    "markdown_it": ("markdown",),
    "mdit_py_plugins": ("markdown",),
    "platformdirs": ("project.folders",),
    "pygments": ("render.code", "render.lexers"),
    "pyte": ("recordings.screen",),
    "rich": ("cli",),
    "starlette": ("serve",),
    "tinycss2": ("project.stylesheets", "markdown.dialects.common.css", "markdown.rules.support.colours"),
    "uvicorn": ("serve",),
    "watchdog": ("serve.watch",),
    "wcmatch": ("project", "snippets.keys", "recordings.recorded", "serve.watch"),
    "yaml": ("project", "markdown.frontmatter"),
}
PROCESSES = ("execute", "desktop")
FILES = (
    *("project", "recordings", "site.output", "render.icons", "trust", "execute", "memo"),
    "serve.running",  # notes of which servers run
    "serve.stage.sign_in",  # a page for the browser that opens the stage
)
CONFINED = {
    # modules of the standard library that are confined in the same way
    **dict.fromkeys(("subprocess", "multiprocessing", "pty"), PROCESSES),
    "socket": (*PROCESSES, "serve"),
    **dict.fromkeys(("tempfile", "fileinput", "mmap"), FILES),
    "shutil": (*FILES, "desktop"),  # which programs are on PATH
}
BUILDING = LAYERS[: next(number for number, rooms in enumerate(LAYERS) if "site" in rooms) + 1]
"""What a build consists of: none of it starts a process or opens a connection, itself or through what it imports."""
MAPPED = (
    *("project", "markdown", "snippets", "recordings", "render", "talk", "site"),
    *("execute", "execute/bash", "execute/engine", "execute/kernel", "trust", "cli"),
)
"""Rooms whose own docstring has a line for each of their modules."""
OUTSIDE = ("execute", "subprocess", "pty", "socket")
STANDARD_ONLY = ("__init__", "model", "diagnostics", "errors", "digests", "memo", "regex")

FILE_CALLS = frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "touch"})
TERMINAL = frozenset({"print", "input", "exit", "SystemExit", "sys.exit", "sys.stdin", "sys.stdout", "sys.stderr"})
HEAVY = (
    *("PIL", "babel", "jinja2", "markdown_it", "pygments", "rich", "starlette", "tinycss2", "uvicorn"),
    *("watchdog", "wcmatch", "yaml"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    name: str
    """Without `quarterdeck.`: `markdown.split`; a package's own file has the package's name."""
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]


@cache
def modules(package: Path) -> tuple[Module, ...]:
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        found.append(Module(name=name, tree=ast.parse(path.read_text("utf-8"), filename=str(path))))
    return tuple(found)


@cache
def imports(module: Module) -> tuple[tuple[str, int], ...]:
    """Every imported name with its line, those inside functions too; `from a import b` gives `a.b`."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found += ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
    return tuple(found)


def own_imports(module: Module, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Modules of the package that a module imports, without `quarterdeck.`."""
    for name, line in imports(module):
        top, _, rest = name.partition(".")
        if top != "quarterdeck":
            continue
        while rest and rest not in known:  # the last part may name something inside of a module
            rest = rest.rpartition(".")[0]
        yield rest or "__init__", line


def level(room: str) -> int:
    return next((number for number, rooms in enumerate(LAYERS) if room in rooms), -1)


def allows(places: tuple[str, ...], module: Module) -> bool:
    return any(module.name == place or module.name.startswith(f"{place}.") for place in places)


def upward_imports(package: Path) -> list[str]:
    every = modules(package)
    known = frozenset(module.name for module in every)
    wrong = []
    for module in every:
        for target, line in own_imports(module, known):
            room = target.partition(".")[0]
            if level(room) > level(module.room) or (module.room, room) in STRANGERS:
                wrong.append(f"{module.name}:{line} imports {target}")
    return wrong


def misplaced_imports(package: Path) -> list[str]:
    rules = THIRD_PARTY | CONFINED
    return [
        f"{module.name}:{line} imports {name}"
        for module in modules(package)
        for name, line in imports(module)
        if not allows(rules.get(name.partition(".")[0], (module.name,)), module)
    ]


def ways_out(package: Path) -> list[str]:
    """How a room that builds reaches what runs programs or talks to others, by way of which of our modules."""
    every = modules(package)
    known = frozenset(module.name for module in every)
    own = {module.name: {target for target, _ in own_imports(module, known)} & known for module in every}
    outside = {
        module.name: [
            name for name, _ in imports(module) if name.removeprefix("quarterdeck.").partition(".")[0] in OUTSIDE
        ]
        for module in every
    }
    builders = {room for rooms in BUILDING for room in rooms}
    ways = {module.name: module.name for module in every if module.room in builders}
    waiting = list(ways)
    while waiting:
        here = waiting.pop(0)
        for target in sorted(own[here] - ways.keys()):
            ways[target] = f"{ways[here]} > {target}"
            waiting.append(target)
    return sorted(f"{way} imports {name}" for here, way in ways.items() for name in outside[here])


def repeated_classes(package: Path) -> list[str]:
    """Names that more than one class of the package has."""
    found: dict[str, list[str]] = {}
    for module in modules(package):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(module.name)
    return [f"{name}: {', '.join(places)}" for name, places in sorted(found.items()) if len(places) > 1]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def file_calls(package: Path) -> list[str]:
    return [
        f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"
        for module in modules(package)
        if not allows((*FILES, "cli"), module)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name | ast.Attribute)
        if (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in FILE_CALLS
    ]


def terminal_uses(package: Path) -> list[str]:
    return [
        f"{module.name}:{node.lineno} uses {dotted(node)}"
        for module in modules(package)
        if not allows(("cli", "__main__"), module)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node) in TERMINAL
    ]


def foreign_imports(package: Path) -> list[str]:
    """What the lowest layer imports beside the standard library, the structs that values are, and itself."""
    return [
        f"{module.name}:{line} imports {name}"
        for module in modules(package)
        if module.name in STANDARD_ONLY
        for name, line in imports(module)
        if name.partition(".")[0] not in sys.stdlib_module_names | {"quarterdeck", "msgspec", "__future__"}
    ]


def test_every_module_has_a_layer() -> None:
    assert [module.name for module in modules(PACKAGE) if level(module.room) < 0] == []


def test_the_tables_name_only_modules_that_are_there() -> None:
    there = {module.name for module in modules(PACKAGE)}
    rooms = [room for layer in LAYERS for room in layer]
    named = {
        *rooms,
        *PROCESSES,
        *FILES,
        *STANDARD_ONLY,
        *(place for places in THIRD_PARTY.values() for place in places),
    }
    assert sorted(named - there) == []


def test_the_picture_of_the_floors_shows_them() -> None:
    text = (PACKAGE.parent / "docs/architecture.md").read_text("utf-8").partition("## The floors")[2]
    shown = [line.partition("  ")[0].split() for line in text.split("```")[1].splitlines()[1:]]
    bare = ("__init__", "__main__")
    assert [sorted(rooms) for rooms in reversed(shown)] == [
        sorted(room for room in rooms if room not in bare) for rooms in LAYERS
    ]


def test_the_map_of_a_room_names_its_modules() -> None:
    wrong = {}
    for room in MAPPED:
        rows = (ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8"))) or "").splitlines()
        named = {name.strip() for row in rows[2:] if "  " in row for name in row.partition("  ")[0].split(",")}
        there = {path.stem for path in (PACKAGE / room).iterdir() if not path.name.startswith("__")}
        if named != there:
            wrong[room] = sorted(named ^ there)
    assert wrong == {}


def test_imports_point_down() -> None:
    assert upward_imports(PACKAGE) == []


def test_imports_make_no_circle() -> None:
    every = modules(PACKAGE)
    known = frozenset(module.name for module in every)
    graph = {module.name: {name for name, _ in own_imports(module, known)} - {module.name} for module in every}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import circle: {' -> '.join(error.args[1])}")


def test_libraries_files_and_processes_stay_in_their_rooms() -> None:
    assert misplaced_imports(PACKAGE) == []


def test_a_build_never_executes_anything() -> None:
    assert ways_out(PACKAGE) == []


def test_a_class_name_means_one_thing() -> None:
    assert repeated_classes(PACKAGE) == []


def test_files_are_touched_only_where_files_are_the_job() -> None:
    assert file_calls(PACKAGE) == []


def test_only_the_command_line_prints_and_exits() -> None:
    assert terminal_uses(PACKAGE) == []


def test_the_shared_values_need_the_standard_library_and_structs_only() -> None:
    assert foreign_imports(PACKAGE) == []


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, quarterdeck.cli; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


@pytest.mark.parametrize(
    ("check", "name", "text", "finding"),
    [
        (upward_imports, "model", "def f():\n    from quarterdeck import cli", "model:2 imports cli"),
        (
            upward_imports,
            "markdown/split",
            "import quarterdeck.snippets.plan",
            "markdown.split:1 imports snippets.plan",
        ),
        (
            misplaced_imports,
            "site/pipeline",
            "from pygments.lexers import x",
            "site.pipeline:1 imports pygments.lexers.x",
        ),
        (misplaced_imports, "serve/app", "import subprocess", "serve.app:1 imports subprocess"),
        (ways_out, "site/pipeline", "import subprocess", "site.pipeline imports subprocess"),
        (ways_out, "memo", "import quarterdeck.execute.x", "memo imports quarterdeck.execute.x"),
        (repeated_classes, "memo", "class A: ...\nclass A: ...", "A: memo, memo"),
        (file_calls, "site/pipeline", "Path('x').read_text()", "site.pipeline:1 calls Path('x').read_text"),
        (terminal_uses, "memo", "import sys\nsys.exit(1)", "memo:2 uses sys.exit"),
        (terminal_uses, "render/page", "print(1)", "render.page:1 uses print"),
        (foreign_imports, "model", "import yaml", "model:1 imports yaml"),
    ],
)
def test_a_breach_is_found(
    check: Callable[[Path], list[str]], name: str, text: str, finding: str, tmp_path: Path
) -> None:
    for module in ("cli", "snippets/plan", name):
        path = tmp_path / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text if module == name else "", "utf-8")
    assert check(tmp_path) == [finding]
