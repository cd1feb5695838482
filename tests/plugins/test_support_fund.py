"""A support fund: applications from receipt to payment, and a ceiling that is never exceeded."""

from __future__ import annotations

import pytest
from fund_kit import APPLYING, CEILING, DAY, DIRECTOR, bring, decided, fund, refused_codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow import Refused


def test_an_application_runs_from_receipt_to_payment(run):
    """What is decided is reserved, what is paid is moved over."""
    opened = fund(run)
    bring(opened)
    decided(opened, 1, "30.000.000 đồng")
    assert (opened.state.reserved, opened.state.paid) == (30_000_000, 0)

    opened.act("pay", DAY, application=1, amount=30_000_000)

    assert (opened.state.reserved, opened.state.paid) == (0, 30_000_000)
    assert opened.work()["1"].done_on == DAY


def test_applications_are_numbered_in_order_of_receipt(run):
    """The number is given by the fund, not by who enters it."""
    opened = fund(run)

    assert [opened.act("apply", DAY, **APPLYING).data["application"] for _ in range(3)] == [1, 2, 3]


def test_two_that_each_fit_do_not_fit_together(run):
    """The second decision is refused and told how much is left, to the đồng."""
    opened = fund(run)
    bring(opened, 1)
    bring(opened, 2)
    decided(opened, 1, 500_000_000)

    with pytest.raises(Refused) as refused:
        decided(opened, 2, 310_000_001)

    reason = refused.value.reasons[0]
    assert reason.code == "ceiling-exceeded"
    assert "310.000.000 đồng are left of 810.000.000" in str(reason)
    decided(opened, 2, 310_000_000)
    assert opened.state.reserved == CEILING


def test_what_is_paid_less_than_decided_becomes_free(run):
    """A payment closes the application; the rest can be granted to others."""
    opened = fund(run, 100)
    bring(opened)
    decided(opened, 1, 100)
    opened.act("pay", DAY, application=1, amount=60)
    bring(opened, 2)

    assert refused_codes(opened, "decide", application=2, supported=True, amount=41) == ["ceiling-exceeded"]
    decided(opened, 2, 40)


def test_an_incomplete_dossier_is_supplemented_and_keeps_its_number(run):
    """It is returned with what is missing, comes back, and is checked again before it is appraised."""
    opened = fund(run)
    bring(opened, upto=1)
    assert refused_codes(opened, "check", application=1, complete=False) == ["no-missing"]
    opened.act("check", DAY, application=1, complete=False, missing="Bản sao giấy chứng nhận")

    assert refused_codes(opened, "appraise", application=1, passed=True) == ["waits-for-supplement"]
    assert refused_codes(opened, "check", application=1, complete=True) == ["waits-for-supplement"]
    opened.act("supplement", DAY, application=1)
    opened.act("check", DAY, application=1, complete=True)
    opened.act("appraise", DAY, application=1, passed=True)
    assert [each.number for each in opened.state.applications] == [1]


def test_what_did_not_pass_its_appraisal_is_not_supported(run):
    """It can only be refused, with a reason; the refusal lists everything that stands against support."""
    opened = fund(run, 100)
    bring(opened, upto=2)
    opened.act("appraise", DAY, application=1, passed=False, remark="Không thuộc đối tượng")
    opened.act("put", DAY, application=1)

    assert refused_codes(opened, "decide", application=1, supported=True, amount=101) == [
        "appraisal-not-passed",
        "ceiling-exceeded",
    ]
    opened.act("decide", DAY, context=DIRECTOR, application=1, supported=False, reason="Thẩm định không đạt")
    assert opened.state.applications[0].phase == "refused"


@pytest.mark.parametrize(
    ("upto", "name", "values", "code"),
    [
        (1, "appraise", {"application": 1, "passed": True}, "waits-for-check"),
        (1, "decide", {"application": 1, "supported": True, "amount": 5}, "waits-for-check"),
        (2, "decide", {"application": 1, "supported": True, "amount": 5}, "waits-for-appraise"),
        (2, "appraise", {"application": 1, "passed": False}, "no-remark"),
        (3, "decide", {"application": 1, "supported": True, "amount": 5}, "waits-for-put"),
        (4, "decide", {"application": 1, "supported": True}, "no-amount"),
        (4, "decide", {"application": 1, "supported": False}, "no-reason"),
        (4, "decide", {"application": 1, "supported": False, "reason": "Hết vốn", "amount": 5}, "amount-with-refusal"),
        (4, "pay", {"application": 1, "amount": 5}, "waits-for-decide"),
        (2, "put", {"application": 1}, "waits-for-appraise"),
        (1, "supplement", {"application": 1}, "waits-for-check"),
        (3, "check", {"application": 2, "complete": True}, "unknown-application"),
    ],
)
def test_an_act_out_of_turn_is_refused(run, upto, name, values, code):
    """Each refusal names what is missing."""
    opened = fund(run)
    bring(opened, upto=upto)

    assert refused_codes(opened, name, **values) == [code]


def test_no_more_is_paid_than_was_decided(run):
    """A payment above the decision is refused, and so is a second one."""
    opened = fund(run)
    bring(opened)
    decided(opened, 1, 100)

    assert refused_codes(opened, "pay", application=1, amount=101) == ["more-than-reserved"]
    opened.act("pay", DAY, application=1, amount=100)
    assert refused_codes(opened, "pay", application=1, amount=100) == ["application-settled"]


def test_closing_names_what_was_left(run):
    """The end of the year closes the fund, with the unsettled applications and sums on record."""
    opened = fund(run, 100)
    bring(opened)
    decided(opened, 1, 30)
    assert set(opened.blockers()) == {"fund-open", "application-unsettled"}

    act = opened.act("close", "2024-12-31")

    assert (act.data["left"], act.data["unpaid"], list(act.data["unsettled"])) == (70, 30, [1])
    assert opened.complete


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["apply", "check", "supplement", "appraise", "put", "decide", "pay", "withdraw"]),
        st.integers(1, 4),
        st.booleans(),
        st.integers(1, 120),
    ),
    max_size=60,
)


def values_for(name: str, number: int, yes: bool, amount: int) -> dict[str, object]:
    """Parameters for a random act."""
    return {
        "apply": dict(APPLYING),
        "check": {"application": number, "complete": yes, "missing": "Đơn"},
        "supplement": {"application": number},
        "appraise": {"application": number, "passed": yes, "remark": "Nhận xét"},
        "put": {"application": number},
        "decide": {"application": number, "supported": yes, "reason": "Lý do", "amount": amount if yes else None},
        "pay": {"application": number, "amount": amount},
        "withdraw": {"application": number},
    }[name]


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prepared=st.integers(0, 4), acts=ACTS)
def test_the_ceiling_holds_for_every_sequence(run, not_possible, prepared, acts):
    """Whatever is tried, reserved and paid stay within the ceiling and equal the sum of the acts."""
    opened = fund(run, 100)
    for number in range(1, prepared + 1):
        bring(opened, number)
    reserved = paid = 0
    for name, number, yes, amount in acts:
        try:
            act = opened.act(
                name, DAY, context=DIRECTOR if name == "decide" else {}, **values_for(name, number, yes, amount)
            )
        except (Refused, not_possible):
            continue
        reserved += act.data["amount"] if name == "decide" else 0
        reserved -= act.data["amount"] + act.data["freed"] if name == "pay" else 0
        reserved -= act.data["freed"] if name == "withdraw" else 0
        paid += act.data["amount"] if name == "pay" else 0
        state = opened.state
        assert 0 <= state.reserved + state.paid <= 100
        assert (state.reserved, state.paid) == (reserved, paid)
        assert state.reserved == sum(each.reserved for each in state.applications)
        assert state.paid == sum(each.paid for each in state.applications)
        if "left" in act.data:
            assert act.data["left"] == 100 - reserved - paid
