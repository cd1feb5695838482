"""A dossier goes to a body's session: exact revisions in, a decision out."""

from __future__ import annotations

import pytest

from trinh_plugins.submission import SubmissionStep
from workflow import Refused

OPTIONS = {"body": "ubnd-tinh", "documents": ["submission-paper", "decision"]}
BODY_ONLY = {"body": "ubnd-tinh"}


def submitted(run, **more):
    return run(SubmissionStep(), BODY_ONLY, [("submit", "2019-10-01", {})], **more)


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_submitting_freezes_a_revision_of_every_document(run, plan):
    """What was submitted stays what it was, whatever is written afterwards."""
    plan.add_revision("submission-paper", 1, files=("a" * 64,))
    plan.add_revision("decision", 4, files=("b" * 64,))
    dossier = run(SubmissionStep(), OPTIONS, [("submit", "2019-10-01", {})], plan=plan)

    plan.add_revision("decision", 4, files=("c" * 64,))

    assert [(each.document, each.revision, each.files) for each in dossier.state.frozen] == [
        ("submission-paper", "1.1", ("a" * 64,)),
        ("decision", "4.1", ("b" * 64,)),
    ]


def test_every_document_without_a_revision_is_named(run):
    """A dossier that lacks documents is refused with one reason for each."""
    dossier = run(SubmissionStep(), OPTIONS, lead="qlcn")

    with pytest.raises(Refused) as refused:
        dossier.act("submit", "2019-10-01")

    assert codes(refused) == ["no-revision", "no-revision"]
    assert "submission-paper" in str(refused.value.reasons[0])
    assert "decision" in str(refused.value.reasons[1])


@pytest.mark.parametrize("outcome", ["passed", "passed-with-changes", "sent-back"])
def test_the_session_decides_in_one_of_three_ways(run, outcome):
    """Each decision completes the step and is the outcome that transitions compare with."""
    dossier = submitted(run)

    act = dossier.act("decide", "2019-10-20", outcome=outcome, votes_for=20, votes_against=3, members=25)

    assert dossier.complete
    assert dossier.step_type.outcome(dossier.view) == outcome
    assert (dossier.state.votes_for, dossier.state.votes_against, dossier.state.members) == (20, 3, 25)
    assert act.on_behalf == "ubnd-tinh"


def test_more_ballots_than_members_are_refused(run):
    """Ballots are counted against the members; exactly as many is possible."""
    dossier = submitted(run)

    with pytest.raises(Refused) as refused:
        dossier.act("decide", "2019-10-20", outcome="passed", votes_for=20, votes_against=6, members=25)
    assert codes(refused) == ["too-many-ballots"]

    dossier.act("decide", "2019-10-20", outcome="passed", votes_for=20, votes_against=5, members=25)
    assert dossier.phase == "passed"


def test_no_decision_before_the_session_sits(run):
    """A decision dated before the session is refused and tells from which day on it is possible."""
    dossier = submitted(run)
    dossier.act("schedule", "2019-10-02", session="2019-10-20")

    with pytest.raises(Refused) as refused:
        dossier.act("decide", "2019-10-19", outcome="passed")

    assert codes(refused) == ["before-the-session"]
    assert str(refused.value.reasons[0].since) == "2019-10-20"


def test_a_postponed_dossier_waits_for_the_new_day(run):
    """Postponing keeps the dossier with the body; its decision is owed on the new day."""
    dossier = submitted(run, due="2019-10-31")

    dossier.act("postpone", "2019-10-20", reason="Chưa đủ thành viên", to="2019-11-05")

    assert (dossier.phase, dossier.complete) == ("postponed", False)
    assert dossier.work()["decide"].due_on == "2019-11-05"
    dossier.act("decide", "2019-11-05", outcome="passed")
    assert dossier.complete


def test_a_postponed_dossier_can_be_scheduled_or_submitted_again(run):
    """Both ways lead back to submitted."""
    for action, values in (("schedule", {"session": "2019-11-05"}), ("submit", {})):
        dossier = submitted(run)
        dossier.act("postpone", "2019-10-20", reason="Chưa đủ thành viên")
        dossier.act(action, "2019-10-21", **values)
        assert dossier.phase == "submitted"


def test_a_session_is_not_set_in_the_past(run):
    """A session's day is never before the day on which it is set."""
    dossier = run(SubmissionStep(), BODY_ONLY)

    with pytest.raises(Refused) as refused:
        dossier.act("schedule", "2019-10-02", session="2019-10-01")

    assert codes(refused) == ["session-in-the-past"]


def test_a_session_can_be_set_before_the_dossier_goes_in(run):
    """The day of the session is often known first; the dossier stays in preparation."""
    dossier = run(SubmissionStep(), BODY_ONLY, [("schedule", "2019-09-20", {"session": "2019-10-20"})])

    assert (dossier.phase, dossier.state.session_on) == ("ready", "2019-10-20")


def test_the_dossier_then_the_decision_is_owed(run):
    """First the lead owes the dossier, then the body its decision."""
    dossier = run(SubmissionStep(), BODY_ONLY, lead="qlcn")
    assert {key: item.owner for key, item in dossier.work().items() if item.open} == {"submit": "qlcn"}
    assert dossier.blockers()["not-submitted"].who == ("qlcn",)

    dossier.act("submit", "2019-10-01")
    assert {key: item.owner for key, item in dossier.work().items() if item.open} == {"decide": "ubnd-tinh"}
    assert dossier.blockers()["not-decided"].who == ("ubnd-tinh",)
