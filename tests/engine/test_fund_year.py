"""The fund of 2024 on a plan: who may do what, who owes what by when, and the end of its year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from engine.test_fund_in_parallel import PLAN, STEP

from workflow import bootstrap
from workflow.audit import event_of
from workflow.clock import SimulatedClock
from workflow.errors import InvalidInput, NotPermitted, Refused, fill
from workflow.service.service import Service
from workflow.views.plans import Outcome, Write


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that stands in June 2024."""
    return SimulatedClock(datetime(2024, 6, 3, 1, tzinfo=UTC))


@pytest.fixture
def service(tmp_path: Path, clock: SimulatedClock) -> Service:
    """The shipped plan of 2024 with two applications that were put to the Director, 30 million granted to the first."""
    root = bootstrap.init_workspace(tmp_path / "office")
    service = bootstrap.open_workspace(root, clock=clock).service
    service.load_people((root / bootstrap.PEOPLE).read_bytes(), bootstrap.PEOPLE, Write(actor=None))
    start = date(2024, 3, 18)
    service.create("standards-support-2024", PLAN, Write(actor="cv-tdc", on=start), start=start)
    for number in (1, 2):
        act(service, "apply", {"applicant": f"HTX {number}", "head": "Công bố hợp chuẩn"})
        act(service, "check", {"application": number, "complete": True})
        act(service, "appraise", {"application": number, "passed": True})
        act(service, "put", {"application": number})
    act(service, "decide", {"application": 1, "supported": True, "amount": 30_000_000}, "trieu-ngoc-trung")
    return service


def act(service: Service, name: str, values: dict[str, object], actor: str = "cv-tdc", **more: object) -> Outcome:
    return service.act(PLAN, STEP, name, values, Write(actor=actor, **more))


def items(service: Service) -> dict[str, tuple[str | None, str | None]]:
    """The fund's open work items: who owes each, by when."""
    found = service.due()
    return {owed.key: (owed.owner, owed.due_on) for owed in found if owed.step == STEP and owed.open}


@pytest.mark.parametrize("actor", ["cv-tdc", "hoang-cong-binh", "van-thu"])
def test_nobody_but_the_director_decides(service, actor):
    """Neither the officer nor the head of the unit that leads the fund, nor the clerk in their own name."""
    values = {"application": 2, "supported": True, "amount": 5_000_000}
    with pytest.raises(NotPermitted):
        act(service, "decide", values, actor)

    act(service, "decide", values, "nguyen-thanh-binh")


def test_the_clerk_records_the_directors_decision_in_his_name(service):
    """The trail names both."""
    values = {"application": 2, "supported": True, "amount": 5_000_000, "in_words": "năm triệu đồng chẵn"}

    (event,) = act(service, "decide", values, "van-thu", behalf="director").events

    assert (event.actor, event.on_behalf, event.data["data"]["left"]) == ("van-thu", "director", 775_000_000)


def test_nobody_but_the_sub_department_appraises(service):
    """The Director does not do it in their place, and so may decide."""
    act(service, "apply", {"applicant": "HTX 3", "head": "conformity"})
    act(service, "check", {"application": 3, "complete": True})

    with pytest.raises(NotPermitted):
        act(service, "appraise", {"application": 3, "passed": True}, "nguyen-thanh-binh")


def test_each_open_application_is_owed_by_who_holds_it(service):
    """The first waits for payment by the sub-department, the second for the Director."""
    owed = items(service)

    assert owed["1"] == ("chi-cuc-tdc", None)
    assert owed["2"] == ("director", None)
    assert owed["close"] == ("chi-cuc-tdc", "2024-12-31")


def test_the_end_of_the_year_closes_the_fund_by_itself(service, clock):
    """Recorded by the first command of January, with what was left; nothing is decided or paid afterwards."""
    clock.move_to(date(2024, 12, 31))
    assert service.tick(PLAN, Write(actor="cv-tdc")).events == ()
    clock.move_to(date(2025, 1, 2))
    with pytest.raises(Refused) as refused:
        act(service, "pay", {"application": 1, "amount": 30_000_000})
    assert refused.value.code == "action-not-possible"
    assert [str(reason) for reason in refused.value.reasons] == [
        "acts of 2024 could be entered until 2024-12-31; `recorded_until` in the definition sets a later day"
    ]

    (event,) = service.tick(PLAN, Write(actor="cv-tdc")).events

    assert (event.actor, event.data["to"], event.data["complete"]) == (None, "closed", True)
    shown = {name: event.data["data"][name] for name in ("left", "unpaid", "unsettled", "year")}
    assert shown == {"left": 780_000_000, "unpaid": 30_000_000, "unsettled": [1, 2], "year": 2024}
    assert items(service) == {}
    assert service.tick(PLAN, Write(actor="cv-tdc")).events == ()
    assert service.record.verify().findings == ()


def seq_of(service: Service, action: str, application: int) -> int:
    """The newest event of an act on an application."""
    events = [event_of(row.body) for row in service.store.events(PLAN)]
    events = [event for event in events if event.type == "step_acted"]
    data = [(event.seq, event.data["action"], event.data["data"].get("application")) for event in events]
    return next(seq for seq, name, number in reversed(data) if (name, number) == (action, application))


def test_a_payment_on_whose_rest_a_later_decision_rests_cannot_be_taken_back(service):
    """Or 800 and 780 million would stand against a ceiling of 810 million."""
    act(service, "pay", {"application": 1, "amount": 1_000_000})
    act(service, "decide", {"application": 2, "supported": True, "amount": 809_000_000}, "trieu-ngoc-trung")
    before = service.store.plan(PLAN)

    with pytest.raises(Refused) as refused:
        service.correct(PLAN, seq_of(service, "pay", 1), Write(actor="cv-tdc"), reason="chi nhầm")

    assert refused.value.code == "later-events"
    assert service.store.plan(PLAN) == before


def test_a_payment_on_which_nothing_rests_can_be_taken_back(service):
    """What was decided is reserved again, and can be paid right."""
    act(service, "pay", {"application": 1, "amount": 1_000_000})
    service.correct(PLAN, seq_of(service, "pay", 1), Write(actor="cv-tdc"), reason="chi nhầm")

    (event,) = act(service, "pay", {"application": 1, "amount": 30_000_000}).events

    assert event.data["data"]["left"] == 780_000_000


def test_a_receipt_that_others_follow_cannot_be_taken_back(service):
    """A number stays whose it is: what was decided on the second does not move to a third."""
    with pytest.raises(Refused) as refused:
        service.correct(PLAN, seq_of(service, "apply", 1), Write(actor="cv-tdc"), reason="nhận nhầm")

    assert refused.value.code == "later-events"


def test_an_applicant_of_blanks_is_refused(service):
    """As is a name with control characters, which would write over a terminal's lines."""
    for name in ("   ", "HTX\x1b[31m 3"):
        with pytest.raises(InvalidInput):
            act(service, "apply", {"applicant": name, "head": "standards"})


def test_a_head_is_found_without_accents(service):
    """As people type on a keyboard without them."""
    (event,) = act(service, "apply", {"applicant": "HTX 3", "head": "cong bo hop chuan"}).events

    assert event.data["data"]["head"] == "conformity"


def said(outcome: Outcome, language: str) -> list[str]:
    """What an act is confirmed with."""
    return [fill((language == "vi" and phrase.vi) or phrase.text, phrase.params) for phrase in outcome.told]


def test_each_act_is_confirmed_with_its_application_and_the_balance(service):
    """Nobody has to look up the number that an application was given, nor what is left."""
    received = act(service, "apply", {"applicant": "HTX 3", "head": "conformity", "asked": 8_000_000})
    granted = act(service, "decide", {"application": 2, "supported": True, "amount": 5_000_000}, "trieu-ngoc-trung")
    paid = act(service, "pay", {"application": 1, "amount": 29_000_000})

    assert said(received, "vi") == ["hồ sơ số 3: tiếp theo là kiểm tra thành phần", "số tiền đề nghị: 8.000.000 đồng"]
    assert said(granted, "en") == [
        "application 2: next, pay",
        "granted: 5.000.000 đồng",
        "left of the ceiling: 775.000.000 đồng",
    ]
    assert said(paid, "vi") == [
        "hồ sơ số 1: đã chi",
        "đã chi: 29.000.000 đồng",
        "hoàn lại: 1.000.000 đồng",
        "còn lại trong tổng mức: 776.000.000 đồng",
    ]


def test_the_register_of_the_fund_shows_every_application_and_the_balance(service):
    """Names are those that were typed; the balance is that of the events, to the đồng."""
    act(service, "pay", {"application": 1, "amount": 29_000_000})

    (table,) = service.step_tables(service.plan(PLAN), STEP)

    assert [row[:2] for row in table.rows] == [("1", "HTX 1"), ("2", "HTX 2")]
    assert table.rows[0][4:6] == (None, 29_000_000)
    said = [fill(note.vi, note.params) for note in table.notes]
    assert said == [
        "Tổng mức 810.000.000 đồng; đã giữ chỗ 0, đã chi 29.000.000, còn lại 781.000.000",
        "Đã nhận 2 hồ sơ: 1 đang giải quyết, 1 đã chi, 0 từ chối, 0 rút",
    ]
