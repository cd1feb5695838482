"""A new plugin from a template: a package with its project, or one file for a workspace."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from string import Template

from workflow import __version__
from workflow.errors import InvalidInput, StorageUnusable
from workflow.registry import INTEGRATION_GROUP
from workflow.steps.step_type import ENTRY_POINT_GROUP

KINDS = ("step", "guard", "effect")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_IMPORTS: Mapping[str, str] = {"effect": "from workflow import EffectCall\n"}
_NEEDS_FOLDER = ("guard", "effect")
_GROUPS: Mapping[str, str] = {"step": ENTRY_POINT_GROUP, "guard": ENTRY_POINT_GROUP, "effect": INTEGRATION_GROUP}
"""What sends something out does so only where it was set up: else each workspace would queue what nobody asked for."""
_SET_UP: Mapping[str, str] = {
    "effect": """
It does nothing before a workspace sets it up (`workflow plugin list` says `off`). In workflow.toml:

```toml
[plugins.{name}]
folder = "notes"
```

What waits is carried out by `workflow worker` (`pip install 'trinh[worker]'`).
"""
}


@dataclass(frozen=True)
class Plan:
    """Files to be written: path below *folder* to text."""

    folder: Path
    files: Mapping[str, str]


def new_package(name: str, kind: str, parent: Path) -> Path:
    """Make the package `parent/NAME/` and return it.

    Raises:
        InvalidInput: If the name cannot be used or is taken, or there is such a folder.
        StorageUnusable: If it cannot be written; nothing is left behind.
    """
    words = _words(name, importable=True)
    folder = parent / name
    if folder.exists():
        raise InvalidInput("there is a `{path}` already", code="path-exists", path=folder)
    module = words["module"]
    imports = {
        "step": "",
        "guard": "",
        "effect": f"import {module}\nimport pytest\nfrom {module} import carry_out, unready\n"
        "from workflow import EffectCall\n",
    }[kind]
    definition = f'files("{module}").joinpath("definition.yaml").read_text("utf-8")'
    fixtures = ("workflow_office", *(("tmp_path",) if kind in _NEEDS_FOLDER else ()))
    test = _filled(
        f"{kind}.test",
        words,
        arguments=", ".join(fixtures),
        office="    office = workflow_office",
        definition="DEFINITION",
    )
    given = _filled("given", words) if kind == "effect" else ""
    head = f'"""The plugin {name}, walked through a plan."""\n\nfrom importlib.resources import files\n'
    files = {
        "pyproject.toml": _filled("pyproject.toml", words, group=_GROUPS[kind]),
        "README.md": _filled("README.md", words, set_up=_SET_UP.get(kind, "").format(name=name)),
        f"{module}/__init__.py": _filled(f"{kind}.py", words),
        f"{module}/definition.yaml": _filled(f"{kind}.yaml", words),
        f"tests/test_{module}.py": f"{head}\n{imports}\nDEFINITION = {definition}\n\n\n{given}{test}".replace(
            "\n\n\nDEF", "\n\nDEF"
        ),
    }
    _write(Plan(folder, files))
    return folder


def new_file(name: str, kind: str, plugins: Path) -> Path:
    """Make the plugin `NAME.py` in a workspace's folder of plugins, with its test in it, and return it.

    Raises:
        InvalidInput: If the name cannot be used or is taken, or there is such a file.
        StorageUnusable: If it cannot be written.
    """
    words = _words(name, importable=False)
    path = plugins / f"{name}.py"
    if path.exists():
        raise InvalidInput("there is a `{path}` already", code="path-exists", path=path)
    code = _filled(f"{kind}.py", words)
    definition = _filled(f"{kind}.yaml", words)
    imports = "    import sys\n\n    from workflow.testing import Office\n\n"
    if kind == "effect":
        imports = imports.replace("    from workflow.t", "    from workflow import EffectCall\n    from workflow.t")
    test = _filled(
        f"{kind}.test",
        words,
        arguments="tmp_path" if kind in _NEEDS_FOLDER else "",
        office=imports + "    office = Office(sys.modules[__name__])",
        definition="SAMPLE",
    )
    said = '"""A definition that uses it; in a file of its own it belongs into `definitions/`."""'
    sample = f'SAMPLE = """\\\n{definition}"""\n{said}'
    text = f"{code}\n\n# What follows is for `pytest {path.name}` alone and may be taken out.\n\n{sample}\n\n\n{test}"
    try:
        plugins.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _words(name: str, *, importable: bool) -> dict[str, str]:
    """Return what stands in the templates for a name.

    Raises:
        InvalidInput: If it cannot be used.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise InvalidInput(
            "`{name}` cannot be a plugin's name",
            code="bad-name",
            hint="at most 40 lower-case letters a-z and digits, words joined by hyphens, such as site-visit",
            name=name[:120],
        )
    module = name.replace("-", "_")
    every = entry_points()
    groups = (ENTRY_POINT_GROUP, INTEGRATION_GROUP)
    taken = {point.name: point.value for group in groups for point in every.select(group=group)}
    if name in taken:
        raise InvalidInput(
            "the name `{name}` is taken by the plugin from {other}",
            code="name-taken",
            hint="`workflow plugin list` shows the names that are taken",
            name=name,
            other=taken[name],
        )
    if keyword.iskeyword(module) or module in sys.stdlib_module_names or (importable and find_spec(module)):
        raise InvalidInput(
            "`{name}` is the name of a Python module that there is already",
            code="name-taken",
            hint="put a word of your own in front, such as our-{name}",
            name=name,
        )
    title = name.replace("-", " ").capitalize()
    camel = "".join(word.capitalize() for word in name.split("-"))
    return {
        "name": name,
        "module": module,
        "title": title,
        "camel": camel,
        "distribution": f"trinh-{name}",
        "version": __version__,
    }


def _filled(template: str, words: Mapping[str, str], **more: str) -> str:
    text = resources.files("workflow.scaffold").joinpath("templates", template + ".tmpl").read_text(encoding="utf-8")
    return Template(text).substitute({**words, **more})


def _write(plan: Plan) -> None:
    """Write all files of a new folder, or nothing."""
    try:
        plan.folder.mkdir()
        try:
            for name, text in plan.files.items():
                path = plan.folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
        except OSError:
            shutil.rmtree(plan.folder, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(plan.folder, error) from error


def _unwritable(path: Path, error: OSError) -> StorageUnusable:
    return StorageUnusable(
        "{directory} cannot be written: {error}",
        code="not-writable",
        hint="choose a folder you may write to",
        directory=path,
        error=error.strerror or error,
    )
