"""What the guide says of making, testing and checking plugins holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import workflow.testing
from workflow.conformance.findings import CHECKS
from workflow.testing import fixtures

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "plugins" / "README.md").read_text("utf-8")


def section(heading: str) -> str:
    """The text under a heading of the second level."""
    return GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_check_stands_in_the_guide():
    """Number, name and what has to hold, as the program says it."""
    rows = re.findall(r"^\| (\d+) \| (\w+) \| (.+) \|$", section("Testing a plugin"), re.M)

    assert [(str(number), *said) for number, said in CHECKS.items()] == rows


def test_every_public_name_of_the_kit_stands_in_the_guide():
    """Fixtures and names of `workflow.testing` each have their row."""
    text = section("Testing a plugin")
    named = {name for name in vars(fixtures) if name.startswith("workflow_")}

    assert 6 == len(named)
    for name in named:
        assert f"| `{name}` |" in text
    for name in set(workflow.testing.__all__) - {"Round"}:
        assert re.search(rf"^\|.*`{name}[`(].*\|", text, re.M), name
        assert getattr(workflow.testing, name).__doc__ or isinstance(getattr(workflow.testing, name), dict)


def test_the_guides_tests_pass_as_they_are_written(tmp_path):
    """The examples walk the quick start's step type and play commands on it; that of a new version loads."""
    plugin = re.search(r"^`plugins/site_visit.py`:\n\n```python\n(.*?)^```$", GUIDE, re.M | re.S)
    example, played, newer = re.findall(r"^```py\n(.*?)^```$", section("Testing a plugin"), re.M | re.S)
    assert plugin is not None
    (tmp_path / "site_visit.py").write_text(plugin[1], encoding="utf-8")
    imports = "from site_visit import SiteVisit\n\nfrom workflow import Recorded\n\n\n"
    (tmp_path / "test_site_visit.py").write_text(example, encoding="utf-8")
    (tmp_path / "test_played.py").write_text(played, encoding="utf-8")
    (tmp_path / "newer.py").write_text(
        f"{imports}{newer}\n\ndef test_it():\n    assert 'kind' in SiteVisit2().upcast('visit', '1', {{}})\n", "utf-8"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    files = ["test_site_visit.py", "test_played.py", "newer.py"]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "4 passed" in done.stdout
