"""The five shipped plans at their end, and a way to export them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main

PLANS = (
    "2020-KH-KHCN-quy-hoach",
    "2024-KH-KHCN-ho-tro-tieu-chuan",
    "25-KH-KHCN-2019",
    "KH-DE-AN-TTCN-2021",
    "KH-NSCL-2021",
)

Type = Callable[..., Result]


def run(root: Path, *arguments: str, exits: int = 0) -> Result:
    """Type a command in a workspace."""
    given = ["--workspace", str(root), *arguments]
    done = CliRunner().invoke(main, given, prog_name="workflow", env={"WORKFLOW_LANG": "en", "COLUMNS": "100"})
    assert exits == done.exit_code, done.output
    return done


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which all five shipped plans went to their end; nobody changes it."""
    root = tmp_path_factory.mktemp("exports") / "demo"
    done = CliRunner().invoke(main, ["demo", str(root)], prog_name="workflow", env={"WORKFLOW_LANG": "en"})
    assert 0 == done.exit_code, done.output
    return root


@pytest.fixture
def workspace(played: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(played, tmp_path / "demo"))


@pytest.fixture
def typed(workspace: Path) -> Type:
    """Types a command in it."""

    def type_(*arguments: str, exits: int = 0) -> Result:
        return run(workspace, *arguments, exits=exits)

    return type_


@pytest.fixture(scope="session")
def exported(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Returns what all plans, or those named, are in a format; made once for each."""
    root = Path(shutil.copytree(played, tmp_path_factory.mktemp("exported") / "demo"))
    made: dict[tuple[str, ...], bytes] = {}

    def export(format_: str, *plans: str, language: str = "en") -> bytes:
        key = (format_, language, *plans)
        if key not in made:
            file = root / f"export-{len(made)}"
            run(root, "--lang", language, "audit", "export", *plans, "--format", format_, "--out", str(file))
            made[key] = file.read_bytes()
        return made[key]

    return export
