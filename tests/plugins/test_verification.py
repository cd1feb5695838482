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
