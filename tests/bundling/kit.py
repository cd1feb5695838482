"""A workspace with seals and a bundle of it; bundles taken apart and put together again; the verifier run alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from workflow import verifier

FILE = Path(verifier.__file__)
PLAN = "1-KH-MAU"


class Part(NamedTuple):
    """A part of a bundle."""

    kind: str
    name: str
    content: bytes

    @property
    def value(self) -> dict:
        """Its JSON."""
        return json.loads(self.content)

    def with_value(self, **changes: object) -> Part:
        """The same part with other values in its JSON, canonical again."""
        return self._replace(content=canonical({**self.value, **changes}))


def canonical(value: object) -> bytes:
    """Canonical JSON, for values that have such a form."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parts_of(bundle: bytes) -> list[Part]:
    """The parts of a sound bundle."""
    at, found = bundle.index(b"\n") + 1, []
    while at < len(bundle) - 65:
        line = bundle[at : bundle.index(b"\n", at)]
        head, start = json.loads(line), at + len(line) + 1
        found.append(Part(head["kind"], head["name"], bundle[start : start + head["length"]]))
        at = start + head["length"] + 1
    return found


def header(kind: str, length: object, name: str) -> bytes:
    """A part's first line."""
    return canonical({"kind": kind, "length": length, "name": name}) + b"\n"


def summed(body: bytes) -> bytes:
    """The bytes of a bundle with their sum below."""
    return body + hashlib.sha256(body).hexdigest().encode() + b"\n"


def built(parts: list[Part], *, counted: bool = True) -> bytes:
    """A bundle of these parts, its sum right and, if *counted*, what it tells of their number too."""
    if counted and parts and parts[0].kind == "about":
        kinds = dict.fromkeys(parts[0].value["counts"], 0)
        for part in parts:
            kinds[part.kind] = kinds.get(part.kind, 0) + 1
        parts = [parts[0].with_value(counts=kinds), *parts[1:]]
    body = b"trinh-bundle 1\n"
    for part in parts:
        body += header(part.kind, len(part.content), part.name) + part.content + b"\n"
    return summed(body)


def edit(kind: str, change: Callable[[Part], Part | list[Part]], which: int = 0) -> Callable[[list[Part]], list[Part]]:
    """Change one part of a kind."""

    def edited(parts: list[Part]) -> list[Part]:
        at = [number for number, part in enumerate(parts) if part.kind == kind][which]
        new = change(parts[at])
        return [*parts[:at], *(new if type(new) is list else [new]), *parts[at + 1 :]]

    return edited


def alone(*arguments: object, cwd: Path, memory: int | None = None, bare: bool = True) -> subprocess.CompletedProcess:
    """Run a copy of the verifier where nothing of ours can be imported; *bare*: nothing that is installed either.

    Args:
        memory: So many MiB of address space at most.
    """
    copy = cwd / "verifier.py"
    copy.write_bytes(FILE.read_bytes())
    limit = ""
    if memory:
        limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({memory << 20},) * 2); "
    code = (
        f"{limit}import runpy, sys; sys.argv[0] = 'verifier.py'; import importlib.util as u; "
        "assert u.find_spec('workflow') is None; runpy.run_path('verifier.py', run_name='__main__')"
    )
    if not bare:
        # Where `cryptography` is installed the project may be too: it is put out of reach.
        site = next(path for path in sys.path if path.endswith("site-packages"))
        code = f"import sys; sys.path.append({site!r}); " + code
    flags = ["-I", "-S", "-B"]
    return subprocess.run(
        [sys.executable, *flags, "-c", code, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
