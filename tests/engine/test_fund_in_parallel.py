"""The fund of 2024 under load: 200 applications in random order, several processes, one ceiling."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from store.processes import child

from workflow import bootstrap
from workflow.audit import event_of
from workflow.clock import SimulatedClock
from workflow.errors import Conflict, Refused
from workflow.messages import Event
from workflow.service.service import Service
from workflow.views.plans import Write

PLAN, STEP = "2024-KH", "carrying-out/fund"
CEILING = 810_000_000
DAY = date(2024, 6, 3)
HEADS = ("standards", "management-tools", "quality-award", "base-standard", "conformity", "traceability")
PROCESSES, SHARE, ALONE = 3, 40, 80

WORKING = """
import random, sys
from pathlib import Path
from engine.test_fund_in_parallel import SHARE, opened, worked_off

service = opened(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
worked_off(service, random.Random(int(sys.argv[2])), SHARE)
print("done")
"""

DECIDING = """
import sys
from pathlib import Path
from engine.test_fund_in_parallel import act, opened
from workflow.errors import Refused

service = opened(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for plan in sys.argv[3:]:
    try:
        values = {"application": int(sys.argv[2]), "supported": True, "amount": "500.000.000 đồng"}
        act(service, "decide", values, plan=plan, actor="trieu-ngoc-trung")
        print("granted")
    except Refused as refused:
        print(refused.reasons[0].code)
"""


def opened(root: Path) -> Service:
    """A service on the workspace, in December 2024."""
    return bootstrap.open_workspace(root, clock=SimulatedClock(datetime(2024, 12, 20, 1, tzinfo=UTC))).service


def made(root: Path, *plans: str) -> Service:
    """A workspace with plans of the shipped definition of 2024."""
    bootstrap.init_workspace(root)
    service = opened(root)
    service.load_people((root / bootstrap.PEOPLE).read_bytes(), bootstrap.PEOPLE, Write(actor=None))
    for plan in plans:
        write = Write(actor="cv-tdc", on=date(2024, 3, 18))
        service.create("standards-support-2024", plan, write, start=date(2024, 3, 18))
    return service


def act(service: Service, name: str, values: dict[str, object], *, plan: str = PLAN, actor: str = "cv-tdc") -> Event:
    """Do an act on the fund, again where somebody was faster."""
    while True:
        try:
            return service.act(plan, STEP, name, values, Write(actor=actor, on=DAY)).events[0]
        except Conflict:
            continue


def life(service: Service, chance: random.Random) -> Iterator[None]:
    """One application from its receipt to one of its ends, an act at a time."""
    asked = chance.randint(1_000_000, 20_000_000)
    who = f"Doanh nghiệp {chance.randint(1, 10**6)}"
    number = act(service, "apply", {"applicant": who, "head": chance.choice(HEADS), "asked": asked}).data["data"][
        "application"
    ]
    this = {"application": number}
    yield
    if chance.random() < 0.2:
        act(service, "check", {**this, "complete": False, "missing": "Đơn đề nghị"})
        yield
        act(service, "supplement", this)
        yield
    act(service, "check", {**this, "complete": True})
    yield
    passed = chance.random() < 0.9
    act(service, "appraise", {**this, "passed": passed, "remark": "Nhận xét"})
    yield
    act(service, "put", this)
    yield
    if not passed or not granted(service, number, asked):
        refusal = {**this, "supported": False, "reason": "Không đủ điều kiện hoặc hết kinh phí"}
        act(service, "decide", refusal, actor="trieu-ngoc-trung")
        return
    yield
    if (end := chance.random()) < 0.75:
        act(service, "pay", {**this, "amount": chance.randint(asked // 2, asked)})
    elif end < 0.9:
        act(service, "withdraw", this)


def granted(service: Service, number: int, amount: int) -> bool:
    """Decide for support; False where the ceiling does not allow it."""
    values = {"application": number, "supported": True, "amount": amount}
    try:
        act(service, "decide", values, actor="trieu-ngoc-trung")
    except Refused as refused:
        assert [reason.code for reason in refused.reasons] == ["ceiling-exceeded"]
        return False
    return True


def worked_off(service: Service, chance: random.Random, many: int) -> None:
    """Bring *many* applications to an end, their acts in random order."""
    lives = [life(service, chance) for _ in range(many)]
    while lives:
        one = chance.choice(lives)
        if next(one, lives) is lives:
            lives.remove(one)


def fund_acts(service: Service) -> list[tuple[str, dict[str, object]]]:
    """What was done on the fund, in the order of the trail."""
    events = [event_of(row.body) for row in service.store.events(PLAN)]
    return [
        (event.data["action"], event.data["data"])
        for event in events
        if event.type == "step_acted" and event.data["step"] == STEP
    ]


def assert_balanced(service: Service) -> None:
    """Add up every act: never above the ceiling, and each balance on record is the sum of the acts before it."""
    decided: dict[object, int] = {}
    paid = 0
    for action, data in fund_acts(service):
        number = data.get("application")
        if action == "decide" and data["supported"]:
            decided[number] = data["amount"]
        elif action in ("pay", "withdraw"):
            paid += data["amount"] if action == "pay" else 0
            decided.pop(number, None)
        reserved = sum(decided.values())
        assert 0 <= reserved + paid <= CEILING
        if "left" in data:
            assert data["left"] == CEILING - reserved - paid
    state = service.state_of(service.require_plan(PLAN)).steps[STEP].current.state
    assert (state["reserved"], state["paid"]) == (sum(decided.values()), paid)
    assert state["reserved"] == sum(each["reserved"] for each in state["applications"])
    assert state["paid"] == sum(each["paid"] for each in state["applications"])


@pytest.mark.slow
def test_200_applications_from_several_processes_keep_the_ceiling_to_the_dong(tmp_path: Path):
    """Three processes and then one more work them off in random order; more is asked for than there is."""
    root = tmp_path / "office"
    service = made(root, PLAN)
    running = [child(WORKING, root, seed) for seed in range(PROCESSES)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=300) for process in running]
    assert told == [("done\n", "")] * PROCESSES

    worked_off(service, random.Random(2024), ALONE)

    state = service.state_of(service.require_plan(PLAN)).steps[STEP].current.state
    assert [each["number"] for each in state["applications"]] == list(range(1, PROCESSES * SHARE + ALONE + 1))
    phases = {each["phase"] for each in state["applications"]}
    assert phases == {"paid", "supported", "refused", "withdrawn"}
    assert_balanced(service)
    assert service.record.verify().findings == ()


@pytest.mark.slow
def test_two_decisions_that_race_for_the_last_money_do_not_both_get_it(tmp_path: Path):
    """Of two processes that grant 500 million each at one moment, one is told what is left, on every plan."""
    plans = [f"2024-{number}" for number in range(6)]
    root = tmp_path / "office"
    service = made(root, *plans)
    for plan in plans:
        for number in (1, 2):
            act(service, "apply", {"applicant": f"HTX {number}", "head": "standards"}, plan=plan)
            act(service, "check", {"application": number, "complete": True}, plan=plan)
            act(service, "appraise", {"application": number, "passed": True}, plan=plan)
            act(service, "put", {"application": number}, plan=plan)
    running = [child(DECIDING, root, number, *plans) for number in (1, 2)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120) for process in running]

    assert [err for _, err in told] == ["", ""]
    for answers in zip(*(out.split() for out, _ in told), strict=True):
        assert sorted(answers) == ["ceiling-exceeded", "granted"]
    for plan in plans:
        state = service.state_of(service.require_plan(plan)).steps[STEP].current.state
        assert (state["reserved"], state["paid"]) == (500_000_000, 0)
