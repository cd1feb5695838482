"""Starts the process that checks a plugin, waits for it no longer than agreed, and reads what it found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workflow.conformance import findings as f
from workflow.conformance.findings import Finding
from workflow.conformance.targets import Target
from workflow.errors import N_, InvalidInput, Phrase

SECONDS = 20.0
"""For loading, for each step type, and for each other thing that a plugin offers."""
_GRACE = 15.0
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)$', re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What was found; `parts` are the things that were looked at, in order."""

    plugin: str
    findings: tuple[Finding, ...]
    parts: tuple[str, ...]


def check(target: Target, program: Sequence[str], seconds: float = SECONDS) -> Report:
    """Check a plugin in a process of its own.

    Args:
        program: The command that ends in `apart.main`; the request is put behind it.

    Raises:
        InvalidInput: If hypothesis is not installed.
    """
    if find_spec("hypothesis") is None:
        raise InvalidInput(
            "hypothesis, which draws the commands, is not installed",
            code="extra-missing",
            hint="pip install 'trinh[testing]'",
        )
    with tempfile.TemporaryDirectory(prefix="plugin-check-") as folder:
        found, parts = _run(target, program, seconds, Path(folder), replay=False)
        if (Path(folder) / "trails.json").is_file() and f.TIME not in {one.check for one in found}:
            # Once more in another process, with another seed of str's hash: only the replay.
            more, _ = _run(target, program, seconds, Path(folder), replay=True)
            found += [one for one in more if one.check in (f.REPLAY, f.TIME)]
    return Report(target.name, tuple(_sorted(found)), tuple(parts))


def _sorted(found: Sequence[Finding]) -> Iterator[Finding]:
    seen = set()
    for one in sorted(found, key=lambda one: (one.file, one.line, one.check)):
        if one.key not in seen:
            seen.add(one.key)
            yield one


def _run(
    target: Target, program: Sequence[str], seconds: float, folder: Path, *, replay: bool
) -> tuple[list[Finding], list[str]]:
    told, hung, said = folder / f"told-{replay}.jsonl", folder / f"hung-{replay}.txt", folder / f"said-{replay}.txt"
    told.touch()
    request = {
        "target": target.as_data(),
        "told": str(told),
        "hung": str(hung),
        "trails": str(folder / "trails.json"),
        "seconds": seconds,
        "replay": replay,
    }
    environment = {**os.environ, "PYTHONHASHSEED": "2" if replay else "1", "PYTHONUTF8": "1"}
    with open(said, "wb") as output:
        process = subprocess.Popen(
            [*program, json.dumps(request)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        _wait(process, told, seconds + _GRACE)
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    found = [Finding.from_data(line["finding"]) for line in lines if "finding" in line]
    parts = [line["at"] for line in lines if "at" in line]
    if not any("checked" in line for line in lines):
        found.append(_stopped(target, process.returncode, parts, hung, said, seconds))
    return found, parts


def _wait(process: subprocess.Popen[bytes], told: Path, patience: float) -> None:
    """Wait until the process ends, or says nothing for longer than its own watchdog would let it."""
    size, since = -1, time.monotonic()
    while True:
        try:
            process.wait(0.2)
            return
        except subprocess.TimeoutExpired:
            if told.stat().st_size != size:
                size, since = told.stat().st_size, time.monotonic()
            if time.monotonic() - since > patience:
                process.kill()
                process.wait()
                return


def _stopped(target: Target, code: int, parts: Sequence[str], hung: Path, said: Path, seconds: float) -> Finding:
    """Say where the process stood when it was ended, or that it ended by itself."""
    dump = hung.read_text(encoding="utf-8", errors="replace") if hung.is_file() else ""
    params: Mapping[str, Any] = {"part": parts[-1] if parts else "-", "seconds": f"{seconds:g}"}
    otherwise = (target.file or target.module or "-", 1)
    if dump:
        file, line = _author_frame(dump, target) or otherwise
        return Finding(
            f.TIME, "error", file, line, Phrase(N_("{part}: not done after {seconds} s, it stood here"), params)
        )
    tail = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["-"]
    told = {**params, "code": code, "said": tail[0][:200]}
    return Finding(f.TIME, "error", *otherwise, Phrase(N_("{part}: the process ended with code {code}: {said}"), told))


def _author_frame(dump: str, target: Target) -> tuple[str, int] | None:
    """Return the innermost frame outside Python and the engine, the newest stands first."""
    outside = (str(Path(os.__file__).parent), str(Path(__file__).parent.parent), "<")
    frames = [(found["file"], int(found["line"])) for found in _FRAME.finditer(dump)]
    if target.file is not None:
        own = [frame for frame in frames if frame[0].startswith(target.file)]
        if own:
            return own[0]
    ours = str(Path(__file__).parent.parent)
    libraries = str(Path(os.__file__).parent)
    for file, line in frames:
        if not file.startswith(outside) or ("site-packages" in file and not file.startswith((ours, libraries))):
            return file, line
    return None


def interpreter() -> list[str]:
    """Return the command of this Python, with its own import path."""
    return [sys.executable, "-X", "utf8"]
