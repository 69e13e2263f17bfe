"""The rules of the house, read from the syntax trees of the sources: who may import whom, how long things may be, who may do what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Optional

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_FILE_LINES = 320
MAX_FUNCTION_LINES = 45

# What a module may not import, by the start of its own dotted name; the longest start that fits decides.
FORBIDDEN = {
    "plugin": ("models", "plugin.ui", "plugin.main"),
    "plugin.main": ("models",),
    "plugin.ui": ("models", "plugin.main", "plugin.engine", "plugin.map", "plugin.processing"),
    "plugin.map": ("models", "plugin.main", "plugin.ui", "plugin.engine", "plugin.session"),
    "plugin.engine": ("models", "plugin.main", "plugin.ui", "plugin.map", "plugin.session"),
    "plugin.processing": ("models", "plugin.main", "plugin.ui", "plugin.session"),
    "plugin.session": ("models", "plugin.main", "plugin.ui", "plugin.map", "plugin.engine"),
    "models": ("plugin", "qgis", "PyQt5", "PyQt6", "osgeo", "build", "tools", "tests"),
}
SHARED_WITH_PLUGIN = ("models.protocol", "models.catalog", "models.classes")
QGIS_BRINGS = {"qgis", "numpy", "osgeo"}
STARTS_PROCESSES = {"QProcess", "subprocess", "multiprocessing", "os.system", "os.popen", "os.startfile", "os.fork", "os.execv"}
TOUCHES_NETWORK = {
    "QNetworkAccessManager", "QNetworkRequest", "QgsNetworkAccessManager", "urllib.request", "http", "socket", "ftplib", "requests",
    "huggingface_hub",
}  # fmt: skip
RUNS_STRANGERS = {"pickle", "marshal", "shelve", "dill"}
MAY_START_PROCESSES = {"plugin/engine/process.py", "plugin/engine/installer.py"}
MAY_TOUCH_NETWORK = {"plugin/engine/installer.py", "models/user_models/fetch.py"}


class Source(NamedTuple):
    path: Path
    name: str  # dotted, from the root: "plugin.map.click_tool"
    tree: ast.Module

    @property
    def relative(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


class Import(NamedTuple):
    name: str  # dotted; the module, or module and name for `from module import name`
    line: int
    at_load: bool  # False inside a function or under TYPE_CHECKING


@lru_cache(maxsize=None)
def kept_files() -> tuple[Path, ...]:
    """Every file that is in the repository or would be with `git add`; all but built ones where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return tuple(path for path in (ROOT / line for line in listed.stdout.splitlines()) if path.is_file())
    built = {"build", "dist", "demo", "__pycache__", ".git"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not built & set(path.relative_to(ROOT).parts))


@lru_cache(maxsize=None)
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files under these folders of the root; every one without an argument."""
    found = []
    for path in sorted(kept_files()):
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".py" and (not folders or parts[0] in folders):
            name = ".".join(parts)[: -len(".py")]
            found.append(Source(path, name[: -len(".__init__")] if name.endswith(".__init__") else name, parse(path)))
    return tuple(found)


@lru_cache(maxsize=None)
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(source: Source) -> list[Import]:
    """What a module imports, relative names resolved against its own."""
    package = source.name if source.path.name == "__init__.py" else source.name.rpartition(".")[0]
    found: list[Import] = []

    def visit(node: ast.AST, at_load: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, at_load) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
            found.extend(Import(f"{base}.{alias.name}" if base else alias.name, node.lineno, at_load) for alias in node.names)
        later = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or is_for_types_only(node)
        for child in ast.iter_child_nodes(node):
            visit(child, at_load and not later)

    visit(source.tree, True)
    return found


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def is_under(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


def dotted_uses(source: Source) -> list[tuple[str, int]]:
    """Names and dotted names that a module imports or uses, with their lines."""
    uses = []
    for found in imports_of(source):
        module, _, name = found.name.rpartition(".")
        uses += [(part, found.line) for part in {found.name, module, name}]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            uses.append((f"{node.value.id}.{node.attr}", node.lineno))
    return uses


def outsiders(folders: tuple[str, ...], names: set[str], allowed: frozenset[str] | set[str] = frozenset()) -> list[str]:
    return [
        f"{source.relative}:{line} uses {use}"
        for source in sources(*folders)
        if source.relative not in allowed
        for use, line in dotted_uses(source)
        if is_under(use, *names)
    ]


def test_parts_import_only_what_the_design_lets_them_see() -> None:
    faults = []
    for source in sources("plugin", "models"):
        rule = max((start for start in FORBIDDEN if is_under(source.name, start)), key=len)
        for found in imports_of(source):
            own = is_under(found.name, rule) and rule not in ("plugin", "models")
            if is_under(found.name, *FORBIDDEN[rule]) and not own and not is_under(found.name, *SHARED_WITH_PLUGIN):
                faults.append(f"{source.relative}:{found.line} imports {found.name}")
    assert not faults, "\n".join(faults)


def test_the_plugin_needs_nothing_that_qgis_does_not_bring() -> None:
    at_hand = set(sys.stdlib_module_names) | QGIS_BRINGS | {"plugin", "models"}
    faults = [
        f"{source.relative}:{found.line} imports {found.name}"
        for source in sources("plugin")
        for found in imports_of(source)
        if found.name.split(".")[0] not in at_hand
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", SHARED_WITH_PLUGIN)
def test_what_both_sides_read_needs_only_the_standard_library(name: str) -> None:
    by_name = {source.name: source for source in sources("models")}
    reached, waiting, faults = set(), [name], []
    while waiting:
        source = by_name[waiting.pop()]
        reached.add(source.name)
        for found in imports_of(source):
            inner = inner_module(found.name, by_name)
            if inner and inner not in reached:
                waiting.append(inner)
            if not inner and found.name.split(".")[0] not in sys.stdlib_module_names:
                faults.append(f"{source.relative}:{found.line} imports {found.name}")
    assert not faults, "\n".join(faults)


def inner_module(name: str, by_name: dict[str, Source]) -> Optional[str]:
    """The module of this repository that an imported dotted name comes from."""
    if name in by_name:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in by_name else None


def test_inside_the_package_imports_are_relative() -> None:
    faults = [
        f"{source.relative}:{node.lineno} from {node.module}"
        for source in sources("plugin", "models")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and not node.level and is_under(node.module or "", "plugin", "models", "rasterscribe")
    ]
    assert not faults, "\n".join(faults)


def test_no_import_runs_in_a_circle() -> None:
    by_name = {source.name: source for source in sources("plugin", "models")}
    edges = {
        name: {inner for found in imports_of(source) if found.at_load and (inner := inner_module(found.name, by_name)) and inner != name}
        for name, source in by_name.items()
    }
    assert first_circle(edges) is None


def first_circle(edges: dict[str, set[str]]) -> Optional[list[str]]:
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> Optional[list[str]]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return None
        for other in sorted(edges.get(name, ())):
            circle = walk(other, [*trail, name])
            if circle:
                return circle
        done.add(name)
        return None

    return next((circle for name in sorted(edges) if (circle := walk(name, []))), None)


def test_only_the_engines_keepers_start_processes() -> None:
    assert not (faults := outsiders(("plugin", "models"), STARTS_PROCESSES, MAY_START_PROCESSES)), "\n".join(faults)


def test_only_the_installer_and_fetch_touch_the_network() -> None:
    assert not (faults := outsiders(("plugin", "models"), TOUCHES_NETWORK, MAY_TOUCH_NETWORK)), "\n".join(faults)


def test_nothing_unpickles_or_evaluates_text() -> None:
    faults = outsiders(("plugin", "models"), RUNS_STRANGERS)
    for source in sources("plugin", "models", "tools", "build.py"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
                faults.append(f"{source.relative}:{node.lineno} calls {node.func.id}")
    assert not faults, "\n".join(faults)


def test_assertions_are_for_tests() -> None:
    faults = [
        f"{source.relative}:{node.lineno}"
        for source in sources("plugin", "models", "tools", "build.py", "__init__.py")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assert)
    ]
    assert not faults, "\n".join(faults)


def test_qt_comes_through_qgis() -> None:
    assert not (faults := outsiders(("plugin", "tests", "tools"), {"PyQt5", "PyQt6"})), "\n".join(faults)


def test_files_are_short() -> None:
    lengths = {source.relative: len(source.path.read_text("utf-8").splitlines()) for source in sources()}
    assert not (faults := [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > MAX_FILE_LINES]), "\n".join(faults)


def test_functions_are_short() -> None:
    faults = [
        f"{source.relative}:{node.lineno} {node.name}: {length} lines"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (length := lines_of_code(node)) > MAX_FUNCTION_LINES
    ]
    assert not faults, "\n".join(faults)


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines without its docstring, which may be as long as it must."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    # [k] and its like keep this line from finding itself
    places = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]/\w+|opt/wheel[s]|opt/pyp[i]|User[s]/\w+)\b|[A-Z]:\\+User[s]\\")
    faults = []
    for path in kept_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = enumerate(text.splitlines(), 1)
        faults += [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}" for number, line in lines if places.search(line)]
    assert not faults, "\n".join(faults)
