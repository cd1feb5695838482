"""What is installed: the wheel carries everything the checkout has, under the names people rely on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

import workflow

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = {"workflow": "workflow", "trinh_plugins": "plugins", "trinh_definitions": "definitions"}
LOCKED = (ROOT / "requirements-test.txt").read_text("utf-8")


def tracked(folder: str, suffix: str) -> set[str]:
    """Files of *folder* with this suffix, relative to it."""
    return {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*" + suffix)}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout, without the network."""
    source = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for folder in FOLDERS.values():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                target = source / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*build, "--wheel-dir", str(out), str(source)], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return next(out.glob("trinh-*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    # A .pth of a folder named in a .pth is not followed: the editable install stays out of sight.
    (site / "dependencies.pth").write_text(next(p for p in sys.path if p.endswith("site-packages")) + "\n", "utf-8")
    return python


def run(python: Path, code: str, cwd: Path) -> str:
    """Run *code* in another environment, outside the checkout, and return what it prints."""
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False, cwd=cwd)
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


def test_the_version_is_one():
    """The distribution and the package name the same version."""
    assert PROJECT["project"]["version"] == workflow.__version__


@pytest.mark.parametrize(("package", "folder"), FOLDERS.items())
def test_every_folder_with_modules_is_packaged(package, folder):
    """The list of packages is complete: no folder with modules is left behind."""
    names = {package, *(f"{package}.{Path(p).parent.as_posix().replace('/', '.')}" for p in tracked(folder, ".py"))}
    names.discard(f"{package}..")

    assert names == {p for p in PROJECT["tool"]["setuptools"]["packages"] if p.split(".")[0] == package}


@pytest.mark.parametrize(("package", "folder"), FOLDERS.items())
def test_the_wheel_carries_every_module_and_every_text(wheel, package, folder):
    """Modules, definitions, data, guides and catalogues stand in the wheel."""
    carried = {name.removeprefix(package + "/") for name in zipfile.ZipFile(wheel).namelist()}
    kinds = (".py", ".yaml", ".toml", ".po", ".md", ".mako", ".tmpl", ".json")
    wanted = set().union(*(tracked(folder, suffix) for suffix in kinds))

    assert set() == wanted - carried


def test_the_wheel_carries_nothing_else(wheel):
    """No tests, no caches and no databases travel along."""
    top = {name.split("/", 1)[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {*FOLDERS, f"trinh-{workflow.__version__}.dist-info"} == top
    assert [] == [n for n in zipfile.ZipFile(wheel).namelist() if n.endswith((".pyc", ".db"))]


def test_the_installed_wheel_finds_its_definitions(installed, tmp_path):
    """Away from the checkout the definitions are found as data of the package."""
    code = "from importlib.resources import files; print(*sorted(p.name for p in files('trinh_definitions').iterdir()))"
    found = {name for name in run(installed, code, tmp_path).split() if name.endswith(".yaml")}

    assert {path.name for path in (ROOT / "definitions").glob("*.yaml")} == found


def test_the_installed_wheel_speaks_vietnamese(installed, tmp_path):
    """Away from the checkout the catalogue is found."""
    code = "from workflow.catalogue import translations; print(len(translations('vi')) > 0)"

    assert "True" == run(installed, code, tmp_path)


def test_the_installed_wheel_finds_every_plugin(installed, tmp_path):
    """Away from the checkout every entry point names a module that imports."""
    code = (
        "from importlib.metadata import entry_points\n"
        "import workflow; assert 'site-packages' in workflow.__file__, workflow.__file__\n"
        "for entry in entry_points(group='workflow.plugins'):\n"
        "    entry.load(); print(entry.name)"
    )

    assert set(PROJECT["project"]["entry-points"]["workflow.plugins"]) == set(run(installed, code, tmp_path).split())


def test_the_installed_wheel_plays_its_demo(installed, tmp_path):
    """Away from the checkout the demo runs all five plans to their end, and its trail verifies."""
    command = [str(installed), "-m", "workflow"]
    played = subprocess.run([*command, "demo", "plans"], capture_output=True, text=True, check=False, cwd=tmp_path)
    listed = subprocess.run(
        [*command, "--workspace", "plans", "list", "--json"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    verified = subprocess.run([*command, "--workspace", "plans", "audit", "verify"], cwd=tmp_path, check=False)

    assert 0 == played.returncode, played.stderr
    assert ["finished"] * 5 == [plan["state"] for plan in json.loads(listed.stdout)["plans"]]
    assert 0 == verified.returncode


def test_the_checkout_finds_its_definitions():
    """In an editable install the definitions are those of the checkout."""
    found = {path.name for path in files("trinh_definitions").iterdir() if path.name.endswith(".yaml")}

    assert {path.name for path in (ROOT / "definitions").glob("*.yaml")} == found


def test_every_plugin_has_its_entry_point():
    """Every module and package in `plugins/` is a plugin, or an integration that waits to be set up."""
    groups = PROJECT["project"]["entry-points"]
    entries = {*groups["workflow.plugins"].values(), *groups["workflow.integrations"].values()}
    modules = {p.stem for p in (ROOT / "plugins").glob("*.py")} | {
        p.parent.name for p in (ROOT / "plugins").glob("*/__init__.py")
    }
    public = {f"trinh_plugins.{name}" for name in modules if not name.startswith("_")}

    assert entries == public


def test_the_locked_requirements_are_complete():
    """Every dependency of the core and of the tests is locked with its hashes."""
    project = PROJECT["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[>=<\[; ]", line, maxsplit=1)[0].lower() for line in needed}
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCKED, re.MULTILINE))

    assert set() == names - locked
    assert len(re.findall(r"^\S+==", LOCKED, re.MULTILINE)) == len(
        re.findall(r"^\S+==.*\\\n    --hash=sha256:", LOCKED, re.MULTILINE)
    )


def test_the_locked_requirements_name_no_place():
    """No index, no address and no path of one machine stands in the locked file."""
    assert [] == re.findall(r"://|--index|--find-links|--extra|^-e|@ |^ *# ", LOCKED, re.MULTILINE)


def test_the_readme_has_the_two_commands_that_ci_relies_on():
    """Two lines make an environment: one ends in the demo, one runs the tests, and CI takes the second."""
    lines = [
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("python3 -m venv")
    ]

    assert 2 == len(lines)
    assert lines[0].endswith("workflow demo")
    assert " -m pytest" in lines[1]
    assert "'^python3 -m venv .* -m pytest' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
def test_the_readme_leads_from_an_empty_folder_to_the_second_stage(tmp_path):
    """The three commands of the README work as they stand, one after the other."""
    text = (ROOT / "README.md").read_text("utf-8")
    commands = next(block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "workflow create" in block)
    environment = {**os.environ, "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}
    shown = f"set -e\n{commands}workflow show a-1 --json"
    done = subprocess.run(
        ["sh", "-c", shown], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )

    assert 0 == done.returncode, done.stderr
    assert 3 == len(commands.splitlines())
    assert '"stage": "first-draft"' in done.stdout


def test_the_readme_maps_every_module():
    """Every module and package of the engine stands in the README's map."""
    text = (ROOT / "README.md").read_text("utf-8")
    modules = {path.stem for path in (ROOT / "workflow").glob("*.py") if not path.stem.startswith("__")}
    packages = {path.parent.name + "/" for path in (ROOT / "workflow").glob("*/__init__.py")}

    assert [] == sorted(name for name in modules | packages if f"`{name}`" not in text)


def test_the_readme_names_only_files_that_exist():
    """Every relative link of the README and of the guides beside it leads to something."""
    broken = [
        (name, target)
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8"))
        if not (ROOT / target).exists()
    ]

    assert [] == broken
