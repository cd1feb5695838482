"""Another hand (pm4py) reads our logs and nets, and replays every shipped plan on its definition's model."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from exports.conftest import PLANS, run

REPLAY = """
import json, sys
from pathlib import Path
import pm4py
folder = Path(sys.argv[1])
log = pm4py.read_xes(str(folder / "log.xes"), show_progress_bar=False)
told = {}
for plan, trace in log.groupby("case:concept:name"):
    net, first, last = pm4py.read_pnml(str(folder / f"{plan}.pnml"))
    def fitness(trace):
        found = pm4py.fitness_token_based_replay(trace, net, first, last)
        return [found["log_fitness"], found["perc_fit_traces"]]
    turned = trace.iloc[::-1].assign(**{"time:timestamp": trace["time:timestamp"].values})
    told[plan] = {"events": len(trace), "fits": fitness(trace), "turned": fitness(turned),
                  "resources": int(trace["org:resource"].notna().sum())}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def replayed(played: Path, exported, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What pm4py finds of each plan; in a process of its own, for what it imports warns and prints."""
    if importlib.util.find_spec("pm4py") is None:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            raise RuntimeError("CI needs pm4py, which is in the extra [test]")
        pytest.skip("needs pm4py: install the `test` extra")
    folder = tmp_path_factory.mktemp("mined")
    (folder / "log.xes").write_bytes(exported("xes"))
    for plan in PLANS:
        net = run(played, "graph", plan, "--format", "pnml").stdout
        (folder / f"{plan}.pnml").write_text(net, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REPLAY, str(folder)], capture_output=True, text=True, encoding="utf-8"
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_replays_on_its_model(replayed, plan):
    """Over stage transitions conformance is 1.0, and the log says who made them."""
    found = replayed[plan]
    assert [1.0, 100.0] == found["fits"]
    assert found["events"] == found["resources"] > 0


def test_the_model_would_not_fit_anything(replayed):
    """The same transitions in another order do not replay, so that the figure above says something."""
    longer = [found for found in replayed.values() if found["events"] > 1]
    assert 4 == len(longer)
    assert all(found["turned"][0] < 1 for found in longer)
