"""One workspace with two seals, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from bundling.kit import PLAN
from click.testing import CliRunner, Result

from workflow import verifier
from workflow.bootstrap import init_workspace, open_workspace
from workflow.cli import main
from workflow.demo import leave_samples
from workflow.service.service import Service

TEMPLATE = "provincial-normative-document-template"


@dataclass
class Office:
    """A workspace in which a plan was begun, sealed, gone on with, sealed again and bundled."""

    root: Path
    typed: Callable[..., Result]

    @property
    def key(self) -> Path:
        """The public key's file."""
        return next((self.root / "keys").glob("*.pub"))

    def seal(self, number: int) -> Path:
        """The file of a seal."""
        return self.root / "seals" / f"seal-{number:06d}.txt"

    @cached_property
    def service(self) -> Service:
        """The workspace's service, for what no command does."""
        return open_workspace(self.root).service

    def bundle(self, *arguments: str) -> bytes:
        """A bundle, as made by the command."""
        path = self.root / "made.bundle"
        done = self.typed("audit", "bundle", *arguments, "--out", str(path), "--force")
        assert 0 == done.exit_code, done.output
        return path.read_bytes()


def opened(root: Path) -> Office:
    """An office in which a plan was begun, and a draft of it handed in."""
    init_workspace(root)
    leave_samples(root)

    def typed(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--workspace", str(root), "--lang", "en", *arguments], prog_name="workflow")

    office = Office(root, typed)
    for line in (
        ["people", "load", str(root / "people.yaml"), "--as", "van-thu"],
        ["create", TEMPLATE, "--id", PLAN, "--adopt-at", "first-draft", "--as", "van-thu", "--note", "Việc mới"],
        ["act", PLAN, "write-1", "submit", "--attach", str(root / "samples" / "du-thao.txt"), "--as", "van-thu"],
    ):
        done = typed(*line)
        assert 0 == done.exit_code, done.output
    return office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with two seals over its plan; who changes it makes its own."""
    patch = pytest.MonkeyPatch()
    patch.delenv("WORKFLOW_KEY_PASSPHRASE", raising=False)
    made = opened(tmp_path_factory.mktemp("office") / "office")
    for line in (
        ["audit", "key", "new", "--as", "van-thu"],
        ["audit", "seal", "--as", "van-thu"],
        ["act", PLAN, "write-1", "submit", "--attach", str(made.root / "people.yaml"), "--as", "van-thu"],
        ["audit", "seal", "--as", "van-thu"],
    ):
        done = made.typed(*line)
        assert 0 == done.exit_code, done.output
    patch.undo()
    return made


@pytest.fixture(scope="session")
def bundle(office: Office) -> bytes:
    """A bundle of the plan and of the workspace's chain."""
    return office.bundle(PLAN, "@workspace")


@pytest.fixture
def judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Has the verifier judge bytes: its exit code and what it prints."""

    def judge(bundle: bytes, *options: object) -> tuple[int, str]:
        path = tmp_path / "a.bundle"
        path.write_bytes(bundle)
        capsys.readouterr()
        code = verifier.main([str(path), *map(str, options)])
        return code, capsys.readouterr().out

    return judge
