"""A dossier goes to a body's session: exact revisions in, a decision out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trinh_plugins._session import Decision, objections
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


VOTING = {**BODY_ONLY, "members": 29, "majority": {"more_than": "1/2", "basis": "Quá nửa tổng số thành viên"}}


def voted(run, options=VOTING, **votes):
    dossier = run(SubmissionStep(), options, [("submit", "2019-10-01", {})])
    dossier.act("decide", "2019-10-20", **votes)
    return dossier


@pytest.mark.parametrize(
    ("votes", "code"),
    [
        ({"votes_for": 20, "votes_against": 6, "abstained": 4}, "too-many-ballots"),
        ({"votes_for": 14, "votes_against": 0}, "no-majority"),
        ({"votes_for": 0}, "no-majority"),
        ({"votes_for": 15, "members": 25}, "members-differ"),
    ],
)
def test_an_outcome_that_the_ballots_contradict_is_refused(run, votes, code):
    """Fourteen of 29 members are no majority, whoever was present; those who abstain have a ballot too."""
    for outcome in ("passed", "passed-with-changes"):
        with pytest.raises(Refused) as refused:
            voted(run, outcome=outcome, **votes)
        assert code in codes(refused)


def test_a_majority_of_all_members_passes(run):
    """Fifteen of 29 are more than half of all, although more stayed away than voted against."""
    dossier = voted(run, outcome="passed", votes_for=15, votes_against=1, abstained=2)

    assert (dossier.state.abstained, dossier.state.members) == (2, 29)


def test_what_the_ballots_pass_is_not_sent_back(run):
    """An outcome against the majority is refused, and one without it stands."""
    with pytest.raises(Refused) as refused:
        voted(run, outcome="sent-back", votes_for=15, votes_against=14)
    assert codes(refused) == ["majority-in-favour"]

    assert voted(run, outcome="sent-back", votes_for=14, votes_against=15).phase == "sent-back"


def test_two_thirds_are_reached_exactly(run):
    """`at_least` counts the part itself."""
    rule = {**BODY_ONLY, "members": 30, "majority": {"at_least": "2/3"}}
    assert voted(run, rule, outcome="passed", votes_for=20, votes_against=10).phase == "passed"
    with pytest.raises(Refused):
        voted(run, rule, outcome="passed", votes_for=19, votes_against=10)


def test_nothing_passes_that_more_are_against_than_for_even_without_a_rule(run):
    """The definition names no majority, and the ballots still contradict."""
    with pytest.raises(Refused) as refused:
        voted(run, BODY_ONLY, outcome="passed", votes_for=3, votes_against=20, members=25)
    assert codes(refused) == ["no-majority"]


def test_ballots_are_not_counted_against_those_present(run):
    """Without the number of all members counted ballots say nothing."""
    with pytest.raises(Refused) as refused:
        voted(run, BODY_ONLY, outcome="passed", votes_for=20)
    assert codes(refused) == ["members-missing"]


@given(st.integers(1, 60), st.integers(0, 70), st.integers(0, 70), st.integers(0, 70))
def test_an_outcome_is_recorded_exactly_if_the_ballots_allow_it(members, votes_for, votes_against, abstained):
    """No more ballots than members; `passed` with more than half of all, `sent-back` without."""
    votes = {"votes_for": votes_for, "votes_against": votes_against, "abstained": abstained, "members": members}
    options = SubmissionStep.Options.model_validate({**BODY_ONLY, "majority": {"more_than": "1/2"}})
    possible = votes_for + votes_against + abstained <= members
    for outcome, right in (("passed", 2 * votes_for > members), ("sent-back", 2 * votes_for <= members)):
        decision = Decision.model_validate({"outcome": outcome, **votes})
        found = list(objections(options, SubmissionStep.State(), decision, date(2019, 10, 20)))
        assert (not found) == (possible and right)


@pytest.mark.parametrize(
    "majority", [{}, {"more_than": "half"}, {"more_than": "3/2"}, {"more_than": "1/2", "at_least": "1/2"}]
)
def test_a_majority_is_one_part_of_all(majority):
    """Neither none nor two rules, and nothing that is no part, pass `check`."""
    with pytest.raises(ValueError):
        SubmissionStep.Options.model_validate({**BODY_ONLY, "majority": majority})


def test_the_papers_latest_day_is_counted_back_and_moves_with_the_session(run):
    """Three working days before Tuesday 22 October is Thursday the 17th; it follows each move."""
    dossier = run(
        SubmissionStep(), {**BODY_ONLY, "papers_days": 3}, [("schedule", "2019-09-20", {"session": "2019-10-22"})]
    )
    assert dossier.work()["submit"].due_on == "2019-10-17"

    dossier.act("schedule", "2019-09-25", session="2019-10-28")
    assert dossier.work()["submit"].due_on == "2019-10-23"

    dossier.act("submit", "2019-10-24")
    assert (dossier.work()["submit"].due_on, dossier.work()["submit"].done_on) == ("2019-10-23", "2019-10-24")
    dossier.act("postpone", "2019-10-28", reason="Chưa đủ thành viên", to="2019-11-05")
    assert dossier.state.papers_due == "2019-10-31"
    dossier.act("postpone", "2019-11-05", reason="Chưa đủ thành viên")
    assert dossier.state.papers_due is None


def test_a_written_ballot_is_decided_when_its_days_are_over_or_all_are_in(run):
    """Before the last day only with a ballot of every member."""
    acts = [("submit", "2019-10-01", {}), ("ballot", "2019-10-02", {"until": "2019-10-15"})]
    dossier = run(SubmissionStep(), VOTING, acts)
    with pytest.raises(Refused) as refused:
        dossier.act("decide", "2019-10-10", outcome="passed", votes_for=27)
    assert codes(refused) == ["ballots-out"]
    assert str(refused.value.reasons[0].since) == "2019-10-15"

    dossier.act("decide", "2019-10-10", outcome="passed", votes_for=27, votes_against=2)
    assert (dossier.phase, dossier.state.form) == ("passed", "written")


def test_nothing_is_decided_before_the_dossier_is_complete(run, plan, not_possible):
    """Not before it was submitted; and what it lacks is named."""
    dossier = run(SubmissionStep(), OPTIONS, plan=plan)
    with pytest.raises(not_possible):
        dossier.act("decide", "2019-10-20", outcome="passed")

    plan.add_revision("decision", 4)
    with pytest.raises(Refused) as refused:
        dossier.act("submit", "2019-10-01")
    assert [str(reason) for reason in refused.value.reasons] == ["The document submission-paper has no revision yet"]


def test_newer_papers_go_in_while_the_body_has_the_dossier(run, plan):
    """Submitting again freezes what is newest then; the day of the first submission stays."""
    plan.add_revision("submission-paper", 1)
    plan.add_revision("decision", 4)
    dossier = run(SubmissionStep(), OPTIONS, [("submit", "2019-10-01", {})], plan=plan)
    plan.add_revision("decision", 4)
    dossier.act("submit", "2019-10-03")

    assert [each.revision for each in dossier.state.frozen] == ["1.1", "4.2"]
    assert dossier.state.submitted_on == "2019-10-01"


def test_what_was_passed_is_one_exact_text(run, plan):
    """With `approves` an edit after the vote closes the gate again."""
    plan.add_revision("submission-paper", 1)
    plan.add_revision("decision", 4)
    dossier = run(SubmissionStep(), {**OPTIONS, "approves": True}, [("submit", "2019-10-01", {})], plan=plan)
    act = dossier.act("decide", "2019-10-20", outcome="passed")
    assert [each.document for each in act.approves] == ["submission-paper", "decision"]
    assert dossier.step_type.outcome(dossier.view) == "passed"

    plan.add_revision("decision", 4)

    assert dossier.step_type.outcome(dossier.view) == "decision-outdated"
    assert list(dossier.blockers()) == ["decision-outdated"]
