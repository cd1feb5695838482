"""`uses: verification`: sent to an office, verified or returned."""

from __future__ import annotations

import pytest

from trinh_plugins.verification import Verification
from workflow import Refused

OFFICE = {"body": "vp-ubnd", "document": "decision"}


@pytest.fixture
def sent(run, plan):
    """Draft 4.1 at the committee's office."""
    plan.add_revision("decision", 4, ("ab" * 32,))
    return run(Verification(), OFFICE, [("send", "2019-07-02", {})], plan=plan, due="2019-07-31")


def test_what_was_sent_is_frozen(sent):
    """The office keeps the revision that it got."""
    sent.plan.add_revision("decision", 4, ("cd" * 32,))
    assert (sent.state.number, sent.state.revision, sent.state.files) == (4, 1, ("ab" * 32,))


def test_the_office_owes_the_verification(sent):
    """Once sent, the work and the blocker are the office's."""
    assert sent.owed() == ["verify"]
    assert sent.work()["verify"].owner == "vp-ubnd"
    assert sent.blockers()["not-concluded"].who == ("vp-ubnd",)
    assert sent.step_type.performers(sent.view, "conclude", None) == ("vp-ubnd",)
    assert sent.step_type.performers(sent.view, "send", None) == ()


@pytest.mark.parametrize("outcome", ["verified", "returned"])
def test_both_ends_are_outcomes(sent, outcome):
    """The conclusion is recorded on behalf of the office and ends the step."""
    act = sent.act("conclude", "2019-07-30", outcome=outcome, text="Bổ sung nguồn kinh phí")
    assert act.on_behalf == "vp-ubnd"
    assert sent.complete
    assert sent.step_type.outcome(sent.view) == outcome


def test_a_return_says_what_must_change(sent):
    """A return without a text is refused; verified needs none."""
    with pytest.raises(Refused) as refused:
        sent.act("conclude", "2019-07-30", outcome="returned")
    assert refused.value.code == "text-missing"
    sent.act("conclude", "2019-07-30", outcome="verified")


def test_nothing_is_sent_without_a_revision(run, not_possible):
    """The document must exist before it is sent, and be sent before a conclusion."""
    verification = run(Verification(), OFFICE)
    with pytest.raises(Refused) as refused:
        verification.act("send", "2019-07-02")
    assert refused.value.code == "nothing-to-send"
    assert verification.blockers()["not-sent"].who == ("office-a",)
    with pytest.raises(not_possible):
        verification.act("conclude", "2019-07-02", outcome="verified")


def test_papers_outside_the_system_can_be_sent(run):
    """Without a document the step only keeps the days."""
    verification = run(Verification(), {"body": "vp-ubnd"}, [("send", "2019-07-02", {})])
    assert verification.state.sent_on == "2019-07-02"
    assert verification.state.revision is None


def test_a_verified_text_that_must_be_revised_counts_answered_and_revised(sent):
    """Grounds of the report have ids; the gate waits for each answer and for the newer revision."""
    sent.act("conclude", "2019-07-30", outcome="verified-after-revision", grounds=["Điều 2", "Điều 5"], number="9/BC")
    assert (sent.complete, sent.step_type.outcome(sent.view)) == (True, "answer-open")
    assert sent.owed() == ["answer-1-1", "answer-1-2", "revise"]

    sent.plan.add_revision("decision", 4)
    for ground in ("1-1", "1-2"):
        sent.act("answer-ground", "2019-08-01", ground=ground, verdict="accepted", text="Đã sửa.")
    assert sent.step_type.outcome(sent.view) == "verified-after-revision"
    assert sent.blockers() == {}


@pytest.mark.parametrize(("ground", "code"), [("1-7", "unknown-ground"), ("1-1", "answered-already")])
def test_a_ground_is_answered_once(sent, ground, code):
    """One that nobody found, and one that has its answer, are refused."""
    sent.act("conclude", "2019-07-30", outcome="returned", grounds=["Điều 2"])
    sent.act("answer-ground", "2019-08-01", ground="1-1", verdict="accepted", text="Đã sửa.")
    with pytest.raises(Refused) as refused:
        sent.act("answer-ground", "2019-08-02", ground=ground, verdict="accepted", text="Đã sửa.")
    assert refused.value.code == code


def test_missing_papers_come_back_to_the_lead_with_their_day(run, plan):
    """Two working days for what is missing; each time it was stays on record."""
    plan.add_revision("decision", 4)
    options = {**OFFICE, "supplement_days": 2}
    dossier = run(Verification(), options, [("send", "2019-07-01", {})], plan=plan)
    for number, day in enumerate(("2019-07-02", "2019-07-08"), 1):
        dossier.act("ask-supplement", day, missing="Tờ trình")
        assert len(dossier.state.supplements) == number
        dossier.act("supplement", "2019-07-05" if number == 1 else "2019-07-09")

    assert [(each.due, each.done_on) for each in dossier.state.supplements] == [
        ("2019-07-04", "2019-07-05"),
        ("2019-07-10", "2019-07-09"),
    ]


def test_events_of_older_versions_are_still_understood():
    """They hold the revision themselves, and their reports have no ids."""
    step_type = Verification()
    sent = {"on": "2019-07-02", "document": "decision", "number": 4, "revision": 1, "files": ["ab" * 32]}
    state = step_type.evolve(step_type.evolve(None, "open", {"on": "2019-07-01"}), "send", sent)
    state = step_type.evolve(state, "conclude", {"on": "2019-07-30", "outcome": "returned", "text": None})

    assert (state.number, state.revision, state.files) == (4, 1, ("ab" * 32,))
    assert (state.reported_on, state.points) == ("2019-07-30", ())
