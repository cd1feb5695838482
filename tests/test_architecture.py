"""The shape of the engine: which way imports go, which words it may use, how long its files are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import workflow

ROOT = Path(__file__).parent.parent
CORE = Path(workflow.__file__).parent
SOURCES = sorted(CORE.rglob("*.py"))
PYTHON = [path for folder in ("workflow", "plugins", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
LONGEST_FILE = 420

PLUGIN_WORDS = (
    "consultation",
    "appraisal",
    "public comment",
    "opinion",
    "support fund",
    "lấy ý kiến",
    "thẩm định",
    "góp ý",
    "ý kiến",
    "quỹ hỗ trợ",
    "kinh phí hỗ trợ",
)
"""Work that only plugins know; with `-`, `_` or nothing between two words they are banned too."""

FOLDERS = {"workflow", "plugins", "definitions", "tests"}
FILES = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "Makefile",
}
PURE = {
    "errors",
    "problems",
    "definition",
    "messages",
    "deadlines",
    "people",
    "plan",
    "machine",
    "audit",
    "steps",
    "decide",
}
IMPURE_IMPORTS = {"os", "io", "pathlib", "shutil", "tempfile", "sqlite3", "socket", "subprocess", "time", "getpass"}
CLOCKS = re.compile(r"(.*\.)?(date|datetime)\.(now|today|utcnow)|time\.\w+")
DRAGGING_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "core", "base", "misc"}


def relative(path: Path) -> str:
    """The path as it is shown in a failure."""
    return path.relative_to(ROOT).as_posix()


def test_imports_keep_the_contracts():
    """Every import-linter contract of pyproject.toml is kept."""
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert 0 == broken, "the report above names the imports; `lint-imports` shows it alone"


@pytest.mark.parametrize("word", PLUGIN_WORDS)
def test_the_engine_knows_no_step_type(word):
    """No source of the engine uses a word that belongs to a plugin."""
    pattern = re.compile(r"[\s_-]*".join(map(re.escape, word.split())), re.IGNORECASE)
    using = [
        relative(path) for path in SOURCES if pattern.search(unicodedata.normalize("NFC", path.read_text("utf-8")))
    ]

    assert [] == using


def test_files_stay_short():
    """No Python file grows beyond what one reads in a sitting."""
    long = {
        relative(path): lines for path in PYTHON if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }

    assert {} == long


def test_top_level_names_are_the_agreed_ones():
    """Beside the four folders stand only the agreed files, requirements, constraints and dot-files."""
    listed = subprocess.run(["git", "ls-files", "--cached"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = {line.split("/", 1)[0] for line in listed.stdout.splitlines()}
    other = {n for n in names - FOLDERS - FILES if not re.fullmatch(r"\..+|(requirements|constraints).*\.txt", n)}

    assert set() == other


def test_names_of_modules_say_what_is_in_them():
    """No module has a name that anything could be put under."""
    assert [] == [relative(path) for path in PYTHON if path.stem in DRAGGING_NAMES]


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem in PURE and p.parent == CORE], ids=lambda p: p.stem)
def test_the_pure_core_touches_nothing_outside(path):
    """The pure core imports no module that reaches files, processes, sockets or clocks."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    imported |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}

    assert set() == imported & IMPURE_IMPORTS


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem in PURE and p.parent == CORE], ids=lambda p: p.stem)
def test_the_pure_core_asks_no_clock(path):
    """The pure core never asks for today or now."""
    tree = ast.parse(path.read_text("utf-8"))
    asked = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and CLOCKS.fullmatch(ast.unparse(n.func))]

    assert [] == asked


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_no_text_is_run_as_code(path):
    """Nothing calls eval, exec or an unsafe YAML loader."""
    forbidden = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load"):
                forbidden.append(f"{node.lineno}: {called}")

    assert [] == forbidden


def test_public_names_are_documented():
    """Every public module, class and function of the engine has a docstring."""
    bare = []
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        if tree.body and ast.get_docstring(tree) is None:
            bare.append(relative(path))
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                if ast.get_docstring(node) is None:
                    bare.append(f"{relative(path)}:{node.lineno} {node.name}")

    assert [] == bare


def test_tests_are_sentences():
    """Every test has a docstring that states what holds."""
    silent = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in PYTHON
        if path.name.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and ast.get_docstring(node) is None
    ]

    assert [] == silent


def test_help_loads_neither_database_nor_models():
    """Importing the package loads no heavy library: `--help` must be quick."""
    code = "import sys, workflow; print(*[m for m in ('pydantic', 'sqlalchemy', 'sqlmodel') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "" == loaded.stdout.strip()
