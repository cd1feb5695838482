"""Who appraises and who decides in a fund, what it supports, until when, and what is warned about."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from fund_kit import APPLYING, DAY, DIRECTOR, HEADS, READY, bring, decided, fund, refused_codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.support_fund.step import FundStep


def test_who_appraises_does_not_decide(run):
    """The person is barred from this application and from no other."""
    opened = fund(run)
    bring(opened, 1)
    bring(opened, 2, upto=2)
    opened.act("appraise", DAY, context=DIRECTOR, application=2, passed=True)
    opened.act("put", DAY, application=2)

    values = {"supported": True, "amount": 5}
    assert refused_codes(opened, "decide", application=2, **values) == ["appraiser-decides"]
    assert refused_codes(opened, "decide", context={"actor": "drafter"}, application=1, **values) == [
        "appraiser-decides"
    ]
    decided(opened, 1, 5)


def test_deciding_and_appraising_are_reserved_to_whom_the_options_name(run):
    """Nobody else does it, whatever `by:` says; without the option the definition decides."""
    opened = fund(run, decided_by="director", appraised_by="office-b")
    step_type = opened.step_type

    assert step_type.reserved(opened.view, "decide") == ("director",)
    assert step_type.reserved(opened.view, "appraise") == ("office-b",)
    assert step_type.reserved(opened.view, "pay") == ()
    assert step_type.reserved(fund(run).view, "decide") == ()


@pytest.mark.parametrize(
    ("named", "head"),
    [
        ("traceability", "traceability"),
        ("Truy xuất nguồn gốc", "traceability"),
        (unicodedata.normalize("NFD", "  TRUY XUẤT  nguồn gốc"), "traceability"),
        ("Standards", "standards"),
    ],
)
def test_a_head_is_named_by_its_id_or_a_title(run, named, head):
    """Lists name it in words."""
    opened = fund(run, heads=HEADS)

    assert opened.act("apply", DAY, applicant="HTX A", head=named).data["head"] == head


def test_an_application_for_no_head_of_the_fund_is_refused(run):
    """The refusal names the heads that there are."""
    opened = fund(run, heads=HEADS)

    assert refused_codes(opened, "apply", applicant="HTX A", head="Xây nhà") == ["unknown-head"]
    assert refused_codes(opened, "apply", applicant="HTX A", purpose="Truy xuất") == ["no-head"]
    assert refused_codes(fund(run), "apply", applicant="HTX A") == ["no-purpose"]


def test_the_same_applicant_for_the_same_head_is_warned_about(run):
    """It is received all the same; who receives it, who holds it and who decides it are told."""
    opened = fund(run, heads=HEADS)
    opened.act("apply", DAY, applicant="Hợp tác xã Lục Ngạn", head="standards")
    assert opened.act("apply", DAY, applicant="Hợp tác xã Lục Ngạn", head="traceability").warnings == ()

    act = opened.act("apply", DAY, applicant="HỢP TÁC XÃ  LỤC NGẠN.", head="standards")

    assert ([each.code for each in act.warnings], act.data["like"]) == (["possible-duplicate"], [1])
    assert "application 1 (check)" in str(act.warnings[0])
    assert "hồ sơ số 1" in opened.work()["3"].title.vi
    for name, values in READY[1:]:
        opened.act(name, DAY, application=3, **values)
    warned = opened.act("decide", DAY, context=DIRECTOR, application=3, supported=True, amount=5).warnings
    assert [each.code for each in warned] == ["possible-duplicate"]


def test_a_withdrawn_application_is_no_duplicate(run):
    """Whoever took theirs back may apply again."""
    opened = fund(run)
    bring(opened, upto=1)
    opened.act("withdraw", DAY, application=1, reason="Đổi nội dung")

    assert opened.act("apply", DAY, **APPLYING).warnings == ()


def test_more_than_was_asked_for_is_warned_about(run):
    """It may be granted, but the one who decides is told."""
    opened = fund(run)
    bring(opened, applying={**APPLYING, "asked": 10})

    act = opened.act("decide", DAY, context=DIRECTOR, application=1, supported=True, amount=11)

    assert [each.code for each in act.warnings] == ["more-than-asked"]


def test_withdrawing_frees_what_was_reserved(run):
    """Until it is paid an application can be withdrawn; then nothing more happens to it."""
    opened = fund(run, 100)
    bring(opened)
    decided(opened, 1, 100)

    act = opened.act("withdraw", DAY, application=1)

    assert (act.data["freed"], act.data["left"], opened.state.reserved) == (100, 100, 0)
    assert refused_codes(opened, "pay", application=1, amount=5) == ["application-settled"]
    assert refused_codes(opened, "withdraw", application=1) == ["application-settled"]


def test_each_holder_has_an_own_term(run):
    """Every stretch is counted in working days from the act that began it, and owed by who holds it."""
    opened = fund(
        run,
        decided_by="director",
        appraised_by="office-b",
        check_days=3,
        supplement_days=10,
        appraise_days=15,
        decide_days=5,
        pay_days=7,
    )

    def owed() -> tuple[str | None, str | None, str | None]:
        item = opened.work()["1"]
        return item.owner, item.due_on, item.since

    opened.act("apply", "2024-05-06", **APPLYING)
    assert owed() == ("office-a", "2024-05-09", "2024-05-06")
    opened.act("check", "2024-05-08", application=1, complete=False, missing="Đơn")
    assert owed() == (None, "2024-05-22", "2024-05-08")
    opened.act("supplement", "2024-05-20", application=1)
    assert owed() == ("office-a", "2024-05-23", "2024-05-20")
    opened.act("check", "2024-05-21", application=1, complete=True)
    assert owed() == ("office-b", "2024-06-11", "2024-05-21")
    opened.act("appraise", "2024-06-03", application=1, passed=True)
    assert owed() == ("office-a", None, "2024-06-03")
    opened.act("put", "2024-06-04", application=1)
    assert owed() == ("director", "2024-06-11", "2024-06-04")
    decided(opened, 1, 5, on="2024-06-07")
    assert owed() == ("office-a", "2024-06-18", "2024-06-07")


def test_the_term_to_decide_stops_while_the_applicant_supplements(run):
    """What was left on the day of returning is left from the day on which the supplement came."""
    opened = fund(run, answer_days=10)
    opened.act("apply", "2024-05-06", **APPLYING)
    assert opened.work()["1"].due_on == "2024-05-20"
    opened.act("check", "2024-05-10", application=1, complete=False, missing="Đơn")
    assert opened.work()["1"].due_on is None

    opened.act("supplement", "2024-07-01", application=1)

    # Six working days were left, from 10 to 20 May.
    assert opened.work()["1"].due_on == "2024-07-09"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.integers(1, 40), used=st.integers(0, 60), away=st.lists(st.integers(0, 30), min_size=1, max_size=3))
def test_however_often_it_stops_the_term_is_as_long_as_it_was(run, fake_context, days, used, away):
    """The working days with the office add up to the term, wherever the returns fall; not one is lost or gained."""
    opened = fund(run, answer_days=days)
    day = date(2024, 5, 6)
    opened.act("apply", day.isoformat(), **APPLYING)
    spent = 0
    for pause in away:
        back = day + timedelta(days=used)
        spent += sum((day + timedelta(days=n)).weekday() < 5 for n in range(1, used + 1))
        opened.act("check", back.isoformat(), application=1, complete=False, missing="Đơn")
        day = back + timedelta(days=pause)
        opened.act("supplement", day.isoformat(), application=1)

        left = max(days - spent, 0)
        spent = days - left
        due = fake_context(day.isoformat()).working_days_after(day, left)
        assert opened.work()["1"].due_on == due.isoformat()


def test_a_term_that_ran_out_before_it_stopped_has_nothing_left(run):
    """Returning a dossier late gains no day."""
    opened = fund(run, answer_days=1)
    opened.act("apply", "2024-05-06", **APPLYING)
    opened.act("check", "2024-05-10", application=1, complete=False, missing="Đơn")

    opened.act("supplement", "2024-05-14", application=1)

    assert opened.work()["1"].due_on == "2024-05-14"


def test_an_act_before_the_one_that_it_follows_is_refused(run):
    """A decision does not lie before the day on which it was put."""
    opened = fund(run)
    bring(opened)

    values = {"application": 1, "supported": True, "amount": 5}
    assert refused_codes(opened, "decide", on="2024-05-05", **values) == ["too-early"]


def test_the_end_of_the_year_closes_the_fund(run, not_possible):
    """It happens by itself, with what was left, unpaid and unsettled on record; afterwards nothing is done on it."""
    opened = fund(run, 100, year=2024)
    bring(opened)
    decided(opened, 1, 30)
    assert opened.tick("2024-12-31") is None

    act = opened.tick("2025-01-01")

    assert (act.data["left"], act.data["unpaid"], act.data["unsettled"]) == (70, 30, [1])
    assert opened.complete
    assert opened.tick("2025-01-02") is None
    with pytest.raises(not_possible):
        opened.act("pay", "2024-12-31", application=1, amount=30)


def test_acts_of_the_year_can_be_entered_until_the_day_that_is_said(run):
    """What was paid in December is entered in January; what would be paid in January is not the year's money."""
    opened = fund(run, 100, year=2024, recorded_until="2025-01-31")
    bring(opened)
    decided(opened, 1, 30)
    assert opened.tick("2025-01-31") is None

    assert refused_codes(opened, "pay", on="2025-01-02", application=1, amount=30) == ["year-over"]
    assert refused_codes(opened, "apply", on="2025-01-02", **APPLYING) == ["year-over"]
    opened.act("pay", "2024-12-30", application=1, amount=30)
    assert opened.tick("2025-02-01") is not None


def test_without_a_year_nothing_closes_the_fund(run):
    """A standing fund is closed by hand."""
    assert fund(run).tick("2099-01-01") is None


@pytest.mark.parametrize(
    "options", [{"recorded_until": "2024-06-30"}, {"year": 2024, "recorded_until": "2024-12-30"}, {"year": 24}]
)
def test_a_day_of_entry_inside_the_year_is_refused(options):
    """The books stay open until the year is over at least."""
    with pytest.raises(ValidationError):
        FundStep.Options.model_validate({"ceiling": 100, **options})
