"""Cold load of a definition, text to checked model, beside PyYAML's C loader alone on the same file.

Each load of ours is the first of its kind (nothing is kept between loads); `check` is not part of it.
The shipped definitions are loaded by turns with the bare loader.

    python tests/benchmarks/bench_load.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from workflow.language.loader import load

TARGET = 1.5
FOLDER = Path(__file__).parents[2] / "definitions"


def spent(load: Callable[[], object]) -> float:
    """Return the seconds that one load takes."""
    began = time.perf_counter()
    load()
    return time.perf_counter() - began


def main(rounds: int = 15) -> bool:
    """Print each file's median ratio beside the target; return whether all reach it."""
    reached = True
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name.endswith(".scenario.yaml"):
            continue
        text = path.read_bytes()
        pairs = [
            (spent(lambda: load(text, path.name)), spent(lambda: yaml.CSafeLoader(text).get_single_data()))  # noqa: B023
            for _ in range(rounds)
        ]
        ratio = statistics.median(mine / bare for mine, bare in pairs)
        mine, bare = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
        print(f"{path.name:45} {len(text) / 1024:4.0f} kB   {mine:6.1f} ms / {bare:6.1f} ms   ratio {ratio:.2f}")
        reached = reached and ratio <= TARGET
    print(f"target {TARGET}")
    return reached


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
