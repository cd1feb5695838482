"""What `plugin check` is asked about: a file, a folder, or a plugin's name. Nothing is imported here."""

from __future__ import annotations

import difflib
import importlib.util
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from workflow.errors import InvalidInput, NotFound
from workflow.registry import INTEGRATION_GROUP
from workflow.steps.step_type import ENTRY_POINT_GROUP


@dataclass(frozen=True)
class Target:
    """A plugin to check.

    Attributes:
        module: Its module's name; None for a single file.
        file: The single file; for a module the folder to put in front of the import path, None where it is installed.
        definitions: Files of definitions that may use it.
    """

    name: str
    module: str | None
    file: str | None
    definitions: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Target:
        """Rebuild it from `as_data()` values."""
        return cls(**{**data, "definitions": tuple(data["definitions"])})


def find(asked: str, workspace: Path | None, definitions: Sequence[Path] = ()) -> list[Target]:
    """Return what *asked* means: an installed plugin or one of the workspace by its name, else a path.

    Args:
        workspace: The folder of the workspace's plugins.
        definitions: Files of definitions that may use it.

    Raises:
        NotFound: If there is no such plugin and no such file.
        InvalidInput: If there is no plugin in the folder.
    """
    kept = tuple(str(path.resolve()) for path in definitions)
    every = entry_points()
    points = {
        point.name: point for group in (INTEGRATION_GROUP, ENTRY_POINT_GROUP) for point in every.select(group=group)
    }
    files = {path.stem: path for path in sorted(workspace.glob("[!_]*.py"))} if workspace is not None else {}
    if asked in points:
        return [Target(asked, points[asked].value, None, kept)]
    if asked in files:
        return [Target(asked, None, str(files[asked].resolve()), kept)]
    path = Path(asked)
    if path.is_dir():
        return _in_folder(path.resolve(), kept)
    if path.is_file():
        return [Target(path.stem, None, str(path.resolve()), kept)]
    near = difflib.get_close_matches(asked, [*points, *files], n=3, cutoff=0.5)
    raise NotFound(
        "there is no plugin, file or folder `{name}`",
        code="unknown-plugin",
        hint="did you mean {near}?" if near else "`workflow plugin list` shows what is installed",
        name=asked[:200],
        near=" / ".join(near),
    )


def _in_folder(folder: Path, definitions: tuple[str, ...]) -> list[Target]:
    """Return the plugins of a project's folder, by its pyproject.toml, or the package that the folder is."""
    found = tuple(str(path) for path in sorted(folder.rglob("*.yaml")) if ".scenario." not in path.name)
    project = folder / "pyproject.toml"
    if project.is_file():
        try:
            data = tomllib.loads(project.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidInput("{path}: {error}", code="bad-project", path=project, error=error) from error
        points = data.get("project", {}).get("entry-points", {}).get(ENTRY_POINT_GROUP, {})
        root = folder / "src" if (folder / "src").is_dir() else folder
        if points:
            return [Target(name, module, str(root), (*found, *definitions)) for name, module in points.items()]
    if (folder / "__init__.py").is_file():
        return [Target(folder.name, folder.name, str(folder.parent), (*found, *definitions))]
    raise InvalidInput(
        "{folder} holds no plugin: neither a pyproject.toml with an entry point nor an __init__.py",
        code="no-plugin",
        hint='the entry point stands in [project.entry-points."{group}"]',
        folder=folder,
        group=ENTRY_POINT_GROUP,
    )


def load(target: Target) -> tuple[Any, Path]:
    """Import a target and return its module with the author's own folder or file."""
    if target.module is None:
        assert target.file is not None
        path = Path(target.file)
        spec = importlib.util.spec_from_file_location(f"checked_plugin_{path.stem.replace('-', '_')}", path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is no Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module, path
    if target.file is not None:
        sys.path.insert(0, target.file)
    module = importlib.import_module(target.module)
    return module, own_root(target.module)


def own_root(module: str) -> Path:
    """Return the folder of a module's outermost package, or its file. Nothing of it is imported anew."""
    outermost = importlib.util.find_spec(module.partition(".")[0])
    if outermost is None or outermost.origin is None:
        return Path("-")
    origin = Path(outermost.origin)
    return origin.parent if origin.name == "__init__.py" else origin
