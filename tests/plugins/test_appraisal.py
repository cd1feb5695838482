"""`uses: appraisal`: the dossier, its supplement, the report and its three verdicts."""

from __future__ import annotations

import pytest

from trinh_plugins.appraisal import OUTCOMES, Appraisal
from workflow import Refused

JUSTICE = {"body": "so-tu-phap", "document": "decision", "answer_days": 5}


@pytest.fixture
def sent(run, plan):
    """Draft 2.1, sent to the Justice Department on Monday 3 June 2019."""
    plan.add_revision("decision", 2, ("ab" * 32,))
    return run(Appraisal(), JUSTICE, [("send", "2019-06-03", {})], plan=plan, on="2019-06-01", due="2019-06-15")


def test_sending_freezes_the_revision(sent):
    """What is appraised is one exact revision, whatever is written later."""
    sent.plan.add_revision("decision", 2, ("cd" * 32,))
    assert (sent.state.number, sent.state.revision, sent.state.files) == (2, 1, ("ab" * 32,))


def test_nothing_is_sent_without_a_revision(run):
    """A dossier without a draft cannot be sent, and the refusal names the document."""
    with pytest.raises(Refused) as refused:
        run(Appraisal(), JUSTICE, [("send", "2019-06-03", {})])
    assert refused.value.code == "nothing-to-send"
    assert "`decision`" in str(refused.value.reasons[0])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_verdict_ends_the_step(sent, outcome):
    """The verdict is the outcome that a transition asks for, recorded on behalf of the body."""
    act = sent.act("report", "2019-06-10", outcome=outcome, number="12/BC-STP", grounds=["Điều 3 trái thẩm quyền"])
    assert sent.complete
    if outcome == "eligible-after-revision":
        sent.plan.add_revision("decision", 3)
        sent.act("answer-ground", "2019-06-11", ground="1-1", verdict="accepted", text="Đã sửa Điều 3.")
    assert sent.step_type.outcome(sent.view) == outcome
    assert act.on_behalf == "so-tu-phap"
    assert (sent.state.report_number, sent.state.grounds) == ("12/BC-STP", 1)


def test_a_verdict_against_needs_its_grounds(sent):
    """Only `eligible` stands without a ground; blank ones do not count."""
    for outcome in ("eligible-after-revision", "not-eligible"):
        with pytest.raises(Refused) as refused:
            sent.act("report", "2019-06-10", outcome=outcome, grounds=["  "])
        assert refused.value.code == "grounds-missing"
    sent.act("report", "2019-06-10", outcome="eligible", report_date="2019-06-09")
    assert sent.acts[-1].data["report_date"] == "2019-06-09"


def test_missing_papers_are_owed_by_the_drafting_side(sent):
    """While the dossier is incomplete the body owes nothing and its term has stopped."""
    sent.act("ask-supplement", "2019-06-05", missing="Bảng tổng hợp ý kiến")
    assert sent.owed() == ["supplement"]
    assert sent.work()["supplement"].owner == "office-a"
    assert sent.blockers()["supplement-missing"].who == ("office-a",)
    assert sent.state.report_due is None


def test_the_bodys_term_starts_with_the_full_dossier(sent):
    """Five working days from sending, and again five from the acceptance of the supplemented dossier."""
    assert sent.work()["report"].due_on == "2019-06-10"
    sent.act("ask-supplement", "2019-06-05", missing="Bảng tổng hợp ý kiến")
    sent.plan.add_revision("decision", 2, ("cd" * 32,))
    sent.act("supplement", "2019-06-07")
    assert sent.state.revision == 2
    sent.act("accept-dossier", "2019-06-10")
    assert sent.work()["report"].due_on == "2019-06-17"
    assert sent.state.sent_on == "2019-06-03"


def test_a_clock_that_stops_keeps_what_was_left(run, plan):
    """With `clock: stops` one of five days is used before papers turn out to be missing; four are left after it."""
    plan.add_revision("decision", 2)
    options = {**JUSTICE, "clock": "stops"}
    dossier = run(Appraisal(), options, [("send", "2019-06-03", {})], plan=plan, on="2019-06-01", due="2019-06-15")
    dossier.act("ask-supplement", "2019-06-05", missing="Bảng tổng hợp ý kiến")
    dossier.act("supplement", "2019-06-07")

    assert dossier.work()["report"].due_on == "2019-06-12"
    dossier.act("accept-dossier", "2019-06-10")
    assert dossier.work()["report"].due_on == "2019-06-12"


def test_without_answer_days_the_window_binds(run, plan):
    """The report is due when the step is."""
    plan.add_revision("decision", 2)
    options = {"body": "so-tu-phap", "document": "decision"}
    appraisal = run(Appraisal(), options, [("send", "2019-06-03", {})], plan=plan, due="2019-06-15")
    assert appraisal.work()["report"].due_on == "2019-06-15"


def test_the_body_may_do_only_what_is_the_bodys(sent):
    """It asks, accepts and reports; it does not send the dossier to itself."""
    allowed = {name for name in sent.step_type.actions() if sent.step_type.performers(sent.view, name, None)}
    assert allowed == {"receive", "ask-supplement", "accept-dossier", "report"}


def test_no_report_without_the_missing_papers(sent, not_possible):
    """An incomplete dossier is not reported on, and a verdict is given once."""
    sent.act("ask-supplement", "2019-06-05", missing="Tờ trình")
    with pytest.raises(not_possible):
        sent.act("report", "2019-06-10", outcome="eligible")
    sent.act("supplement", "2019-06-07")
    sent.act("report", "2019-06-10", outcome="eligible")
    with pytest.raises(not_possible):
        sent.act("report", "2019-06-11", outcome="eligible")
