"""`uses: public-comment`: posted for a minimum of calendar days, interrupted, commented on, answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins._rules import in_force, rules
from trinh_plugins.public_comment import PublicComment
from workflow import Refused

THIRTY = {"document": "decision", "min_days": 30, "basis": "Luật 80/2015/QH13", "where": "https://example.vn/du-thao"}
FIRM = {"sender": "Công ty A", "text": "Đề nghị tăng mức hỗ trợ"}


@pytest.fixture
def posted(run, plan):
    """Draft 2.1, posted on 1 May for thirty days."""
    plan.add_revision("decision", 2, ("ab" * 32,))
    return run(PublicComment(), THIRTY, [("post", "2019-05-01", {})], plan=plan, on="2019-05-01", due="2019-05-31")


def refusal(round_, name, on, **parameters):
    """Return the refusal that the act must meet, which changes nothing."""
    before = round_.view
    with pytest.raises(Refused) as refused:
        round_.act(name, on, **parameters)
    assert round_.view == before
    return refused.value


def test_posted_on_the_first_of_may_thirty_days_end_on_the_31st(posted):
    """The earliest end is shown at once, in the reason and in what is owed, and counts every calendar day."""
    assert posted.state.closable_on == "2019-05-31"
    assert posted.blockers()["minimum-running"].since == date(2019, 5, 31)
    assert "31/05/2019" in posted.work()["close"].title.vi
    assert posted.owed() == ["close"]


def test_a_posting_is_not_closed_before_its_minimum(posted):
    """The refusal says from which day on it can be closed; on that day it can."""
    assert refusal(posted, "close", "2019-05-30").reasons[0].since == date(2019, 5, 31)

    posted.act("close", "2019-05-31")
    assert posted.complete


def test_the_revision_posted_is_frozen(posted):
    """It is sent to the public; a later revision does not change what that saw."""
    posted.plan.add_revision("decision", 2, ("cd" * 32,))
    posted.act("record", "2019-05-20", **FIRM)
    assert (posted.state.number, posted.state.revision, posted.state.files) == (2, 1, ("ab" * 32,))
    assert [(sending.name, sending.to) for sending in posted.plan.sendings] == [("2.1", ("public",))]


def test_nothing_is_posted_without_a_revision(run):
    """A document without a revision cannot be shown to anybody."""
    with pytest.raises(Refused) as refused:
        run(PublicComment(), THIRTY, [("post", "2019-05-01", {})])
    assert refused.value.code == "no-revision"


def test_nothing_is_posted_without_an_address(run):
    """Either the option or the act says where it stands."""
    comment = run(PublicComment(), {})
    assert refusal(comment, "post", "2019-05-02").code == "address-missing"
    comment.act("post", "2019-05-02", address="https://example.vn")
    comment.act("close", "2019-05-02")
    assert comment.complete


def test_the_posting_is_due_early_enough_for_its_minimum(run):
    """To be closed on the 31st after 30 days it must stand there from the 1st; never before it opened."""
    assert run(PublicComment(), THIRTY, on="2019-04-20", due="2019-05-31").work()["post"].due_on == "2019-05-01"
    assert run(PublicComment(), THIRTY, on="2019-05-06", due="2019-05-31").work()["post"].due_on == "2019-05-06"


def test_it_publishes():
    """A confidential document may not be posted, so the type says that it publishes."""
    assert PublicComment().publishes(PublicComment.Options())


# the rule that sets the days


def test_the_rule_in_force_on_the_day_of_posting_sets_the_days(run):
    """The same definition asks for 30 days in 2019 and for 20 in 2026; basis and mark go along."""
    options = {"rule": "posting-ubnd-decision", "where": "portal"}
    old = run(PublicComment(), options, [("post", "2025-03-31", {})], on="2025-03-20")
    new = run(PublicComment(), options, [("post", "2025-04-01", {})], on="2025-03-20")
    assert (old.state.closable_on, new.state.closable_on) == ("2025-04-30", "2025-04-21")
    shown = str(new.blockers()["minimum-running"])
    assert "64/2025/QH15" in shown and "unverified" in shown


def test_days_of_the_definition_go_before_the_rule(run):
    """A province's own longer term counts instead of the rule's."""
    options = {"rule": "posting-ubnd-decision", "min_days": 45, "where": "portal"}
    assert run(PublicComment(), options, [("post", "2019-05-02", {})]).state.closable_on == "2019-06-16"


def test_a_rule_that_is_not_in_force_is_no_minimum(run):
    """There was no Chairman's decision in 2019: nothing is posted on a rule that did not exist."""
    comment = run(PublicComment(), {"rule": "posting-chairman-decision", "where": "portal"})
    assert refusal(comment, "post", "2019-05-02").code == "no-rule"


def test_an_unknown_rule_is_refused_with_those_there_are():
    """`check` says it, since the options do not take it."""
    with pytest.raises(ValidationError, match="posting-ubnd-decision"):
        PublicComment.Options(rule="posting")


@pytest.mark.parametrize("name", rules())
def test_versions_of_a_rule_do_not_overlap(name):
    """On each day at most one version is in force, and each says what it rests on."""
    days = [date(2000, 1, 1) + timedelta(days=step) for step in range(0, 365 * 60, 7)]
    assert all(sum(rule.holds(day) for rule in rules()[name]) <= 1 for day in days)
    assert all(rule.basis and isinstance(rule.unverified, bool) for rule in rules()[name])


def test_the_figures_that_nobody_read_are_marked():
    """Only the ten days of a Chairman's decision were read on a page that cites the article."""
    marked = {name: [rule.unverified for rule in versions] for name, versions in rules().items()}
    assert marked.pop("posting-chairman-decision") == [False]
    assert set(map(tuple, marked.values())) == {(True, True)}
    assert in_force("posting-chairman-decision", date(2026, 1, 1)).days == 10


# the window


def test_a_window_that_cannot_hold_the_minimum_is_told_before_the_posting(run):
    """Opened on 6 May, thirty days do not fit into May: a warning says so and when they end."""
    assert "does-not-fit" not in run(PublicComment(), THIRTY, on="2019-04-20", due="2019-05-31").blockers()
    warning = run(PublicComment(), THIRTY, on="2019-05-06", due="2019-05-31").blockers()["does-not-fit"]
    assert warning.since == date(2019, 6, 5)
    assert "2019-05-31" in str(warning)


def test_a_posting_a_day_too_late_is_told(run, plan):
    """Posted on 2 May it ends on 1 June, outside the window of May."""
    plan.add_revision("decision", 2)
    late = run(PublicComment(), THIRTY, [("post", "2019-05-02", {})], plan=plan, on="2019-05-01", due="2019-05-31")
    assert late.blockers()["does-not-fit"].since == date(2019, 6, 1)


# interruptions


def test_three_days_off_the_portal_do_not_count(posted):
    """Taken down on the 10th and put back on the 13th it must stand until 3 June; that no longer fits May."""
    posted.act("take-down", "2019-05-10", reason="Cổng bảo trì")
    assert list(posted.blockers()) == ["taken-down"]
    assert "9 of 30" in str(posted.blockers()["taken-down"])
    assert posted.owed() == ["put-back", "close"]
    posted.act("put-back", "2019-05-13")
    assert posted.state.closable_on == "2019-06-03"
    assert posted.blockers()["does-not-fit"].since == date(2019, 6, 3)
    assert refusal(posted, "close", "2019-06-02").code == "minimum-running"
    posted.act("close", "2019-06-03")


def test_it_cannot_be_closed_while_it_is_off_the_portal(posted):
    """However long that lasts: no day of it counts."""
    posted.act("take-down", "2019-05-10", reason="Cổng bảo trì")
    assert refusal(posted, "close", "2019-07-10").code == "taken-down"


def test_taken_down_after_its_minimum_it_can_be_closed(posted):
    """It stood long enough."""
    posted.act("take-down", "2019-05-31", reason="Hết thời gian")
    posted.act("close", "2019-06-01")
    assert posted.complete


def test_the_days_of_an_interruption_go_forward(posted):
    """It is not put back before it was taken down, nor taken down before it was put back."""
    posted.act("take-down", "2019-05-10", reason="Cổng bảo trì")
    assert refusal(posted, "put-back", "2019-05-09").code == "too-early"
    posted.act("put-back", "2019-05-13", address="https://example.vn/moi")
    assert posted.state.address == "https://example.vn/moi"
    assert refusal(posted, "take-down", "2019-05-12", reason="Nhầm").code == "too-early"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # `run` keeps nothing between examples
@given(gaps=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=6))
def test_a_posting_ends_when_it_stood_for_its_days(run, gaps):
    """Whatever the interruptions: on the earliest end exactly the minimum has passed outside of them."""
    start = day = date(2019, 5, 1)
    comment = run(PublicComment(), {"min_days": 30, "where": "portal"}, [("post", "2019-05-01", {})], on="2019-05-01")
    off: set[date] = set()
    for there, gone in gaps:
        day += timedelta(days=there)
        if day.isoformat() >= comment.state.closable_on:
            break
        comment.act("take-down", day.isoformat(), reason="Bảo trì")
        off |= {day + timedelta(days=number) for number in range(gone)}
        day += timedelta(days=gone)
        comment.act("put-back", day.isoformat())
    end = date.fromisoformat(comment.state.closable_on)
    stood = [start + timedelta(days=number) for number in range((end - start).days)]
    assert sum(each not in off for each in stood) == 30


# comments


def test_comments_are_counted(posted):
    """The closing states how many came; their texts and senders stay outside the state."""
    posted.act("record", "2019-05-20", **FIRM)
    posted.act("record", "2019-05-21", sender="Ông B", text="Nhất trí", position="agree")
    data = posted.act("close", "2019-06-01").data
    assert data["counts"] == {"comments": 2, "answered": 1, "unanswered": 1, "late": 0}
    assert "Công ty" not in posted.state.model_dump_json()


def test_every_comment_is_answered_before_the_step_is_complete(posted):
    """After the end of the posting the step waits for the answers and names each comment without one."""
    posted.act("record", "2019-05-20", **FIRM, article="Điều 4")
    posted.act("record", "2019-05-21", sender="Ông B", text="Bỏ Điều 6", position="disagree")
    posted.act("close", "2019-06-01")
    assert posted.phase == "answering"
    assert posted.owed() == ["answers"]
    posted.act("answer", "2019-06-02", comment=1, verdict="accepted")
    assert "comment 2" in str(posted.blockers()["opinion-unanswered"])
    assert [r.code for r in refusal(posted, "answer", "2019-06-02", comment=2, verdict="partly").reasons] == [
        "taken-in-missing",
        "reason-missing",
    ]
    posted.act("answer", "2019-06-02", comment=2, verdict="partly", taken_in="Sửa khoản 1", reason="Luật định")
    assert posted.complete


def test_a_late_comment_is_kept_and_answered(posted):
    """It is marked late, with its true day; if it says more than yes the step waits for its answer."""
    posted.act("close", "2019-06-01")
    posted.act("record", "2019-06-05", sender="Ông B", text="Nhất trí", position="agree")
    assert posted.complete
    posted.act("record", "2019-06-06", **FIRM)
    assert (posted.phase, posted.state.counts().late) == ("answering", 2)
    posted.act("answer", "2019-06-07", comment=2, verdict="explained", reason="Đã trình")
    assert posted.complete


def test_an_answer_to_no_comment_is_refused(posted):
    """Nor is a comment answered twice."""
    assert refusal(posted, "answer", "2019-05-20", comment=1, verdict="accepted").code == "no-opinion"
    posted.act("record", "2019-05-20", **FIRM)
    posted.act("answer", "2019-05-20", comment=1, verdict="accepted")
    assert refusal(posted, "answer", "2019-05-21", comment=1, verdict="accepted").code == "already-answered"


def test_a_comment_speaks_of_the_revision_that_was_posted(posted):
    """One for another revision, or from before the posting, is refused."""
    assert refusal(posted, "record", "2019-05-20", **FIRM, about="3.1").code == "not-posted-revision"
    assert refusal(posted, "record", "2019-04-20", **FIRM).code == "too-early"
    posted.act("record", "2019-05-20", **FIRM)
    assert posted.state.comments[0].about == "2.1"


@pytest.mark.parametrize("text", ["{{ x }}", "<w:p>", "=1+1", "{step}", "dòng 1\ndòng 2\tcột"])
def test_texts_that_look_like_code_are_kept_as_they_are(posted, text):
    """They are texts."""
    assert posted.act("record", "2019-05-20", sender=text, text=text).data["text"] == text


def test_control_characters_are_refused_by_name(posted):
    """No paper can hold them; the refusal names the parameter and the character."""
    refused = refusal(posted, "record", "2019-05-20", sender="A\x1b[31m", text="\x07")
    assert {("sender", "U+001B"), ("text", "U+0007")} == {
        (reason.phrase.params["name"], reason.phrase.params["code"]) for reason in refused.reasons
    }


def test_a_table_of_comments_becomes_records():
    """Each column is a parameter of `record`, or its day."""
    imports = PublicComment.imports
    taken = PublicComment.actions()[imports.action].parameters.model_fields
    assert set(imports.columns) - {"on"} <= set(taken)
    assert {name for name, field in taken.items() if field.is_required()} <= set(imports.columns)


def test_letters_can_come_after_the_stage_was_left():
    """Comments and answers are possible late, nothing else."""
    assert {name for name, act in PublicComment.actions().items() if act.late} == {"record", "answer"}
